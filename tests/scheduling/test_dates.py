"""Single dates: added, cancelled, given a link; a trainer is never in two rooms."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import NotFound
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.queries import (
    get_course_session,
    get_course_session_of,
    get_public_course_session,
    is_trainer_busy,
    list_course_sessions_since,
    list_open_course_sessions,
    list_trainer_course_sessions,
    lock_course_session,
    lock_trainer,
    next_course_session_per_role,
)
from ecs_training.scheduling.rules import TimetableRefusal
from ecs_training.scheduling.services import (
    TimetableRefused,
    add_course_session,
    cancel_course_session,
    release_seat,
    set_joining_link,
    take_seat,
)
from tests.factories import make_course_session, make_person

LINK = "https://teams.example.org/l/1"


@pytest.fixture
def trainer(database: Database, now: datetime) -> Person:
    with database.transaction() as db:
        return make_person(db, "dawn", now=now, role=Role.TRAINER)


def add(db: Session, trainer: Person, now: datetime, **change: Any) -> CourseSession:
    facts: dict[str, Any] = {
        "card_role": "labourer",
        "local_date": date(2026, 3, 10),
        "local_start": time(9),
        "local_end": time(16),
        "capacity": 12,
        "trainer_id": trainer.id,
        "added_by_id": trainer.id,
    }
    return add_course_session(db, now=now, **{**facts, **change})


def test_a_date_is_published_and_recorded(
    db: Session, now: datetime, trainer: Person
) -> None:
    added = add(db, trainer, now, joining_url=LINK)

    assert (added.seats_taken, added.sequence, added.plan_id) == (0, 0, None)
    assert added.joining_url == LINK
    entry = db.scalars(select(AuditEntry)).one()
    assert (entry.actor_id, entry.action) == (trainer.id, "added date")
    assert entry.subject == f"course-session/{added.ref}"


@pytest.mark.parametrize(
    ("starts", "ends"),
    [(time(8), time(9, 1)), (time(15, 59), time(20)), (time(10), time(11))],
)
def test_a_trainer_is_never_in_two_rooms(
    db: Session, now: datetime, trainer: Person, starts: time, ends: time
) -> None:
    add(db, trainer, now)
    with pytest.raises(TimetableRefused) as refused:
        add(db, trainer, now, local_start=starts, local_end=ends)
    assert refused.value.reason is TimetableRefusal.TRAINER_BUSY
    assert refused.value.slug == "trainer-busy"


@pytest.mark.parametrize(
    ("starts", "ends"), [(time(16, 29), time(18)), (time(7), time(8, 31))]
)
def test_half_an_hour_of_rest_stands_on_both_sides_of_a_course(
    db: Session, now: datetime, trainer: Person, starts: time, ends: time
) -> None:
    add(db, trainer, now)
    with pytest.raises(TimetableRefused) as refused:
        add(db, trainer, now, local_start=starts, local_end=ends)
    assert refused.value.reason is TimetableRefusal.TRAINER_BUSY


def test_times_that_only_leave_the_rest_others_and_cancelled_dates_are_no_clash(
    db: Session, now: datetime, trainer: Person
) -> None:
    first = add(db, trainer, now)
    add(db, trainer, now, local_start=time(16, 30), local_end=time(18))
    add(db, trainer, now, local_start=time(7), local_end=time(8, 30))
    add(db, make_person(db, now=now, role=Role.TRAINER), now)
    cancel(db, first, now)
    add(db, trainer, now)


def test_a_night_over_midnight_counts_on_both_days(
    db: Session, now: datetime, trainer: Person
) -> None:
    night = add(db, trainer, now, local_start=time(22), local_end=time(6))
    assert night.ends_at - night.starts_at == timedelta(hours=8)
    with pytest.raises(TimetableRefused):
        add(
            db,
            trainer,
            now,
            local_date=date(2026, 3, 11),
            local_start=time(5),
            local_end=time(7),
        )


def test_nobody_cannot_be_put_in_front_of_a_course(
    db: Session, now: datetime, trainer: Person
) -> None:
    with pytest.raises(NotFound):
        add(db, trainer, now, trainer_id=trainer.id + 1)
    with pytest.raises(NotFound):
        lock_trainer(db, person_id=0)


def cancel(
    db: Session, date_: CourseSession, now: datetime, trainer_id: int | None = None
) -> None:
    cancel_course_session(
        db,
        ref=date_.ref,
        trainer_id=trainer_id,
        reason=" The trainer is ill. ",
        cancelled_by_id=date_.trainer_id,
        now=now,
    )


def test_cancelling_says_who_when_and_why_and_calendars_notice(
    db: Session, now: datetime, trainer: Person
) -> None:
    added = add(db, trainer, now)
    later = now + timedelta(hours=1)

    cancel(db, added, later, trainer.id)

    assert added.cancelled_at == added.updated_at == later
    assert added.cancelled_by_id == trainer.id
    assert added.cancel_reason == "The trainer is ill."
    assert added.sequence == 1
    with pytest.raises(TimetableRefused) as refused:
        cancel(db, added, later)
    assert refused.value.reason is TimetableRefusal.ALREADY_CANCELLED


def test_a_trainer_touches_only_their_own_dates(
    db: Session, now: datetime, trainer: Person
) -> None:
    foreign = add(db, make_person(db, now=now, role=Role.TRAINER), now)

    for act in (
        lambda: cancel(db, foreign, now, trainer.id),
        lambda: link(db, foreign, now, trainer_id=trainer.id),
        lambda: get_course_session_of(db, ref=foreign.ref, trainer_id=trainer.id),
        lambda: get_course_session_of(db, ref="0" * 12, trainer_id=None),
    ):
        with pytest.raises(NotFound):
            act()
    assert get_course_session_of(db, ref=foreign.ref, trainer_id=None) is foreign


def link(
    db: Session, date_: CourseSession, now: datetime, url: str = LINK, **scope: Any
) -> None:
    set_joining_link(
        db,
        ref=date_.ref,
        joining_url=url,
        set_by_id=date_.trainer_id,
        now=now,
        **{"trainer_id": None, **scope},
    )


def test_a_new_link_is_a_new_version_and_the_same_link_is_none(
    db: Session, now: datetime, trainer: Person
) -> None:
    added = add(db, trainer, now)
    link(db, added, now)
    link(db, added, now)
    assert (added.joining_url, added.sequence) == (LINK, 1)
    link(db, added, now, LINK + "2")
    assert added.sequence == 2
    with pytest.raises(TimetableRefused) as refused:
        link(db, added, now, "http://a.example/")
    assert refused.value.reason is TimetableRefusal.BAD_LINK
    actions = db.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["added date", "set joining link", "set joining link"]


def change_seats(database: Database, ref: str, *changes: Callable[..., None]) -> int:
    with database.transaction() as db:
        held = lock_course_session(db, ref=ref)
        for change in changes:
            change(db, held)
        assert held.sequence == 0  # a sold seat is no news to a calendar
        return held.seats_taken


def test_the_counter_never_leaves_its_bounds(
    database: Database, now: datetime, trainer: Person
) -> None:
    with database.transaction() as db:
        ref = add(db, trainer, now, capacity=1).ref
    assert change_seats(database, ref, take_seat) == 1
    with pytest.raises(IntegrityError):
        change_seats(database, ref, take_seat)
    with pytest.raises(IntegrityError):
        change_seats(database, ref, release_seat, release_seat)
    assert change_seats(database, ref, release_seat) == 0


def test_public_lists_show_standing_public_dates_ahead_soonest_first(
    db: Session, now: datetime
) -> None:
    today = now.date()

    def make(days: int, **facts: Any) -> CourseSession:
        return make_course_session(
            db, now=now, on=today + timedelta(days=days), **facts
        )

    later, sooner = make(9), make(8)
    other_role = make(7, card_role="lv-jointer")
    make(6, in_house=True)
    cancel(db, gone := make(5), now)
    make(0)  # starts at 9am: now

    def open_dates(**query: Any) -> list[int]:
        found = list_open_course_sessions(
            db, **{"card_role": None, "now": now, "limit": 9, **query}
        )
        return [each.id for each in found]

    assert open_dates() == [other_role.id, sooner.id, later.id]
    assert open_dates(card_role="labourer") == [sooner.id, later.id]
    assert open_dates(limit=1) == [other_role.id]
    per_role = next_course_session_per_role(db, now=now)
    assert {slug: each.id for slug, each in per_role.items()} == {
        "lv-jointer": other_role.id,
        "labourer": sooner.id,
    }
    assert per_role["labourer"].trainer.full_name
    assert gone.cancelled_at


def test_the_next_date_of_every_role_is_one_query(
    database: Database, now: datetime
) -> None:
    with database.transaction() as db:
        for days in range(1, 9):
            on = now.date() + timedelta(days=days)
            for role in ("labourer", "lv-jointer"):
                make_course_session(db, now=now, on=on, card_role=role)
    queries: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        queries.append(sql)

    with database.reading() as db:
        event.listen(database.engine, "before_cursor_execute", note)
        found = next_course_session_per_role(db, now=now)
        names = [each.trainer.full_name for each in found.values()]
    assert len(names) == 2
    assert sum(sql.startswith("SELECT") for sql in queries) == 1


def test_in_house_dates_are_found_by_their_people_only(
    db: Session, now: datetime, trainer: Person
) -> None:
    own = add(db, trainer, now, in_house=True)
    with pytest.raises(NotFound):
        get_public_course_session(db, ref=own.ref)
    assert get_course_session(db, ref=own.ref) is own
    assert get_course_session_of(db, ref=own.ref, trainer_id=trainer.id) is own


def test_a_trainers_list_keeps_cancelled_dates_and_ends_with_the_day(
    db: Session, now: datetime, trainer: Person
) -> None:
    first = add(db, trainer, now)
    second = add(db, trainer, now, local_date=date(2026, 3, 11))
    add(db, make_person(db, now=now, role=Role.TRAINER), now)
    cancel(db, first, now)

    def ids(since: datetime) -> list[int]:
        found = list_trainer_course_sessions(db, trainer_id=trainer.id, since=since)
        return [each.id for each in found]

    assert ids(now) == [first.id, second.id]
    assert ids(first.ends_at - timedelta(seconds=1)) == [first.id, second.id]
    assert ids(first.ends_at) == [second.id]
    everybodys = list_course_sessions_since(db, since=now, limit=9)
    assert len(everybodys) == 3
    assert not is_trainer_busy(
        db,
        trainer_id=trainer.id,
        starts_at=first.starts_at,
        until=first.ends_at,
    )
