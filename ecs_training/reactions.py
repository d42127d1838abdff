"""What happens next: every event, and everything that follows from it."""

from ecs_training.accounts.events import (
    LinkRequested,
    PasswordChanged,
    PersonRenamed,
    RegisteredAgain,
)
from ecs_training.assessment.events import (
    AttemptFinished,
    AttemptVoided,
    ResitGranted,
    ResitWithdrawn,
    ResultChanged,
    SittingOpened,
)
from ecs_training.assessment.services.adjusting import (
    follow_adjustment,
    refuse_late_asking,
)
from ecs_training.assessment.services.entries import settle_entry
from ecs_training.assessment.services.resits import revise_resits_of
from ecs_training.attendance.events import RegisterChanged
from ecs_training.booking.events import (
    AdjustmentAsked,
    AdjustmentDecided,
    BookingCancelled,
    BookingRestored,
    BookingRevised,
    SeatBooked,
)
from ecs_training.booking.services import (
    cancel_bookings_of,
    reinstate_bookings_of,
    revise_bookings_of,
    revise_moved_bookings,
)
from ecs_training.card_applications.events import (
    ApplicationDecided,
    ApplicationSubmitted,
)
from ecs_training.exemptions.events import ExemptionClaimed, ExemptionDecided
from ecs_training.foundation.events import Reactions
from ecs_training.invigilation.events import AppealDecided, AppealMade
from ecs_training.notifications.services.appeals import (
    queue_appeal_decision,
    queue_appeal_receipt,
)
from ecs_training.notifications.services.bookings import (
    queue_booking_cancellation,
    queue_booking_confirmation,
    queue_booking_return,
    queue_booking_revision,
)
from ecs_training.notifications.services.leave import queue_leave_warning
from ecs_training.notifications.services.outcomes import (
    queue_application_decision,
    queue_application_receipt,
    queue_exemption_decision,
    queue_exemption_receipt,
    queue_pass_awarded,
    queue_pass_revoked,
    queue_result_changed,
)
from ecs_training.notifications.services.resits import (
    queue_resit_cancelled,
    queue_resit_granted,
    queue_resit_link,
    queue_resit_moved,
    queue_resit_restored,
    queue_resit_withdrawn,
)
from ecs_training.notifications.services.signing_in import (
    queue_link,
    queue_password_changed,
    queue_registered_again,
)
from ecs_training.notifications.services.sittings import (
    queue_adjustment_decision,
    queue_adjustment_receipt,
    queue_attempt_voided,
)
from ecs_training.notifications.services.swaps import (
    queue_swap_answer,
    queue_swap_request,
)
from ecs_training.notifications.services.trainers import (
    queue_teaching_cancelled,
    queue_teaching_handover,
    queue_teaching_link,
    queue_teaching_moved,
    queue_teaching_restored,
)
from ecs_training.passes.events import PassAwarded, PassRevoked
from ecs_training.passes.services import award_pass, follow_rescore, take_back_pass
from ecs_training.payments.services import credit_invoice, issue_invoice
from ecs_training.scheduling.events import (
    CourseSessionCancelled,
    CourseSessionMoved,
    CourseSessionResized,
    CourseSessionRestaffed,
    CourseSessionRestored,
    JoiningLinkSet,
    LeaveTaken,
    SwapAnswered,
    SwapAsked,
)
from ecs_training.scheduling.services.swaps import close_swap_of

REACTIONS: Reactions = {
    LinkRequested: [queue_link],
    RegisteredAgain: [queue_registered_again],
    PasswordChanged: [queue_password_changed],
    PersonRenamed: [],
    JoiningLinkSet: [
        revise_bookings_of,
        revise_resits_of,
        queue_resit_link,
        queue_teaching_link,
    ],
    CourseSessionMoved: [
        revise_moved_bookings,
        revise_resits_of,
        queue_resit_moved,
        queue_teaching_moved,
    ],
    CourseSessionRestaffed: [close_swap_of, queue_teaching_handover],
    CourseSessionResized: [],
    CourseSessionRestored: [
        reinstate_bookings_of,
        revise_resits_of,
        queue_resit_restored,
        queue_teaching_restored,
    ],
    CourseSessionCancelled: [
        close_swap_of,
        cancel_bookings_of,
        revise_resits_of,
        queue_resit_cancelled,
        queue_teaching_cancelled,
    ],
    SwapAsked: [queue_swap_request],
    SwapAnswered: [queue_swap_answer],
    LeaveTaken: [queue_leave_warning],
    SeatBooked: [issue_invoice, queue_booking_confirmation],
    BookingRestored: [issue_invoice, queue_booking_return],
    BookingRevised: [queue_booking_revision],
    BookingCancelled: [credit_invoice, queue_booking_cancellation],
    AdjustmentAsked: [refuse_late_asking, queue_adjustment_receipt],
    AdjustmentDecided: [follow_adjustment, queue_adjustment_decision],
    RegisterChanged: [settle_entry],
    SittingOpened: [],
    AttemptFinished: [award_pass],
    AttemptVoided: [take_back_pass, queue_attempt_voided],
    ResitGranted: [queue_resit_granted],
    ResitWithdrawn: [queue_resit_withdrawn],
    ResultChanged: [follow_rescore, queue_result_changed],
    AppealMade: [queue_appeal_receipt],
    AppealDecided: [queue_appeal_decision],
    PassAwarded: [queue_pass_awarded],
    PassRevoked: [queue_pass_revoked],
    ExemptionClaimed: [queue_exemption_receipt],
    ExemptionDecided: [queue_exemption_decision],
    ApplicationSubmitted: [queue_application_receipt],
    ApplicationDecided: [queue_application_decision],
}
