from dataclasses import dataclass
from datetime import datetime

from ecs_training.foundation.events import Event


@dataclass(frozen=True, kw_only=True)
class CourseSessionCancelled(Event):
    course_session_id: int
    cancelled_by_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class JoiningLinkSet(Event):
    course_session_id: int


@dataclass(frozen=True, kw_only=True)
class CourseSessionMoved(Event):
    """A date has another day or time; `was` are the instants it had."""

    course_session_id: int
    moved_by_id: int
    was: tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class CourseSessionRestaffed(Event):
    course_session_id: int
    from_id: int
    to_id: int
    restaffed_by_id: int


@dataclass(frozen=True, kw_only=True)
class CourseSessionResized(Event):
    course_session_id: int
    resized_by_id: int
    was: int  # seats


@dataclass(frozen=True, kw_only=True)
class CourseSessionRestored(Event):
    """A cancelled date is on again. Whoever was on it gets their seat back."""

    course_session_id: int
    restored_by_id: int


@dataclass(frozen=True, kw_only=True)
class SwapAsked(Event):
    """A trainer asks another to take a date over."""

    swap_id: int


@dataclass(frozen=True, kw_only=True)
class SwapAnswered(Event):
    """The one who was asked accepts, and gives the date from now on, or declines."""

    swap_id: int
    accepted: bool


@dataclass(frozen=True, kw_only=True)
class LeaveTaken(Event):
    """A trainer will be away. Their published dates stand until somebody changes them."""

    leave_id: int
    trainer_id: int
