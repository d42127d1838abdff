"""What the timetable cannot decide by itself is asked once, and answered once."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.settings import Settings
from ecs_training.scheduling.jobs import ask_about_dates, extend_the_timetable
from ecs_training.scheduling.models import (
    CourseSession,
    TimetableQuestion,
    WeeklyPlan,
)
from ecs_training.scheduling.queries import list_open_questions
from ecs_training.scheduling.rules import (
    Answer,
    HolidayPolicy,
    Nation,
    QuestionKind,
    QuestionRefusal,
)
from ecs_training.scheduling.services import (
    QuestionRefused,
    add_course_session,
    add_holiday,
    answer_question,
    cancel_course_session,
    extend_plan,
    move_course_session,
    remove_holiday,
)
from tests.conftest import MovableClock
from tests.factories import make_booking, make_person
from tests.scheduling.test_timetable import dates_of, make_plan

EASTER_MONDAY, MAY_DAY = date(2026, 4, 6), date(2026, 5, 4)
MONDAY = date(2026, 3, 16)


@pytest.fixture
def staff(database: Database, clock: MovableClock) -> Person:
    with database.transaction() as db:
        return make_person(db, "staff", now=clock(), role=Role.STAFF)


def asking_plan(db: Session, now: datetime, **change: Any) -> WeeklyPlan:
    return make_plan(db, now=now, holiday_policy=HolidayPolicy.ASK, **change)


def questions(db: Session) -> list[TimetableQuestion]:
    return list(
        db.scalars(
            select(TimetableQuestion).order_by(
                TimetableQuestion.day, TimetableQuestion.id
            )
        )
    )


def open_days(db: Session, now: datetime) -> list[date]:
    return [each.question.day for each in list_open_questions(db, now=now)]


def answer(
    db: Session, asked: TimetableQuestion, said: str, staff: Person, now: datetime
) -> None:
    answer_question(db, ref=asked.ref, answer=said, answered_by_id=staff.id, now=now)


def test_a_plan_that_asks_leaves_its_holidays_open_and_asks_once(
    database: Database, clock: MovableClock, settings: Settings, staff: Person
) -> None:
    with database.transaction() as db:
        plan, noise = asking_plan(db, clock()), make_plan(db, now=clock(), weekday=4)
    assert staff.id
    for _ in range(2):
        extend_the_timetable(database, clock, settings)
    with database.reading() as db:
        asked = questions(db)
        assert [(each.kind, each.plan_id, each.day) for each in asked] == [
            (QuestionKind.HOLIDAY_ON_PLAN, plan.id, EASTER_MONDAY),
            (QuestionKind.HOLIDAY_ON_PLAN, plan.id, MAY_DAY),
            (QuestionKind.HOLIDAY_ON_PLAN, plan.id, date(2026, 5, 25)),
        ]
        assert EASTER_MONDAY not in dates_of(db, plan)
        assert date(2026, 4, 3) not in dates_of(db, noise)
        assert [each.holiday for each in list_open_questions(db, now=clock())] == [
            None,  # the table is filled by its own job
        ] * 3


@pytest.mark.parametrize(
    ("said", "held"),
    [
        (Answer.RUN, EASTER_MONDAY),
        (Answer.SKIP, None),
        (Answer.NEXT_WORKING_DAY, date(2026, 4, 7)),
    ],
)
def test_an_answer_about_a_holiday_is_followed_at_once_and_for_good(
    *,
    said: Answer,
    held: date | None,
    database: Database,
    clock: MovableClock,
    settings: Settings,
    staff: Person,
) -> None:
    with database.transaction() as db:
        plan = asking_plan(db, clock())
    extend_the_timetable(database, clock, settings)
    with database.transaction() as db:
        answer(db, questions(db)[0], said, staff, clock())
    extend_the_timetable(database, clock, settings)
    with database.reading() as db:
        in_april = [on for on in dates_of(db, plan) if date(2026, 4, 1) <= on]
        assert in_april[0] == (held or date(2026, 4, 13))
        assert open_days(db, clock()) == [MAY_DAY, date(2026, 5, 25)]
        row = db.scalars(
            select(AuditEntry).where(AuditEntry.action == "answered timetable question")
        ).one()
        assert (row.actor_id, row.details["answer"]) == (staff.id, said.value)
        assert row.details["day"] == "2026-04-06"


def test_a_question_is_answered_once_and_only_with_one_of_its_answers(
    db: Session, now: datetime
) -> None:
    staff = make_person(db, "staff", now=now, role=Role.STAFF)
    plan = asking_plan(db, now)
    extend_plan(db, plan_id=plan.id, weeks=12, now=now)
    asked = questions(db)[0]
    for said in ("keep", "", "whatever"):
        with pytest.raises(QuestionRefused) as refused:
            answer(db, asked, said, staff, now)
        assert refused.value.reason is QuestionRefusal.NO_SUCH_ANSWER
    answer(db, asked, "skip", staff, now)
    with pytest.raises(QuestionRefused) as refused:
        answer(db, asked, "run", staff, now)
    assert refused.value.reason is QuestionRefusal.ANSWERED
    assert (asked.answer, asked.answered_at) == ("skip", now)
    with pytest.raises(NotFound):
        answer_question(
            db, ref="000000000000", answer="run", answered_by_id=staff.id, now=now
        )


def test_a_question_about_a_holiday_ends_with_the_day_before(
    db: Session, now: datetime
) -> None:
    staff = make_person(db, "staff", now=now, role=Role.STAFF)
    plan = asking_plan(db, now, last_on=date(2026, 5, 31))
    extend_plan(db, plan_id=plan.id, weeks=6, now=now)
    the_day_before = datetime(2026, 4, 5, 12, tzinfo=UTC)
    the_day = the_day_before + timedelta(days=1)
    assert open_days(db, the_day_before) == [EASTER_MONDAY]
    assert open_days(db, the_day) == []
    with pytest.raises(QuestionRefused) as refused:
        answer(db, questions(db)[0], "run", staff, the_day)
    assert refused.value.reason is QuestionRefusal.OVERTAKEN
    plan.holiday_policy = HolidayPolicy.SKIP
    db.flush()
    assert open_days(db, the_day_before) == []


def one_date(db: Session, now: datetime, *, booked: int, **facts: Any) -> CourseSession:
    """A date of its own on Monday 16 March, to decide on 11 March, for at least three."""
    trainer = make_person(db, now=now, role=Role.TRAINER)
    made = add_course_session(
        db,
        **{
            "card_role": "labourer",
            "local_date": MONDAY,
            "local_start": time(9),
            "local_end": time(16),
            "capacity": 12,
            "minimum": 3,
            "decide_on": date(2026, 3, 11),
            "trainer_id": trainer.id,
            "added_by_id": None,
            **facts,
        },
        now=now,
    )
    for _ in range(booked):
        make_booking(db, made, make_person(db, now=now), now=now)
    return made


def test_too_few_on_the_day_of_decision_are_asked_about_once(
    database: Database, clock: MovableClock, settings: Settings
) -> None:
    with database.transaction() as db:
        below = one_date(db, clock(), booked=2)
        one_date(db, clock(), booked=3)  # as many as it needs
        one_date(db, clock(), booked=0, decide_on=date(2026, 3, 12))
        one_date(db, clock(), booked=0, decide_on=None)
        gone = one_date(db, clock(), booked=0)
        cancel_course_session(
            db,
            ref=gone.ref,
            trainer_id=None,
            reason="Ill",
            cancelled_by_id=gone.trainer_id,
            now=clock(),
        )
    clock.at = datetime(2026, 3, 10, 23, 59, tzinfo=UTC)
    assert ask_about_dates(database, clock, settings) == 0
    clock.advance(minutes=1)
    assert ask_about_dates(database, clock, settings) == 1
    assert ask_about_dates(database, clock, settings) == 0
    with database.reading() as db:
        asked = questions(db)
        assert [(each.kind, each.course_session_id, each.day) for each in asked] == [
            (QuestionKind.BELOW_MINIMUM, below.id, date(2026, 3, 11))
        ]
        assert open_days(db, clock()) == [date(2026, 3, 11)]


def test_a_date_that_runs_anyway_is_not_asked_about_again(
    database: Database, clock: MovableClock, settings: Settings, staff: Person
) -> None:
    with database.transaction() as db:
        one_date(db, clock(), booked=2)
    clock.at = datetime(2026, 3, 11, 8, tzinfo=UTC)
    ask_about_dates(database, clock, settings)
    with database.transaction() as db:
        asked = questions(db)[0]
        with pytest.raises(QuestionRefused):
            answer(db, asked, "skip", staff, clock())
    with database.transaction() as db:
        answer(db, questions(db)[0], "keep", staff, clock())
    assert ask_about_dates(database, clock, settings) == 0
    with database.reading() as db:
        assert open_days(db, clock()) == []
        assert db.scalars(select(CourseSession)).one().cancelled_at is None


def test_who_books_or_cancels_the_date_settles_the_question(
    database: Database, clock: MovableClock, settings: Settings, staff: Person
) -> None:
    with database.transaction() as db:
        below, other = (one_date(db, clock(), booked=2) for _ in range(2))
    clock.at = datetime(2026, 3, 11, 8, tzinfo=UTC)
    assert ask_about_dates(database, clock, settings) == 2
    with database.transaction() as db:
        late = make_person(db, now=clock())
        make_booking(db, db.get_one(CourseSession, below.id), late, now=clock())
        cancel_course_session(
            db,
            ref=other.ref,
            trainer_id=None,
            reason="Too few.",
            cancelled_by_id=staff.id,
            now=clock(),
        )
    with database.reading() as db:
        assert open_days(db, clock()) == []


def proclaim(db: Session, staff: Person, now: datetime) -> str:
    return add_holiday(
        db,
        nation=Nation.ENGLAND_AND_WALES,
        day=MONDAY,
        name="Jubilee",
        added_by_id=staff.id,
        now=now,
    ).ref


def test_a_holiday_proclaimed_on_a_booked_date_is_flagged_and_nothing_is_moved(
    database: Database, clock: MovableClock, settings: Settings, staff: Person
) -> None:
    with database.transaction() as db:
        plan = make_plan(db, now=clock())
        extend_plan(db, plan_id=plan.id, weeks=3, now=clock())
        booked = db.scalars(
            select(CourseSession).where(CourseSession.local_date == MONDAY)
        ).one()
        make_booking(db, booked, make_person(db, now=clock()), now=clock())
        one_date(db, clock(), booked=0)  # nobody is booked: nobody is asked
        was = (booked.starts_at, booked.sequence, booked.trainer_id)
    clock.advance(hours=1)
    with database.transaction() as db:
        proclaim(db, staff, clock())
    clock.advance(hours=1)
    with database.transaction() as db:
        knowing = one_date(db, clock(), booked=2, decide_on=None)

    assert ask_about_dates(database, clock, settings) == 1
    assert ask_about_dates(database, clock, settings) == 0
    extend_the_timetable(database, clock, settings)

    with database.reading() as db:
        (asked,) = questions(db)
        assert (asked.kind, asked.course_session_id) == (
            QuestionKind.NEW_HOLIDAY,
            booked.id,
        )
        assert knowing.id != booked.id
        (open_one,) = list_open_questions(db, now=clock())
        assert open_one.holiday == "Jubilee"
        now_ = db.get_one(CourseSession, booked.id)
        assert (now_.starts_at, now_.sequence, now_.trainer_id) == was
        assert now_.cancelled_at is None


def test_moving_the_date_or_taking_the_holiday_back_settles_it(
    database: Database, clock: MovableClock, settings: Settings, staff: Person
) -> None:
    with database.transaction() as db:
        one, two = (one_date(db, clock(), booked=1, minimum=1) for _ in range(2))
    clock.advance(hours=1)
    with database.transaction() as db:
        ref = proclaim(db, staff, clock())
    assert ask_about_dates(database, clock, settings) == 2
    with database.transaction() as db:
        move_course_session(
            db,
            ref=one.ref,
            local_date=MONDAY + timedelta(days=1),
            local_start=time(9),
            local_end=time(16),
            moved_by_id=staff.id,
            now=clock(),
        )
    with database.reading() as db:
        (left,) = list_open_questions(db, now=clock())
        assert left.course_session
        assert left.course_session.id == two.id
    with database.transaction() as db:
        remove_holiday(db, ref=ref, removed_by_id=staff.id, now=clock())
    with database.reading() as db:
        assert open_days(db, clock()) == []


def test_one_date_that_fails_stops_no_other_question(
    database: Database,
    clock: MovableClock,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with database.transaction() as db:
        bad, good = (one_date(db, clock(), booked=0) for _ in range(2))
    clock.at = datetime(2026, 3, 11, 8, tzinfo=UTC)

    def break_one(_mapper: object, _connection: object, row: Any) -> None:
        if row.course_session_id == bad.id:
            raise RuntimeError("a broken row")

    event.listen(TimetableQuestion, "before_insert", break_one)
    try:
        assert ask_about_dates(database, clock, settings) == 1
    finally:
        event.remove(TimetableQuestion, "before_insert", break_one)
    assert f"nobody was asked about date {bad.id}" in caplog.text
    with database.reading() as db:
        assert [each.course_session_id for each in questions(db)] == [good.id]
    assert ask_about_dates(database, clock, settings) == 1
