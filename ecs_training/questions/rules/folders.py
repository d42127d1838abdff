"""What stands in the folder of a bank, faults included."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ecs_training.questions.rules.bank import Bank
from ecs_training.questions.rules.faults import Fault
from ecs_training.questions.rules.recorded import Recorded


@dataclass(frozen=True, kw_only=True)
class BankFolder:
    """A folder as it was read. What could not be read is left out and among the faults."""

    bank: Bank
    faults: tuple[Fault, ...]
    pictures: Mapping[str, bytes] = field(default_factory=dict)  # by name of the file
    terms: frozenset[str] = frozenset()  # technical terms, in lower case
    recorded: Mapping[str, Recorded] | None = None  # by code; None: nothing ever was
