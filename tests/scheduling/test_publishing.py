"""Publishing does what was shown, and nothing else: seen first, refused if it would differ."""

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings
from ecs_training.scheduling.models import (
    CourseSession,
    Meeting,
    TrainerLeave,
    WeeklyPlan,
)
from ecs_training.scheduling.rules import (
    Difference,
    HolidayPolicy,
    PlanRefusal,
    Step,
)
from ecs_training.scheduling.services import (
    PlanRefused,
    add_closure,
    add_exception,
    add_weekly_plan,
    cancel_course_session,
    change_weekly_plan,
    extend_plan,
    extend_timetable,
    move_course_session,
    publish_plan,
    read_difference,
    remove_exception,
)
from tests.factories import make_booking, make_person
from tests.racing import take_locks_away
from tests.scheduling.test_timetable import (
    both_at_once,
    hold_up_the_first_insert,
    make_plan,
)

WEEKS = 4
MONDAYS = [date(2026, 3, 9) + timedelta(weeks=n) for n in range(WEEKS)]
FIRST, SECOND, THIRD, FOURTH = MONDAYS


@pytest.fixture
def staff(db: Session, now: datetime) -> Person:
    return make_person(db, "staff", now=now, role=Role.STAFF)


def see(db: Session, plan: WeeklyPlan, now: datetime) -> Difference:
    db.flush()
    return read_difference(db, ref=plan.ref, weeks=WEEKS, now=now).difference


def publish(db: Session, plan: WeeklyPlan, staff: Person, now: datetime) -> Difference:
    digest = see(db, plan, now).digest
    return publish_plan(
        db,
        ref=plan.ref,
        digest=digest,
        weeks=WEEKS,
        published_by_id=staff.id,
        now=now,
    )


def told(found: Difference) -> list[tuple[Step, date]]:
    return [(line.step, line.on) for line in found.lines]


def date_on(db: Session, plan: WeeklyPlan, planned_on: date) -> CourseSession:
    return db.scalars(
        select(CourseSession).where(
            CourseSession.plan_id == plan.id, CourseSession.planned_on == planned_on
        )
    ).one()


def change(
    db: Session, plan: WeeklyPlan, staff: Person, now: datetime, **change: Any
) -> None:
    facts = {
        "starts": plan.starts,
        "ends": plan.ends,
        "capacity": plan.capacity,
        "trainer_ids": [each.trainer_id for each in plan.rota],
        "last_on": plan.last_on,
        "minimum": plan.minimum,
        "decide_days": plan.decide_days,
        "holiday_policy": plan.holiday_policy,
        **change,
    }
    change_weekly_plan(db, ref=plan.ref, **facts, changed_by_id=staff.id, now=now)


def leave_out(
    db: Session, plan: WeeklyPlan, day: date, staff: Person, now: datetime
) -> None:
    add_exception(
        db, ref=plan.ref, day=day, reason="Fair", added_by_id=staff.id, now=now
    )


def test_a_dry_run_shows_what_publishing_then_does_and_again_is_nothing(
    db: Session, staff: Person, now: datetime
) -> None:
    plan, noise = make_plan(db, now=now), make_plan(db, now=now, weekday=1)
    extend_plan(db, plan_id=noise.id, weeks=WEEKS, now=now)

    assert told(see(db, plan, now)) == [(Step.ADD, on) for on in MONDAYS]
    assert not db.scalars(
        select(CourseSession).where(CourseSession.plan_id == plan.id)
    ).all()

    publish(db, plan, staff, now)

    assert see(db, plan, now).lines == ()
    made = db.scalars(select(CourseSession).where(CourseSession.plan_id == plan.id))
    assert sorted(each.local_date for each in made) == MONDAYS
    before = [asdict_of(each) for each in db.scalars(select(CourseSession))]
    publish(db, plan, staff, now)
    assert [asdict_of(each) for each in db.scalars(select(CourseSession))] == before


def asdict_of(each: CourseSession) -> tuple[object, ...]:
    return (each.ref, each.sequence, each.starts_at, each.cancelled_at)


def test_what_differs_from_what_was_shown_is_not_done(
    db: Session, staff: Person, now: datetime
) -> None:
    plan = make_plan(db, now=now)
    seen = see(db, plan, now)
    leave_out(db, plan, SECOND, staff, now)

    with pytest.raises(PlanRefused) as refused:
        publish_plan(
            db,
            ref=plan.ref,
            digest=seen.digest,
            weeks=WEEKS,
            published_by_id=staff.id,
            now=now,
        )

    assert refused.value.reason is PlanRefusal.CHANGED_MEANWHILE
    assert not db.scalars(select(CourseSession)).all()
    assert told(see(db, plan, now))[1] == (Step.LEFT_OUT, SECOND)


@pytest.mark.parametrize("what", ["capacity", "trainer", "time", "booking"])
def test_every_kind_of_change_in_between_has_another_digest(
    what: str, db: Session, staff: Person, now: datetime
) -> None:
    trainer = make_person(db, now=now, role=Role.TRAINER)
    other = make_person(db, now=now, role=Role.TRAINER)
    plan = make_plan(db, now=now, trainer=trainer)
    extend_plan(db, plan_id=plan.id, weeks=1, now=now)
    leave_out(db, plan, FIRST, staff, now)
    before = see(db, plan, now).digest
    if what == "capacity":
        change(db, plan, staff, now, capacity=13)
    elif what == "trainer":
        change(db, plan, staff, now, trainer_ids=[other.id])
    elif what == "time":
        change(db, plan, staff, now, ends=time(15))
    else:
        candidate = make_person(db, now=now)
        make_booking(db, date_on(db, plan, FIRST), candidate, now=now)
    assert see(db, plan, now).digest != before
    assert see(db, plan, now).digest == see(db, plan, now).digest


def test_an_empty_date_follows_its_plan_and_a_booked_one_is_left_alone(
    db: Session, staff: Person, now: datetime
) -> None:
    plan = make_plan(db, now=now)
    extend_plan(db, plan_id=plan.id, weeks=WEEKS, now=now)
    booked, empty = date_on(db, plan, FIRST), date_on(db, plan, SECOND)
    make_booking(db, booked, make_person(db, now=now), now=now)
    change(db, plan, staff, now, starts=time(10), capacity=14)

    found = publish(db, plan, staff, now)

    assert told(found) == [(Step.BOOKED, FIRST)] + [
        (Step.CHANGE, on) for on in MONDAYS[1:]
    ]
    assert found.lines[0].why == (
        "1 person is booked. 10am to 4pm, not 9am to 4pm, 14 seats, not 12"
    )
    assert (booked.local_start, booked.capacity, booked.sequence) == (time(9), 12, 0)
    assert (empty.local_start, empty.capacity, empty.sequence) == (time(10), 14, 1)
    assert empty.starts_at == datetime(2026, 3, 16, 10, tzinfo=UTC)
    assert empty.detached_at is None
    assert told(see(db, plan, now)) == [(Step.BOOKED, FIRST)]


def test_the_meeting_of_a_date_that_follows_its_plan_is_told_of_a_new_time_alone(
    db: Session, staff: Person, now: datetime
) -> None:
    settings: Settings = db.info["settings"]
    microsoft = {"teams_meetings": "graph", "graph_organiser": "teams@example.org"}
    db.info["settings"] = settings.model_copy(update=microsoft)
    plan = make_plan(db, now=now)
    extend_plan(db, plan_id=plan.id, weeks=WEEKS, now=now)
    its_date = date_on(db, plan, FIRST)
    meeting = db.scalars(
        select(Meeting).where(Meeting.course_session_id == its_date.id)
    ).one()
    changes: list[tuple[dict[str, Any], int]] = [
        ({"capacity": 14}, 1),
        ({"capacity": 14, "starts": time(10)}, 2),
    ]
    for new, wanted in changes:
        change(db, plan, staff, now, **new)
        publish(db, plan, staff, now)
        assert meeting.wanted == wanted


def test_a_moved_date_is_decided_about_as_long_before_as_it_was(
    db: Session, staff: Person, now: datetime
) -> None:
    plan = make_plan(db, now=now)
    extend_plan(db, plan_id=plan.id, weeks=WEEKS, now=now)
    moved = date_on(db, plan, SECOND)
    assert moved.decide_on
    before = moved.local_date - moved.decide_on
    move_course_session(
        db,
        ref=moved.ref,
        local_date=SECOND - timedelta(days=4),
        local_start=time(9),
        local_end=time(16),
        moved_by_id=staff.id,
        now=now,
    )
    assert moved.local_date - moved.decide_on == before


def test_a_moved_date_is_detached_and_its_day_never_filled_again(
    db: Session, staff: Person, now: datetime
) -> None:
    plan = make_plan(db, now=now)
    extend_plan(db, plan_id=plan.id, weeks=WEEKS, now=now)
    moved = date_on(db, plan, FIRST)
    move_course_session(
        db,
        ref=moved.ref,
        local_date=FIRST + timedelta(days=1),
        local_start=time(9),
        local_end=time(16),
        moved_by_id=staff.id,
        now=now,
    )
    change(db, plan, staff, now, ends=time(15))

    found = publish(db, plan, staff, now)

    assert told(found)[0] == (Step.DETACHED, FIRST + timedelta(days=1))
    assert moved.local_end == time(16)
    assert extend_timetable(db, weeks=WEEKS, now=now) == 0


def test_a_cancelled_date_is_never_made_again_and_the_page_says_so(
    db: Session, staff: Person, now: datetime
) -> None:
    plan = make_plan(db, now=now)
    extend_plan(db, plan_id=plan.id, weeks=WEEKS, now=now)
    cancel_course_session(
        db,
        ref=date_on(db, plan, THIRD).ref,
        trainer_id=None,
        reason="Ill",
        cancelled_by_id=staff.id,
        now=now,
    )
    assert told(publish(db, plan, staff, now)) == [(Step.CANCELLED, THIRD)]
    assert date_on(db, plan, THIRD).cancelled_at == now


def test_a_left_out_day_takes_an_empty_date_off_and_keeps_a_booked_one(
    db: Session, staff: Person, now: datetime
) -> None:
    plan = make_plan(db, now=now)
    extend_plan(db, plan_id=plan.id, weeks=WEEKS, now=now)
    booked, empty = date_on(db, plan, FIRST), date_on(db, plan, SECOND)
    make_booking(db, booked, make_person(db, now=now), now=now)
    leave_out(db, plan, FIRST, staff, now)
    leave_out(db, plan, SECOND, staff, now)

    # the hourly job takes nothing off
    assert extend_timetable(db, weeks=WEEKS, now=now) == 0
    assert date_on(db, plan, SECOND).cancelled_at is None
    found = publish(db, plan, staff, now)

    assert told(found) == [(Step.BOOKED, FIRST), (Step.TAKE_OFF, SECOND)]
    assert booked.cancelled_at is None
    assert (empty.cancelled_at, empty.cancel_reason) == (now, "Left out: Fair.")
    remove_exception(db, ref=plan.ref, day=SECOND, removed_by_id=staff.id, now=now)
    assert told(see(db, plan, now))[1] == (Step.CANCELLED, SECOND)


def test_a_closure_stops_every_plan_on_its_first_and_last_day(
    db: Session, staff: Person, now: datetime
) -> None:
    plan, fridays = make_plan(db, now=now), make_plan(db, now=now, weekday=4)
    add_closure(
        db,
        first_on=date(2026, 3, 13),
        last_on=SECOND,
        reason="Works",
        added_by_id=staff.id,
        now=now,
    )
    assert told(see(db, plan, now)) == [
        (Step.ADD, FIRST),
        (Step.LEFT_OUT, SECOND),
        (Step.ADD, THIRD),
        (Step.ADD, FOURTH),
    ]
    assert see(db, plan, now).lines[1].why == "Closed: Works"
    assert told(see(db, fridays, now)) == [
        (Step.ADD, date(2026, 3, 6)),
        (Step.LEFT_OUT, date(2026, 3, 13)),
        (Step.ADD, date(2026, 3, 20)),
        (Step.ADD, date(2026, 3, 27)),
    ]


def test_trainers_take_turns_and_who_is_away_is_stood_in_for(
    db: Session, staff: Person, now: datetime
) -> None:
    one, two = (make_person(db, now=now, role=Role.TRAINER) for _ in range(2))
    plan = make_plan(db, now=now, trainer_ids=[one.id, two.id])
    publish(db, plan, staff, now)

    # the plan began on Monday 2 March with the first of the two
    turns = [two.id, one.id, two.id, one.id]
    assert [date_on(db, plan, on).trainer_id for on in MONDAYS] == turns
    go_away(db, one, SECOND, staff, now)
    found = publish(db, plan, staff, now)
    assert [(line.step, line.on, line.why) for line in found.lines] == [
        (Step.CHANGE, SECOND, "another trainer")
    ]
    turns[1] = two.id
    assert [date_on(db, plan, on).trainer_id for on in MONDAYS] == turns
    go_away(db, two, SECOND, staff, now)
    line = see(db, plan, now).lines[0]
    assert (line.step, line.on) == (Step.NO_TRAINER, SECOND)
    assert line.why.startswith("Stays as it is.")


def go_away(
    db: Session, trainer: Person, on: date, staff: Person, now: datetime
) -> None:
    leave = TrainerLeave(
        trainer_id=trainer.id,
        first_on=on,
        last_on=on,
        note="",
        added_at=now,
        added_by_id=staff.id,
    )
    db.add(leave)
    db.flush()


def test_a_day_on_which_nobody_can_is_left_out_with_everybodys_reason(
    db: Session, staff: Person, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = (make_person(db, name, now=now) for name in ("ann", "ben"))
    plan = make_plan(db, now=now, trainer_ids=[one.id, two.id])
    go_away(db, one, SECOND, staff, now)
    assert told(see(db, plan, now)) == [(Step.ADD, on) for on in MONDAYS]
    assert see(db, plan, now).lines[1].trainer_id == two.id
    go_away(db, two, SECOND, staff, now)

    line = see(db, plan, now).lines[1]
    assert (line.step, line.why) == (
        Step.NO_TRAINER,
        "Ann: The trainer is away on that day; Ben: The trainer is away on that day",
    )
    with caplog.at_level(logging.WARNING):
        assert extend_timetable(db, weeks=WEEKS, now=now) == 3
    assert "2026-03-16: Ann: The trainer is away" in caplog.text


def test_a_shorter_plan_takes_off_what_comes_after_it(
    db: Session, staff: Person, now: datetime
) -> None:
    plan = make_plan(db, now=now)
    extend_plan(db, plan_id=plan.id, weeks=WEEKS, now=now)
    change(db, plan, staff, now, last_on=THIRD)
    assert told(publish(db, plan, staff, now)) == [(Step.TAKE_OFF, FOURTH)]
    assert date_on(db, plan, FOURTH).cancelled_at == now


def test_dates_beyond_the_horizon_are_compared_and_none_is_added(
    db: Session, staff: Person, now: datetime
) -> None:
    plan = make_plan(db, now=now)
    extend_plan(db, plan_id=plan.id, weeks=WEEKS + 3, now=now)
    change(db, plan, staff, now, capacity=13)
    lines = see(db, plan, now).lines
    assert [line.step for line in lines] == [Step.CHANGE] * (WEEKS + 2)  # not Easter
    assert max(line.on for line in lines) == date(2026, 4, 20)


def test_every_change_of_a_plan_is_audited(
    db: Session, staff: Person, now: datetime
) -> None:
    plan = make_plan(db, now=now)
    publish(db, plan, staff, now)
    change(db, plan, staff, now, capacity=13)
    leave_out(db, plan, SECOND, staff, now)
    rows = db.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject == f"weekly-plan/{plan.ref}")
        .order_by(AuditEntry.id)
    ).all()
    assert [row.action for row in rows] == [
        "added weekly plan",
        "published weekly plan",
        "changed weekly plan",
        "left out day",
    ]
    assert (rows[1].details["add"], rows[1].actor_id) == (WEEKS, staff.id)
    assert rows[2].details["changed"] == ["capacity"]
    assert rows[3].details["day"] == SECOND.isoformat()


@pytest.mark.parametrize(
    ("change_", "reason"),
    [
        ({"minimum": 13}, PlanRefusal.MINIMUM),
        ({"minimum": 0}, PlanRefusal.MINIMUM),
        ({"decide_days": 31}, PlanRefusal.DECIDE_DAYS),
        ({"decide_days": -1}, PlanRefusal.DECIDE_DAYS),
        ({"trainer_ids": []}, PlanRefusal.NO_TRAINER),
        ({"ends": time(9, 29)}, PlanRefusal.ENDS_BEFORE_START),
        ({"capacity": 201}, PlanRefusal.CAPACITY),
        ({"last_on": date(2026, 3, 1)}, PlanRefusal.LAST_BEFORE_FIRST),
    ],
)
def test_a_plan_that_cannot_be_is_neither_added_nor_changed_to(
    db: Session,
    staff: Person,
    now: datetime,
    change_: dict[str, Any],
    reason: PlanRefusal,
) -> None:
    with pytest.raises(PlanRefused) as refused:
        make_plan(db, now=now, **change_)
    assert refused.value.reason is reason
    plan = make_plan(db, now=now)
    with pytest.raises(PlanRefused) as refused:
        change(db, plan, staff, now, **change_)
    assert refused.value.reason is reason


@pytest.mark.parametrize(
    "change_",
    [
        {"minimum": 12},
        {"decide_days": 30},
        {"decide_days": 0},
        {"ends": time(9, 30)},
        {"last_on": date(2026, 3, 2)},
    ],
)
def test_the_other_side_of_each_boundary_is_fine(
    db: Session, staff: Person, now: datetime, change_: dict[str, Any]
) -> None:
    assert make_plan(db, now=now, **change_).ref
    change(db, make_plan(db, now=now), staff, now, **change_)


def test_another_plan_of_anybody_in_the_rota_is_refused_at_the_same_time(
    db: Session, staff: Person, now: datetime
) -> None:
    one, two = (make_person(db, now=now, role=Role.TRAINER) for _ in range(2))
    make_plan(db, now=now, trainer=two)
    plan = make_plan(db, now=now, trainer=one)
    with pytest.raises(PlanRefused) as refused:
        change(db, plan, staff, now, trainer_ids=[one.id, two.id])
    assert refused.value.reason is PlanRefusal.TRAINER_BUSY
    change(db, plan, staff, now, trainer_ids=[one.id, one.id])  # itself is no other


def seen_by_two(database: Database, now: datetime) -> Callable[[], object]:
    """Return what both of them press: Publish, below the same dry run."""
    with database.transaction() as db:
        plan = make_plan(db, now=now)
        staff = make_person(db, "staff", now=now, role=Role.STAFF)
        digest = see(db, plan, now).digest

    def press() -> object:
        try:
            with database.transaction() as db:
                publish_plan(
                    db,
                    ref=plan.ref,
                    digest=digest,
                    weeks=WEEKS,
                    published_by_id=staff.id,
                    now=now,
                )
        except PlanRefused as refused:
            return refused.slug
        return "done"

    return press


def test_two_who_publish_the_same_page_do_it_once(
    database: Database, now: datetime
) -> None:
    press = seen_by_two(database, now)
    hold_up_the_first_insert(database, at_most=1)

    answers = both_at_once(press)

    assert sorted(map(str, answers)) == ["changed-meanwhile", "done"]
    with database.reading() as db:
        assert len(db.scalars(select(CourseSession)).all()) == WEEKS


def test_control_without_locks_the_constraint_refuses_the_second(
    database: Database, now: datetime
) -> None:
    press = seen_by_two(database, now)
    hold_up_the_first_insert(database, at_most=20)
    take_locks_away(database)

    assert "constraint" in both_at_once(press)

    with database.reading() as db:
        assert len(db.scalars(select(CourseSession)).all()) <= WEEKS


def test_a_plan_that_puts_off_holds_easter_monday_on_tuesday(
    db: Session, staff: Person, now: datetime
) -> None:
    plan = make_plan(db, now=now, holiday_policy=HolidayPolicy.NEXT_WORKING_DAY)
    extend_plan(db, plan_id=plan.id, weeks=6, now=now)
    put_off = date_on(db, plan, date(2026, 4, 6))
    assert put_off.local_date == date(2026, 4, 7)
    assert extend_plan(db, plan_id=plan.id, weeks=6, now=now) == 0
    change(db, plan, staff, now, holiday_policy=HolidayPolicy.SKIP)
    assert (Step.TAKE_OFF, date(2026, 4, 7)) in told(see(db, plan, now))


def test_a_digest_names_shape_and_lines(db: Session, now: datetime) -> None:
    trainer = make_person(db, now=now, role=Role.TRAINER)
    plan = make_plan(db, now=now, trainer=trainer)
    found = see(db, plan, now)
    twin = add_weekly_plan(
        db,
        card_role="lv-jointer",
        weekday=0,
        starts=time(17),
        ends=time(20),
        capacity=12,
        trainer_ids=[trainer.id],
        first_on=now.date(),
        added_by_id=None,
        now=now,
    )
    other = see(db, twin, now)
    assert [asdict(line) for line in other.lines] == [
        asdict(line) for line in found.lines
    ]
    assert other.digest != found.digest  # other times
