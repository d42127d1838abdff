"""Plans that live, trainers' time, meetings and their reports, calendars one by one.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from ecs_training.foundation.database import UtcDateTime
from ecs_training.foundation.references import new_reference
from ecs_training.scheduling.models.course_sessions import one_room_guard

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "busy_calendars",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("trainer_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=1000), nullable=True),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("next_try_at", UtcDateTime(), nullable=True),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_problem", sa.String(length=300), nullable=True),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["trainer_id"],
            ["people.id"],
            name=op.f("fk_busy_calendars_trainer_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_busy_calendars")),
        sa.UniqueConstraint("ref", name=op.f("uq_busy_calendars_ref")),
    )
    with op.batch_alter_table("busy_calendars", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_busy_calendars_trainer_id"), ["trainer_id"], unique=False
        )

    op.create_table(
        "closures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_closures_in_order")),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["people.id"], name=op.f("fk_closures_added_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closures")),
        sa.UniqueConstraint("ref", name=op.f("uq_closures_ref")),
    )
    op.create_table(
        "company_sites",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_company_sites_company_id_companies"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_sites")),
        sa.UniqueConstraint("ref", name=op.f("uq_company_sites_ref")),
    )
    with op.batch_alter_table("company_sites", schema=None) as batch_op:
        batch_op.create_index(
            "uq_company_sites_one_live_name",
            ["company_id", "name"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "holidays",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column(
            "nation",
            sa.Enum(
                "england-and-wales",
                "scotland",
                "northern-ireland",
                name="nation",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "library", "by-hand", name="holidaysource", native_enum=False, length=20
            ),
            nullable=False,
        ),
        sa.Column("known_at", UtcDateTime(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["people.id"], name=op.f("fk_holidays_added_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holidays")),
        sa.UniqueConstraint("ref", name=op.f("uq_holidays_ref")),
    )
    with op.batch_alter_table("holidays", schema=None) as batch_op:
        batch_op.create_index(
            "uq_holidays_one_stands",
            ["nation", "day"],
            unique=True,
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        )

    op.create_table(
        "plan_exceptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by_id"],
            ["people.id"],
            name=op.f("fk_plan_exceptions_added_by_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["weekly_plans.id"],
            name=op.f("fk_plan_exceptions_plan_id_weekly_plans"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_exceptions")),
        sa.UniqueConstraint(
            "plan_id", "day", name=op.f("uq_plan_exceptions_plan_id_day")
        ),
    )
    op.create_table(
        "plan_trainers",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("trainer_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["weekly_plans.id"],
            name=op.f("fk_plan_trainers_plan_id_weekly_plans"),
        ),
        sa.ForeignKeyConstraint(
            ["trainer_id"],
            ["people.id"],
            name=op.f("fk_plan_trainers_trainer_id_people"),
        ),
        sa.PrimaryKeyConstraint("plan_id", "turn", name=op.f("pk_plan_trainers")),
    )
    op.create_table(
        "trainer_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trainer_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.CheckConstraint("ends > starts", name=op.f("ck_trainer_hours_in_order")),
        sa.CheckConstraint(
            "weekday BETWEEN 0 AND 6", name=op.f("ck_trainer_hours_weekday")
        ),
        sa.ForeignKeyConstraint(
            ["trainer_id"],
            ["people.id"],
            name=op.f("fk_trainer_hours_trainer_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainer_hours")),
        sa.UniqueConstraint(
            "trainer_id",
            "weekday",
            "starts",
            name=op.f("uq_trainer_hours_trainer_id_weekday_starts"),
        ),
    )
    op.create_table(
        "trainer_leave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("trainer_id", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "last_on >= first_on", name=op.f("ck_trainer_leave_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["added_by_id"],
            ["people.id"],
            name=op.f("fk_trainer_leave_added_by_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["trainer_id"],
            ["people.id"],
            name=op.f("fk_trainer_leave_trainer_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainer_leave")),
        sa.UniqueConstraint("ref", name=op.f("uq_trainer_leave_ref")),
    )
    with op.batch_alter_table("trainer_leave", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_trainer_leave_trainer_id_last_on"),
            ["trainer_id", "last_on"],
            unique=False,
        )

    op.create_table(
        "trainer_skills",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trainer_id", sa.Integer(), nullable=False),
        sa.Column("card_role", sa.String(length=40), nullable=False),
        sa.Column("granted_at", UtcDateTime(), nullable=False),
        sa.Column("granted_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["granted_by_id"],
            ["people.id"],
            name=op.f("fk_trainer_skills_granted_by_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["trainer_id"],
            ["people.id"],
            name=op.f("fk_trainer_skills_trainer_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainer_skills")),
    )
    with op.batch_alter_table("trainer_skills", schema=None) as batch_op:
        batch_op.create_index(
            "uq_trainer_skills_one_live",
            ["trainer_id", "card_role"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "busy_times",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("calendar_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_id"],
            ["busy_calendars.id"],
            name=op.f("fk_busy_times_calendar_id_busy_calendars"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_busy_times")),
    )
    with op.batch_alter_table("busy_times", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_busy_times_calendar_id_starts_at"),
            ["calendar_id", "starts_at"],
            unique=False,
        )

    op.create_table(
        "countersignatures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_session_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=False),
        sa.Column("signed_by_id", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_session_id"],
            ["course_sessions.id"],
            name=op.f("fk_countersignatures_course_session_id_course_sessions"),
        ),
        sa.ForeignKeyConstraint(
            ["signed_by_id"],
            ["people.id"],
            name=op.f("fk_countersignatures_signed_by_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_countersignatures")),
    )
    with op.batch_alter_table("countersignatures", schema=None) as batch_op:
        batch_op.create_index(
            "uq_countersignatures_one_stands",
            ["course_session_id"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "meeting_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("course_session_id", sa.Integer(), nullable=False),
        sa.Column(
            "source",
            sa.Enum("graph", "file", name="reportsource", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("received_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_session_id"],
            ["course_sessions.id"],
            name=op.f("fk_meeting_reports_course_session_id_course_sessions"),
        ),
        sa.ForeignKeyConstraint(
            ["received_by_id"],
            ["people.id"],
            name=op.f("fk_meeting_reports_received_by_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_reports")),
        sa.UniqueConstraint(
            "course_session_id",
            "source_id",
            name=op.f("uq_meeting_reports_course_session_id_source_id"),
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_meeting_reports_ref")),
    )
    op.create_table(
        "meetings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_session_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(length=40), nullable=False),
        sa.Column("organiser", sa.String(length=120), nullable=False),
        sa.Column("graph_id", sa.String(length=500), nullable=True),
        sa.Column("joining_url", sa.String(length=1000), nullable=True),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=True),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_problem", sa.String(length=300), nullable=True),
        sa.Column("problem_since", UtcDateTime(), nullable=True),
        sa.Column("reports_next_at", UtcDateTime(), nullable=True),
        sa.Column("reports_tries", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_session_id"],
            ["course_sessions.id"],
            name=op.f("fk_meetings_course_session_id_course_sessions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meetings")),
        sa.UniqueConstraint(
            "course_session_id", name=op.f("uq_meetings_course_session_id")
        ),
        sa.UniqueConstraint("external_id", name=op.f("uq_meetings_external_id")),
    )
    op.create_table(
        "swaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("course_session_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (accepted IS NULL)", name=op.f("ck_swaps_answered")
        ),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_swaps_somebody_else")),
        sa.ForeignKeyConstraint(
            ["course_session_id"],
            ["course_sessions.id"],
            name=op.f("fk_swaps_course_session_id_course_sessions"),
        ),
        sa.ForeignKeyConstraint(
            ["from_id"], ["people.id"], name=op.f("fk_swaps_from_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["people.id"], name=op.f("fk_swaps_to_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swaps")),
        sa.UniqueConstraint("ref", name=op.f("uq_swaps_ref")),
    )
    with op.batch_alter_table("swaps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_swaps_to_id"), ["to_id"], unique=False)
        batch_op.create_index(
            "uq_swaps_one_open",
            ["course_session_id"],
            unique=True,
            sqlite_where=sa.text("answered_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=sa.text("answered_at IS NULL AND withdrawn_at IS NULL"),
        )

    op.create_table(
        "timetable_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "holiday-on-plan",
                "new-holiday",
                "below-minimum",
                name="questionkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("course_session_id", sa.Integer(), nullable=True),
        sa.Column("plan_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answer IS NULL)",
            name=op.f("ck_timetable_questions_answered"),
        ),
        sa.CheckConstraint(
            "(course_session_id IS NULL) <> (plan_id IS NULL)",
            name=op.f("ck_timetable_questions_about_one"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"],
            ["people.id"],
            name=op.f("fk_timetable_questions_answered_by_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["course_session_id"],
            ["course_sessions.id"],
            name=op.f("fk_timetable_questions_course_session_id_course_sessions"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["weekly_plans.id"],
            name=op.f("fk_timetable_questions_plan_id_weekly_plans"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timetable_questions")),
        sa.UniqueConstraint(
            "kind",
            "course_session_id",
            "day",
            name=op.f("uq_timetable_questions_kind_course_session_id_day"),
        ),
        sa.UniqueConstraint(
            "kind",
            "plan_id",
            "day",
            name=op.f("uq_timetable_questions_kind_plan_id_day"),
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_timetable_questions_ref")),
    )
    op.create_table(
        "meeting_stays",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("shown_name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.Column("left_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "left_at >= joined_at", name=op.f("ck_meeting_stays_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["meeting_reports.id"],
            name=op.f("fk_meeting_stays_report_id_meeting_reports"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_stays")),
    )
    with op.batch_alter_table("meeting_stays", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_meeting_stays_report_id"), ["report_id"], unique=False
        )

    op.create_table(
        "stay_matches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_session_id", sa.Integer(), nullable=False),
        sa.Column("identity", sa.String(length=254), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
            name=op.f("fk_stay_matches_booking_id_bookings"),
        ),
        sa.ForeignKeyConstraint(
            ["course_session_id"],
            ["course_sessions.id"],
            name=op.f("fk_stay_matches_course_session_id_course_sessions"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["people.id"],
            name=op.f("fk_stay_matches_decided_by_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay_matches")),
    )
    with op.batch_alter_table("stay_matches", schema=None) as batch_op:
        batch_op.create_index(
            "uq_stay_matches_one_stands",
            ["course_session_id", "identity"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    _add_to_bookings()
    _add_to_course_sessions()
    _add_to_private_feeds()
    _add_to_weekly_plans()
    _add_to_invoices()


def _add_to_bookings() -> None:
    with op.batch_alter_table("bookings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("site_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "cancelled_with_date",
                sa.Boolean(),
                nullable=False,
                server_default=sa.false(),
            )
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_bookings_site_id_company_sites"),
            "company_sites",
            ["site_id"],
            ["id"],
        )
        batch_op.create_check_constraint(
            "site_of_a_company", "site_id IS NULL OR company_id IS NOT NULL"
        )
    with op.batch_alter_table("bookings", schema=None) as batch_op:
        batch_op.alter_column(
            "cancelled_with_date", existing_type=sa.Boolean(), server_default=None
        )


def _add_to_course_sessions() -> None:
    with op.batch_alter_table("course_sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("planned_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("detached_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("trainer_free_at", UtcDateTime(), nullable=True))
        batch_op.add_column(
            sa.Column("minimum", sa.Integer(), nullable=False, server_default="1")
        )
        batch_op.add_column(sa.Column("decide_on", sa.Date(), nullable=True))
    op.execute(
        "UPDATE course_sessions SET trainer_free_at = ends_at,"
        " planned_on = CASE WHEN plan_id IS NOT NULL THEN local_date END"
    )
    with op.batch_alter_table("course_sessions", schema=None) as batch_op:
        batch_op.alter_column(
            "trainer_free_at", existing_type=UtcDateTime(), nullable=False
        )
        batch_op.alter_column(
            "minimum", existing_type=sa.Integer(), server_default=None
        )
        batch_op.drop_constraint(
            batch_op.f("uq_course_sessions_plan_id_local_date"), type_="unique"
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_course_sessions_plan_id_planned_on"),
            ["plan_id", "planned_on"],
        )
        batch_op.create_check_constraint(
            "planned_by_a_plan", "(plan_id IS NULL) = (planned_on IS NULL)"
        )
        batch_op.create_check_constraint("free_after_end", "trainer_free_at >= ends_at")
        batch_op.create_check_constraint("minimum", "minimum BETWEEN 1 AND capacity")
    if op.get_bind().dialect.name == "postgresql":  # it knew no turn-round
        op.drop_constraint("ex_course_sessions_one_room", "course_sessions")
    for statement in one_room_guard(op.get_bind().dialect.name):
        op.execute(statement)


def _add_to_private_feeds() -> None:
    with op.batch_alter_table("private_feeds", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ref", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("site_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "privacy",
                sa.Enum(
                    "count",
                    "initials",
                    "names",
                    name="feedprivacy",
                    native_enum=False,
                    length=20,
                ),
                nullable=False,
                server_default="initials",
            )
        )
        batch_op.add_column(sa.Column("last_used_at", UtcDateTime(), nullable=True))
        batch_op.add_column(
            sa.Column("last_client", sa.String(length=120), nullable=True)
        )
        batch_op.add_column(sa.Column("last_etag", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("changed_at", UtcDateTime(), nullable=True))
    feeds = sa.table("private_feeds", sa.column("id"), sa.column("ref"))
    for feed_id in op.get_bind().scalars(sa.select(feeds.c.id)).all():
        op.execute(
            sa.update(feeds).where(feeds.c.id == feed_id).values(ref=new_reference())
        )
    with op.batch_alter_table("private_feeds", schema=None) as batch_op:
        batch_op.alter_column("ref", existing_type=sa.String(length=12), nullable=False)
        batch_op.alter_column(
            "privacy", existing_type=sa.String(length=20), server_default=None
        )
        batch_op.create_unique_constraint(batch_op.f("uq_private_feeds_ref"), ["ref"])
        batch_op.create_foreign_key(
            batch_op.f("fk_private_feeds_site_id_company_sites"),
            "company_sites",
            ["site_id"],
            ["id"],
        )
        batch_op.create_check_constraint(
            "site_of_a_company", "site_id IS NULL OR company_id IS NOT NULL"
        )
        batch_op.drop_index("uq_private_feeds_one_live_per_company")
        batch_op.create_index(
            "uq_private_feeds_one_live_per_company",
            ["company_id"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL AND site_id IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL AND site_id IS NULL"),
        )
        batch_op.create_index(
            "uq_private_feeds_one_live_per_site",
            ["site_id"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )


def _add_to_weekly_plans() -> None:
    op.execute(
        "INSERT INTO plan_trainers (plan_id, turn, trainer_id)"
        " SELECT id, 0, trainer_id FROM weekly_plans"
    )
    with op.batch_alter_table("weekly_plans", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("minimum", sa.Integer(), nullable=False, server_default="1")
        )
        batch_op.add_column(
            sa.Column("decide_days", sa.Integer(), nullable=False, server_default="3")
        )
        batch_op.add_column(
            sa.Column(
                "holiday_policy",
                sa.Enum(
                    "skip",
                    "next-working-day",
                    "ask",
                    name="holidaypolicy",
                    native_enum=False,
                    length=20,
                ),
                nullable=False,
                server_default="skip",
            )
        )
        batch_op.drop_constraint(
            batch_op.f("fk_weekly_plans_trainer_id_people"), type_="foreignkey"
        )
        batch_op.drop_column("trainer_id")
    with op.batch_alter_table("weekly_plans", schema=None) as batch_op:
        for name in ("minimum", "decide_days"):
            batch_op.alter_column(name, existing_type=sa.Integer(), server_default=None)
        batch_op.alter_column(
            "holiday_policy", existing_type=sa.String(length=20), server_default=None
        )
        batch_op.create_check_constraint("minimum", "minimum BETWEEN 1 AND capacity")
        batch_op.create_check_constraint("decide_days", "decide_days BETWEEN 0 AND 30")


def _add_to_invoices() -> None:
    with op.batch_alter_table("invoices", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("turn", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.drop_constraint(batch_op.f("uq_invoices_booking_id"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_invoices_booking_id_turn"), ["booking_id", "turn"]
        )
    with op.batch_alter_table("invoices", schema=None) as batch_op:
        batch_op.alter_column("turn", existing_type=sa.Integer(), server_default=None)


def downgrade() -> None:
    """What was planned, fetched and signed has no place in the older tables."""
    raise RuntimeError("restore a backup instead")
