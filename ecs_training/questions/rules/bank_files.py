"""Which items of the database stand in the files of a bank, and how. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Any

from ecs_training.questions.rules.bank import BankItem, Outcome, Review, Status
from ecs_training.questions.rules.drafting import ItemDraft
from ecs_training.questions.rules.parsing import LONGEST_NOTE


class BankExportRefusal(StrEnum):
    FOLDER_TAKEN = "The folder is there already and is not empty. Name a new one."
    BEHIND = (
        "The bank's folder says what the database has not loaded yet."
        " Run `ecs-training questions load` first."
    )
    NOT_THE_SAME = (
        "What was written would read back as another bank, so nothing was written."
    )


def why_not_in_files(draft: ItemDraft, *, sources: Collection[str]) -> str | None:
    """Say what a wording lacks for the files, which know no half-finished item."""
    lacking = [
        name
        for name, is_there in (
            ("a rationale", draft.rationale),
            ("a source of sources.yaml", draft.source in sources),
            ("a clause", draft.clause),
            ("the day on which its source was looked up", draft.checked_on),
            ("a difficulty", draft.difficulty is not None),
            ("words for its picture", not draft.image or draft.image.alt),
        )
        if not is_there
    ]
    return (
        f"it has no {' and no '.join(_bare(name) for name in lacking)}"
        if lacking
        else None
    )


def _bare(name: str) -> str:
    return name.removeprefix("a ").removeprefix("the ")


def status_in_files(*, live: bool, retired: bool) -> Status:
    """Return the status of an item. What is suspended, or was never live, is a draft: it is
    not asked, and may come back.
    """
    if live:
        return Status.LIVE
    return Status.RETIRED if retired else Status.DRAFT


def review_of_file(stored: dict[str, Any]) -> Review:
    """Return a review as the database keeps those of the files."""
    return Review(
        on=date.fromisoformat(stored["on"]),
        outcome=Outcome(stored["outcome"]),
        revision=stored["revision"],
        note=stored["note"],
    )


def review_of_reading(*, on: date, agreed: bool, revision: int, note: str) -> Review:
    """Return a reading of staff as the files keep it: on one line, without a name."""
    line = " ".join(note.split())
    if len(line) > LONGEST_NOTE:
        line = f"{line[: LONGEST_NOTE - 1].rstrip()}…"
    outcome = Outcome.AGREED if agreed else Outcome.DISAGREED
    return Review(on=on, outcome=outcome, revision=revision, note=line or None)


def without_strangers(
    items: Iterable[BankItem],
) -> tuple[list[BankItem], list[tuple[str, str]]]:
    """Take out enemies that are none of the items; return (code, enemy) of each."""
    every = list(items)
    known = {item.code for item in every}
    strangers = [
        (item.code, enemy)
        for item in every
        for enemy in item.enemies
        if enemy not in known
    ]
    return [
        replace(item, enemies=tuple(each for each in item.enemies if each in known))
        for item in every
    ], strangers
