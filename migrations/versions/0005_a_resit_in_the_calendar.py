"""A resit has an entry of its own in its candidate's calendar.

Revision ID: 0005
Revises: 0004
"""

import uuid

import sqlalchemy as sa
from alembic import op

from ecs_training.foundation.database import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("resits") as resits:
        resits.add_column(sa.Column("calendar_uid", sa.String(length=40)))
        resits.add_column(
            sa.Column("sequence", sa.Integer(), nullable=False, server_default="0")
        )
        resits.add_column(sa.Column("updated_at", UtcDateTime()))
    _number_known_resits()
    with op.batch_alter_table("resits") as resits:
        resits.alter_column(
            "calendar_uid", existing_type=sa.String(length=40), nullable=False
        )
        resits.alter_column("updated_at", existing_type=UtcDateTime(), nullable=False)
        resits.alter_column("sequence", existing_type=sa.Integer(), server_default=None)
        resits.create_unique_constraint(
            op.f("uq_resits_calendar_uid"), ["calendar_uid"]
        )
        resits.create_check_constraint(op.f("ck_resits_sequence"), "sequence >= 0")


def _number_known_resits() -> None:
    """Give each its identifier; its first version is of the moment it was granted."""
    resits = sa.table(
        "resits",
        sa.column("id", sa.Integer()),
        sa.column("calendar_uid", sa.String()),
        sa.column("granted_at", UtcDateTime()),
        sa.column("updated_at", UtcDateTime()),
    )
    connection = op.get_bind()
    for (resit_id,) in connection.execute(sa.select(resits.c.id)).all():
        connection.execute(
            resits.update()
            .where(resits.c.id == resit_id)
            .values(calendar_uid=str(uuid.uuid4()), updated_at=resits.c.granted_at)
        )


def downgrade() -> None:
    """Calendars hold numbers that could not be given back."""
    raise RuntimeError("restore a backup instead")
