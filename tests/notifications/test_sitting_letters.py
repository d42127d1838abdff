"""What people are told about adjustments, resits and attempts that do not count."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.assessment.models import Attempt, Entry
from ecs_training.assessment.services.finish import void_attempt
from ecs_training.assessment.services.resits import grant_resit
from ecs_training.attendance.rules import Presence
from ecs_training.attendance.services import mark_attendance
from ecs_training.booking.models import Adjustment, Booking
from ecs_training.booking.services import ask_adjustment, decide_adjustment
from ecs_training.notifications.models import OutgoingEmail
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.services import (
    cancel_course_session,
    move_course_session,
    restore_course_session,
    set_joining_link,
)
from tests.factories import (
    make_booking,
    make_course_session,
    make_finished_attempt,
    make_pass,
    make_person,
)
from tests.notifications.conftest import Post

SECRET = "my eyes are bad"


def ask(db: Session, post: Post) -> tuple[Adjustment, Booking]:
    alice = make_person(db, "alice", now=post.clock())
    booking = make_booking(
        db, make_course_session(db, now=post.clock()), alice, now=post.clock()
    )
    asked = ask_adjustment(
        db,
        booking_ref=booking.ref,
        person_id=alice.id,
        needs=SECRET,
        now=post.clock(),
    )
    return asked, booking


def staff(db: Session, post: Post) -> Person:
    return make_person(db, "staff", now=post.clock(), role=Role.STAFF)


def last(post: Post) -> OutgoingEmail:
    letter = post.letters()[-1]
    assert letter.to == "alice@example.org"
    return letter


def test_asking_is_confirmed_without_what_was_written(post: Post) -> None:
    with post.database.transaction() as db:
        _, booking = ask(db, post)
    letter = last(post)
    assert "answers you by e-mail, before your course" in letter.text
    assert f"/bookings/{booking.ref}/adjustments" in letter.text
    assert "Monday 9 March 2026" in letter.text
    assert SECRET not in letter.text


@pytest.mark.parametrize(
    ("agreed", "subject", "told", "untold"),
    [
        (
            True,
            "Agreed: what you need in your assessment",
            "- Time: 150% of the usual time\n- Breaks: up to 10 minutes",
            "could not",
        ),
        (
            False,
            "About what you need in your assessment",
            "We could not agree",
            "Time: 150%",
        ),
    ],
)
def test_the_answer_says_what_is_agreed(
    post: Post, agreed: bool, subject: str, told: str, untold: str
) -> None:
    with post.database.transaction() as db:
        asked, _ = ask(db, post)
        decide_adjustment(
            db,
            ref=asked.ref,
            agreed=agreed,
            time_percent=150,
            rest_minutes=10,
            reply="Dawn is with you.",
            decided_by_id=staff(db, post).id,
            expects_decided_at=None,
            now=post.clock(),
        )
    letter = last(post)
    assert letter.subject == subject
    assert told in letter.text
    assert untold not in letter.text
    assert "Dawn is with you." in letter.text
    assert SECRET not in letter.text


def fail(db: Session, post: Post) -> Attempt:
    alice = make_person(db, "alice", now=post.clock())
    return make_finished_attempt(db, alice, finished_at=post.clock(), score=40)


def grant(
    db: Session, post: Post, attempt: Attempt, by: Person, day: CourseSession | None
) -> None:
    grant_resit(
        db,
        attempt_id=attempt.id,
        course_session_ref=day.ref if day else None,
        reason="by-the-rule",
        granted_by_id=by.id,
        now=post.clock(),
    )


def sits_again(db: Session, post: Post) -> tuple[CourseSession, Person]:
    """Let alice sit again on Monday; return the day, and who of staff granted it."""
    by, day = staff(db, post), make_course_session(db, now=post.clock())
    grant(db, post, fail(db, post), by, day)
    return day, by


def test_a_resit_is_told_with_its_day_and_told_again_when_it_is_moved(
    post: Post,
) -> None:
    with post.database.transaction() as db:
        attempt = fail(db, post)
        by = staff(db, post)
        for weeks in (1, 2):
            day = make_course_session(
                db,
                now=post.clock(),
                on=post.clock().date() + timedelta(days=7 * weeks),
            )
            grant(db, post, attempt, by, day)
            day.cancelled_at, day.cancelled_by_id = post.clock(), by.id
            db.flush()
    first, second = post.letters()
    assert first.subject == "You can sit your assessment again"
    assert "Monday 9 March 2026" in first.text
    assert "from about 4:30pm" in first.text
    assert "Monday 16 March 2026" in second.text
    assert "score" not in first.text.lower()


def test_a_resit_today_says_now(post: Post) -> None:
    with post.database.transaction() as db:
        grant(db, post, fail(db, post), staff(db, post), None)
    letter = last(post)
    assert "Time: now. Ask your invigilator" in letter.text
    assert letter.calendar is letter.method is None  # the day is in their calendar


def test_a_resit_falls_with_what_it_stands_on_and_comes_back_with_it(
    post: Post,
) -> None:
    with post.database.transaction() as db:
        _, by = sits_again(db, post)
        entry = db.scalars(select(Entry).where(Entry.spent_at.is_(None))).one()
        booking_id = entry.booking_id
    for presence in (Presence.ABSENT, Presence.ATTENDED, Presence.ATTENDED):
        post.clock.advance(minutes=1)
        with post.database.transaction() as db:
            mark_attendance(
                db,
                booking_id=booking_id,
                presence=presence,
                marked_by_id=by.id,
                now=post.clock(),
            )
    _, fallen, back = post.letters_to("alice")
    assert fallen.subject == "You do not sit again on Monday 9 March 2026"
    assert "Is that wrong?" in fallen.text
    assert back.subject == "You can sit your assessment again"
    told = [letter.calendar or "" for letter in (fallen, back)]
    assert [method_of(each) for each in told] == ["CANCEL", "REQUEST"]
    assert [number_of(each) for each in told] == [1, 2]


def method_of(calendar: str) -> str:
    return str(Calendar.from_ical(calendar)["method"])


def number_of(calendar: str) -> int:
    (event,) = Calendar.from_ical(calendar).walk("VEVENT")
    return int(str(event["sequence"]))


def uid_of(calendar: str) -> str:
    (event,) = Calendar.from_ical(calendar).walk("VEVENT")
    return str(event["uid"])


def void(db: Session, post: Post, attempt_id: int) -> None:
    void_attempt(
        db,
        attempt_id=attempt_id,
        reason="An alarm went off",
        voided_by_id=staff(db, post).id,
        now=post.clock(),
    )


def test_a_voided_attempt_is_told_with_what_was_noted(post: Post) -> None:
    with post.database.transaction() as db:
        void(db, post, fail(db, post).id)
    (letter,) = post.letters()
    assert letter.subject == "Your assessment does not count"
    assert "What was noted: An alarm went off" in letter.text


def test_whose_pass_falls_with_it_gets_one_letter_about_both(post: Post) -> None:
    with post.database.transaction() as db:
        alice = make_person(db, "alice", now=post.clock())
        passed = make_pass(db, alice, earned_at=post.clock())
        void(db, post, passed.attempt_id)
    subjects = [letter.subject for letter in post.letters()]
    assert subjects[1:] == ["Your pass has been taken back"]


def test_whoever_sits_again_hears_of_the_link_and_of_a_cancelled_date(
    post: Post,
) -> None:
    with post.database.transaction() as db:
        day, by = sits_again(db, post)
        set_joining_link(
            db,
            ref=day.ref,
            trainer_id=None,
            joining_url="https://teams.example.org/again",
            set_by_id=by.id,
            now=post.clock(),
        )
        cancel_course_session(
            db,
            ref=day.ref,
            trainer_id=None,
            reason="no trainer",
            cancelled_by_id=by.id,
            now=post.clock(),
        )
    _, link, cancelled = post.letters_to("alice")
    assert "https://teams.example.org/again" in link.text
    assert "Monday 9 March 2026, from about 4:30pm" in link.text
    assert cancelled.subject == "Your resit on Monday 9 March 2026 is cancelled"
    assert "You keep your resit." in cancelled.text


def test_whoever_sits_again_hears_of_another_day_and_of_a_date_that_is_on_again(
    post: Post,
) -> None:
    with post.database.transaction() as db:
        day, by = sits_again(db, post)
    said: dict[str, Any] = {"ref": day.ref, "now": post.clock()}
    with post.database.transaction() as db:
        move_course_session(
            db,
            local_date=date(2026, 3, 11),
            local_start=time(10),
            local_end=time(17),
            moved_by_id=by.id,
            **said,
        )
        cancel_course_session(
            db, trainer_id=None, reason="Ill.", cancelled_by_id=by.id, **said
        )
        restore_course_session(db, restored_by_id=by.id, **said)
    _, moved, _, restored = post.letters_to("alice")
    assert moved.subject == "Your resit is now on Wednesday 11 March 2026"
    assert "Before: Monday 9 March 2026." in moved.text
    assert "Now: Wednesday 11 March 2026, from about 5pm, UK time" in moved.text
    assert restored.subject == (
        "Your resit on Wednesday 11 March 2026 takes place after all"
    )
    told = [letter.calendar or "" for letter in post.letters_to("alice")]
    assert [method_of(each) for each in told] == [
        "REQUEST",
        "REQUEST",
        "CANCEL",
        "REQUEST",
    ]
    assert [number_of(each) for each in told] == [0, 1, 2, 3]
    assert len({uid_of(each) for each in told}) == 1
