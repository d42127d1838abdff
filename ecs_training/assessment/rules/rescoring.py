"""Marking again when a question was found wrong: whose results change, and how. Pure."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ecs_training.assessment.rules.marking import Answer, mark


class RescoreRefusal(StrEnum):
    STANDING = "This wording was rescored before, and that still counts. Undo it first."
    SAME_KEY = "This is the answer that counts already. Choose another one."
    WORLD_CHANGED = "Since you looked, somebody finished a test or changed a result. Nothing was done: look through the new list below, and confirm again."
    REVERSED = "This rescore was undone before. Nothing was changed."


@dataclass(frozen=True, kw_only=True)
class Marked:
    """A finished attempt as it stands: its paper with the answers, and what it came to."""

    attempt_id: int
    ref: str
    name: str
    practice: bool
    finished_on: date
    answers: tuple[Answer, ...]
    score: int
    passed: bool
    pass_mark: int
    minimums: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class ChangedResult:
    """What marking again makes of one result, before anybody decides about a pass."""

    attempt_id: int
    ref: str
    name: str
    practice: bool
    finished_on: date
    out_of: int
    pass_mark: int
    score_before: int
    score_after: int
    passed_before: bool
    enough: bool  # the pass mark is reached, and every topic's minimum

    @property
    def gains(self) -> bool:
        return self.enough and not self.passed_before

    @property
    def falls_short(self) -> bool:
        """The score is no longer enough, but they were told that they had passed."""
        return self.passed_before and not self.enough

    def passed_after(self, taken: Collection[str]) -> bool:
        """Return the verdict; a pass is lost only by those named in `taken`, by reference."""
        return self.enough or (self.passed_before and self.ref not in taken)


@dataclass(frozen=True, kw_only=True)
class RescorePlan:
    """Everything that marking again would do, worst first. Practice changes nothing else.

    `seen`: how many finished assessments had the question; `under_way`: how many are being
    sat, and will be marked by the new rule when they end.
    """

    changes: tuple[ChangedResult, ...]
    seen: int
    under_way: int

    @property
    def real(self) -> tuple[ChangedResult, ...]:
        return tuple(change for change in self.changes if not change.practice)

    @property
    def practice(self) -> int:
        return sum(change.practice for change in self.changes)

    @property
    def digest(self) -> str:
        """Name what was shown, so that something else is never done in its place."""
        facts = [
            (one.ref, one.score_before, one.score_after, one.passed_before, one.enough)
            for one in self.changes
        ]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def plan_rescore(marked: Iterable[Marked], *, under_way: int) -> RescorePlan:
    """Mark every attempt again. The answers carry the ruling that shall count."""
    every = tuple(marked)
    changes = [change for one in every if (change := _mark_again(one))]
    changes.sort(
        key=lambda one: (not one.falls_short, not one.gains, one.name, one.ref)
    )
    return RescorePlan(
        changes=tuple(changes),
        seen=sum(not one.practice for one in every),
        under_way=under_way,
    )


def _mark_again(one: Marked) -> ChangedResult | None:
    result = mark(one.answers, pass_mark=one.pass_mark, minimums=one.minimums)
    stands = result.score == one.score and (one.passed or not result.passed)
    if stands:
        return None
    return ChangedResult(
        attempt_id=one.attempt_id,
        ref=one.ref,
        name=one.name,
        practice=one.practice,
        finished_on=one.finished_on,
        out_of=result.out_of,
        pass_mark=one.pass_mark,
        score_before=one.score,
        score_after=result.score,
        passed_before=one.passed,
        enough=result.passed,
    )
