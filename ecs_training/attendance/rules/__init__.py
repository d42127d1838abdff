"""What may be said of a day: by its trainer on the register, by Microsoft of who was in the
meeting. Pure."""

from ecs_training.attendance.rules.register import (
    DocumentKind,
    IdentityOutcome,
    Presence,
    RegisterRefusal,
    why_not_mark,
)
from ecs_training.attendance.rules.reports import ReportRefusal, ReportSource

__all__ = [
    "DocumentKind",
    "IdentityOutcome",
    "Presence",
    "RegisterRefusal",
    "ReportRefusal",
    "ReportSource",
    "why_not_mark",
]
