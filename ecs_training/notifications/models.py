from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from ecs_training.foundation.database import Base


class OutgoingEmail(Base):
    """An e-mail is a row first, so it is sent if and only if the change was saved.

    `key` names the occasion, so that no occasion is written about twice. E-mails of one
    `thread` (a calendar UID) go in the order in which they were queued: a cancellation
    never overtakes the invitation it cancels.
    """

    __tablename__ = "outgoing_emails"
    __table_args__ = (
        Index(
            "ix_outgoing_emails_unsent",
            "next_try_at",
            sqlite_where=text("sent_at IS NULL"),
            postgresql_where=text("sent_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    to: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str]  # emptied once sent, if it held a one-time link
    calendar: Mapped[str | None]
    method: Mapped[str | None] = mapped_column(String(10))
    thread: Mapped[str | None] = mapped_column(String(40), index=True)
    holds_one_time_link: Mapped[bool]
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    queued_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None]
    last_problem: Mapped[str | None] = mapped_column(String(300))
    sent_at: Mapped[datetime | None]
