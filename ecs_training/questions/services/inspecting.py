"""What the content lint says of one wording, as if it were live already."""

from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.foundation.london import london_date
from ecs_training.questions.queries.live import list_live_drafts
from ecs_training.questions.rules.bank import Bank, BankItem
from ecs_training.questions.rules.drafting import PLACE, ItemDraft, as_bank_item
from ecs_training.questions.rules.faults import Fault
from ecs_training.questions.rules.lint import lint_item
from ecs_training.questions.rules.lint.alike import near_duplicates

# Judged elsewhere: by the second reading itself, and by `missing_facts`.
NOT_HERE = {"reviews", "source-checked"}


def find_findings(
    db: Session,
    *,
    draft: ItemDraft,
    code: str,
    topic: str,
    terms: frozenset[str],
    now: datetime,
) -> list[Fault]:
    """Return what the rules for single items find, and live items that ask the same.

    `terms` are the bank's technical terms. Nothing is found in a draft without a stem, an
    option or a key: there is nothing to judge yet.
    """
    if not draft.is_worded:
        return []
    item = as_bank_item(draft, code=code, topic=topic)
    found = lint_item(item, terms=terms, today=london_date(now))
    return [
        *(fault for fault in found if fault.rule not in NOT_HERE),
        *_find_alike(db, item),
    ]


def _find_alike(db: Session, item: BankItem) -> list[Fault]:
    others = [
        as_bank_item(draft, code=code, topic=topic)
        for code, topic, draft in list_live_drafts(db, except_code=item.code)
    ]
    # It tells of the later of two: this one stands last.
    bank = Bank(sources={}, items=(*others, item), blueprints={})
    return [fault for fault in near_duplicates(bank) if fault.item == item.code]


def word_finding(fault: Fault) -> str:
    """Say a finding to an author, for whom there is no file and no line."""
    return fault.message.replace(f" ({PLACE}, line 1)", "")
