"""Every revision that was ever live, by its content hash: revisions.yaml."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ecs_training.questions.rules.bank import BankItem
from ecs_training.questions.rules.entries import SLUG, Entry
from ecs_training.questions.rules.faults import BankError, Fault
from ecs_training.questions.rules.written import Written

FILE = "revisions.yaml"
HEAD = """\
# Every revision that was ever live, with the hash of what a candidate was asked and marked by.
# Written by `ecs-training questions check --record`, which adds and never changes a line.
"""
NUMBER = re.compile(r"[1-9][0-9]{0,8}")
HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """The revisions of one item that were live: revision -> content hash."""

    hashes: Mapping[int, str]
    line: int

    @property
    def newest(self) -> int:
        return max(self.hashes)


def parse_recorded(written: Written) -> tuple[dict[str, Recorded], list[Fault]]:
    """Return what was recorded by code, and a fault for each entry that is refused."""
    every = Entry(written, file=FILE)
    recorded: dict[str, Recorded] = {}
    faults = []
    for code in every.fields:
        try:
            recorded[code] = _recorded(every, code)
        except BankError as error:
            faults.append(error.fault)
    return recorded, faults


def _recorded(every: Entry, code: str) -> Recorded:
    entry = every.group(code)
    if not SLUG.fullmatch(code) or not entry.fields:
        entry.refuse(None, "is not an item with its revisions")
    hashes = dict(_revision(entry, number) for number in entry.fields)
    return Recorded(hashes=hashes, line=every.fields[code].line)


def _revision(entry: Entry, number: str) -> tuple[int, str]:
    content_hash = entry.text(number, longest=64)
    if not NUMBER.fullmatch(number) or not HASH.fullmatch(content_hash):
        entry.refuse(number, "is not a revision with its hash")
    return int(number), content_hash


def list_unrecorded(
    items: Iterable[BankItem], recorded: Mapping[str, Recorded]
) -> list[BankItem]:
    """Return the live items whose revision is new; one that steps back is not."""
    return [
        item
        for item in items
        if item.is_live
        and (item.code not in recorded or item.revision > recorded[item.code].newest)
    ]


def add_to_recorded(
    items: Iterable[BankItem], recorded: Mapping[str, Recorded]
) -> dict[str, dict[int, str]]:
    """Return all hashes with those of new live revisions added; none is changed."""
    hashes = {code: dict(known.hashes) for code, known in recorded.items()}
    for item in list_unrecorded(items, recorded):
        hashes.setdefault(item.code, {})[item.revision] = item.content_hash
    return hashes


def write_recorded(hashes: Mapping[str, Mapping[int, str]]) -> str:
    """Return the file's text, sorted by code and revision."""
    lines = [HEAD]
    for code in sorted(hashes):
        lines.append(f"{code}:\n")
        lines += [
            f'  {number}: "{hashes[code][number]}"\n' for number in sorted(hashes[code])
        ]
    return "".join(lines)
