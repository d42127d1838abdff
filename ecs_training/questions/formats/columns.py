"""The columns of a table of questions, as CSV and XLSX files have them.

Ours are code, topic, stem, option_a … option_d, key, rationale, source, clause, checked_on,
difficulty, jurisdiction and enemies; stem, the four options and key must be there. Names are
compared by their letters and digits alone, and the usual other names are known as well.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ecs_training.questions.formats.drafts import Draft, collapse, other_type
from ecs_training.questions.formats.found import ExportItem, Facts, FileRefused
from ecs_training.questions.rules.bank import LETTERS, Jurisdiction

OURS = (
    *("code", "topic", "stem"),
    *(f"option_{letter}" for letter in LETTERS),
    *("key", "rationale", "source", "clause", "checked_on"),
    *("difficulty", "jurisdiction", "enemies"),
)
NEEDED = ("stem", *(f"option_{letter}" for letter in LETTERS), "key")
BEYOND = "efgh"  # options that make an item one of more than four
SYNONYMS = {
    "code": "code id ref reference itemid questionid idnumber",
    "topic": "topic category subject section chapter",
    "stem": "stem question questiontext text prompt",
    **{
        f"option_{letter}": f"{letter} option{letter} answer{letter} choice{letter}"
        f" option{number} answer{number} choice{number}"
        for number, letter in enumerate((*LETTERS, *BEYOND), 1)
    },
    "key": "key correct correctanswer answer right rightanswer correctoption correctchoice"
    " solution answerkey",
    "rationale": "rationale explanation feedback generalfeedback reason",
    "source": "source",
    "clause": "clause regulation paragraph",
    "checked_on": "checkedon checked lastchecked",
    "difficulty": "difficulty",
    "jurisdiction": "jurisdiction nation",
    "enemies": "enemies",
    "picture": "picture image figure media diagram",
    "type": "type questiontype",
    "": "no nr number row status revision author",  # nobody misses them
}
FIELD_OF = {
    name: field_name for field_name, names in SYNONYMS.items() for name in names.split()
}
MOST_COLUMNS = 200
CHOICE = {"mc", "mcq", "multichoice", "multiplechoice", "singlechoice", "radio"}
KEY_WORDS = ("option", "answer", "choice")
KEY = re.compile(rf"(?:(?:{'|'.join(KEY_WORDS)}) ?)?(?:([a-h])|([1-8]))[.)]?")
# What a spreadsheet would take for a formula, and what our own mark would be mistaken for.
DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What stands in one cell. `fault` says why its text cannot be trusted."""

    text: str = ""
    fault: str | None = None
    loss: str | None = None
    day: date | None = None


EMPTY = Cell()


@dataclass(frozen=True, kw_only=True)
class Header:
    """Which column holds which field, and which ones nobody asked for, by their names."""

    columns: Mapping[str, int]
    unknown: Mapping[int, str]
    width: int
    is_ours: bool  # with all our columns, as we name them: then a ' may be our mark


def neutral(text: str) -> str:
    """Put a ' in front of what a spreadsheet would take for a formula."""
    return f"'{text}" if DANGEROUS.match(text) else text


def restored(text: str) -> str:
    """Undo `neutral`, and nothing else."""
    return text[1:] if NEUTRALISED.match(text) else text


def field_named(name: str) -> str | None:
    """Return the field that a column's name means; None for a name that is not known."""
    bare = "".join(letter for letter in name.casefold() if letter.isalnum())
    return FIELD_OF.get(bare)


def read_header(cells: Sequence[str], *, name: str, line: int) -> Header:
    """Raise FileRefused for a column that is missing or there twice."""
    columns: dict[str, int] = {}
    unknown: dict[int, str] = {}
    if len(cells) > MOST_COLUMNS:
        why = f"has more than {MOST_COLUMNS} columns; take out what is no question"
        raise FileRefused(why, name=name, line=line)
    for index, cell in enumerate(cells):
        field_name = field_named(cell)
        if field_name in columns:
            why = f"has two columns for {field_name}; keep one of them"
            raise FileRefused(why, name=name, line=line)
        if field_name:
            columns[field_name] = index
        elif field_name is None and cell.strip():
            unknown[index] = collapse(cell)[:40]
    missing = [each for each in NEEDED if each not in columns]
    if missing:
        why = f"names no column {', '.join(missing)} in its first row; name them so"
        raise FileRefused(why, name=name, line=line)
    return Header(
        columns=columns,
        unknown=unknown,
        width=len(cells),
        is_ours=set(OURS) <= set(cells),
    )


@dataclass(kw_only=True)
class Row:
    """One row under a header, being turned into a draft."""

    header: Header
    cells: Sequence[Cell]
    draft: Draft

    def cell(self, name: str) -> Cell:
        index = self.header.columns.get(name, len(self.cells))
        return self.cells[index] if index < len(self.cells) else EMPTY

    def take(self, name: str) -> str:
        """Return the text of a field, keeping what is wrong with its cell."""
        cell = self.cell(name)
        self.draft.refuse(f"{name} {cell.fault}" if cell.fault else None)
        self.draft.lose(*([cell.loss] if cell.loss else []))
        text = cell.text.strip()
        return restored(text) if self.header.is_ours else text


def read_row(header: Header, cells: Sequence[Cell], *, line: int, beyond: str) -> Draft:
    """Turn a row into a draft. `beyond` is what stands to the right of the last column."""
    row = Row(header=header, cells=cells, draft=Draft(line=line))
    if beyond.strip():
        row.draft.refuse("has more cells than there are columns")
    _look_around(row)
    row.draft.stem = row.take("stem")
    row.draft.code = row.take("code")
    row.draft.topic = row.take("topic")
    texts = [row.take(f"option_{letter}") for letter in (*LETTERS, *BEYOND)]
    while texts and not texts[-1].strip():
        texts.pop()
    right = _right(row, texts)
    for index, text in enumerate(texts):
        row.draft.add_option(text, correct=index == right)
    row.draft.facts = _facts(row)
    return row.draft


def _look_around(row: Row) -> None:
    draft = row.draft
    kind = collapse(row.take("type"))
    bare = "".join(filter(str.isalnum, kind.casefold())).removesuffix("question")
    if kind and bare not in CHOICE:
        draft.refuse(other_type(f"of the type “{kind[:40]}”"))
    if row.take("picture").strip():
        draft.refuse("names a picture, which this format cannot hold")
    for index, name in row.header.unknown.items():
        cell = row.cells[index] if index < len(row.cells) else EMPTY
        if cell.text.strip() or cell.fault:
            draft.lose(f"the column “{name}” was left out")


def _right(row: Row, texts: Sequence[str]) -> int | None:
    said = collapse(row.take("key"))
    meant = _meant(said, texts)
    if len(meant) == 1:
        return meant.pop()
    if len(meant) > 1:
        row.draft.refuse(f"the key “{said[:40]}” may mean one option or another")
    else:
        row.draft.refuse(f"the key “{said[:40]}” names no single option")
    return None


def _meant(key: str, texts: Sequence[str]) -> set[int]:
    """Find the options that a key may mean: by letter, by number or by the whole text."""
    said = key.casefold()
    meant = {
        index for index, text in enumerate(texts) if collapse(text).casefold() == said
    }
    found = KEY.fullmatch(said)
    if found:
        place = ord(found[1]) - ord("a") if found[1] else int(found[2]) - 1
        meant |= {place} if place < len(texts) else set()
    return meant


def key_of(item: ExportItem) -> str:
    """Name the right option so that no other is meant, even one that reads `c` itself."""
    texts = [option.text for option in item.options]
    right = next(at for at, option in enumerate(item.options) if option.correct)
    letter = LETTERS[right]
    spellings = (letter, f"{right + 1}", *(f"{word} {letter}" for word in KEY_WORDS))
    # The three other options can spoil three of the five.
    return next(each for each in spellings if _meant(each, texts) == {right})


def _facts(row: Row) -> Facts:
    return Facts(
        rationale=row.take("rationale"),
        source=collapse(row.take("source")) or None,
        clause=collapse(row.take("clause")) or None,
        enemies=tuple(row.take("enemies").replace(",", " ").replace(";", " ").split()),
        checked_on=_day(row),
        difficulty=_share(row),
        jurisdiction=_jurisdiction(row),
    )


def _day(row: Row) -> date | None:
    cell = row.cell("checked_on")
    if cell.day or not cell.text.strip():
        return cell.day
    try:
        return date.fromisoformat(row.take("checked_on"))
    except ValueError:
        row.draft.lose("checked_on was left out: it is no date like 2026-01-31")
        return None


def _share(row: Row) -> float | None:
    text = row.take("difficulty")
    try:
        share = float(text[:40]) if text else None
    except ValueError:
        share = -1.0
    if share is None or 0 <= share <= 1:
        return share
    row.draft.lose("difficulty was left out: it is no number from 0 to 1")
    return None


def _jurisdiction(row: Row) -> Jurisdiction | None:
    text = collapse(row.take("jurisdiction")).casefold().replace(" ", "-")
    if not text or text in set(Jurisdiction):
        return Jurisdiction(text) if text else None
    row.draft.lose("jurisdiction was left out: it is none that we know")
    return None


def cells_of(item: ExportItem) -> Iterator[str]:
    """Yield what stands in our columns for an item, in their order."""
    yield from (item.code, item.topic, neutral(item.stem))
    yield from (neutral(option.text) for option in item.options)
    yield from (key_of(item), neutral(item.rationale))
    yield from (neutral(item.source or ""), neutral(item.clause or ""))
    yield item.checked_on.isoformat() if item.checked_on else ""
    yield "" if item.difficulty is None else repr(item.difficulty)
    yield item.jurisdiction.value if item.jurisdiction else ""
    yield " ".join(item.enemies)
