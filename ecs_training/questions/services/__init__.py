"""Reading the bank's files, and bringing the database to what they say."""

from ecs_training.questions.services.checking import (
    BankCheck,
    check_bank,
    record_revisions,
)
from ecs_training.questions.services.loading import LoadReport, load_bank
from ecs_training.questions.services.reading import read_bank, read_blueprint

__all__ = [
    "BankCheck",
    "LoadReport",
    "check_bank",
    "load_bank",
    "read_bank",
    "read_blueprint",
    "record_revisions",
]
