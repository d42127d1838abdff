from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ecs_training.foundation.database import Base
from ecs_training.foundation.references import Reference


class Enquiry(Base):
    """A question from somebody who may have no account; it is also sent to the provider."""

    __tablename__ = "enquiries"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254))
    message: Mapped[str] = mapped_column(String(2000))
    address: Mapped[str] = mapped_column(String(45))
    sent_at: Mapped[datetime]
