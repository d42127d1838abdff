"""the journey

Revision ID: 0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op

from ecs_training.foundation.audit import append_only_triggers
from ecs_training.foundation.database import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_audit_entries_subject"), ["subject"], unique=False
        )

    op.create_table(
        "companies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("invoice_address", sa.String(length=400), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companies")),
        sa.UniqueConstraint("ref", name=op.f("uq_companies_ref")),
    )
    op.create_table(
        "enquiries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("message", sa.String(length=2000), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiries")),
        sa.UniqueConstraint("ref", name=op.f("uq_enquiries_ref")),
    )
    op.create_table(
        "failed_sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("failed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_sign_ins")),
    )
    with op.batch_alter_table("failed_sign_ins", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_failed_sign_ins_address_failed_at"),
            ["address", "failed_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_failed_sign_ins_email_failed_at"),
            ["email", "failed_at"],
            unique=False,
        )

    op.create_table(
        "invoice_numbers",
        sa.Column("series", sa.String(length=10), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_invoice_numbers")),
    )
    op.create_table(
        "items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("live_revision", sa.Integer(), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
        sa.UniqueConstraint("code", name=op.f("uq_items_code")),
    )
    with op.batch_alter_table("items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_items_topic"), ["topic"], unique=False)

    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("full_name", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("email_confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "email = lower(email)", name=op.f("ck_people_email_lower_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
        sa.UniqueConstraint("ref", name=op.f("uq_people_ref")),
    )
    op.create_table(
        "card_applications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("card_role", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=20), nullable=False),
        sa.Column("scheme_version", sa.String(length=20), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("returned_at", UtcDateTime(), nullable=True),
        sa.Column("accepted_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.Column("card_number", sa.String(length=40), nullable=True),
        sa.Column("card_expires_on", sa.Date(), nullable=True),
        sa.Column("card_recorded_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(card_number IS NULL) = (card_expires_on IS NULL)",
            name=op.f("ck_card_applications_card_whole"),
        ),
        sa.CheckConstraint(
            "accepted_at IS NULL OR submitted_at IS NOT NULL",
            name=op.f("ck_card_applications_accepted_submitted"),
        ),
        sa.CheckConstraint(
            "card_number IS NULL OR accepted_at IS NOT NULL",
            name=op.f("ck_card_applications_card_after_acceptance"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["people.id"],
            name=op.f("fk_card_applications_decided_by_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_card_applications_person_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_applications")),
        sa.UniqueConstraint("ref", name=op.f("uq_card_applications_ref")),
    )
    with op.batch_alter_table("card_applications", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_card_applications_person_id"), ["person_id"], unique=False
        )
        batch_op.create_index(
            "uq_card_applications_one_open",
            ["person_id", "card_role"],
            unique=True,
            sqlite_where=sa.text("accepted_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=sa.text("accepted_at IS NULL AND withdrawn_at IS NULL"),
        )

    op.create_table(
        "company_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_company_members_company_id_companies"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_company_members_person_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_members")),
        sa.UniqueConstraint("person_id", name=op.f("uq_company_members_person_id")),
    )
    with op.batch_alter_table("company_members", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_company_members_company_id"), ["company_id"], unique=False
        )

    op.create_table(
        "exemption_claims",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("qualification", sa.String(length=40), nullable=False),
        sa.Column("certificate_number", sa.String(length=60), nullable=False),
        sa.Column("certificate_awarded_on", sa.Date(), nullable=False),
        sa.Column("certificate_expires_on", sa.Date(), nullable=True),
        sa.Column("claimed_at", UtcDateTime(), nullable=False),
        sa.Column("more_asked_at", UtcDateTime(), nullable=True),
        sa.Column("granted_at", UtcDateTime(), nullable=True),
        sa.Column("declined_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.CheckConstraint(
            "(granted_at IS NULL) = (valid_until IS NULL)",
            name=op.f("ck_exemption_claims_granted_until"),
        ),
        sa.CheckConstraint(
            "granted_at IS NULL OR declined_at IS NULL",
            name=op.f("ck_exemption_claims_decided_one_way"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["people.id"],
            name=op.f("fk_exemption_claims_decided_by_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_exemption_claims_person_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exemption_claims")),
        sa.UniqueConstraint("ref", name=op.f("uq_exemption_claims_ref")),
    )
    with op.batch_alter_table("exemption_claims", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_exemption_claims_person_id"), ["person_id"], unique=False
        )
        batch_op.create_index(
            "uq_exemption_claims_one_open",
            ["person_id", "qualification"],
            unique=True,
            sqlite_where=sa.text(
                "granted_at IS NULL AND declined_at IS NULL AND withdrawn_at IS NULL"
            ),
            postgresql_where=sa.text(
                "granted_at IS NULL AND declined_at IS NULL AND withdrawn_at IS NULL"
            ),
        )

    op.create_table(
        "item_revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("stem", sa.String(length=600), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=1), nullable=False),
        sa.Column("rationale", sa.String(length=1200), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("clause", sa.String(length=200), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("difficulty", sa.Double(), nullable=False),
        sa.Column("jurisdiction", sa.String(length=20), nullable=False),
        sa.Column("enemies", sa.JSON(), nullable=False),
        sa.Column("image", sa.JSON(), nullable=True),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_item_revisions_item_id_items")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_revisions")),
        sa.UniqueConstraint(
            "item_id", "revision", name=op.f("uq_item_revisions_item_id_revision")
        ),
    )
    op.create_table(
        "one_time_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "confirm-email",
                "reset-password",
                "invitation",
                name="linkpurpose",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("next_path", sa.String(length=300), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_one_time_links_person_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_links_token_hash")),
    )
    with op.batch_alter_table("one_time_links", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_one_time_links_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "outgoing_emails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("to", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("calendar", sa.String(), nullable=True),
        sa.Column("method", sa.String(length=10), nullable=True),
        sa.Column("thread", sa.String(length=40), nullable=True),
        sa.Column("holds_one_time_link", sa.Boolean(), nullable=False),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("queued_at", UtcDateTime(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.Column("last_problem", sa.String(length=300), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_outgoing_emails_person_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_emails")),
        sa.UniqueConstraint("key", name=op.f("uq_outgoing_emails_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outgoing_emails_message_id")),
    )
    with op.batch_alter_table("outgoing_emails", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_outgoing_emails_thread"), ["thread"], unique=False
        )
        batch_op.create_index(
            "ix_outgoing_emails_unsent",
            ["next_try_at"],
            unique=False,
            sqlite_where=sa.text("sent_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL"),
        )

    op.create_table(
        "private_feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "trainer",
                "company",
                "candidate",
                name="feedkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'company') = (company_id IS NOT NULL) AND (kind = 'company') = (person_id IS NULL)",
            name=op.f("ck_private_feeds_of_a_person_or_a_company"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_private_feeds_company_id_companies"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_private_feeds_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_private_feeds")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_private_feeds_token_hash")),
    )
    with op.batch_alter_table("private_feeds", schema=None) as batch_op:
        batch_op.create_index(
            "uq_private_feeds_one_live_per_company",
            ["company_id"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )
        batch_op.create_index(
            "uq_private_feeds_one_live_per_person",
            ["kind", "person_id"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )

    op.create_table(
        "role_grants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum("trainer", "staff", name="role", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("granted_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_role_grants_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grants")),
    )
    with op.batch_alter_table("role_grants", schema=None) as batch_op:
        batch_op.create_index(
            "uq_role_grants_one_live",
            ["person_id", "role"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_sign_ins_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_ins_token_hash")),
    )
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sign_ins_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "weekly_plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("card_role", sa.String(length=40), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("trainer_id", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "capacity BETWEEN 1 AND 200", name=op.f("ck_weekly_plans_capacity")
        ),
        sa.CheckConstraint(
            "ends > starts", name=op.f("ck_weekly_plans_ends_after_start")
        ),
        sa.CheckConstraint(
            "weekday BETWEEN 0 AND 6", name=op.f("ck_weekly_plans_weekday")
        ),
        sa.ForeignKeyConstraint(
            ["trainer_id"],
            ["people.id"],
            name=op.f("fk_weekly_plans_trainer_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_plans")),
        sa.UniqueConstraint("ref", name=op.f("uq_weekly_plans_ref")),
    )
    op.create_table(
        "course_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=True),
        sa.Column("card_role", sa.String(length=40), nullable=False),
        sa.Column("in_house", sa.Boolean(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("local_start", sa.Time(), nullable=False),
        sa.Column("local_end", sa.Time(), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("seats_taken", sa.Integer(), nullable=False),
        sa.Column("trainer_id", sa.Integer(), nullable=False),
        sa.Column("joining_url", sa.String(length=1000), nullable=True),
        sa.Column("calendar_uid", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.Column("cancelled_by_id", sa.Integer(), nullable=True),
        sa.Column("cancel_reason", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "capacity BETWEEN 1 AND 200", name=op.f("ck_course_sessions_capacity")
        ),
        sa.CheckConstraint(
            "ends_at > starts_at", name=op.f("ck_course_sessions_ends_after_start")
        ),
        sa.CheckConstraint(
            "seats_taken >= 0 AND seats_taken <= capacity",
            name=op.f("ck_course_sessions_never_overbooked"),
        ),
        sa.ForeignKeyConstraint(
            ["cancelled_by_id"],
            ["people.id"],
            name=op.f("fk_course_sessions_cancelled_by_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["weekly_plans.id"],
            name=op.f("fk_course_sessions_plan_id_weekly_plans"),
        ),
        sa.ForeignKeyConstraint(
            ["trainer_id"],
            ["people.id"],
            name=op.f("fk_course_sessions_trainer_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_sessions")),
        sa.UniqueConstraint(
            "calendar_uid", name=op.f("uq_course_sessions_calendar_uid")
        ),
        sa.UniqueConstraint(
            "plan_id", "local_date", name=op.f("uq_course_sessions_plan_id_local_date")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_course_sessions_ref")),
    )
    with op.batch_alter_table("course_sessions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_course_sessions_card_role_starts_at"),
            ["card_role", "starts_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_course_sessions_trainer_id_starts_at"),
            ["trainer_id", "starts_at"],
            unique=False,
        )

    op.create_table(
        "exemption_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"],
            ["exemption_claims.id"],
            name=op.f("fk_exemption_evidence_claim_id_exemption_claims"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exemption_evidence")),
        sa.UniqueConstraint("ref", name=op.f("uq_exemption_evidence_ref")),
    )
    with op.batch_alter_table("exemption_evidence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_exemption_evidence_claim_id"), ["claim_id"], unique=False
        )

    op.create_table(
        "line_confirmations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.String(length=40), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["card_applications.id"],
            name=op.f("fk_line_confirmations_application_id_card_applications"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_confirmations")),
    )
    with op.batch_alter_table("line_confirmations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_line_confirmations_application_id_line_id"),
            ["application_id", "line_id"],
            unique=True,
        )

    op.create_table(
        "line_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.String(length=40), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["card_applications.id"],
            name=op.f("fk_line_evidence_application_id_card_applications"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_evidence")),
        sa.UniqueConstraint("ref", name=op.f("uq_line_evidence_ref")),
    )
    with op.batch_alter_table("line_evidence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_line_evidence_application_id"),
            ["application_id"],
            unique=False,
        )

    op.create_table(
        "bookings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("course_session_id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("booked_by_id", sa.Integer(), nullable=False),
        sa.Column(
            "buyer",
            sa.Enum("self", "company", name="buyer", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("booked_at", UtcDateTime(), nullable=False),
        sa.Column("terms_version", sa.String(length=20), nullable=False),
        sa.Column("free_until", UtcDateTime(), nullable=False),
        sa.Column("net_pence", sa.Integer(), nullable=False),
        sa.Column("vat_pence", sa.Integer(), nullable=False),
        sa.Column("vat_percent", sa.Integer(), nullable=False),
        sa.Column("calendar_uid", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.Column("cancelled_by_id", sa.Integer(), nullable=True),
        sa.Column("cancel_reason", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "(buyer = 'company') = (company_id IS NOT NULL)",
            name=op.f("ck_bookings_company_buyer"),
        ),
        sa.CheckConstraint(
            "(cancelled_at IS NULL) = (cancelled_by_id IS NULL)",
            name=op.f("ck_bookings_cancelled_by"),
        ),
        sa.ForeignKeyConstraint(
            ["booked_by_id"],
            ["people.id"],
            name=op.f("fk_bookings_booked_by_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["cancelled_by_id"],
            ["people.id"],
            name=op.f("fk_bookings_cancelled_by_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["candidate_id"],
            ["people.id"],
            name=op.f("fk_bookings_candidate_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_bookings_company_id_companies"),
        ),
        sa.ForeignKeyConstraint(
            ["course_session_id"],
            ["course_sessions.id"],
            name=op.f("fk_bookings_course_session_id_course_sessions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings")),
        sa.UniqueConstraint("calendar_uid", name=op.f("uq_bookings_calendar_uid")),
        sa.UniqueConstraint("ref", name=op.f("uq_bookings_ref")),
    )
    with op.batch_alter_table("bookings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_bookings_candidate_id"), ["candidate_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_bookings_company_id"), ["company_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_bookings_course_session_id"),
            ["course_session_id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_bookings_one_live_per_candidate",
            ["course_session_id", "candidate_id"],
            unique=True,
            sqlite_where=sa.text("cancelled_at IS NULL"),
            postgresql_where=sa.text("cancelled_at IS NULL"),
        )

    op.create_table(
        "sittings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("course_session_id", sa.Integer(), nullable=False),
        sa.Column("blueprint", sa.String(length=20), nullable=False),
        sa.Column("blueprint_version", sa.Integer(), nullable=False),
        sa.Column("invigilator_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("opening_declaration", sa.String(length=1000), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("closing_declaration", sa.String(length=1000), nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closing_declaration IS NULL)",
            name=op.f("ck_sittings_closed_declared"),
        ),
        sa.CheckConstraint(
            "closes_at > opened_at", name=op.f("ck_sittings_closes_after_opening")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_id"],
            ["people.id"],
            name=op.f("fk_sittings_closed_by_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["course_session_id"],
            ["course_sessions.id"],
            name=op.f("fk_sittings_course_session_id_course_sessions"),
        ),
        sa.ForeignKeyConstraint(
            ["invigilator_id"],
            ["people.id"],
            name=op.f("fk_sittings_invigilator_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sittings")),
        sa.UniqueConstraint(
            "course_session_id", name=op.f("uq_sittings_course_session_id")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_sittings_ref")),
    )
    op.create_table(
        "attendance_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column(
            "presence",
            sa.Enum(
                "attended", "absent", name="presence", native_enum=False, length=20
            ),
            nullable=False,
        ),
        sa.Column("marked_by_id", sa.Integer(), nullable=False),
        sa.Column("marked_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
            name=op.f("fk_attendance_marks_booking_id_bookings"),
        ),
        sa.ForeignKeyConstraint(
            ["marked_by_id"],
            ["people.id"],
            name=op.f("fk_attendance_marks_marked_by_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_marks")),
    )
    with op.batch_alter_table("attendance_marks", schema=None) as batch_op:
        batch_op.create_index(
            "uq_attendance_marks_one_stands",
            ["booking_id"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "identity_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column(
            "document",
            sa.Enum(
                "passport",
                "driving-licence",
                "ecs-card",
                name="documentkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "matched",
                "name-differs",
                "not-matched",
                name="identityoutcome",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("checked_by_id", sa.Integer(), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
            name=op.f("fk_identity_checks_booking_id_bookings"),
        ),
        sa.ForeignKeyConstraint(
            ["checked_by_id"],
            ["people.id"],
            name=op.f("fk_identity_checks_checked_by_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_checks")),
    )
    with op.batch_alter_table("identity_checks", schema=None) as batch_op:
        batch_op.create_index(
            "uq_identity_checks_one_stands",
            ["booking_id"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "invoices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("billed_to", sa.String(length=600), nullable=False),
        sa.Column("net_pence", sa.Integer(), nullable=False),
        sa.Column("vat_pence", sa.Integer(), nullable=False),
        sa.Column("vat_percent", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "net_pence >= 0 AND vat_pence >= 0", name=op.f("ck_invoices_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
            name=op.f("fk_invoices_booking_id_bookings"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_invoices_booking_id")),
        sa.UniqueConstraint("number", name=op.f("uq_invoices_number")),
    )
    op.create_table(
        "credit_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["invoices.id"],
            name=op.f("fk_credit_notes_invoice_id_invoices"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_notes")),
        sa.UniqueConstraint("invoice_id", name=op.f("uq_credit_notes_invoice_id")),
        sa.UniqueConstraint("number", name=op.f("uq_credit_notes_number")),
    )
    op.create_table(
        "entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("attendance_mark_id", sa.Integer(), nullable=False),
        sa.Column("identity_check_id", sa.Integer(), nullable=False),
        sa.Column("granted_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attendance_mark_id"],
            ["attendance_marks.id"],
            name=op.f("fk_entries_attendance_mark_id_attendance_marks"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_entries_booking_id_bookings")
        ),
        sa.ForeignKeyConstraint(
            ["identity_check_id"],
            ["identity_checks.id"],
            name=op.f("fk_entries_identity_check_id_identity_checks"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
    )
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.create_index(
            "uq_entries_one_live_per_booking",
            ["booking_id"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("sitting_id", sa.Integer(), nullable=True),
        sa.Column("card_role", sa.String(length=40), nullable=False),
        sa.Column("blueprint", sa.String(length=20), nullable=False),
        sa.Column("blueprint_version", sa.Integer(), nullable=False),
        sa.Column("pass_mark", sa.Integer(), nullable=False),
        sa.Column("out_of", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=40), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("deadline", UtcDateTime(), nullable=False),
        sa.Column("lease", sa.String(length=26), nullable=False),
        sa.Column("lease_sign_in_id", sa.Integer(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "(entry_id IS NULL) = (sitting_id IS NULL)",
            name=op.f("ck_attempts_entry_and_sitting"),
        ),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (score IS NULL) AND (finished_at IS NULL) = (passed IS NULL)",
            name=op.f("ck_attempts_finished_means_marked"),
        ),
        sa.CheckConstraint(
            "finished_at <= deadline", name=op.f("ck_attempts_finished_by_deadline")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_attempts_entry_id_entries")
        ),
        sa.ForeignKeyConstraint(
            ["lease_sign_in_id"],
            ["sign_ins.id"],
            name=op.f("fk_attempts_lease_sign_in_id_sign_ins"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_attempts_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["sitting_id"],
            ["sittings.id"],
            name=op.f("fk_attempts_sitting_id_sittings"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_attempts_entry_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_attempts_ref")),
    )
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_attempts_person_id"), ["person_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_attempts_sitting_id"), ["sitting_id"], unique=False
        )
        batch_op.create_index(
            "ix_attempts_unfinished",
            ["deadline"],
            unique=False,
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        )
        batch_op.create_index(
            "uq_attempts_one_open_practice",
            ["person_id", "card_role"],
            unique=True,
            sqlite_where=sa.text("finished_at IS NULL AND entry_id IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL AND entry_id IS NULL"),
        )

    op.create_table(
        "passes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("identity_check_id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("card_role", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("awarded_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.Column("revoke_reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by_id IS NULL) AND (revoked_at IS NULL) = (revoke_reason IS NULL)",
            name=op.f("ck_passes_revoked_with_reason"),
        ),
        sa.CheckConstraint(
            "valid_until > awarded_on", name=op.f("ck_passes_valid_after_award")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_passes_attempt_id_attempts")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_passes_booking_id_bookings")
        ),
        sa.ForeignKeyConstraint(
            ["identity_check_id"],
            ["identity_checks.id"],
            name=op.f("fk_passes_identity_check_id_identity_checks"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_passes_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by_id"],
            ["people.id"],
            name=op.f("fk_passes_revoked_by_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["sitting_id"], ["sittings.id"], name=op.f("fk_passes_sitting_id_sittings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passes")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_passes_attempt_id")),
        sa.UniqueConstraint("token", name=op.f("uq_passes_token")),
    )
    with op.batch_alter_table("passes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_passes_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "responses",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("option_order", sa.String(length=4), nullable=False),
        sa.Column("key", sa.String(length=1), nullable=False),
        sa.Column("chosen", sa.String(length=1), nullable=True),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(length=26), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "chosen IN ('a','b','c','d')", name=op.f("ck_responses_chosen_letter")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
            name=op.f("fk_responses_attempt_id_attempts"),
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["item_revisions.id"],
            name=op.f("fk_responses_revision_id_item_revisions"),
        ),
        sa.PrimaryKeyConstraint("attempt_id", "n", name=op.f("pk_responses")),
    )

    # Core alone cannot say it: no trainer is in two rooms at once.
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        op.execute(
            "ALTER TABLE course_sessions ADD CONSTRAINT ex_course_sessions_one_room"
            " EXCLUDE USING gist (trainer_id WITH =, tstzrange(starts_at, ends_at) WITH &&)"
            " WHERE (cancelled_at IS NULL)"
        )
    for statement in append_only_triggers(bind.dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """There is nothing before this: restore a backup instead."""
    raise RuntimeError("restore a backup instead")
