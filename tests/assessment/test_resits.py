"""Another go: to whom it is given, on which date, and what stands on it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ecs_training.accounts.rules import Role
from ecs_training.assessment.models import Attempt, Entry, Resit
from ecs_training.assessment.queries.resits import (
    after_failure,
    get_sat_attempt,
    list_dates_for,
    list_stranded,
)
from ecs_training.assessment.queries.sittings import (
    list_entered,
    list_sitting_again,
)
from ecs_training.assessment.rules.granting import (
    BY_THE_RULE,
    ResitRefusal,
    is_date_over,
    why_not_by_rule,
    why_not_sit_again,
    why_not_use_date,
)
from ecs_training.assessment.rules.record import TimeChangeKind
from ecs_training.assessment.rules.resits import Chance, ChanceKind
from ecs_training.assessment.services.attempts import StartRefused, start_attempt
from ecs_training.assessment.services.extending import ExtendRefused, extend_attempt
from ecs_training.assessment.services.finish import finish_attempt, void_attempt
from ecs_training.assessment.services.resits import ResitRefused, grant_resit
from ecs_training.assessment.services.sittings import open_sitting
from ecs_training.attendance.rules import DocumentKind, IdentityOutcome
from ecs_training.attendance.services import check_identity
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import NotFound
from ecs_training.passes.models import Pass
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.services import cancel_course_session
from tests.assessment.exam import (
    BLUEPRINT,
    Day,
    Sitter,
    make_day,
    make_sign_in,
    sit,
    together,
)
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_booking, make_course_session, make_person
from tests.racing import take_locks_away

WEEK = timedelta(days=7)
HALF_HOUR = timedelta(minutes=30)


class Hall:
    """A day whose first candidate has failed; the second sits beside them."""

    def __init__(self, db: Session, now: datetime, *, failed: bool = True) -> None:
        self.db, self.day = db, make_day(db, now=now, people=2)
        self.staff = make_person(db, "staff", now=now, role=Role.STAFF)
        self.person, self.booking = self.day.candidates[0], self.day.bookings[0]
        self.now = now
        self.attempt = self.sit(self.day.sitting.ref)
        if failed:
            finish_attempt(db, attempt_id=self.attempt.id, now=now)

    def sit(
        self, sitting_ref: str, who: int = 0, now: datetime | None = None
    ) -> Attempt:
        person = self.day.candidates[who]
        return start_attempt(
            self.db,
            sitting_ref=sitting_ref,
            person_id=person.id,
            sign_in_id=make_sign_in(self.db, person, now=now or self.now),
            blueprint=BLUEPRINT,
            now=now or self.now,
        )

    def grant(
        self,
        on: CourseSession | None = None,
        *,
        attempt: Attempt | None = None,
        now: datetime | None = None,
        outside: bool = False,
    ) -> Resit:
        return grant_resit(
            self.db,
            attempt_id=(attempt or self.attempt).id,
            course_session_ref=on.ref if on else None,
            reason=BY_THE_RULE,
            granted_by_id=self.staff.id,
            now=now or self.now,
            outside_rule=outside,
        )

    def refused(self, on: CourseSession | None = None, **how: Any) -> ResitRefusal:
        with pytest.raises(ResitRefused) as refused:
            self.grant(on, **how)
        return refused.value.reason

    def listed(self) -> list[int]:
        sat = get_sat_attempt(self.db, attempt_id=self.attempt.id)
        dates = list_dates_for(self.db, sat=sat, now=self.now, limit=9)
        return [one.id for one in dates]

    def later(self, weeks: int = 1, **facts: Any) -> CourseSession:
        on = (self.now + WEEK * weeks).date()
        return make_course_session(
            self.db, now=self.now, trainer=self.day.trainer, on=on, **facts
        )

    def open(self, course_session: CourseSession, now: datetime) -> str:
        return open_sitting(
            self.db,
            course_session_ref=course_session.ref,
            trainer_id=None,
            invigilator_id=self.day.trainer.id,
            declaration="I watch everybody.",
            blueprint=BLUEPRINT,
            now=now,
        ).ref


@pytest.fixture
def hall(db: Session, now: datetime) -> Hall:
    return Hall(db, now)


def test_a_resit_today_is_another_entry_on_the_same_evidence(hall: Hall) -> None:
    resit = hall.grant()
    old = hall.db.get_one(Entry, hall.attempt.entry_id)
    new = hall.db.get_one(Entry, resit.entry_id)
    assert old.spent_at == hall.now
    assert (new.booking_id, new.course_session_id) == (
        hall.booking.id,
        hall.day.course_session.id,
    )
    assert (new.attendance_mark_id, new.identity_check_id) == (
        old.attendance_mark_id,
        old.identity_check_id,
    )
    assert (new.spent_at, new.withdrawn_at) == (None, None)
    audit = hall.db.scalars(
        select(AuditEntry).where(AuditEntry.action == "granted resit")
    ).one()
    assert audit.actor_id == hall.staff.id
    assert audit.subject == f"attempt/{hall.attempt.ref}"


def test_the_resit_is_another_paper_and_a_pass_on_it_stands_on_the_booking(
    hall: Hall,
) -> None:
    hall.grant()
    again = hall.sit(hall.day.sitting.ref)
    assert again.id != hall.attempt.id
    again.pass_mark = 0  # so that handing it in is a pass
    finish_attempt(hall.db, attempt_id=again.id, now=hall.now)
    hall.db.flush()
    passed = hall.db.scalars(select(Pass)).one()
    old = hall.db.get_one(Entry, hall.attempt.entry_id)
    assert passed.attempt_id == again.id
    assert passed.booking_id == hall.booking.id
    assert passed.identity_check_id == old.identity_check_id
    assert passed.sitting_id == hall.day.sitting.id


def test_a_room_that_let_all_in_long_ago_lets_the_resit_in(hall: Hall) -> None:
    sitting = hall.day.sitting
    sitting.gated_at = hall.now
    sitting.released_at = hall.now
    hall.db.flush()
    later = hall.now + timedelta(minutes=40)
    hall.grant(now=later)
    assert hall.sit(sitting.ref, now=later).started_at == later
    with pytest.raises(StartRefused):  # the noise came late and was not admitted
        hall.sit(sitting.ref, 1, now=later)


def test_one_attempt_has_one_resit_and_only_after_a_failure(
    db: Session, now: datetime
) -> None:
    hall = Hall(db, now, failed=False)
    assert hall.refused() is ResitRefusal.NOT_FINISHED
    hall.attempt.pass_mark = 0
    finish_attempt(db, attempt_id=hall.attempt.id, now=now)
    assert hall.refused(outside=True) is ResitRefusal.PASSED
    void_attempt(
        db,
        attempt_id=hall.attempt.id,
        reason="somebody helped",
        voided_by_id=hall.staff.id,
        now=now,
    )
    hall.grant()
    assert hall.refused(outside=True) is ResitRefusal.GRANTED_ALREADY


def test_practice_has_no_resit(hall: Hall) -> None:
    practice = hall.sit(hall.day.sitting.ref, 1)
    practice.entry_id = practice.sitting_id = None
    hall.db.flush()
    with pytest.raises(NotFound):
        hall.grant(attempt=practice)


def test_by_the_rule_once_today_then_in_a_week_then_the_course_again(
    hall: Hall,
) -> None:
    hall.grant()
    second = hall.sit(hall.day.sitting.ref)
    finish_attempt(hall.db, attempt_id=second.id, now=hall.now)
    hall.attempt = second
    early = make_course_session(
        hall.db, now=hall.now, on=hall.now.date() + timedelta(days=6)
    )
    with pytest.raises(ResitRefused) as refused:
        hall.grant()
    assert refused.value.reason is ResitRefusal.WAIT
    assert refused.value.not_before == date(2026, 3, 9)
    assert "from Monday 9 March 2026" in refused.value.words
    assert hall.refused(early) is ResitRefusal.WAIT
    day = hall.later()
    hall.grant(day)
    then = day.ends_at
    third = hall.sit(hall.open(day, then), now=then)
    assert third.card_role == hall.attempt.card_role
    finish_attempt(hall.db, attempt_id=third.id, now=then)
    hall.attempt, hall.now = third, then
    assert hall.refused(hall.later(4)) is ResitRefusal.RE_ATTEND
    hall.grant(hall.later(5), outside=True)


def test_the_chance_of_today_is_none_for_another_day(hall: Hall) -> None:
    """The waiting time counts for a date after today, although today would be allowed."""
    soon = make_course_session(
        hall.db, now=hall.now, on=hall.now.date() + timedelta(days=1)
    )
    assert hall.refused(soon) is ResitRefusal.WAIT
    hall.grant(soon, outside=True)


def test_a_voided_attempt_is_no_try(hall: Hall) -> None:
    void_attempt(
        hall.db,
        attempt_id=hall.attempt.id,
        reason="an alarm",
        voided_by_id=hall.staff.id,
        now=hall.now,
    )
    hall.grant()
    second = hall.sit(hall.day.sitting.ref)
    finish_attempt(hall.db, attempt_id=second.id, now=hall.now)
    hall.grant(attempt=second)  # the first failure that counts: once more today


def test_dates_that_cannot_be_used(hall: Hall) -> None:
    other_role = hall.later(card_role="lv-jointer")
    cancelled = hall.later(2)
    cancelled.cancelled_at, cancelled.cancelled_by_id = hall.now, hall.staff.id
    past = hall.later(-1)
    booked = hall.later(3)
    make_booking(hall.db, booked, hall.person, now=hall.now)
    assert hall.refused(other_role) is ResitRefusal.NO_SUCH_DATE
    assert hall.refused(cancelled) is ResitRefusal.DATE_CANCELLED
    assert hall.refused(past) is ResitRefusal.DATE_OVER
    assert hall.refused(booked) is ResitRefusal.HAS_BOOKING
    with pytest.raises(ResitRefused) as refused:
        grant_resit(
            hall.db,
            attempt_id=hall.attempt.id,
            course_session_ref="NOSUCHDATE00",
            reason=BY_THE_RULE,
            granted_by_id=hall.staff.id,
            now=hall.now,
        )
    assert refused.value.reason is ResitRefusal.NO_SUCH_DATE
    assert hall.listed() == [hall.day.course_session.id, booked.id]
    hall.day.sitting.closed_at = hall.now
    hall.day.sitting.closing_declaration = "Closed."
    hall.db.flush()
    assert hall.refused() is ResitRefusal.DATE_OVER
    assert hall.listed() == [booked.id]


def test_both_registers_tell_the_story(hall: Hall) -> None:
    day = hall.later()
    noise = make_booking(hall.db, day, make_person(hall.db, now=hall.now), now=hall.now)
    hall.grant(day)
    here = list_entered(hall.db, course_session_id=hall.day.course_session.id)
    assert here[hall.booking.id].attempt is hall.attempt  # what was sat here stays
    there = list_entered(hall.db, course_session_id=day.id)
    assert there[hall.booking.id].attempt is None
    again = list_sitting_again(hall.db, course_session_id=day.id)
    assert [one.id for one in again] == [hall.booking.id]
    assert noise.id not in there
    assert (
        list_sitting_again(hall.db, course_session_id=hall.day.course_session.id) == []
    )


def test_a_mark_put_right_later_leaves_the_resit_on_its_date(hall: Hall) -> None:
    day = hall.later()
    resit = hall.grant(day)
    check_identity(
        hall.db,
        booking_id=hall.booking.id,
        document=DocumentKind.ECS_CARD,
        outcome=IdentityOutcome.MATCHED,
        checked_by_id=hall.day.trainer.id,
        now=hall.now,
    )
    hall.db.expire_all()
    entry = hall.db.get_one(Entry, resit.entry_id)
    assert entry.course_session_id == day.id
    assert (entry.withdrawn_at, entry.spent_at) == (None, None)


def test_a_resit_on_a_cancelled_date_is_shown_to_staff_and_moved(hall: Hall) -> None:
    day = hall.later()
    resit = hall.grant(day)
    month_ago = hall.now.date() - timedelta(days=30)
    assert list_stranded(hall.db, since=month_ago, now=hall.now) == []
    assert hall.refused(hall.later(2)) is ResitRefusal.GRANTED_ALREADY
    cancel_course_session(
        hall.db,
        ref=day.ref,
        trainer_id=None,
        reason="no trainer",
        cancelled_by_id=hall.staff.id,
        now=hall.now,
    )
    hall.db.flush()
    (sat,) = list_stranded(hall.db, since=month_ago, now=hall.now)
    assert sat.attempt.id == hall.attempt.id
    moved = hall.grant(hall.later(3))
    assert moved.id == resit.id
    assert list_stranded(hall.db, since=month_ago, now=hall.now) == []
    live = select(func.count(Entry.id)).where(
        Entry.booking_id == hall.booking.id,
        Entry.withdrawn_at.is_(None),
        Entry.spent_at.is_(None),
    )
    assert hall.db.scalar(live) == 1


def test_an_attempt_with_a_resit_is_not_opened_again(hall: Hall) -> None:
    hall.grant()
    with pytest.raises(ExtendRefused):
        extend_attempt(
            hall.db,
            attempt_id=hall.attempt.id,
            length=HALF_HOUR,
            kind=TimeChangeKind.EXTENSION,
            reason="connection",
            made_by_id=hall.staff.id,
            now=hall.now,
        )


def test_what_comes_next_is_today_only_while_somebody_can_start(hall: Hall) -> None:
    def words(now: datetime) -> str:
        after = after_failure(
            hall.db, attempt_id=hall.attempt.id, rule=BLUEPRINT.resits, now=now
        )
        return after.words

    assert "You can sit again today" in words(hall.now)
    over = hall.day.sitting.closes_at
    assert "You can sit again today" in words(over - timedelta(seconds=1))
    assert "from Monday 9 March 2026" in words(over)
    hall.grant()
    assert words(hall.now) == ""


def test_what_is_in_the_way_of_any_resit() -> None:
    usual = {"finished": True, "passed": False, "voided": False, "granted": False}
    assert why_not_sit_again(**usual) is None
    assert why_not_sit_again(**{**usual, "passed": True, "voided": True}) is None


def test_a_date_in_nobodys_way_is_used() -> None:
    usual = {"same_role": True, "cancelled": False, "over": False}
    assert why_not_use_date(**usual, has_booking=False) is None


@pytest.mark.parametrize(
    ("chance", "reason"),
    [
        (None, None),
        (Chance(kind=ChanceKind.WAIT, not_before=date(2026, 3, 2)), None),
        (Chance(kind=ChanceKind.WAIT, not_before=date(2026, 3, 3)), ResitRefusal.WAIT),
        (Chance(kind=ChanceKind.RE_ATTEND, not_before=None), ResitRefusal.RE_ATTEND),
    ],
)
def test_the_rule_is_asked_for_the_day_of_the_assessment(
    chance: Chance | None, reason: ResitRefusal | None, now: datetime
) -> None:
    assert why_not_by_rule(chance, at=now) is reason


def test_a_day_without_a_sitting_is_over_at_its_end_and_a_sitting_when_it_closes(
    now: datetime,
) -> None:
    def over(**facts: datetime) -> bool:
        usual: dict[str, Any] = {"closes_at": None, "closed_at": None, "now": now}
        return is_date_over(
            **{**usual, **facts}, local_date=now.date(), today=now.date()
        )

    assert not over()
    assert not over(closes_at=now + timedelta(seconds=1))
    assert over(closes_at=now)
    assert over(closes_at=now + HALF_HOUR, closed_at=now)


# Over the pages.


@pytest.fixture
def failed(app: Flask, day: Day) -> Sitter:
    """Somebody who has handed in a paper without an answer."""
    sitter = sit(app, day)
    sitter.finish()
    return sitter


def signed_in(app: Flask, name: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(f"{name}@example.org")
    return visitor


def test_the_trainer_offers_a_resit_from_the_register_and_it_is_sat(
    app: Flask, day: Day, failed: Sitter
) -> None:
    page = failed.open(f"/attempts/{failed.ref}/result")
    assert "You can sit again today. Ask your invigilator" in page.text
    trainer = signed_in(app, "trainer")
    register = f"/trainer/course-sessions/{day.course_session.ref}"
    page = trainer.open(register)
    assert page.text.count("Offer a resit today") == 1
    trainer.send(to="/resit")
    page = trainer.open(register)
    assert "Offer a resit today" not in page.text
    assert page.text.count("Can start") >= 2
    page = failed.open(f"/attempts/{failed.ref}/result")
    assert f"/sittings/{day.sitting.ref}" in page.text
    page = failed.open(f"/bookings/{day.bookings[0].ref}")
    assert "You can sit again now" in page.text
    first = failed.ref
    failed.start(f"/sittings/{day.sitting.ref}")
    assert failed.ref != first


def test_another_trainer_or_a_candidate_offers_none(
    app: Flask, database: Database, clock: MovableClock, day: Day, failed: Sitter
) -> None:
    with database.transaction() as db:
        make_person(db, "other", now=clock(), role=Role.TRAINER)
    path = f"/trainer/course-sessions/{day.course_session.ref}/attempts/{failed.ref}"
    for name in ("other", "sitter1"):
        assert signed_in(app, name).post(f"{path}/resit").status_code == 404
    assert failed.post(f"/staff/attempts/{failed.ref}/resit").status_code == 404
    trainer = signed_in(app, "trainer")
    assert trainer.open(f"/staff/attempts/{failed.ref}/resit").status_code == 404


def test_a_second_offer_is_refused_on_the_register(
    app: Flask, day: Day, failed: Sitter
) -> None:
    trainer = signed_in(app, "trainer")
    path = (
        f"/trainer/course-sessions/{day.course_session.ref}/attempts/{failed.ref}/resit"
    )
    assert trainer.post(path).status_code == 303
    page = trainer.post(path)
    assert page.status_code == 409
    assert 'data-refusal="granted-already"' in page.text


def test_staff_choose_a_later_date_and_the_candidate_reads_it(
    app: Flask, database: Database, clock: MovableClock, day: Day, failed: Sitter
) -> None:
    with database.transaction() as db:
        make_person(db, "staff", now=clock(), role=Role.STAFF)
        week = make_course_session(db, now=clock())
        soon = make_course_session(
            db, now=clock(), on=clock().date() + timedelta(days=6)
        )
    staff = signed_in(app, "staff")
    register = f"/trainer/course-sessions/{day.course_session.ref}"
    path = f"/staff/attempts/{failed.ref}/resit"
    assert path in staff.open(register).text
    page = staff.open(path)
    assert "The rule allows a resit today" in page.text
    page = staff.send(outside_reason="")
    assert page.status_code == 422
    assert "Choose the date." in page.text
    page = staff.send(course_session=soon.ref, outside_reason="")
    assert page.status_code == 409
    assert 'data-refusal="wait"' in page.text
    assert "Monday 9 March 2026" in page.text
    page = staff.send(course_session=week.ref, outside_reason="")
    assert page.status_code == 200
    assert "Resit on Monday 9 March 2026" in page.text
    page = failed.open(f"/attempts/{failed.ref}/result")
    assert "You sit again on" in page.text
    assert "Monday 9 March 2026" in page.text
    assert (
        "You sit again on Monday 9 March 2026"
        in failed.open(f"/bookings/{day.bookings[0].ref}").text
    )
    assert "Sits again on another date" in staff.open(register).text
    there = staff.open(f"/trainer/course-sessions/{week.ref}").text
    assert "Sitter1 sits again" in there


def test_outside_the_rule_a_reason_is_kept(
    app: Flask, database: Database, clock: MovableClock, failed: Sitter
) -> None:
    with database.transaction() as db:
        make_person(db, "staff", now=clock(), role=Role.STAFF)
        soon = make_course_session(
            db, now=clock(), on=clock().date() + timedelta(days=1)
        )
    staff = signed_in(app, "staff")
    staff.open(f"/staff/attempts/{failed.ref}/resit")
    assert (
        staff.send(course_session=soon.ref, outside_reason="illness").status_code == 200
    )
    with database.reading() as db:
        assert db.scalars(select(Resit.reason)).all() == ["illness"]


# Two at once.


def race(database: Database, now: datetime) -> list[str]:
    with database.transaction() as db:
        hall = Hall(db, now)

    def grant() -> str:
        try:
            with database.transaction() as db:
                hall_of = select(Attempt).where(Attempt.id == hall.attempt.id)
                grant_resit(
                    db,
                    attempt_id=db.scalars(hall_of).one().id,
                    course_session_ref=None,
                    reason=BY_THE_RULE,
                    granted_by_id=hall.staff.id,
                    now=now,
                )
        except ResitRefused as refused:
            return refused.reason.name
        except DBAPIError:
            return "the constraint"
        return "granted"

    jobs: list[Callable[[], str]] = [grant, grant]
    outcomes = sorted(together(*jobs))
    with database.reading() as db:
        assert db.scalars(select(func.count(Resit.id))).one() == 1
    return outcomes


def test_of_two_who_grant_at_once_one_does(
    database: Database, clock: MovableClock
) -> None:
    assert race(database, clock()) == ["GRANTED_ALREADY", "granted"]


def test_without_the_locks_the_constraint_refuses_the_second(
    database: Database, clock: MovableClock
) -> None:
    take_locks_away(database)
    outcomes = race(database, clock())
    assert outcomes in (["granted", "the constraint"], ["GRANTED_ALREADY", "granted"])
