"""The register of the day, and what the reports of its meeting say. Callers own the
transaction."""

from ecs_training.attendance.services.register import (
    MarkRefused,
    check_identity,
    mark_attendance,
    withdraw_identity_check,
)

__all__ = [
    "MarkRefused",
    "check_identity",
    "mark_attendance",
    "withdraw_identity_check",
]
