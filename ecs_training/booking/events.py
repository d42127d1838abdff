from dataclasses import dataclass
from datetime import datetime

from ecs_training.foundation.events import Event


@dataclass(frozen=True, kw_only=True)
class SeatBooked(Event):
    booking_id: int


@dataclass(frozen=True, kw_only=True)
class BookingCancelled(Event):
    """`refundable` says whether the whole price goes back, by the terms or our own fault."""

    booking_id: int
    refundable: bool
    by_provider: bool


@dataclass(frozen=True, kw_only=True)
class BookingRevised(Event):
    """The date, time or joining link of a live booking's course session changed.

    `was`: the instants it had, if they are what changed.
    """

    booking_id: int
    was: tuple[datetime, datetime] | None = None


@dataclass(frozen=True, kw_only=True)
class BookingRestored(Event):
    """A booking that was cancelled with its date is live again, for the date is on again."""

    booking_id: int


@dataclass(frozen=True, kw_only=True)
class AdjustmentAsked(Event):
    """A candidate has said what they need to sit on equal terms."""

    adjustment_id: int


@dataclass(frozen=True, kw_only=True)
class AdjustmentDecided(Event):
    """Somebody agreed to what a candidate needs, or could not."""

    adjustment_id: int
    decided_by_id: int
