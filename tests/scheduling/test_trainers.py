"""What a trainer teaches, when they work, when they are away: and nobody schedules past it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person, RoleGrant
from ecs_training.accounts.rules import Role
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.london import to_utc
from ecs_training.scheduling.models import BusyCalendar, BusyTime, TrainerSkill
from ecs_training.scheduling.queries import list_hours, list_skills
from ecs_training.scheduling.queries.trainers import (
    get_trainer,
    is_trainer,
    list_dates_on_leave,
    list_leave,
    list_skills_of_all,
)
from ecs_training.scheduling.rules import TimetableRefusal
from ecs_training.scheduling.rules.leave import (
    TrainerTimeRefusal,
    why_not_add_leave,
    why_not_cancel_leave,
    why_not_set_hours,
    word_hours,
)
from ecs_training.scheduling.rules.trainers import Hours
from ecs_training.scheduling.services import (
    cancel_course_session,
    move_course_session,
    restaff_course_session,
    restore_course_session,
)
from ecs_training.scheduling.services.availability import why_trainer_cannot
from ecs_training.scheduling.services.leave import add_leave, cancel_leave
from ecs_training.scheduling.services.trainers import (
    TrainerTimeRefused,
    set_hours,
    set_skills,
)
from tests.factories import make_course_session, make_person

TUESDAY = date(2026, 3, 10)
TODAY = date(2026, 3, 2)
NINE_TO_FOUR = (time(9), time(16))


@pytest.fixture
def trainer(db: Session, now: datetime) -> Person:
    return make_person(db, "dawn", now=now, role=Role.TRAINER)


@pytest.fixture
def other(db: Session, now: datetime) -> Person:
    """Somebody whose time and skills are nobody else's business."""
    return make_person(db, "kofi", now=now, role=Role.TRAINER)


def why(
    db: Session,
    trainer: Person,
    times: tuple[time, time] = NINE_TO_FOUR,
    *,
    on: date = TUESDAY,
    card_role: str = "labourer",
) -> TimetableRefusal | None:
    return why_trainer_cannot(
        db,
        trainer_id=trainer.id,
        card_role=card_role,
        starts_at=to_utc(on, times[0]),
        ends_at=to_utc(on, times[1]),
    )


def hours(*, starts: time, ends: time, weekday: int = 1) -> Hours:
    return Hours(weekday=weekday, starts=starts, ends=ends)


def skills(db: Session, trainer: Person, now: datetime, *card_roles: str) -> None:
    set_skills(
        db, trainer_id=trainer.id, card_roles=card_roles, set_by_id=trainer.id, now=now
    )


def leave(
    db: Session, trainer: Person, now: datetime, first_on: date, last_on: date
) -> str:
    return add_leave(
        db,
        trainer_id=trainer.id,
        first_on=first_on,
        last_on=last_on,
        note="",
        added_by_id=trainer.id,
        now=now,
    ).ref


def test_who_has_no_skills_on_record_teaches_everything_until_one_is_granted(
    db: Session, now: datetime, trainer: Person, other: Person
) -> None:
    skills(db, other, now, "lv-jointer")
    assert why(db, trainer) is None
    skills(db, trainer, now, "lv-jointer")
    assert why(db, trainer) is TimetableRefusal.TRAINER_SKILL
    assert why(db, trainer, card_role="lv-jointer") is None
    skills(db, trainer, now, "labourer", "lv-jointer")
    assert why(db, trainer) is None
    skills(db, trainer, now)
    assert why(db, trainer, card_role="site-support") is None
    assert list_skills_of_all(db) == {other.id: ["lv-jointer"]}


def test_what_stays_granted_keeps_its_day_and_what_ends_is_kept(
    db: Session, now: datetime, trainer: Person
) -> None:
    skills(db, trainer, now, "labourer", "lv-jointer")
    later = now + timedelta(days=1)
    skills(db, trainer, later, "labourer", "site-support")
    found = {each.card_role: each for each in db.scalars(select(TrainerSkill))}
    assert found["labourer"].granted_at == now
    assert found["lv-jointer"].ended_at == later
    assert found["site-support"].granted_at == later
    assert list_skills(db, trainer_id=trainer.id) == ["labourer", "site-support"]
    entry = db.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry
    assert entry.subject == f"trainer/{trainer.ref}"
    assert entry.details == {"granted": ["site-support"], "ended": ["lv-jointer"]}
    skills(db, trainer, later, "labourer", "site-support")
    assert db.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first() is (
        entry
    )


def test_nobody_is_granted_a_course_that_there_is_not(
    db: Session, now: datetime, trainer: Person
) -> None:
    with pytest.raises(TrainerTimeRefused) as refused:
        skills(db, trainer, now, "labourer", "astronaut")
    assert refused.value.reason is TrainerTimeRefusal.UNKNOWN_COURSE


@pytest.mark.parametrize(
    ("works", "fine"),
    [
        ([], True),  # no hours on record: any hour
        ([(1, time(9), time(16))], True),
        ([(1, time(9, 1), time(16))], False),
        ([(1, time(9), time(15, 59))], False),
        ([(0, time(8), time(18)), (2, time(8), time(18))], False),
        ([(1, time(8), time(12)), (1, time(12), time(18))], False),  # a break at noon
        ([(1, time(7), time(8)), (1, time(8, 30), time(17))], True),
    ],
)
def test_a_course_lies_within_the_hours_of_its_day(
    db: Session,
    now: datetime,
    trainer: Person,
    works: list[tuple[int, time, time]],
    fine: bool,
) -> None:
    week = [hours(weekday=n, starts=starts, ends=ends) for n, starts, ends in works]
    set_hours(db, trainer_id=trainer.id, hours=week, set_by_id=trainer.id, now=now)
    expected = None if fine else TimetableRefusal.TRAINER_HOURS
    assert why(db, trainer) is expected


def test_working_hours_are_londons_in_summer_too(
    db: Session, now: datetime, trainer: Person
) -> None:
    week = [hours(weekday=1, starts=time(9), ends=time(16))]
    set_hours(db, trainer_id=trainer.id, hours=week, set_by_id=trainer.id, now=now)
    assert why(db, trainer, on=date(2026, 4, 14)) is None
    night = (time(22), time(23, 30))
    assert why(db, trainer, night) is TimetableRefusal.TRAINER_HOURS


def test_a_new_week_takes_the_place_of_the_old(
    db: Session, now: datetime, trainer: Person, other: Person
) -> None:
    for person in (trainer, other):
        for weekday in (1, 2):
            set_hours(
                db,
                trainer_id=person.id,
                hours=[hours(weekday=weekday, starts=time(9), ends=time(12))],
                set_by_id=other.id,
                now=now,
            )
    assert [each.weekday for each in list_hours(db, trainer_id=trainer.id)] == [2]
    entry = db.scalars(select(AuditEntry)).first()
    assert entry
    assert entry.details == {"week": {"1": "09:00-12:00"}}


@pytest.mark.parametrize(
    ("week", "refusal"),
    [
        ([hours(starts=time(9), ends=time(9))], TrainerTimeRefusal.HOURS_BACKWARDS),
        ([hours(starts=time(9), ends=time(9, 1))], None),
        (
            [
                hours(starts=time(12), ends=time(17)),
                hours(starts=time(9), ends=time(12, 1)),
            ],
            TrainerTimeRefusal.HOURS_OVERLAP,
        ),
        (
            [
                hours(starts=time(12), ends=time(17)),
                hours(starts=time(9), ends=time(12)),
            ],
            None,
        ),
        (
            [
                hours(starts=time(9), ends=time(17)),
                hours(starts=time(9), ends=time(17), weekday=2),
            ],
            None,
        ),
    ],
)
def test_hours_end_after_they_begin_and_do_not_overlap(
    week: list[Hours], refusal: TrainerTimeRefusal | None
) -> None:
    assert why_not_set_hours(week) is refusal


def test_hours_are_worded_as_they_are_typed() -> None:
    day = [(time(9), time(12)), (time(13), time(16, 30))]
    assert word_hours(day) == "09:00-12:00, 13:00-16:30"
    assert word_hours([]) == ""


@pytest.mark.parametrize(
    ("first_on", "last_on", "refusal"),
    [
        (TODAY, TODAY, None),
        (TODAY - timedelta(days=9), TODAY, None),
        (TODAY - timedelta(days=9), TODAY - timedelta(days=1), "LEAVE_OVER"),
        (TODAY + timedelta(days=1), TODAY, "LEAVE_BACKWARDS"),
        (TODAY, TODAY + timedelta(days=366), None),
        (TODAY, TODAY + timedelta(days=367), "LEAVE_TOO_FAR"),
    ],
)
def test_why_nobody_can_be_away_on_those_days(
    first_on: date, last_on: date, refusal: str | None
) -> None:
    found = why_not_add_leave(first_on=first_on, last_on=last_on, today=TODAY)
    assert found is (TrainerTimeRefusal[refusal] if refusal else None)


def test_leave_is_taken_back_until_its_last_day_is_over() -> None:
    def why_not(last_on: date, *, cancelled: bool = False) -> object:
        return why_not_cancel_leave(last_on=last_on, cancelled=cancelled, today=TODAY)

    assert why_not(TODAY) is None
    assert why_not(TODAY - timedelta(days=1)) is TrainerTimeRefusal.LEAVE_PAST
    assert why_not(TODAY, cancelled=True) is TrainerTimeRefusal.LEAVE_CANCELLED


@pytest.mark.parametrize(
    ("days", "away"),
    [((-1, -1), False), ((-1, 0), True), ((0, 2), True), ((1, 2), False)],
)
def test_leave_counts_on_its_first_and_last_day(
    db: Session,
    now: datetime,
    trainer: Person,
    days: tuple[int, int],
    away: bool,
) -> None:
    first_on, last_on = (TUESDAY + timedelta(days=n) for n in days)
    leave(db, make_person(db, now=now, role=Role.TRAINER), now, TUESDAY, TUESDAY)
    leave(db, trainer, now, first_on, last_on)
    assert why(db, trainer) is (TimetableRefusal.TRAINER_AWAY if away else None)


def test_leave_over_published_dates_is_taken_and_names_them(
    db: Session, now: datetime, trainer: Person, other: Person
) -> None:
    on, before = (
        make_course_session(db, now=now, trainer=trainer, on=day)
        for day in (TUESDAY, TUESDAY - timedelta(days=1))
    )
    make_course_session(db, now=now, trainer=other, on=TUESDAY)
    off = make_course_session(db, now=now, trainer=trainer, on=date(2026, 3, 12))
    off.cancelled_at, off.cancelled_by_id = now, other.id

    ref = leave(db, trainer, now, TUESDAY, date(2026, 3, 12))

    assert list_dates_on_leave(db, now=now) == [on]
    assert list_dates_on_leave(db, now=now, trainer_id=trainer.id) == [on]
    assert list_dates_on_leave(db, now=now, trainer_id=other.id) == []
    assert list_dates_on_leave(db, now=on.ends_at) == []
    assert on.cancelled_at is None  # a person decides
    assert before.trainer_id == trainer.id
    by: dict[str, Any] = {"cancelled_by_id": trainer.id, "now": now}
    with pytest.raises(NotFound):
        cancel_leave(db, ref=ref, trainer_id=other.id, **by)
    cancel_leave(db, ref=ref, trainer_id=trainer.id, **by)
    assert list_dates_on_leave(db, now=now) == []
    assert list_leave(db, trainer_id=trainer.id, from_on=TODAY) == []
    with pytest.raises(TrainerTimeRefused):
        cancel_leave(db, ref=ref, trainer_id=None, **by)


def test_a_night_that_reaches_into_leave_is_named_and_refused(
    db: Session, now: datetime, trainer: Person
) -> None:
    night = make_course_session(db, now=now, trainer=trainer, on=TUESDAY)
    night.ends_at = night.trainer_free_at = to_utc(date(2026, 3, 11), time(2))
    leave(db, trainer, now, date(2026, 3, 11), date(2026, 3, 11))
    assert list_dates_on_leave(db, now=now) == [night]
    night.ends_at = to_utc(date(2026, 3, 10), time(23, 59))
    assert list_dates_on_leave(db, now=now) == []


@pytest.mark.parametrize(
    ("times", "taken"),
    [
        ((time(8), time(9)), False),
        ((time(8), time(9, 1)), True),
        ((time(16), time(17)), False),
        ((time(15, 59), time(17)), True),
        ((time(12), time(12, 1)), True),
    ],
)
def test_a_calendar_of_their_own_keeps_a_trainer_busy_to_the_minute(
    db: Session,
    now: datetime,
    trainer: Person,
    times: tuple[time, time],
    taken: bool,
) -> None:
    other = make_person(db, now=now, role=Role.TRAINER)
    own = BusyCalendar(trainer_id=trainer.id, label="Mine", added_at=now)
    others = BusyCalendar(trainer_id=other.id, label="Theirs", added_at=now)
    db.add_all([own, others])
    db.flush()
    spans = ((own, *times), (others, time(8), time(18)))
    for calendar, begins, until in spans:
        db.add(
            BusyTime(
                calendar_id=calendar.id,
                starts_at=to_utc(TUESDAY, begins),
                ends_at=to_utc(TUESDAY, until),
            )
        )
    db.flush()
    assert why(db, trainer) is (TimetableRefusal.TRAINER_TAKEN if taken else None)
    own.removed_at = now
    db.flush()
    assert why(db, trainer) is None


def test_no_change_of_a_date_schedules_past_a_trainers_time(
    db: Session, now: datetime, trainer: Person, other: Person
) -> None:
    free = make_course_session(db, now=now, trainer=trainer, on=date(2026, 3, 17))
    gone = make_course_session(db, now=now, trainer=trainer, on=TUESDAY)
    theirs = make_course_session(db, now=now, trainer=other, on=TUESDAY)
    cancel_course_session(
        db, ref=gone.ref, trainer_id=None, reason="x", cancelled_by_id=other.id, now=now
    )
    leave(db, trainer, now, TUESDAY, TUESDAY)

    def refusal(act: Any, **facts: Any) -> object:
        with pytest.raises(Exception) as refused:  # noqa: PT011 - its reason is judged
            act(db, now=now, **facts)
        return getattr(refused.value, "reason", refused.value)

    away = TimetableRefusal.TRAINER_AWAY
    to = {"local_date": TUESDAY, "local_start": time(9), "local_end": time(16)}
    assert away is refusal(
        move_course_session, ref=free.ref, **to, moved_by_id=other.id
    )
    assert away is refusal(
        restore_course_session, ref=gone.ref, restored_by_id=other.id
    )
    assert away is refusal(
        restaff_course_session,
        ref=theirs.ref,
        trainer_id=trainer.id,
        restaffed_by_id=other.id,
    )


def test_a_trainer_is_found_while_they_are_one(
    db: Session, now: datetime, trainer: Person
) -> None:
    assert get_trainer(db, ref=trainer.ref) is trainer
    staff = make_person(db, "sam", now=now, role=Role.STAFF)
    with pytest.raises(NotFound):
        get_trainer(db, ref=staff.ref)
    db.scalars(
        select(RoleGrant).where(RoleGrant.person_id == trainer.id)
    ).one().ended_at = datetime(2026, 3, 1, tzinfo=UTC)
    db.flush()
    assert not is_trainer(db, person_id=trainer.id)
    with pytest.raises(NotFound):
        get_trainer(db, ref=trainer.ref)
