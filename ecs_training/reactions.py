"""What happens next: every event, and everything that follows from it."""

from ecs_training.accounts.events import (
    LinkRequested,
    PasswordChanged,
    PersonRenamed,
    RegisteredAgain,
)
from ecs_training.assessment.events import AttemptFinished, SittingOpened
from ecs_training.attendance.events import RegisterChanged
from ecs_training.booking.events import BookingCancelled, BookingRevised, SeatBooked
from ecs_training.card_applications.events import (
    ApplicationDecided,
    ApplicationSubmitted,
)
from ecs_training.exemptions.events import ExemptionClaimed, ExemptionDecided
from ecs_training.foundation.events import Reactions
from ecs_training.passes.events import PassAwarded, PassRevoked
from ecs_training.scheduling.events import CourseSessionCancelled, JoiningLinkSet

REACTIONS: Reactions = {
    LinkRequested: [],
    RegisteredAgain: [],
    PasswordChanged: [],
    PersonRenamed: [],
    JoiningLinkSet: [],
    CourseSessionCancelled: [],
    SeatBooked: [],
    BookingRevised: [],
    BookingCancelled: [],
    RegisterChanged: [],
    SittingOpened: [],
    AttemptFinished: [],
    PassAwarded: [],
    PassRevoked: [],
    ExemptionClaimed: [],
    ExemptionDecided: [],
    ApplicationSubmitted: [],
    ApplicationDecided: [],
}
