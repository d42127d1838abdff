"""The bank lives in the database: staff write, read, recall and rescore.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from ecs_training.foundation.database import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "item_pictures",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_item_pictures")),
    )
    op.create_table(
        "recalls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["people.id"], name=op.f("fk_recalls_made_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recalls")),
        sa.UniqueConstraint("ref", name=op.f("uq_recalls_ref")),
    )
    op.create_table(
        "item_readings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("reader_id", sa.Integer(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=False),
        sa.Column("picked", sa.String(length=1), nullable=False),
        sa.Column("defensible", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "picked IN ('a','b','c','d')", name=op.f("ck_item_readings_picked_letter")
        ),
        sa.ForeignKeyConstraint(
            ["reader_id"], ["people.id"], name=op.f("fk_item_readings_reader_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["item_revisions.id"],
            name=op.f("fk_item_readings_revision_id_item_revisions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_readings")),
        sa.UniqueConstraint(
            "revision_id",
            "reader_id",
            name=op.f("uq_item_readings_revision_id_reader_id"),
        ),
    )
    op.create_table(
        "item_statistics",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("correct", sa.Integer(), nullable=False),
        sa.Column("counted_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "0 <= correct AND correct <= shown",
            name=op.f("ck_item_statistics_no_more_than_shown"),
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["item_revisions.id"],
            name=op.f("fk_item_statistics_revision_id_item_revisions"),
        ),
        sa.PrimaryKeyConstraint("revision_id", name=op.f("pk_item_statistics")),
    )
    op.create_table(
        "rescores",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("new_key", sa.String(length=1), nullable=True),
        sa.Column("old_key_counts", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("applied_at", UtcDateTime(), nullable=False),
        sa.Column("applied_by_id", sa.Integer(), nullable=False),
        sa.Column("reversed_at", UtcDateTime(), nullable=True),
        sa.Column("reversed_by_id", sa.Integer(), nullable=True),
        sa.Column("reverse_reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "new_key IN ('a','b','c','d')", name=op.f("ck_rescores_new_key_letter")
        ),
        sa.CheckConstraint(
            "(reversed_at IS NULL) = (reversed_by_id IS NULL) AND (reversed_at IS NULL) = (reverse_reason IS NULL)",
            name=op.f("ck_rescores_reversed_with_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["applied_by_id"],
            ["people.id"],
            name=op.f("fk_rescores_applied_by_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["reversed_by_id"],
            ["people.id"],
            name=op.f("fk_rescores_reversed_by_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["item_revisions.id"],
            name=op.f("fk_rescores_revision_id_item_revisions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescores")),
        sa.UniqueConstraint("ref", name=op.f("uq_rescores_ref")),
    )
    with op.batch_alter_table("rescores", schema=None) as batch_op:
        batch_op.create_index(
            "uq_rescores_one_standing_per_revision",
            ["revision_id"],
            unique=True,
            sqlite_where=sa.text("reversed_at IS NULL"),
            postgresql_where=sa.text("reversed_at IS NULL"),
        )

    op.create_table(
        "rescored_results",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rescore_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("reversal", sa.Boolean(), nullable=False),
        sa.Column("score_before", sa.Integer(), nullable=False),
        sa.Column("score_after", sa.Integer(), nullable=False),
        sa.Column("passed_before", sa.Boolean(), nullable=False),
        sa.Column("passed_after", sa.Boolean(), nullable=False),
        sa.Column("kept_pass", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
            name=op.f("fk_rescored_results_attempt_id_attempts"),
        ),
        sa.ForeignKeyConstraint(
            ["rescore_id"],
            ["rescores.id"],
            name=op.f("fk_rescored_results_rescore_id_rescores"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescored_results")),
        sa.UniqueConstraint(
            "rescore_id",
            "attempt_id",
            "reversal",
            name=op.f("uq_rescored_results_rescore_id_attempt_id_reversal"),
        ),
    )
    with op.batch_alter_table("rescored_results", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_rescored_results_attempt_id"), ["attempt_id"], unique=False
        )

    with op.batch_alter_table("item_revisions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("reviews", sa.JSON(), nullable=False, server_default="[]")
        )
        batch_op.add_column(sa.Column("written_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("submitted_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("approved_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("approved_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("sent_back_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("sent_back_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("sent_back_reason", sa.String(length=500), nullable=True)
        )
        batch_op.alter_column("checked_on", existing_type=sa.DATE(), nullable=True)
        batch_op.alter_column("difficulty", existing_type=sa.DOUBLE(), nullable=True)
        batch_op.create_index(
            batch_op.f("ix_item_revisions_content_hash"), ["content_hash"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_item_revisions_source"), ["source"], unique=False
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_item_revisions_sent_back_by_id_people"),
            "people",
            ["sent_back_by_id"],
            ["id"],
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_item_revisions_approved_by_id_people"),
            "people",
            ["approved_by_id"],
            ["id"],
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_item_revisions_written_by_id_people"),
            "people",
            ["written_by_id"],
            ["id"],
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_item_revisions_approved_by_another"),
            "approved_by_id <> written_by_id",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_item_revisions_approved_by_one"),
            "(approved_at IS NULL) = (approved_by_id IS NULL)",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_item_revisions_decided_one_way"),
            "approved_at IS NULL OR sent_back_at IS NULL",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_item_revisions_sent_back_with_reason"),
            "(sent_back_at IS NULL) = (sent_back_reason IS NULL)"
            " AND (sent_back_at IS NULL) = (sent_back_by_id IS NULL)",
        )

    with op.batch_alter_table("items", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "origin", sa.String(length=5), nullable=False, server_default="files"
            )
        )
        batch_op.add_column(sa.Column("suspended_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("suspended_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("suspend_reason", sa.String(length=500), nullable=True)
        )
        batch_op.add_column(sa.Column("recall_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("retired_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("retired_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("retire_reason", sa.String(length=500), nullable=True)
        )
        batch_op.create_index(
            batch_op.f("ix_items_recall_id"), ["recall_id"], unique=False
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_items_recall_id_recalls"), "recalls", ["recall_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_items_suspended_by_id_people"),
            "people",
            ["suspended_by_id"],
            ["id"],
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_items_retired_by_id_people"),
            "people",
            ["retired_by_id"],
            ["id"],
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_items_origin_known"), "origin IN ('files','staff')"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_items_retired_not_live"),
            "retired_at IS NULL OR live_revision IS NULL",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_items_suspended_with_reason"),
            "(suspended_at IS NULL) = (suspend_reason IS NULL)"
            " AND (suspended_at IS NULL) = (suspended_by_id IS NULL)",
        )

    with op.batch_alter_table("passes", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("revoked_by_rescore_id", sa.Integer(), nullable=True)
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_passes_revoked_by_rescore_id_rescores"),
            "rescores",
            ["revoked_by_rescore_id"],
            ["id"],
        )

    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_responses_revision_id"), ["revision_id"], unique=False
        )

    # The rows that were there are of the files; from now on the code says so itself.
    with op.batch_alter_table("items", schema=None) as batch_op:
        batch_op.alter_column(
            "origin", existing_type=sa.String(length=5), server_default=None
        )
    with op.batch_alter_table("item_revisions", schema=None) as batch_op:
        batch_op.alter_column("reviews", existing_type=sa.JSON(), server_default=None)


def downgrade() -> None:
    """What staff wrote, read and rescored has no place in the older tables."""
    raise RuntimeError("restore a backup instead")
