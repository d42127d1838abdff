"""Aiken: the question on one line, options `A. …` or `A) …`, then `ANSWER: A`.

A second text line throws the question away in Moodle, a letter beyond the options makes it
guess: both are refused here. So is what only looks like a question, with its line.
"""

import re
from collections.abc import Iterable, Iterator

from ecs_training.questions.formats.carrying import NO_PICTURE, Reasons, parted
from ecs_training.questions.formats.drafts import Draft, judge
from ecs_training.questions.formats.found import (
    ExportItem,
    FoundItem,
    FoundOption,
    Written,
)
from ecs_training.questions.formats.plain_text import decode, numbered_lines

OPTION = re.compile(r"([A-Z])[.)][ \t]?")
ANSWER = "ANSWER:"
ALMOST_ANSWER = re.compile(r"answer\s{0,9}:", re.IGNORECASE)
LEAST_LINE = 2  # shorter lines are skipped, as Moodle does
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def read_aiken(data: bytes, *, name: str) -> list[FoundItem]:
    """Raise FileRefused for a file that is not UTF-8 text or holds no item."""
    return judge(_drafts(decode(data, name=name)), name=name)


def _drafts(text: str) -> Iterator[Draft]:
    draft: Draft | None = None
    after_blank = False
    for number, line in numbered_lines(text):
        bare = line.strip()
        if len(bare) < LEAST_LINE:
            after_blank = True
            continue
        if ALMOST_ANSWER.match(bare):
            yield _answered(draft or Draft(line=number), bare)
            draft = None
        elif OPTION.match(bare):
            draft = draft or Draft(line=number)
            _add_option(draft, bare)
        else:
            if draft and (draft.options or after_blank):
                yield _cut_short(draft)
                draft = None
            draft = _with_text(draft, number, bare)
        after_blank = False
    if draft:
        yield _cut_short(draft)


def _with_text(draft: Draft | None, number: int, text: str) -> Draft:
    if not draft:
        return Draft(line=number, stem=text)
    draft.refuse("has a second line of text; the question must be on one line")
    return draft


def _add_option(draft: Draft, line: str) -> None:
    letter = line[0]
    wanted = ALPHABET[len(draft.options) % len(ALPHABET)]
    if not draft.stem:
        draft.refuse("has no question before its options")
    if letter != wanted:
        draft.refuse(f"has option {letter} where option {wanted} should be")
    found = OPTION.match(line)
    draft.add_option(line[found.end() if found else 0 :], correct=False)


def _cut_short(draft: Draft) -> Draft:
    draft.refuse("has no line ANSWER: after its options")
    return draft


def _answered(draft: Draft, line: str) -> Draft:
    """Close an item by its answer line, however that line is written."""
    if not line.startswith(ANSWER):
        draft.refuse("has an answer line that does not begin with ANSWER: in capitals")
        return draft
    letter = line.removeprefix(ANSWER).strip()
    known = ALPHABET[: len(draft.options)]
    if len(letter) != 1 or letter not in ALPHABET:
        draft.refuse("names no single capital letter after ANSWER:")
    elif letter not in known:
        draft.refuse(f"names {letter} as the answer, which is none of its options")
    draft.options = [
        FoundOption(text=option.text, correct=own == letter)
        for own, option in zip(known, draft.options, strict=False)
    ]
    return draft


def write_aiken(items: Iterable[ExportItem]) -> Written:
    """Leave out pictures and stems that read like another line; code and topic are lost."""
    kept, left_out = parted(items, _why_not)
    lines: list[str] = []
    for item in kept:
        lines.append(item.stem)
        for letter, option in zip(ALPHABET, item.options, strict=False):
            lines.append(f"{letter}. {option.text}")
        right = next(at for at, each in enumerate(item.options) if each.correct)
        lines += [f"{ANSWER} {ALPHABET[right]}", ""]
    return Written(data="\n".join(lines).encode(), left_out=left_out)


def _why_not(item: ExportItem) -> Reasons:
    if item.picture:
        yield NO_PICTURE
    if OPTION.match(item.stem):
        yield "its question begins like an option"
    if ALMOST_ANSWER.match(item.stem):
        yield "its question begins like an answer line"
    if len(item.stem) < LEAST_LINE:
        yield "its question is shorter than two characters"
