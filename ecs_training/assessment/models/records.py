"""What happened during an attempt, in rows that are only ever added.

The journal is written by triggers of the database, so that no answer can change without a
line in it, and so that saving one costs no second statement.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from ecs_training.assessment.rules.record import AttemptEventKind, TimeChangeKind
from ecs_training.foundation.database import Base


class JournalLine(Base):
    """One accepted answer: the response as that write left it. `chosen` is a bank's letter."""

    __tablename__ = "response_journal"
    __table_args__ = (Index(None, "attempt_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"))
    n: Mapped[int]
    chosen: Mapped[str | None] = mapped_column(String(1))
    flagged: Mapped[bool]
    seq: Mapped[int]
    lease: Mapped[str] = mapped_column(String(26))
    answered_at: Mapped[datetime]
    late: Mapped[bool]


class LateAnswer(Base):
    """An answer that reached us too late to count. The invigilator sees it; no mark does.

    `option` is the letter shown on this attempt; `age_ms` is what the page said of its age.
    """

    __tablename__ = "late_answers"
    __table_args__ = (UniqueConstraint("attempt_id", "lease", "seq", "n"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"))
    n: Mapped[int]
    option: Mapped[str | None] = mapped_column(String(1))
    flagged: Mapped[bool]
    seq: Mapped[int]
    lease: Mapped[str] = mapped_column(String(100))
    age_ms: Mapped[int] = mapped_column(BigInteger)
    received_at: Mapped[datetime]


class TimeChange(Base):
    """Seconds that were added to an attempt's deadline, or taken from it, and why.

    `made_by_id` is None where a rule did it: a break that was agreed, a hold that ran out.
    """

    __tablename__ = "time_changes"
    __table_args__ = (Index(None, "attempt_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"))
    kind: Mapped[TimeChangeKind]
    seconds: Mapped[int]
    reason: Mapped[str] = mapped_column(String(40))  # a code of the invigilator's list
    note: Mapped[str | None] = mapped_column(String(500))
    evidence: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class Presence(Base):
    """The last sign of life of an attempt's page; one row an attempt, overwritten."""

    __tablename__ = "presences"
    __table_args__ = (CheckConstraint("unsaved >= 0", name="unsaved_counts"),)

    attempt_id: Mapped[int] = mapped_column(
        ForeignKey("attempts.id"), primary_key=True, autoincrement=False
    )
    seen_at: Mapped[datetime]
    unsaved: Mapped[int]  # answers that wait in the page
    n: Mapped[int]  # the question on the screen
    hidden_at: Mapped[datetime | None]  # since when another window is in front


class Outage(Base):
    """A stretch in which an attempt's page was not heard of, by our own clock."""

    __tablename__ = "outages"
    __table_args__ = (
        UniqueConstraint("attempt_id", "began_at"),
        CheckConstraint("ended_at > began_at", name="ends_after_beginning"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    credited_by_id: Mapped[int | None] = mapped_column(ForeignKey("time_changes.id"))


class AttemptEvent(Base):
    """Something that happened to an attempt which is nobody's decision."""

    __tablename__ = "attempt_events"
    __table_args__ = (Index(None, "attempt_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"))
    kind: Mapped[AttemptEventKind]
    happened_at: Mapped[datetime]
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


APPEND_ONLY = ("response_journal", "late_answers", "time_changes", "attempt_events")
_COLUMNS = "attempt_id, n, chosen, flagged, seq, lease, answered_at, late"
_NEW = ", ".join(f"NEW.{name}" for name in _COLUMNS.split(", "))
_INSERT = f"INSERT INTO response_journal ({_COLUMNS}) VALUES ({_NEW})"  # noqa: S608 - constants


def journal_triggers(dialect: str) -> list[str]:
    """Return the statements that write the journal and keep it, for migrations and tests."""
    if dialect == "sqlite":
        return [
            "CREATE TRIGGER responses_journal AFTER UPDATE OF seq, lease ON responses"
            f" BEGIN {_INSERT}; END",
            *(_sqlite_keeper(table, verb) for table in APPEND_ONLY for verb in _VERBS),
        ]
    return [
        "CREATE FUNCTION journal_response() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {_INSERT}; RETURN NULL; END $$",
        "CREATE TRIGGER responses_journal AFTER UPDATE OF seq, lease ON responses"
        " FOR EACH ROW EXECUTE FUNCTION journal_response()",
        "CREATE FUNCTION refuse_record_change() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the record of an attempt is append-only'; END $$",
        *(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
            f" ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_record_change()"
            for table in APPEND_ONLY
        ),
    ]


_VERBS = ("UPDATE", "DELETE")


def _sqlite_keeper(table: str, verb: str) -> str:
    return (
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
        " BEGIN SELECT RAISE(ABORT, 'the record of an attempt is append-only'); END"
    )
