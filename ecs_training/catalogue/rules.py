"""What a card asks, what a course costs, and how long evidence counts. Pure."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class LineKind(StrEnum):
    HSE = "hse"  # met by a pass or a granted exemption
    EVIDENCE = "evidence"  # met by an uploaded document or photo
    CONFIRMATION = "confirmation"  # met by a statement that the applicant ticks


class Region(StrEnum):
    ENGLAND_WALES_NI = "england-wales-ni"
    SCOTLAND = "scotland"


class ExemptionRefusal(StrEnum):
    NOT_FOR_ROLE = "We do not accept this certificate for this card role."
    AWARDED_IN_FUTURE = (
        "The award date has not come yet. Check the date on the certificate."
    )
    OUT_OF_DATE = "This certificate is too old to be accepted, or has run out."


@dataclass(frozen=True, kw_only=True)
class Source:
    """A page where a fact stands, and the day on which it, or a stored copy, was last read."""

    title: str
    url: str
    checked_on: date


@dataclass(frozen=True, kw_only=True)
class Caution:
    """Where the scheme was found to say otherwise. Shown to the reviewer, never a rule."""

    text: str
    source: Source


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing an application must show. `valid_months` is None where evidence does not age
    by itself, or carries its own last day as a pass does."""

    id: str
    title: str
    kind: LineKind
    explains: str
    mandatory: bool
    valid_months: int | None
    regions: tuple[Region, ...]
    source: Source
    caution: Caution | None = None


@dataclass(frozen=True, kw_only=True)
class Alternative:
    """The end of "Choose another course, if you …", and the role to choose."""

    text: str
    role_slug: str


@dataclass(frozen=True, kw_only=True)
class CardRole:
    slug: str
    name: str
    course_title: str
    lead: str
    for_you: tuple[str, ...]
    choose_another: tuple[Alternative, ...]
    lines: tuple[Line, ...]
    cautions: tuple[Caution, ...] = ()
    weekly: bool = True


@dataclass(frozen=True, kw_only=True)
class Qualification:
    """A recognised exemption: it stands in for a pass for `valid_months` from its award."""

    slug: str
    name: str
    roles: tuple[str, ...]
    valid_months: int
    detail: str
    caution: Caution | None = None


@dataclass(frozen=True, kw_only=True)
class CardFamily:
    """Cards of the scheme for which we run no weekly course."""

    slug: str
    name: str
    summary: str
    hse_requirement: str


@dataclass(frozen=True, kw_only=True)
class Price:
    """What a seat costs from a day on. Money in whole pence."""

    from_on: date
    net_pence: int
    vat_percent: int

    @property
    def vat_pence(self) -> int:
        """The VAT, half a penny rounded up."""
        return (self.net_pence * self.vat_percent + 50) // 100

    @property
    def gross_pence(self) -> int:
        return self.net_pence + self.vat_pence


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """One dated version of the rules. No source in it was read before `checked_on`."""

    version: str
    effective_from: date
    checked_on: date
    pass_valid_months: int
    roles: tuple[CardRole, ...]
    qualifications: tuple[Qualification, ...]
    families: tuple[CardFamily, ...]

    def role(self, slug: str) -> CardRole | None:
        return next((role for role in self.roles if role.slug == slug), None)

    def qualification(self, slug: str) -> Qualification | None:
        return next((q for q in self.qualifications if q.slug == slug), None)

    def qualifications_for(self, role_slug: str) -> tuple[Qualification, ...]:
        return tuple(q for q in self.qualifications if role_slug in q.roles)

    def sources(self) -> Iterator[Source]:
        """Yield every source cited, as often as it is cited."""
        for role in self.roles:
            yield from (line.source for line in role.lines)
            yield from (line.caution.source for line in role.lines if line.caution)
            yield from (caution.source for caution in role.cautions)
        yield from (q.caution.source for q in self.qualifications if q.caution)


def price_on(prices: Sequence[Price], on: date) -> Price:
    """Return the latest price that has begun on that day. Raise LookupError if none has."""
    begun = [price for price in prices if price.from_on <= on]
    if not begun:
        raise LookupError(f"no price had begun on {on.isoformat()}")
    return max(begun, key=lambda price: price.from_on)


def anniversary_minus_one_day(on: date, *, months: int) -> date:
    """Return the last valid day of what was awarded `on` and counts for that many months.

    Where the month has no such day (29 February, two years on) its last day is the answer.
    """
    year, months_before = divmod(on.year * 12 + on.month - 1 + months, 12)
    month = months_before + 1
    days_in_month = monthrange(year, month)[1]
    if on.day > days_in_month:
        return date(year, month, days_in_month)
    return date(year, month, on.day) - timedelta(days=1)


def exemption_valid_until(
    qualification: Qualification, *, awarded_on: date, expires_on: date | None
) -> date:
    """Return the last valid day: the certificate's own, or the scheme's if that is sooner."""
    counts_until = anniversary_minus_one_day(
        awarded_on, months=qualification.valid_months
    )
    return counts_until if expires_on is None else min(expires_on, counts_until)


def why_not_exempt(
    qualification: Qualification,
    *,
    role_slug: str,
    awarded_on: date,
    expires_on: date | None,
    on: date,
) -> ExemptionRefusal | None:
    """Return the first reason why the certificate does not count on that day, or None.

    Asks only about role and dates: whether the certificate is genuine, and of the right
    version, is for the reviewer.
    """
    if role_slug not in qualification.roles:
        return ExemptionRefusal.NOT_FOR_ROLE
    if awarded_on > on:
        return ExemptionRefusal.AWARDED_IN_FUTURE
    if on > exemption_valid_until(
        qualification, awarded_on=awarded_on, expires_on=expires_on
    ):
        return ExemptionRefusal.OUT_OF_DATE
    return None
