"""That somebody else read an item before candidates do."""

from collections.abc import Iterator

from ecs_training.questions.rules.bank import BankItem, Outcome
from ecs_training.questions.rules.faults import Fault, fault_at


def second_reading(item: BankItem) -> Iterator[Fault]:
    """Find a live item that nobody has read, or whose last reader did not agree."""
    if item.is_live and (message := _why_not(item)):
        last = f"reviews.{len(item.reviews) - 1}" if item.reviews else "reviews"
        yield fault_at(item, last, message, rule="reviews")


def _why_not(item: BankItem) -> str | None:
    if not item.reviews:
        return "nobody has read this live item"
    last = item.reviews[-1]
    if last.outcome is not Outcome.AGREED:
        return f"the last reading of this live item ended {last.outcome}"
    if last.revision is not None and last.revision < item.revision:
        return (
            f"revision {last.revision} was read last; revision {item.revision} is live"
        )
    return None
