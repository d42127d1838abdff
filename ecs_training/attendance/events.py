from dataclasses import dataclass

from ecs_training.foundation.events import Event


@dataclass(frozen=True, kw_only=True)
class RegisterChanged(Event):
    """Attendance or identity of one booking was marked; `marked_by_id` answers for it."""

    booking_id: int
    marked_by_id: int
