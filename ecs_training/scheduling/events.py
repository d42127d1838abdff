from dataclasses import dataclass

from ecs_training.foundation.events import Event


@dataclass(frozen=True, kw_only=True)
class CourseSessionCancelled(Event):
    course_session_id: int
    cancelled_by_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class JoiningLinkSet(Event):
    course_session_id: int
