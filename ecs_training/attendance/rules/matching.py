"""Who on the register a name in a report is: by address, then by name, else a person says.

Only what is certain counts by itself. A name that fits two people, or two addresses that
fit one name, wait for a person.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ecs_training.attendance.rules.stays import Stay, bare_name

SHORTEST_WORD = 3  # letters that make two names alike


class Ground(StrEnum):
    """Why somebody in a report is taken for somebody on the register."""

    EMAIL = "Same e-mail address"
    NAME = "Same name"
    PERSON = "You decided"
    NOBODY = "Nobody on the register"
    TRAINER = "The trainer"
    OPEN = "Waiting for you"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """Somebody on the register; `ref` is their booking's."""

    ref: str
    name: str
    email: str


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Somebody in the reports. `likely` are bookings whose name is a little like theirs."""

    identity: str
    shown_name: str
    email: str
    ground: Ground
    ref: str | None
    likely: tuple[str, ...] = ()


def match_people(
    stays: Iterable[Stay],
    *,
    expected: Sequence[Expected],
    trainer: Expected,
    rulings: Mapping[str, str | None],
) -> list[Seen]:
    """Return everybody in the reports by name, each with whom they are taken for.

    `rulings` are a person's: identity -> booking, or None for nobody; they go before all.
    """
    found: dict[str, list[Stay]] = defaultdict(list)
    for stay in stays:
        found[stay.identity].append(stay)
    claims = _claims_by_name(found, expected, rulings)
    seen = [
        _see(identity, theirs, expected, trainer, rulings, claims)
        for identity, theirs in found.items()
    ]
    return sorted(seen, key=lambda each: (each.shown_name.casefold(), each.identity))


def _claims_by_name(
    found: Mapping[str, Sequence[Stay]],
    expected: Sequence[Expected],
    rulings: Mapping[str, str | None],
) -> Mapping[str, set[str]]:
    """Return which addresses come under which bare name, but for those known otherwise."""
    known = {each.email.lower() for each in expected} | set(rulings)
    claims: dict[str, set[str]] = defaultdict(set)
    for identity, theirs in found.items():
        if identity not in known and theirs[0].email:
            claims[bare_name(theirs[0].shown_name)].add(identity)
    return claims


def _see(  # noqa: PLR0917 - one step of match_people
    identity: str,
    theirs: Sequence[Stay],
    expected: Sequence[Expected],
    trainer: Expected,
    rulings: Mapping[str, str | None],
    claims: Mapping[str, set[str]],
) -> Seen:
    shown, email = theirs[0].shown_name, theirs[0].email
    name = bare_name(shown)
    ground, ref = Ground.OPEN, None
    namesakes = [each.ref for each in expected if bare_name(each.name) == name]
    owners = [each.ref for each in expected if email and each.email.lower() == email]
    if identity in rulings:
        ref = rulings[identity]
        ground = Ground.PERSON if ref else Ground.NOBODY
    elif owners:
        ground, ref = Ground.EMAIL, owners[0]
    elif _is_trainer(theirs, trainer):
        ground = Ground.TRAINER
    elif len(namesakes) == 1 and len(claims.get(name, ())) <= 1:
        ground, ref = Ground.NAME, namesakes[0]
    likely = tuple(each.ref for each in expected if _alike(name, bare_name(each.name)))
    return Seen(
        identity=identity,
        shown_name=shown,
        email=email,
        ground=ground,
        ref=ref,
        likely=likely,
    )


def _is_trainer(theirs: Sequence[Stay], trainer: Expected) -> bool:
    if not any(stay.leads for stay in theirs):
        return False
    same_address = theirs[0].email == trainer.email.lower()
    return same_address or bare_name(theirs[0].shown_name) == bare_name(trainer.name)


def _alike(name: str, other: str) -> bool:
    return any(
        len(word) >= SHORTEST_WORD for word in set(name.split()) & set(other.split())
    )
