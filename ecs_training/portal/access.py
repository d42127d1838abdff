"""What a person may take away of their own."""

from datetime import timedelta

from ecs_training.accounts.access import who
from ecs_training.assessment.access import visit_attempt
from ecs_training.assessment.rules.timing import NO_GRACE
from ecs_training.foundation.signing import can_sign, sign
from ecs_training.foundation.web import now, reading, transaction
from ecs_training.portal.queries.receipts import KIND, Receipt, get_own_receipt


def own_receipt(ref: str, *, patience: timedelta = NO_GRACE) -> tuple[Receipt, str]:
    """Return the receipt for the person's own attempt, as it stands, and the same signed."""
    visit_attempt(ref, patience=patience)
    with reading() as db:
        opened = (
            reading if can_sign(db) else transaction
        )  # the first of all makes the key
    with opened() as db:
        receipt = get_own_receipt(db, ref=ref, person_id=who().person_id)
        return receipt, sign(db, receipt.claims(), now=now(), kind=KIND)
