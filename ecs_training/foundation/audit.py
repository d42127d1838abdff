"""Who decided what, and when: rows that are only ever added.

Triggers in the database refuse every UPDATE and DELETE, whoever asks.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Connection, Index, String, event
from sqlalchemy.orm import Mapped, Session, mapped_column

from ecs_training.foundation.database import Base


class AuditEntry(Base):
    """One decision. `actor_id` is a person, or None for a recurring job.

    No foreign key: accounts stand above this module, and a record outlives whom it names.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recorded_at: Mapped[datetime]
    actor_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(120))  # kind/reference
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


class AuditSeal(Base):
    """One link of the chain over the audit rows; `digest` covers its row and the link before.

    Links are made by a job, in the order of `id`; no request waits for the chain's head.
    """

    __tablename__ = "audit_seals"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime]


def record(
    db: Session,
    *,
    actor_id: int | None,
    action: str,
    subject: str,
    now: datetime,
    **details: Any,
) -> None:
    """Add an audit row in the caller's transaction. Never put a secret or a key in details."""
    db.add(
        AuditEntry(
            recorded_at=now,
            actor_id=actor_id,
            action=action,
            subject=subject,
            details=details,
        )
    )


SQLITE_TRIGGERS = [
    f"CREATE TRIGGER audit_entries_no_{verb.lower()} BEFORE {verb} ON audit_entries"
    " BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END"
    for verb in ("UPDATE", "DELETE")
]
POSTGRESQL_TRIGGERS = [
    "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'audit entries are append-only'; END $$",
    "CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
    " ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()",
]


def append_only_triggers(dialect: str) -> list[str]:
    """Return the statements that migrations run after the table is made."""
    return SQLITE_TRIGGERS if dialect == "sqlite" else POSTGRESQL_TRIGGERS


def create_triggers(_target: object, connection: Connection, **_: object) -> None:
    for statement in append_only_triggers(connection.dialect.name):
        connection.exec_driver_sql(statement)


event.listen(AuditEntry.__table__, "after_create", create_triggers)


def seal_triggers(dialect: str) -> list[str]:
    """Return the statements that keep the chain's links from being changed or removed."""
    refusal = "seals of the audit are append-only"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER audit_seals_no_{verb.lower()} BEFORE {verb} ON audit_seals"
            f" BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        "CREATE FUNCTION refuse_seal_change() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{refusal}'; END $$",
        "CREATE TRIGGER audit_seals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
        " ON audit_seals FOR EACH STATEMENT EXECUTE FUNCTION refuse_seal_change()",
    ]


def create_seal_triggers(_target: object, connection: Connection, **_: object) -> None:
    for statement in seal_triggers(connection.dialect.name):
        connection.exec_driver_sql(statement)


event.listen(AuditSeal.__table__, "after_create", create_seal_triggers)
