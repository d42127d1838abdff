"""Rehearsing a change to a published date, and carrying out what was rehearsed."""

from ecs_training.changes.services.changing import (
    PlanChanged,
    Wanted,
    execute_change,
    rehearse_change,
)

__all__ = ["PlanChanged", "Wanted", "execute_change", "rehearse_change"]
