from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.attendance.events import RegisterChanged
from ecs_training.attendance.models import AttendanceMark, IdentityCheck
from ecs_training.attendance.queries import (
    get_booking_on_register,
    standing_checks,
    standing_marks,
)
from ecs_training.attendance.rules import (
    DocumentKind,
    IdentityOutcome,
    Presence,
    RegisterRefusal,
)
from ecs_training.attendance.services import (
    MarkRefused,
    check_identity,
    mark_attendance,
    withdraw_identity_check,
)
from ecs_training.booking.models import Booking
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.errors import NotFound
from ecs_training.scheduling.models import CourseSession
from tests.factories import make_booking, make_course_session, make_person

ATTENDED, ABSENT = Presence.ATTENDED, Presence.ABSENT
PASSPORT, LICENCE = DocumentKind.PASSPORT, DocumentKind.DRIVING_LICENCE
MATCHED, DIFFERS = IdentityOutcome.MATCHED, IdentityOutcome.NAME_DIFFERS
LATER = timedelta(minutes=5)


@dataclass
class Day:
    """A course today with Alice and Bob booked on it, and what is heard of its register."""

    course_session: CourseSession
    trainer: Person
    alice: Booking
    bob: Booking
    now: datetime
    heard: list[RegisterChanged] = field(default_factory=list)


@pytest.fixture
def day(db: Session, now: datetime) -> Day:
    trainer = make_person(db, "dawn", now=now, role=Role.TRAINER)
    course_session = make_course_session(db, now=now, trainer=trainer, on=now.date())
    alice, bob = (
        make_booking(db, course_session, make_person(db, name, now=now), now=now)
        for name in ("alice", "bob")
    )
    day = Day(course_session, trainer, alice, bob, now)
    db.info["reactions"] = {
        RegisterChanged: [lambda _db, changed: day.heard.append(changed)]
    }
    return day


def mark(
    db: Session, day: Day, presence: Presence = ATTENDED, **changes: Any
) -> AttendanceMark:
    facts: dict[str, Any] = {
        "booking_id": day.alice.id,
        "presence": presence,
        "marked_by_id": day.trainer.id,
        "now": day.now,
    }
    return mark_attendance(db, **facts | changes)


def check(
    db: Session, day: Day, outcome: IdentityOutcome = MATCHED, **changes: Any
) -> IdentityCheck:
    facts: dict[str, Any] = {
        "booking_id": day.alice.id,
        "document": PASSPORT,
        "outcome": outcome,
        "checked_by_id": day.trainer.id,
        "now": day.now,
    }
    return check_identity(db, **facts | changes)


def withdraw(db: Session, day: Day, **changes: Any) -> None:
    facts: dict[str, Any] = {
        "booking_id": day.alice.id,
        "withdrawn_by_id": day.trainer.id,
        "now": day.now,
    }
    withdraw_identity_check(db, **facts | changes)


def audited(db: Session) -> list[tuple[str, int | None, str, dict[str, Any]]]:
    entries = db.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [
        (entry.action, entry.actor_id, entry.subject, entry.details)
        for entry in entries
    ]


def test_a_mark_says_who_marked_whom_and_when(db: Session, day: Day) -> None:
    given = mark(db, day)

    row = db.scalars(select(AttendanceMark)).one()
    assert row is given
    assert (row.booking_id, row.presence) == (day.alice.id, ATTENDED)
    assert (row.marked_by_id, row.marked_at) == (day.trainer.id, day.now)
    assert row.withdrawn_at is None
    assert audited(db) == [
        (
            "marked attendance",
            day.trainer.id,
            f"booking/{day.alice.ref}",
            {"before": None, "after": "attended"},
        )
    ]
    assert day.heard == [
        RegisterChanged(
            occurred_at=day.now, booking_id=day.alice.id, marked_by_id=day.trainer.id
        )
    ]


def test_marked_otherwise_the_old_mark_is_withdrawn_and_kept(
    db: Session, day: Day
) -> None:
    first = mark(db, day)
    staff = make_person(db, "staff", now=day.now, role=Role.STAFF)
    second = mark(db, day, ABSENT, marked_by_id=staff.id, now=day.now + LATER)

    assert (first.presence, first.withdrawn_at) == (ATTENDED, day.now + LATER)
    assert (second.marked_by_id, second.withdrawn_at) == (staff.id, None)
    assert standing_marks(db, booking_ids=[day.alice.id]) == {day.alice.id: second}
    assert audited(db)[1][1] == staff.id
    assert audited(db)[1][3] == {"before": "attended", "after": "absent"}
    assert [changed.marked_by_id for changed in day.heard] == [day.trainer.id, staff.id]


def test_marked_the_same_again_nothing_happens(db: Session, day: Day) -> None:
    first = mark(db, day)
    assert mark(db, day, now=day.now + LATER) is first
    assert first.marked_at == day.now
    assert db.scalars(select(func.count(AttendanceMark.id))).one() == 1
    assert len(audited(db)) == len(day.heard) == 1


def test_back_and_forth_leaves_one_mark_standing(db: Session, day: Day) -> None:
    for n, presence in enumerate((ATTENDED, ABSENT, ATTENDED)):
        mark(db, day, presence, now=day.now + n * LATER)
    last = mark(db, day, ABSENT, now=day.now + 3 * LATER)
    assert standing_marks(db, booking_ids=[day.alice.id])[day.alice.id] is last
    assert db.scalars(select(func.count(AttendanceMark.id))).one() == 4


def test_a_check_says_what_was_looked_at_and_what_was_seen(
    db: Session, day: Day
) -> None:
    check(db, day)

    row = db.scalars(select(IdentityCheck)).one()
    assert (row.booking_id, row.document, row.outcome) == (
        day.alice.id,
        PASSPORT,
        MATCHED,
    )
    assert (row.checked_by_id, row.checked_at) == (day.trainer.id, day.now)
    assert audited(db) == [
        (
            "checked identity",
            day.trainer.id,
            f"booking/{day.alice.ref}",
            {"before": None, "after": "matched", "document": "passport"},
        )
    ]
    assert len(day.heard) == 1


def test_a_check_keeps_no_image_and_no_number() -> None:
    columns = set(IdentityCheck.__table__.columns.keys())
    assert columns == {
        "id",
        "booking_id",
        "document",
        "outcome",
        "checked_by_id",
        "checked_at",
        "withdrawn_at",
    }


@pytest.mark.parametrize("change", [{"document": LICENCE}, {"outcome": DIFFERS}])
def test_checked_otherwise_the_old_check_is_withdrawn_and_kept(
    db: Session, day: Day, change: dict[str, Any]
) -> None:
    first = check(db, day)
    second = check(db, day, **{"now": day.now + LATER} | change)

    assert first.withdrawn_at == day.now + LATER
    assert standing_checks(db, booking_ids=[day.alice.id]) == {day.alice.id: second}
    assert len(audited(db)) == len(day.heard) == 2


def test_checked_the_same_again_nothing_happens(db: Session, day: Day) -> None:
    first = check(db, day)
    assert check(db, day, now=day.now + LATER) is first
    assert len(audited(db)) == len(day.heard) == 1


def test_a_check_can_be_taken_back(db: Session, day: Day) -> None:
    first = check(db, day)
    withdraw(db, day, now=day.now + LATER)

    assert first.withdrawn_at == day.now + LATER
    assert standing_checks(db, booking_ids=[day.alice.id]) == {}
    assert audited(db)[1][0] == "withdrew identity check"
    assert audited(db)[1][3] == {"before": "matched"}
    assert len(day.heard) == 2

    again = check(db, day, now=day.now + 2 * LATER)
    assert again is not first
    assert standing_checks(db, booking_ids=[day.alice.id]) == {day.alice.id: again}


def test_where_no_check_stands_there_is_none_to_take_back(
    db: Session, day: Day
) -> None:
    check(db, day, booking_id=day.bob.id)
    withdraw(db, day)
    assert set(standing_checks(db, booking_ids=[day.alice.id, day.bob.id])) == {
        day.bob.id
    }
    assert len(audited(db)) == len(day.heard) == 1


Act = Callable[..., object]
ACTS = pytest.mark.parametrize("act", [mark, check, withdraw])


@ACTS
def test_a_day_begins_at_midnight_in_london(db: Session, day: Day, act: Act) -> None:
    # 1 July: London is an hour ahead of UTC.
    day.course_session.local_date = date(2026, 7, 1)
    db.flush()
    midnight = datetime(2026, 6, 30, 23, 0, tzinfo=UTC)
    with pytest.raises(MarkRefused) as refused:
        act(db, day, now=midnight - timedelta(seconds=1))
    assert refused.value.reason is RegisterRefusal.TOO_EARLY
    assert refused.value.slug == "too-early"
    assert day.heard == []

    act(db, day, now=midnight)


@ACTS
def test_a_cancelled_booking_is_not_on_the_register(
    db: Session, day: Day, act: Act
) -> None:
    day.alice.cancelled_at, day.alice.cancelled_by_id = day.now, day.trainer.id
    db.flush()
    with pytest.raises(NotFound):
        act(db, day)
    act(db, day, booking_id=day.bob.id)


@ACTS
def test_a_booking_that_never_was_is_not_found(db: Session, day: Day, act: Act) -> None:
    with pytest.raises(NotFound):
        act(db, day, booking_id=day.bob.id + 1000)


def test_what_stands_is_told_for_the_asked_bookings_only(db: Session, day: Day) -> None:
    carol = make_booking(
        db, day.course_session, make_person(db, "carol", now=day.now), now=day.now
    )
    of_alice = mark(db, day)
    of_bob = mark(db, day, ABSENT, booking_id=day.bob.id)
    mark(db, day, booking_id=carol.id)
    checked = check(db, day, booking_id=day.bob.id)
    check(db, day, booking_id=carol.id)

    asked = [day.alice.id, day.bob.id]
    assert standing_marks(db, booking_ids=asked) == {
        day.alice.id: of_alice,
        day.bob.id: of_bob,
    }
    assert standing_checks(db, booking_ids=asked) == {day.bob.id: checked}
    assert standing_marks(db, booking_ids=[]) == {}
    assert standing_checks(db, booking_ids=[]) == {}


def test_a_whole_register_is_read_in_two_queries(db: Session, day: Day) -> None:
    for booking in (day.alice, day.bob):
        mark(db, day, booking_id=booking.id)
        check(db, day, booking_id=booking.id)
    db.flush()
    db.expunge_all()
    asked: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        asked.append(sql)

    event.listen(db.get_bind(), "before_cursor_execute", note)
    ids = [day.alice.id, day.bob.id]
    marks = standing_marks(db, booking_ids=ids)
    checks = standing_checks(db, booking_ids=ids)
    names = {one.checked_by.full_name for one in checks.values()}
    event.remove(db.get_bind(), "before_cursor_execute", note)

    assert (len(marks), len(checks), names) == (2, 2, {"Dawn"})
    assert len(asked) == 2


def test_trainers_find_the_bookings_of_their_own_dates(db: Session, day: Day) -> None:
    stranger = make_person(db, "eve", now=day.now, role=Role.TRAINER)
    other = make_course_session(
        db, now=day.now, trainer=day.trainer, on=date(2026, 3, 4)
    )

    def find(**changes: Any) -> Booking:
        facts: dict[str, Any] = {
            "course_session_ref": day.course_session.ref,
            "booking_ref": day.alice.ref,
            "trainer_id": day.trainer.id,
        }
        return get_booking_on_register(db, **facts | changes)

    for trainer_id in (day.trainer.id, None):
        found = find(trainer_id=trainer_id)
        assert found is day.alice
        assert found.candidate.full_name == "Alice"
        assert found.course_session is day.course_session
    for wrong in (
        {"trainer_id": stranger.id},
        {"trainer_id": day.alice.candidate_id},
        {"course_session_ref": other.ref},
        {"course_session_ref": "0" * 12},
        {"booking_ref": "0" * 12, "trainer_id": None},
        {"course_session_ref": other.ref, "trainer_id": None},
    ):
        with pytest.raises(NotFound):
            find(**wrong)


def test_a_cancelled_booking_is_not_found_on_the_register(
    db: Session, day: Day
) -> None:
    day.alice.cancelled_at, day.alice.cancelled_by_id = day.now, day.trainer.id
    db.flush()
    with pytest.raises(NotFound):
        get_booking_on_register(
            db,
            course_session_ref=day.course_session.ref,
            booking_ref=day.alice.ref,
            trainer_id=None,
        )
