"""What the pages of the timetable ask."""

from ecs_training.scheduling.forms.dates import (
    CancelForm,
    CourseSessionForm,
    JoiningLinkForm,
)
from ecs_training.scheduling.forms.days import (
    NATIONS,
    ClosureForm,
    ExceptionForm,
    HolidayForm,
)
from ecs_training.scheduling.forms.pieces import (
    ClockTime,
    WholeNumber,
    check_link,
)
from ecs_training.scheduling.forms.plans import (
    POLICIES,
    EndPlanForm,
    PlanTermsForm,
    WeeklyPlanForm,
    terms_of,
)

__all__ = [
    "NATIONS",
    "POLICIES",
    "CancelForm",
    "ClockTime",
    "ClosureForm",
    "CourseSessionForm",
    "EndPlanForm",
    "ExceptionForm",
    "HolidayForm",
    "JoiningLinkForm",
    "PlanTermsForm",
    "WeeklyPlanForm",
    "WholeNumber",
    "check_link",
    "terms_of",
]
