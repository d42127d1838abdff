"""Finding what was said of a day."""

from ecs_training.attendance.queries.register import (
    Unmarked,
    get_booking_on_register,
    list_unmarked,
    standing_checks,
    standing_marks,
)

__all__ = [
    "Unmarked",
    "get_booking_on_register",
    "list_unmarked",
    "standing_checks",
    "standing_marks",
]
