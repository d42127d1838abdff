"""From what a reader could make out to a verdict: the rules that every format shares."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace

from ecs_training.questions.formats.found import (
    Facts,
    FileRefused,
    FoundItem,
    FoundOption,
    Verdict,
    shown,
)
from ecs_training.questions.rules.bank import LETTERS
from ecs_training.questions.rules.entries import LONGEST_SLUG, SLUG
from ecs_training.questions.rules.parsing import (
    LONGEST_CLAUSE,
    LONGEST_OPTION,
    LONGEST_RATIONALE,
    LONGEST_SOURCE,
    LONGEST_STEM,
)

MOST_ITEMS = 1_500  # in one file
LONGEST_SHOWN = 2_000  # characters of a refused text that are kept
MOST_SHOWN = 26  # options of a refused item that are kept
MOST_REASONS = 5
BEYOND_MEASURE = 20  # times the longest text: not even looked at
FORMULA_SIGNS = (("$$", "$$"), ("\\(", "\\)"), ("\\[", "\\]"), ("\\begin{", "}"))
# Control characters but tab and line ends, halves of characters, and what stands for a
# character that was lost.
UNREADABLE = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffd-\uffff]"
)
ONLY_CHOICE = "only questions with one right answer of four can be imported"


@dataclass(kw_only=True)
class Draft:
    """An item while it is being read. Texts may still hold line breaks and runs of space."""

    line: int
    member: str = ""  # of a package
    stem: str = ""
    options: list[FoundOption] = field(default_factory=list)
    code: str | None = None
    topic: str | None = None
    facts: Facts = field(default_factory=Facts)
    faults: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)

    def refuse(self, *whys: str | None) -> None:
        self.faults += [why for why in whys if why and why not in self.faults]

    def lose(self, *whats: str) -> None:
        self.losses += [what for what in whats if what not in self.losses]

    def add_option(self, text: str, *, correct: bool) -> None:
        """Add one more; of far too many only as many as tell that it is too many."""
        if len(self.options) < MOST_SHOWN:
            self.options.append(FoundOption(text=text, correct=correct))


def other_type(what: str) -> str:
    """Say that an item is of a type that is never imported, as in `an essay question`."""
    return f"is {what}; {ONLY_CHOICE}"


def judge(drafts: Iterable[Draft], *, name: str) -> list[FoundItem]:
    """Give each draft its verdict, in order. Raise FileRefused for none and for too many."""
    items: list[FoundItem] = []
    first: dict[str, Draft] = {}
    for draft in drafts:
        if len(items) == MOST_ITEMS:
            why = f"holds more than {MOST_ITEMS} items; split it into smaller files"
            raise FileRefused(why, name=name)
        item = _finish(draft)
        if item.verdict is not Verdict.REFUSED:
            earlier = first.setdefault(_sameness(item), draft)
            if earlier is not draft:
                item = _as_duplicate(item, earlier, draft)
        items.append(item)
    if not items:
        raise FileRefused("holds no questions in this format", name=name)
    return items


def _as_duplicate(item: FoundItem, earlier: Draft, draft: Draft) -> FoundItem:
    which = earlier.member or f"the item on line {earlier.line}"
    reason = _placed(draft, [f"says the same as {which}"])
    return replace(item, verdict=Verdict.DUPLICATE, reason=reason)


def _finish(draft: Draft) -> FoundItem:
    faults = draft.faults or list(_faults(draft))
    if faults:
        verdict = Verdict.REFUSED
    else:
        verdict = Verdict.CHANGED if draft.losses else Verdict.IMPORTED
    facts = {each.name: getattr(draft.facts, each.name) for each in fields(Facts)}
    facts["rationale"] = _shown(draft.facts.rationale)
    return FoundItem(
        **facts,
        stem=_shown(draft.stem),
        options=tuple(
            FoundOption(text=_shown(option.text), correct=option.correct)
            for option in draft.options
        ),
        verdict=verdict,
        reason=_placed(draft, faults or draft.losses),
        line=draft.line,
        code=_code(draft.code),
        topic=_shown(draft.topic or "")[:LONGEST_OPTION] or None,
    )


def _placed(draft: Draft, reasons: list[str]) -> str:
    said = shown("; ".join(reasons[:MOST_REASONS]))
    return f"{draft.member}: {said}" if said and draft.member else said


def collapse(text: str) -> str:
    """Make every run of space, no-break space included, one space; none at the ends."""
    return " ".join(text.split())


def _shown(text: str) -> str:
    """Collapse a text; of a refused one show the start, without what cannot be shown."""
    return collapse(UNREADABLE.sub(" ", text[:LONGEST_SHOWN]))


def _code(code: str | None) -> str | None:
    code = (code or "").strip()
    return code if len(code) <= LONGEST_SLUG and SLUG.fullmatch(code) else None


def _sameness(item: FoundItem) -> str:
    """Name what is asked: case, space and the order of the options do not matter."""
    options = sorted((_fold(each.text), each.correct) for each in item.options)
    picture = hashlib.sha256(item.picture.data).hexdigest() if item.picture else ""
    said = repr((_fold(item.stem), options, picture))
    return hashlib.sha256(said.encode()).hexdigest()


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _faults(draft: Draft) -> Iterator[str]:
    yield from text_faults("the question", draft.stem, longest=LONGEST_STEM)
    for number, option in enumerate(draft.options[: len(LETTERS) + 1], 1):
        yield from text_faults(f"option {number}", option.text, longest=LONGEST_OPTION)
    yield from _option_faults(draft)
    yield from _fact_faults(draft.facts)


def _option_faults(draft: Draft) -> Iterator[str]:
    if len(draft.options) != len(LETTERS):
        yield f"the number of options is {len(draft.options)}, not {len(LETTERS)}"
    right = sum(option.correct for option in draft.options)
    if right != 1:
        yield f"the number of right options is {right}, not 1"
    seen: dict[str, int] = {}
    for number, option in enumerate(draft.options[: len(LETTERS) + 1], 1):
        same = collapse(option.text[:LONGEST_SHOWN]).casefold()
        if same and seen.setdefault(same, number) != number:
            yield f"options {seen[same]} and {number} say the same"


def _fact_faults(facts: Facts) -> Iterator[str]:
    alt = facts.picture.alt if facts.picture else ""
    for what, text, longest in (
        ("the rationale", facts.rationale, LONGEST_RATIONALE),
        ("the source", facts.source, LONGEST_SOURCE),
        ("the clause", facts.clause, LONGEST_CLAUSE),
        ("the text for the picture", alt, LONGEST_OPTION),
    ):
        if text:
            yield from text_faults(what, text, longest=longest)


def text_faults(what: str, text: str, *, longest: int) -> Iterator[str]:
    """Yield what is wrong with one text, whichever format it comes from or goes to.

    `longest` counts characters, after space was collapsed.
    """
    if len(text) > longest * BEYOND_MEASURE:
        yield f"{what} is longer than {longest} characters"
        return
    plain = collapse(text)
    if not plain:
        yield f"{what} has no text"
    if len(plain) > longest:
        yield f"{what} has {len(plain)} characters, more than {longest}"
    if UNREADABLE.search(text):
        yield f"{what} holds a control character, or one that was lost"
    if ("$" in plain or "\\" in plain) and _holds_formula(plain):
        yield f"{what} holds a formula, which cannot be shown"


def _holds_formula(text: str) -> bool:
    """Look for opening and closing signs with at least one character between them."""
    for opening, closing in FORMULA_SIGNS:
        begins = text.find(opening)
        if begins >= 0 and text.find(closing, begins + len(opening) + 1) >= 0:
            return True
    return False
