"""What a stranger may learn of a pass. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from ecs_training.passes.rules import PassStatus


@dataclass(frozen=True, kw_only=True)
class Verification:
    """The whole answer: no score, no reason, no address, and nothing of the person else."""

    status: PassStatus
    name: str
    what: str
    awarded_on: date
    valid_until: date
    checked_at: datetime
