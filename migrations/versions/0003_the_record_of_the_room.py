"""The record of a sitting: its journal, its time, its room, and what is sealed of it.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from ecs_training.assessment.models.records import journal_triggers
from ecs_training.foundation.audit import seal_triggers
from ecs_training.foundation.database import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_seals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_seals")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_seals_entry_id")),
    )
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.String(length=43), nullable=False),
        sa.Column("private_key", sa.JSON(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_keys")),
    )
    op.create_table(
        "statistics_snapshots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("counted_at", UtcDateTime(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statistics_snapshots")),
    )
    with op.batch_alter_table("statistics_snapshots", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_statistics_snapshots_kind_counted_at"),
            ["kind", "counted_at"],
            unique=False,
        )

    op.create_table(
        "adjustments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("needs", sa.String(length=1000), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.Column("time_percent", sa.Integer(), nullable=False),
        sa.Column("rest_minutes", sa.Integer(), nullable=False),
        sa.Column("reply", sa.String(length=500), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (agreed IS NULL)",
            name=op.f("ck_adjustments_decided_by"),
        ),
        sa.CheckConstraint(
            "rest_minutes BETWEEN 0 AND 60", name=op.f("ck_adjustments_rest_minutes")
        ),
        sa.CheckConstraint(
            "time_percent BETWEEN 100 AND 300", name=op.f("ck_adjustments_time_percent")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"],
            ["people.id"],
            name=op.f("fk_adjustments_asked_by_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
            name=op.f("fk_adjustments_booking_id_bookings"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["people.id"],
            name=op.f("fk_adjustments_decided_by_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustments")),
        sa.UniqueConstraint("ref", name=op.f("uq_adjustments_ref")),
    )
    with op.batch_alter_table("adjustments", schema=None) as batch_op:
        batch_op.create_index(
            "uq_adjustments_one_stands",
            ["booking_id"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "appeals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=2000), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "resit",
                "voided",
                "stands",
                name="appealoutcome",
                native_enum=False,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("reply", sa.String(length=1000), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (outcome IS NULL) AND (decided_at IS NULL) = (reply IS NULL)",
            name=op.f("ck_appeals_decided_with_reply"),
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_appeals_attempt_id_attempts")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["people.id"],
            name=op.f("fk_appeals_decided_by_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_appeals_attempt_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_appeals_ref")),
    )
    op.create_table(
        "attempt_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "took-over",
                "left-page",
                "came-back",
                "unheard",
                "finished",
                name="attempteventkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("happened_at", UtcDateTime(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
            name=op.f("fk_attempt_events_attempt_id_attempts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt_events")),
    )
    with op.batch_alter_table("attempt_events", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_attempt_events_attempt_id"), ["attempt_id"], unique=False
        )

    op.create_table(
        "late_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("option", sa.String(length=1), nullable=True),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(length=100), nullable=False),
        sa.Column("age_ms", sa.BigInteger(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
            name=op.f("fk_late_answers_attempt_id_attempts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_answers")),
        sa.UniqueConstraint(
            "attempt_id",
            "lease",
            "seq",
            "n",
            name=op.f("uq_late_answers_attempt_id_lease_seq_n"),
        ),
    )
    op.create_table(
        "presences",
        sa.Column("attempt_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("unsaved", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("hidden_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("unsaved >= 0", name=op.f("ck_presences_unsaved_counts")),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
            name=op.f("fk_presences_attempt_id_attempts"),
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_presences")),
    )
    op.create_table(
        "resits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("granted_at", UtcDateTime(), nullable=False),
        sa.Column("granted_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_resits_attempt_id_attempts")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_resits_entry_id_entries")
        ),
        sa.ForeignKeyConstraint(
            ["granted_by_id"],
            ["people.id"],
            name=op.f("fk_resits_granted_by_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resits")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_resits_attempt_id")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_resits_entry_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_resits_ref")),
    )
    op.create_table(
        "response_journal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("chosen", sa.String(length=1), nullable=True),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(length=26), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
            name=op.f("fk_response_journal_attempt_id_attempts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_journal")),
    )
    with op.batch_alter_table("response_journal", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_response_journal_attempt_id"), ["attempt_id"], unique=False
        )

    op.create_table(
        "room_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column(
            "action",
            sa.Enum("end", "void", name="roomaction", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (confirmed IS NULL)",
            name=op.f("ck_room_requests_decided_by"),
        ),
        sa.CheckConstraint(
            "decided_by_id <> asked_by_id", name=op.f("ck_room_requests_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"],
            ["people.id"],
            name=op.f("fk_room_requests_asked_by_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
            name=op.f("fk_room_requests_attempt_id_attempts"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["people.id"],
            name=op.f("fk_room_requests_decided_by_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["sitting_id"],
            ["sittings.id"],
            name=op.f("fk_room_requests_sitting_id_sittings"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_requests")),
        sa.UniqueConstraint("ref", name=op.f("uq_room_requests_ref")),
    )
    with op.batch_alter_table("room_requests", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_room_requests_sitting_id"), ["sitting_id"], unique=False
        )
        batch_op.create_index(
            "uq_room_requests_one_waits",
            ["attempt_id"],
            unique=True,
            sqlite_where=sa.text("decided_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NULL AND withdrawn_at IS NULL"),
        )

    op.create_table(
        "time_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "adjustment",
                "extension",
                "outage",
                "hold",
                "rest",
                name="timechangekind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
            name=op.f("fk_time_changes_attempt_id_attempts"),
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"],
            ["people.id"],
            name=op.f("fk_time_changes_made_by_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_changes")),
    )
    with op.batch_alter_table("time_changes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_time_changes_attempt_id"), ["attempt_id"], unique=False
        )

    op.create_table(
        "outages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=False),
        sa.Column("credited_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "ended_at > began_at", name=op.f("ck_outages_ends_after_beginning")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_outages_attempt_id_attempts")
        ),
        sa.ForeignKeyConstraint(
            ["credited_by_id"],
            ["time_changes.id"],
            name=op.f("fk_outages_credited_by_id_time_changes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outages")),
        sa.UniqueConstraint(
            "attempt_id", "began_at", name=op.f("uq_outages_attempt_id_began_at")
        ),
    )
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        # Every paper so far was drawn by one make-up, of 30 minutes.
        batch_op.add_column(
            sa.Column("minutes", sa.Integer(), nullable=False, server_default="30")
        )
        batch_op.add_column(
            sa.Column(
                "time_percent", sa.Integer(), nullable=False, server_default="100"
            )
        )
        batch_op.add_column(
            sa.Column("rest_seconds", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.add_column(
            sa.Column(
                "rest_used_seconds", sa.Integer(), nullable=False, server_default="0"
            )
        )
        batch_op.add_column(sa.Column("held_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("held_until", UtcDateTime(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "held_kind",
                sa.Enum(
                    "invigilator", "rest", name="holdkind", native_enum=False, length=20
                ),
                nullable=True,
            )
        )
        batch_op.add_column(
            sa.Column(
                "ending",
                sa.Enum(
                    "submitted",
                    "time-up",
                    "ended",
                    "voided",
                    name="ending",
                    native_enum=False,
                    length=20,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(
            sa.Column("minimums", sa.JSON(), nullable=False, server_default="{}")
        )
        batch_op.add_column(sa.Column("voided_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("voided_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("void_reason", sa.String(length=500), nullable=True)
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_attempts_voided_by_id_people"),
            "people",
            ["voided_by_id"],
            ["id"],
        )

    op.execute(
        "UPDATE attempts SET ending ="
        " CASE WHEN finished_at < deadline THEN 'submitted' ELSE 'time-up' END"
        " WHERE finished_at IS NOT NULL"
    )
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        for name in ("minutes", "time_percent", "rest_seconds", "rest_used_seconds"):
            batch_op.alter_column(name, existing_type=sa.Integer(), server_default=None)
        batch_op.alter_column("minimums", existing_type=sa.JSON(), server_default=None)
        batch_op.drop_constraint(
            op.f("ck_attempts_finished_means_marked"), type_="check"
        )
        batch_op.create_check_constraint(
            op.f("ck_attempts_finished_means_marked"),
            "(finished_at IS NULL) = (score IS NULL)"
            " AND (finished_at IS NULL) = (passed IS NULL)"
            " AND (finished_at IS NULL) = (ending IS NULL)",
        )
        batch_op.create_check_constraint(
            op.f("ck_attempts_held_while_open"),
            "(held_at IS NULL) = (held_until IS NULL)"
            " AND (held_at IS NULL) = (held_kind IS NULL)"
            " AND (held_at IS NULL OR finished_at IS NULL)",
        )
        batch_op.create_check_constraint(
            op.f("ck_attempts_voided_with_reason"),
            "(voided_at IS NULL) = (voided_by_id IS NULL)"
            " AND (voided_at IS NULL) = (void_reason IS NULL)"
            " AND (voided_at IS NULL OR finished_at IS NOT NULL)",
        )
        batch_op.create_check_constraint(
            op.f("ck_attempts_time_percent"), "time_percent BETWEEN 100 AND 300"
        )
        batch_op.create_check_constraint(
            op.f("ck_attempts_rest_within_allowance"),
            "0 <= rest_used_seconds AND rest_used_seconds <= rest_seconds",
        )

    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("course_session_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("spent_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("released_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("released_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("release_reason", sa.String(length=40), nullable=True)
        )
        batch_op.create_index(
            batch_op.f("ix_entries_course_session_id"),
            ["course_session_id"],
            unique=False,
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_entries_course_session_id_course_sessions"),
            "course_sessions",
            ["course_session_id"],
            ["id"],
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_entries_released_by_id_people"),
            "people",
            ["released_by_id"],
            ["id"],
        )

    op.execute(
        "UPDATE entries SET course_session_id ="
        " (SELECT course_session_id FROM bookings WHERE bookings.id = booking_id)"
    )
    live = sa.text("withdrawn_at IS NULL AND spent_at IS NULL")
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.alter_column(
            "course_session_id", existing_type=sa.Integer(), nullable=False
        )
        batch_op.drop_index("uq_entries_one_live_per_booking")
        batch_op.create_index(
            "uq_entries_one_live_per_booking",
            ["booking_id"],
            unique=True,
            sqlite_where=live,
            postgresql_where=live,
        )

    with op.batch_alter_table("sittings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("room_code", sa.String(length=6), nullable=True))
        batch_op.add_column(sa.Column("gated_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("released_at", UtcDateTime(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_sittings_released_from_gate"),
            "released_at IS NULL OR gated_at IS NOT NULL",
        )

    for statement in journal_triggers(op.get_bind().dialect.name):
        op.execute(statement)
    for statement in seal_triggers(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """The record of what happened has no place in the older tables."""
    raise RuntimeError("restore a backup instead")
