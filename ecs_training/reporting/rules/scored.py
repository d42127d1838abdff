"""Reading scored answers from a CSV file: one row a candidate and item, or one row a step."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

SCORES = frozenset({"candidate", "item", "score", "max"})
STEPS = SCORES | {"step"}
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?")
WHOLE = re.compile(r"\d{1,9}")
MOST = Decimal(10**9)  # with DECIMALS, keeps every product within a double
DECIMALS = 30

Place = tuple[str, str]  # candidate, item


class ScoresFault(Exception):
    """The file cannot be counted. `line` is that of the file, from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """What a candidate got for an item, of how much at most, in marks."""

    candidate: str
    item: str
    score: Decimal
    max: Decimal


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Every answer that counts, each candidate and item once, in the file's order.

    `left_out`: candidates with an answer that nobody has marked yet. All their answers are
    left out, as Moodle leaves out an attempt until the whole of it is marked.
    """

    answers: tuple[ScoredAnswer, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    candidate: str
    item: str
    step: int
    score: Decimal | None  # not marked yet
    max: Decimal

    @property
    def place(self) -> Place:
        return self.candidate, self.item


def read_scores(text: str) -> Scores:
    """Read `candidate,item,score,max`, or `candidate,item,step,score,max`; columns in any order.

    Of steps, the one with the highest number counts for its candidate and item, and an
    empty score means: not marked yet. Raises ScoresFault for another header, a missing or
    surplus column, an empty name, what is no number, a maximum of 0 or less, a score
    outside 0 to its maximum, an item with two maxima, the same row twice, and no rows.
    """
    last: dict[Place, _Row] = {}
    seen: set[tuple[Place, int]] = set()
    maxima: dict[str, Decimal] = {}
    for row in _read_rows(text):
        if (row.place, row.step) in seen:
            raise ScoresFault(
                row.line, f"{row.candidate} and {row.item} are there twice"
            )
        seen.add((row.place, row.step))
        if maxima.setdefault(row.item, row.max) != row.max:
            raise ScoresFault(row.line, f"{row.item} had another max before")
        if row.place not in last or last[row.place].step < row.step:
            last[row.place] = row
    return _keep_marked(last)


def _keep_marked(last: Mapping[Place, _Row]) -> Scores:
    waiting = {row.candidate for row in last.values() if row.score is None}
    answers = tuple(
        ScoredAnswer(row.candidate, row.item, row.score, row.max)
        for row in last.values()
        if row.score is not None and row.candidate not in waiting
    )
    if not answers:
        line = max((row.line for row in last.values()), default=1)
        raise ScoresFault(line, "the file holds no candidate who is wholly marked")
    return Scores(answers=answers, left_out=len(waiting))


def _read_rows(text: str) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    header: list[str] = []
    try:
        for cells in reader:
            tidy = [cell.strip() for cell in cells]
            if not any(tidy):
                continue
            if header:
                line = reader.line_num
                yield _read_row(dict(_pair(header, tidy, line)), line)
            else:
                header = _read_header(tidy, reader.line_num)
    except csv.Error as error:
        raise ScoresFault(reader.line_num, f"this is no CSV: {error}") from None
    if not header:
        raise ScoresFault(1, "the file is empty")


def _read_header(cells: list[str], line: int) -> list[str]:
    names = [cell.lower() for cell in cells]
    if len(names) != len(set(names)) or set(names) not in (SCORES, STEPS):
        raise ScoresFault(
            line,
            "the header must be candidate,item,score,max or candidate,item,step,score,max",
        )
    return names


def _pair(header: list[str], cells: list[str], line: int) -> Iterator[tuple[str, str]]:
    if len(cells) != len(header):
        raise ScoresFault(
            line, f"{len(cells)} columns, but the header has {len(header)}"
        )
    return zip(header, cells, strict=True)


def _read_row(cells: Mapping[str, str], line: int) -> _Row:
    for name in ("candidate", "item"):
        if not cells[name]:
            raise ScoresFault(line, f"{name} is empty")
    most = _read_number(cells["max"], "max", line)
    if most <= 0:
        raise ScoresFault(line, f"max must be above 0, not {most}")
    waits = "step" in cells and not cells["score"]
    score = None if waits else _read_number(cells["score"], "score", line)
    if score is not None and not 0 <= score <= most:
        raise ScoresFault(line, f"score {score} is not within 0 and {most}")
    step = _read_step(cells.get("step", "0"), line)
    return _Row(line, cells["candidate"], cells["item"], step, score, most)


def _read_step(word: str, line: int) -> int:
    if not WHOLE.fullmatch(word):
        raise ScoresFault(line, f"step must be a whole number, not {word!r}")
    return int(word)


def _read_number(word: str, name: str, line: int) -> Decimal:
    if not NUMBER.fullmatch(word) or not word.isascii():
        raise ScoresFault(line, f"{name} must be a number, not {word!r}")
    number = Decimal(word)
    if abs(number) > MOST or decimals(number) > DECIMALS:
        raise ScoresFault(
            line,
            f"{name} must be at most {MOST} with at most {DECIMALS} decimals",
        )
    return number


def decimals(number: Decimal) -> int:
    """Return how many places after the point a finite number was written with."""
    return max(0, -int(number.as_tuple().exponent))
