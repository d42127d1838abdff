from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ecs_training.portal.models import Enquiry


def count_enquiries(db: Session, *, address: str, email: str, since: datetime) -> int:
    """Count the questions since then that share the network address or the e-mail address."""
    return db.scalars(
        select(func.count(Enquiry.id)).where(
            Enquiry.sent_at > since,
            or_(Enquiry.address == address, Enquiry.email == email),
        )
    ).one()
