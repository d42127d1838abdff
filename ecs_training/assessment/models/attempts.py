"""One go at one paper, and the paper itself as it was drawn."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ecs_training.assessment.models.sittings import Sitting
from ecs_training.assessment.rules.ending import Ending
from ecs_training.assessment.rules.holding import HoldKind, hold_of, standing_deadline
from ecs_training.foundation.database import Base
from ecs_training.foundation.references import Reference
from ecs_training.questions.models import ItemRevision


class Attempt(Base):
    """One person's go at one paper: an entry's at a sitting, or practice, which has neither.

    `lease` is the device that may write; it belongs to one sign-in and changes hands only
    by POST. Marks and `ending` are there exactly when it is finished. While it is held the
    clock stands still and nothing is saved, but never beyond `held_until`. A voided attempt
    keeps its marks and is worth nothing. `minimums` says what each topic needs to pass.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        CheckConstraint(
            "(finished_at IS NULL) = (score IS NULL)"
            " AND (finished_at IS NULL) = (passed IS NULL)"
            " AND (finished_at IS NULL) = (ending IS NULL)",
            name="finished_means_marked",
        ),
        CheckConstraint(
            "(held_at IS NULL) = (held_until IS NULL)"
            " AND (held_at IS NULL) = (held_kind IS NULL)"
            " AND (held_at IS NULL OR finished_at IS NULL)",
            name="held_while_open",
        ),
        CheckConstraint(
            "(voided_at IS NULL) = (voided_by_id IS NULL)"
            " AND (voided_at IS NULL) = (void_reason IS NULL)"
            " AND (voided_at IS NULL OR finished_at IS NOT NULL)",
            name="voided_with_reason",
        ),
        CheckConstraint("time_percent BETWEEN 100 AND 300", name="time_percent"),
        CheckConstraint(
            "0 <= rest_used_seconds AND rest_used_seconds <= rest_seconds",
            name="rest_within_allowance",
        ),
        CheckConstraint("finished_at <= deadline", name="finished_by_deadline"),
        CheckConstraint(
            "(entry_id IS NULL) = (sitting_id IS NULL)", name="entry_and_sitting"
        ),
        Index(None, "person_id"),
        Index(
            "ix_attempts_unfinished",
            "deadline",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
        Index(
            "uq_attempts_one_open_practice",
            "person_id",
            "card_role",
            unique=True,
            sqlite_where=text("finished_at IS NULL AND entry_id IS NULL"),
            postgresql_where=text("finished_at IS NULL AND entry_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[Reference]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"), unique=True)
    sitting_id: Mapped[int | None] = mapped_column(
        ForeignKey("sittings.id"), index=True
    )
    card_role: Mapped[str] = mapped_column(String(40))
    blueprint: Mapped[str] = mapped_column(String(20))
    blueprint_version: Mapped[int]
    pass_mark: Mapped[int]
    out_of: Mapped[int]
    seed: Mapped[str] = mapped_column(String(40))
    minutes: Mapped[int]  # the blueprint's, before the person's own percentage
    started_at: Mapped[datetime]
    deadline: Mapped[datetime]
    time_percent: Mapped[int] = mapped_column(default=100)  # of the blueprint's minutes
    rest_seconds: Mapped[int] = mapped_column(default=0)  # of agreed breaks
    rest_used_seconds: Mapped[int] = mapped_column(default=0)
    held_at: Mapped[datetime | None]
    held_until: Mapped[datetime | None]
    held_kind: Mapped[HoldKind | None]
    lease: Mapped[str] = mapped_column(String(26))
    lease_sign_in_id: Mapped[int] = mapped_column(ForeignKey("sign_ins.id"))
    finished_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]  # when it was noticed; may be after finished_at
    score: Mapped[int | None]
    passed: Mapped[bool | None]
    ending: Mapped[Ending | None]
    minimums: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    voided_at: Mapped[datetime | None]
    voided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    void_reason: Mapped[str | None] = mapped_column(String(500))

    sitting: Mapped[Sitting | None] = relationship(lazy="raise")

    @property
    def is_practice(self) -> bool:
        return self.entry_id is None

    def deadline_at(self, now: datetime) -> datetime:
        """Return the deadline as it stands: a clock that is stopped has moved it."""
        hold = hold_of(self.held_at, self.held_until)
        return standing_deadline(self.deadline, hold, now)


class Response(Base):
    """One item of an attempt's paper, frozen as drawn, and what was answered to it.

    `option_order` holds the bank's letters in the order shown: "cadb" shows c as A. `chosen`
    is a bank's letter too, so no shuffle can move an answer. `seq` and `lease` are those
    of the last accepted write.
    """

    __tablename__ = "responses"
    __table_args__ = (
        CheckConstraint("chosen IN ('a','b','c','d')", name="chosen_letter"),
    )

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(
        ForeignKey("item_revisions.id"), index=True
    )
    topic: Mapped[str] = mapped_column(String(40))
    option_order: Mapped[str] = mapped_column(String(4))
    key: Mapped[str] = mapped_column(String(1))
    chosen: Mapped[str | None] = mapped_column(String(1))
    flagged: Mapped[bool] = mapped_column(default=False)
    seq: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str | None] = mapped_column(String(26))
    answered_at: Mapped[datetime | None]
    late: Mapped[bool] = mapped_column(default=False)

    revision: Mapped[ItemRevision] = relationship(lazy="raise")
