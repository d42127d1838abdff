"""That what candidates once saw is never changed under the same name."""

from collections.abc import Iterator, Mapping

from ecs_training.questions.rules.bank import Bank, BankItem
from ecs_training.questions.rules.faults import Fault, fault_at
from ecs_training.questions.rules.recorded import FILE, Recorded

RULE = "revisions"


def stable_revisions(
    bank: Bank, recorded: Mapping[str, Recorded] | None
) -> Iterator[Fault]:
    """Find what was live and is now changed, stepped back or gone, and what is new.

    Says nothing of a bank for which nothing was ever recorded.
    """
    if recorded is None:
        return
    there = {item.code for item in bank.items}
    for code, known in recorded.items():
        if code not in there:
            message = "was live and stands in no topic; retire it instead"
            yield Fault(
                file=FILE, line=known.line, item=code, rule=RULE, message=message
            )
    for item in bank.items:
        if message := _why_not(item, recorded.get(item.code)):
            yield fault_at(item, "revision", message, rule=RULE)


def _why_not(item: BankItem, known: Recorded | None) -> str:
    if known and item.revision < known.newest:
        return f"revision {known.newest} was live before; a revision may not go back"
    if not item.is_live:
        return ""
    if not known or item.revision > known.newest:
        return "is live and not recorded; run: ecs-training questions check --record"
    if known.hashes[item.revision] != item.content_hash:
        return f"the content was changed; make it revision {known.newest + 1}"
    return ""
