from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.foundation.database import settings_of
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.references import new_reference
from ecs_training.notifications.services import queue_letter
from ecs_training.portal.models import Enquiry
from ecs_training.portal.queries.enquiries import count_enquiries
from ecs_training.portal.rules import (
    ENQUIRIES_COUNT_FOR,
    EnquiryRefusal,
    why_not_enquire,
)


class EnquiryRefused(Refused):
    reason: EnquiryRefusal


def record_enquiry(
    db: Session, *, name: str, email: str, message: str, address: str, now: datetime
) -> Enquiry:
    """Keep a question and write to the provider and to whoever asked, or raise EnquiryRefused.

    The receipt repeats nothing that was typed, or strangers could be written to through us.
    """
    sent_lately = count_enquiries(
        db, address=address, email=email, since=now - ENQUIRIES_COUNT_FOR
    )
    if refusal := why_not_enquire(sent_lately=sent_lately):
        raise EnquiryRefused(refusal)
    enquiry = Enquiry(
        ref=new_reference(),
        name=name,
        email=email,
        message=message,
        address=address,
        sent_at=now,
    )
    db.add(enquiry)
    _queue_letters(db, enquiry, now)
    return enquiry


def _queue_letters(db: Session, enquiry: Enquiry, now: datetime) -> None:
    queue_letter(
        db,
        key=f"enquiry/{enquiry.ref}",
        to=settings_of(db).provider_email,
        template="enquiry",
        now=now,
        enquiry=enquiry,
    )
    queue_letter(
        db,
        key=f"enquiry/{enquiry.ref}/receipt",
        to=enquiry.email,
        template="enquiry_receipt",
        now=now,
        enquiry=enquiry,
    )
