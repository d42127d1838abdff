"""Which changes there are, and what one would do. Pure."""

from ecs_training.changes.rules.kinds import (
    BELOW_MINIMUM,
    ChangeKind,
    ChangeRefusal,
    kinds_open_to,
)
from ecs_training.changes.rules.plans import (
    Fate,
    Money,
    MoneyKind,
    Plan,
    PlannedEntry,
    PlannedLetter,
    Seat,
    Standing,
    fate_of,
    in_order,
    mark_of,
    normalise,
    read_entry,
    without_moment,
)
from ecs_training.changes.rules.showing import Differences, compare, write_lines

__all__ = [
    "BELOW_MINIMUM",
    "ChangeKind",
    "ChangeRefusal",
    "Differences",
    "Fate",
    "Money",
    "MoneyKind",
    "Plan",
    "PlannedEntry",
    "PlannedLetter",
    "Seat",
    "Standing",
    "compare",
    "fate_of",
    "in_order",
    "kinds_open_to",
    "mark_of",
    "normalise",
    "read_entry",
    "without_moment",
    "write_lines",
]
