"""Seats, and what a person needs to sit on equal terms. Callers own the transaction."""

from ecs_training.booking.services.adjustments import (
    AdjustmentRefused,
    ask_adjustment,
    decide_adjustment,
)
from ecs_training.booking.services.following import (
    cancel_bookings_of,
    reinstate_bookings_of,
    revise_bookings_of,
    revise_moved_bookings,
)
from ecs_training.booking.services.seats import (
    BookingRefused,
    CancellationRefused,
    book_by_staff,
    book_for_delegate,
    book_seat,
    cancel_booking,
)

__all__ = [
    "AdjustmentRefused",
    "BookingRefused",
    "CancellationRefused",
    "ask_adjustment",
    "book_by_staff",
    "book_for_delegate",
    "book_seat",
    "cancel_booking",
    "cancel_bookings_of",
    "decide_adjustment",
    "reinstate_bookings_of",
    "revise_bookings_of",
    "revise_moved_bookings",
]
