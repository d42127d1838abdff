"""What a question bank is, what is wrong with one, and which items make a paper. Pure."""

from ecs_training.questions.rules.bank import Bank, BankItem, Blueprint, ResitRule
from ecs_training.questions.rules.choosing import Earlier
from ecs_training.questions.rules.enough import items_missing, most_together
from ecs_training.questions.rules.faults import BankError, Fault
from ecs_training.questions.rules.papers import (
    BankTooSmall,
    Drawn,
    LiveItem,
    PaperMaker,
    draw_paper,
)

__all__ = [
    "Bank",
    "BankError",
    "BankItem",
    "BankTooSmall",
    "Blueprint",
    "Drawn",
    "Earlier",
    "Fault",
    "LiveItem",
    "PaperMaker",
    "ResitRule",
    "draw_paper",
    "items_missing",
    "most_together",
]
