"""Where a course day stands, and what is still to do before everybody can sit. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ecs_training.attendance.rules import IdentityOutcome, Presence


class Work(StrEnum):
    """How far somebody is with the assessment, worded for the register."""

    NO_ENTRY = "Cannot start yet"
    CAN_START = "Can start"
    WORKING = "Working"
    TIME_UP = "Time is up"
    PASSED = "Passed"
    NOT_PASSED = "Not passed"
    VOIDED = "Voided"


_FINISHED = (Work.PASSED, Work.NOT_PASSED, Work.VOIDED)


@dataclass(frozen=True, kw_only=True)
class PersonOnDay:
    presence: Presence | None
    identity: IdentityOutcome | None
    work: Work


@dataclass(frozen=True, kw_only=True)
class DayCounts:
    """How many people; `attended` counts all who were there, `can_start` those still to sit."""

    people: int
    attended: int
    absent: int
    unmarked: int
    checked: int
    to_check: int  # there, but nobody has looked at a document
    to_decide: int  # there, but the document does not match
    can_start: int
    working: int
    finished: int


def judge_work(
    *,
    entered: bool,
    deadline: datetime | None,
    passed: bool | None,
    voided: bool = False,
    now: datetime,
) -> Work:
    """Say how far somebody is; `deadline` and `passed` are their attempt's, if they have one."""
    if voided:
        return Work.VOIDED
    if passed is not None:
        return Work.PASSED if passed else Work.NOT_PASSED
    if deadline is not None:
        return Work.WORKING if now <= deadline else Work.TIME_UP
    return Work.CAN_START if entered else Work.NO_ENTRY


def count_day(people: Iterable[PersonOnDay]) -> DayCounts:
    everybody = list(people)
    there = [one for one in everybody if one.presence is Presence.ATTENDED]
    checked = [one for one in there if one.identity is IdentityOutcome.MATCHED]
    unchecked = [one for one in there if one.identity is None]
    works = [one.work for one in everybody]
    return DayCounts(
        people=len(everybody),
        attended=len(there),
        absent=sum(one.presence is Presence.ABSENT for one in everybody),
        unmarked=sum(one.presence is None for one in everybody),
        checked=len(checked),
        to_check=len(unchecked),
        to_decide=len(there) - len(checked) - len(unchecked),
        can_start=works.count(Work.CAN_START),
        working=works.count(Work.WORKING),
        finished=sum(work in _FINISHED for work in works),
    )


class Step(StrEnum):
    """The stops of a course day, in their order."""

    COURSE = "Course"
    REGISTER = "Register"
    IDENTITY = "Identity"
    ASSESSMENT = "Assessment"
    DECLARATION = "Declaration"


def steps_done(
    counts: DayCounts, *, course_over: bool, opened: bool, closed: bool
) -> set[Step]:
    """Return the stops that are behind us. Opening the sitting ends the course, too."""
    done = {
        Step.COURSE: course_over or opened,
        Step.REGISTER: counts.people > 0 and not counts.unmarked,
        Step.IDENTITY: counts.attended > 0 and counts.checked == counts.attended,
        Step.ASSESSMENT: closed,
        Step.DECLARATION: closed,
    }
    return {step for step, is_done in done.items() if is_done}


def step_now(done: set[Step], *, opened: bool, closed: bool) -> Step | None:
    """Return the stop we are at: while people sit, that one, whatever is still to be marked."""
    if opened and not closed:
        return Step.ASSESSMENT
    return next((step for step in Step if step not in done), None)
