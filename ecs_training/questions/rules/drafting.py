"""What an author has written so far, and what a second reader must be given. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ecs_training.questions.rules.bank import (
    BankItem,
    Image,
    Jurisdiction,
    Status,
)

PLACE = "the bank"  # where an item stands that no file holds
UNKNOWN_DIFFICULTY = 0.5
MOST_CODE = 34  # characters of a topic in a code, which has 40 in all


class WritingRefusal(StrEnum):
    STALE = (
        "Somebody else saved this question while you were writing. What changed is shown below."
        " Look at it, then save again: your version comes after theirs."
    )
    NOTHING_CHANGED = (
        "Nothing is different from the newest wording, so nothing was saved."
    )
    BEING_READ = (
        "This wording waits for its second reading. Read it first: whoever reads must not have"
        " seen the answer."
    )
    FACTS_MISSING = "Something that the second reader needs is missing. Open the question and fill it in."


@dataclass(frozen=True, kw_only=True)
class ItemDraft:
    """A wording with the facts beside it. To be kept it needs stem, options and key only."""

    stem: str
    options: Mapping[str, str]  # letter of the bank -> text
    key: str
    image: Image | None = None
    rationale: str = ""
    source: str = ""
    clause: str = ""
    checked_on: date | None = None
    difficulty: float | None = None  # share of just-competent candidates, 0 to 1
    jurisdiction: Jurisdiction = Jurisdiction.GB
    enemies: tuple[str, ...] = ()

    @property
    def is_worded(self) -> bool:
        """Say whether there is enough to judge: a stem, four options and a key."""
        return bool(self.stem and self.key and all(self.options.values()))


def as_bank_item(
    draft: ItemDraft, *, code: str, topic: str, revision: int = 1
) -> BankItem:
    """Return the item as the files would hold it, for the rules that know those.

    Where a fact is missing, a stand-in is put: such a draft is not ready for candidates.
    """
    return BankItem(
        code=code,
        topic=topic,
        revision=revision,
        status=Status.LIVE,
        stem=draft.stem,
        options=draft.options,
        key=draft.key,
        rationale=draft.rationale,
        source=draft.source,
        clause=draft.clause,
        checked_on=draft.checked_on or date.min,
        difficulty=UNKNOWN_DIFFICULTY if draft.difficulty is None else draft.difficulty,
        jurisdiction=draft.jurisdiction,
        enemies=draft.enemies,
        image=draft.image,
        file=PLACE,
        lines={"id": 1},
    )


def missing_facts(
    draft: ItemDraft, *, today: date, recalled_on: date | None
) -> Iterator[tuple[str, str]]:
    """Yield (field, what to do) for all that stands between a draft and a second reader.

    `recalled_on` is the London day on which its source was last recalled.
    """
    if not draft.rationale:
        yield "rationale", "Write why the key is right."
    if not draft.source:
        yield "source", "Choose the source that the answer rests on."
    if not draft.clause:
        yield "clause", "Name the clause, regulation or page."
    if why := why_not_checked(draft.checked_on, today=today, since=recalled_on):
        yield "checked_on", why
    if draft.difficulty is None:
        yield "difficulty", "Say how many of 100 would get it right."
    if draft.image and not draft.image.alt:
        yield (
            "alt",
            "Say in words what the picture shows, without giving the answer away.",
        )


def why_not_checked(on: date | None, *, today: date, since: date | None) -> str | None:
    """Say why a source does not count as looked up: never, long ago, or before it changed."""
    if on is None:
        return "Enter the day on which you looked the source up."
    if on > today:
        return "The day on which you looked the source up cannot be in the future."
    if on < one_year_before(today):
        return "That is more than 12 months ago. Look the source up again."
    if since and on < since:
        return "The source was recalled after that day. Look it up again."
    return None


def one_year_before(day: date) -> date:
    """Return the same day of the year before; of 29 February, the 28th."""
    if (day.month, day.day) == (2, 29):
        return day.replace(year=day.year - 1, day=28)
    return day.replace(year=day.year - 1)


def code_start(topic: str) -> str:
    """Return what the codes of a topic's items begin with, if staff write them."""
    return f"{topic[:MOST_CODE].rstrip('-')}-"


def next_code(topic: str, taken: Iterable[str]) -> str:
    """Return the code of a topic's next item that staff write: <topic>-<n>.

    `taken` holds every code ever used that begins as the topic's do.
    """
    start = code_start(topic)
    numbers = (code.removeprefix(start) for code in taken if code.startswith(start))
    used = (int(number) for number in numbers if number.isdecimal())
    return f"{start}{max(used, default=0) + 1}"


def in_json(words: str) -> str:
    """Return the words as they stand inside a text of a JSON column."""
    return json.dumps(words)[1:-1]
