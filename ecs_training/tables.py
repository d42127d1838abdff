"""Every table, for migrations and tests."""

from ecs_training.accounts.models import (
    Company,
    CompanyMember,
    CompanySite,
    FailedSignIn,
    OneTimeLink,
    Person,
    RoleGrant,
    SignIn,
)
from ecs_training.assessment.models import (
    Attempt,
    AttemptEvent,
    Entry,
    JournalLine,
    LateAnswer,
    Outage,
    Presence,
    Rescore,
    RescoredResult,
    Resit,
    Response,
    Sitting,
    TimeChange,
)
from ecs_training.attendance.models import (
    AttendanceMark,
    Countersignature,
    IdentityCheck,
    MeetingReport,
    MeetingStay,
    StayMatch,
)
from ecs_training.booking.models import Adjustment, Booking
from ecs_training.calendar_feeds.models import PrivateFeed
from ecs_training.card_applications.models import (
    CardApplication,
    LineConfirmation,
    LineEvidence,
)
from ecs_training.exemptions.models import ExemptionClaim, ExemptionEvidence
from ecs_training.foundation.audit import AuditEntry, AuditSeal
from ecs_training.foundation.database import Base
from ecs_training.foundation.signing import SigningKey
from ecs_training.invigilation.models import Appeal, RoomRequest
from ecs_training.notifications.models import OutgoingEmail
from ecs_training.passes.models import Pass
from ecs_training.payments.models import CreditNote, Invoice, InvoiceNumber
from ecs_training.portal.models import Enquiry
from ecs_training.questions.models import (
    Item,
    ItemPicture,
    ItemReading,
    ItemRevision,
    ItemStatistics,
    Recall,
)
from ecs_training.reporting.models import StatisticsSnapshot
from ecs_training.scheduling.models import (
    BusyCalendar,
    BusyTime,
    Closure,
    CourseSession,
    Holiday,
    Meeting,
    PlanException,
    PlanTrainer,
    Swap,
    TimetableQuestion,
    TrainerHours,
    TrainerLeave,
    TrainerSkill,
    WeeklyPlan,
)

TABLES = (
    Person,
    RoleGrant,
    Company,
    CompanyMember,
    CompanySite,
    SignIn,
    FailedSignIn,
    OneTimeLink,
    AuditEntry,
    AuditSeal,
    SigningKey,
    WeeklyPlan,
    PlanTrainer,
    PlanException,
    Closure,
    Holiday,
    CourseSession,
    TimetableQuestion,
    TrainerSkill,
    TrainerHours,
    TrainerLeave,
    BusyCalendar,
    BusyTime,
    Swap,
    Meeting,
    Booking,
    Adjustment,
    InvoiceNumber,
    Invoice,
    CreditNote,
    AttendanceMark,
    IdentityCheck,
    MeetingReport,
    MeetingStay,
    StayMatch,
    Countersignature,
    Recall,
    Item,
    ItemRevision,
    ItemReading,
    ItemPicture,
    ItemStatistics,
    Sitting,
    Entry,
    Attempt,
    Response,
    Rescore,
    RescoredResult,
    JournalLine,
    LateAnswer,
    TimeChange,
    Presence,
    Outage,
    AttemptEvent,
    Resit,
    RoomRequest,
    Appeal,
    Pass,
    ExemptionClaim,
    ExemptionEvidence,
    CardApplication,
    LineEvidence,
    LineConfirmation,
    PrivateFeed,
    OutgoingEmail,
    Enquiry,
    StatisticsSnapshot,
)
metadata = Base.metadata
