"""What a change would do is found by doing it, and nothing of it stays."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import func, select, update

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.assessment.models import Entry
from ecs_training.booking.models import Booking
from ecs_training.changes.rules import (
    ChangeKind,
    Fate,
    MoneyKind,
    Plan,
    compare,
    write_lines,
)
from ecs_training.changes.services import PlanChanged
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.errors import NotFound
from ecs_training.notifications.models import OutgoingEmail
from ecs_training.notifications.services import queue_letter
from ecs_training.payments.models import CreditNote
from ecs_training.scheduling.models import CourseSession, Meeting
from ecs_training.scheduling.rules import TimetableRefusal
from ecs_training.scheduling.services import (
    TimetableRefused,
    cancel_course_session,
    set_joining_link,
)
from tests.changes.stage import Stage, fingerprints
from tests.factories import make_course_session, make_person

TO_EVERYBODY = {
    "alice@example.org",
    "bob@example.org",
    "brenda@example.org",
    "craig@example.org",
    "theodora@example.org",
}
GROSS = 17400  # pence


def receivers(plan: Plan) -> list[str]:
    return sorted(letter.to for letter in plan.letters)


def fates(plan: Plan) -> dict[str, Fate]:
    return {seat.name: seat.fate for seat in plan.seats}


def versions(plan: Plan) -> dict[str, tuple[str | None, int]]:
    """Return method and sequence of what each receiver's calendar gets."""
    return {
        letter.to.partition("@")[0]: (letter.method, letter.entry.sequence)
        for letter in plan.letters
        if letter.entry
    }


@pytest.mark.parametrize("kind", list(ChangeKind))
def test_rehearsing_leaves_every_table_as_it_was(
    stage: Stage, kind: ChangeKind
) -> None:
    stage.until(kind)
    before = fingerprints(stage.database)
    plan = stage.rehearse(kind)
    assert fingerprints(stage.database) == before
    assert plan.before != plan.after
    stage.execute(kind)
    assert fingerprints(stage.database) != before  # the same work, kept


@pytest.mark.parametrize("kind", list(ChangeKind))
def test_what_is_executed_is_what_was_rehearsed(stage: Stage, kind: ChangeKind) -> None:
    stage.until(kind)
    shown = stage.rehearse(kind)
    with stage.database.reading() as db:
        letters = select(func.max(OutgoingEmail.id))
        last = db.scalar(letters) or 0
    stage.clock.advance(minutes=20)  # somebody reads it, and answers the telephone
    done = stage.execute(kind, shown.digest)
    assert done == shown
    with stage.database.reading() as db:
        sent = db.scalars(select(OutgoingEmail).where(OutgoingEmail.id > last)).all()
    assert sorted((row.to, row.subject, row.method) for row in sent) == sorted(
        (letter.to, letter.subject, letter.method) for letter in shown.letters
    )


def test_moving_tells_everybody_once_with_the_next_version(stage: Stage) -> None:
    plan = stage.rehearse(ChangeKind.MOVE)
    assert receivers(plan) == sorted(TO_EVERYBODY)
    assert versions(plan) == {
        "alice": ("REQUEST", 1),
        "bob": ("REQUEST", 1),
        "craig": ("REQUEST", 1),
        "theodora": ("REQUEST", 1),
    }
    starts = {letter.entry.starts_at for letter in plan.letters if letter.entry}
    assert starts == {datetime(2026, 4, 3, 9, tzinfo=UTC)}
    assert set(fates(plan).values()) == {Fate.REVISED}
    assert plan.money == ()


def test_cancelling_credits_everybody_whole(stage: Stage) -> None:
    plan = stage.rehearse(ChangeKind.CANCEL)
    assert receivers(plan) == sorted(TO_EVERYBODY)
    assert {method for method, _ in versions(plan).values()} == {"CANCEL"}
    assert [each.gross_pence for each in plan.money] == [GROSS] * 3
    assert plan.total(MoneyKind.CREDIT) == 3 * GROSS
    assert plan.total(MoneyKind.INVOICE) == 0
    assert set(fates(plan).values()) == {Fate.CANCELLED}
    assert (plan.before.seats_taken, plan.after.seats_taken) == (3, 0)


def test_giving_a_date_to_another_trainer_tells_these_two_alone(stage: Stage) -> None:
    plan = stage.rehearse(ChangeKind.RESTAFF)
    assert versions(plan) == {"theodora": ("CANCEL", 1), "tobias": ("REQUEST", 1)}
    assert len(plan.letters) == 2
    assert (plan.before.trainer, plan.after.trainer) == ("Theodora", "Tobias")
    assert set(fates(plan).values()) == {Fate.KEPT}


def test_more_seats_tell_nobody(stage: Stage) -> None:
    plan = stage.rehearse(ChangeKind.RESIZE)
    assert plan.letters == ()
    assert plan.money == ()
    assert (plan.before.capacity, plan.after.capacity) == (12, 20)


def test_bringing_back_charges_again_and_says_who_stays_away(stage: Stage) -> None:
    stage.execute(ChangeKind.CANCEL)
    with stage.database.transaction() as db:
        trainer = make_person(db, "una", now=stage.clock(), role=Role.TRAINER)
        instead = make_course_session(
            db, now=stage.clock(), trainer=trainer, on=stage.date().local_date
        )
    stage.book(stage.bob, instead.ref)
    plan = stage.rehearse(ChangeKind.RESTORE)
    assert fates(plan) == {
        "Alice": Fate.RESTORED,
        "Bob": Fate.ELSEWHERE,
        "Craig Bannister": Fate.RESTORED,
    }
    assert plan.total(MoneyKind.INVOICE) == 2 * GROSS
    assert receivers(plan) == sorted(TO_EVERYBODY - {"bob@example.org"})
    assert versions(plan)["alice"] == ("REQUEST", 2)


def test_a_booking_that_was_cancelled_before_has_no_part_in_it(stage: Stage) -> None:
    with stage.database.transaction() as db:
        db.execute(
            update(Booking)
            .where(Booking.candidate_id == stage.bob.id)
            .values(
                cancelled_at=stage.clock(), cancelled_by_id=stage.bob.id, sequence=1
            )
        )
        db.execute(update(CourseSession).values(seats_taken=2))
    assert "Bob" not in fates(stage.rehearse(ChangeKind.CANCEL))


def test_a_meeting_that_teams_is_told_about_is_part_of_the_plan(stage: Stage) -> None:
    with stage.database.transaction() as db:
        course = db.scalars(
            select(CourseSession).where(CourseSession.ref == stage.ref)
        ).one()
        db.add(
            Meeting(
                course_session_id=course.id,
                external_id="one",
                organiser="o",
                wanted=1,
                made=1,
                created_at=stage.clock(),
            )
        )
    assert stage.rehearse(ChangeKind.RESIZE).before.meeting == 1
    assert not stage.rehearse(ChangeKind.RESIZE).tells_teams


def another_booking(stage: Stage) -> None:
    stage.book(stage.dora)


def another_link(stage: Stage) -> None:
    with stage.database.transaction() as db:
        set_joining_link(
            db,
            ref=stage.ref,
            trainer_id=None,
            joining_url="https://teams.example.org/new",
            set_by_id=stage.staff.id,
            now=stage.clock(),
        )


def another_name(stage: Stage) -> None:
    with stage.database.transaction() as db:
        db.get_one(Person, stage.alice.id).full_name = "Alice Featherstonehaugh"


def another_address(stage: Stage) -> None:
    with stage.database.transaction() as db:
        db.get_one(Person, stage.alice.id).email = "alice@elsewhere.example"


def another_capacity(stage: Stage) -> None:
    stage.execute(ChangeKind.RESIZE, capacity=15)


def the_offered_date_is_full(stage: Stage) -> None:
    """The letter would no longer name it."""
    stage.book(stage.brenda, stage.noise_ref)


WORLD = [
    another_booking,
    another_link,
    another_name,
    another_address,
    another_capacity,
    the_offered_date_is_full,
]


@pytest.mark.parametrize("meanwhile", WORLD, ids=lambda change: change.__name__)
def test_nothing_is_done_if_it_would_differ_by_now(
    stage: Stage, meanwhile: Callable[[Stage], None]
) -> None:
    shown = stage.rehearse(ChangeKind.CANCEL)
    meanwhile(stage)
    before = fingerprints(stage.database)
    with pytest.raises(PlanChanged) as refused:
        stage.execute(ChangeKind.CANCEL, shown.digest)
    assert fingerprints(stage.database) == before
    new = refused.value.plan
    assert new.digest == stage.rehearse(ChangeKind.CANCEL).digest
    assert compare(write_lines(shown), new).new
    stage.execute(ChangeKind.CANCEL, new.digest)
    assert stage.date().cancelled_at


def unrelated_letter(stage: Stage) -> None:
    with stage.database.transaction() as db:
        queue_letter(
            db,
            key="noise",
            to="dora@example.org",
            template="registered_again",
            now=stage.clock(),
        )


def unrelated_credit_note(stage: Stage) -> None:
    """It takes the number that the first credit note would have had."""
    with stage.database.transaction() as db:
        cancel_course_session(
            db,
            ref=stage.noise_ref,
            trainer_id=None,
            reason="Flood.",
            cancelled_by_id=stage.staff.id,
            now=stage.clock(),
        )


@pytest.mark.parametrize("kind", [ChangeKind.MOVE, ChangeKind.CANCEL])
def test_what_happens_elsewhere_does_not_stop_it(
    stage: Stage, kind: ChangeKind
) -> None:
    with stage.database.transaction() as db:  # no longer offered in a letter
        noise = db.scalars(
            select(CourseSession).where(CourseSession.ref == stage.noise_ref)
        ).one()
        noise.in_house = True
    shown = stage.rehearse(kind)
    unrelated_letter(stage)
    unrelated_credit_note(stage)
    stage.clock.advance(minutes=3)
    assert stage.execute(kind, shown.digest) == shown


def test_numbers_of_credit_notes_may_differ_and_their_sums_may_not(
    stage: Stage,
) -> None:
    plan = stage.rehearse(ChangeKind.CANCEL)
    letter = next(each for each in plan.letters if each.to == "alice@example.org")
    assert "Credit note CN (next number) cancels invoice INV-000001" in letter.text
    with stage.database.transaction() as db:
        db.execute(update(Booking).values(net_pence=1))
        # An invoice is never changed; a booking's price is what the letter says.
    assert stage.rehearse(ChangeKind.CANCEL).digest != plan.digest


@pytest.mark.parametrize(
    ("kind", "changes", "reason"),
    [
        (ChangeKind.MOVE, {"local_date": date(2026, 3, 1)}, "IN_THE_PAST"),
        (ChangeKind.MOVE, {"local_end": time(10, 15)}, "TOO_SHORT"),
        (ChangeKind.MOVE, {"local_date": date(2026, 4, 8)}, "TRAINER_BUSY"),
        (ChangeKind.RESIZE, {"capacity": 2, "minimum": 1}, "TOO_FEW_SEATS"),
        (ChangeKind.CANCEL, {"reason": " "}, "NO_REASON"),
        (ChangeKind.RESTORE, {}, "NOT_CANCELLED"),
    ],
)
def test_a_change_that_is_refused_is_refused_at_the_rehearsal(
    stage: Stage, kind: ChangeKind, changes: dict[str, object], reason: str
) -> None:
    before = fingerprints(stage.database)
    with pytest.raises(TimetableRefused) as refused:
        stage.rehearse(kind, **changes)
    assert refused.value.reason is TimetableRefusal[reason]
    assert fingerprints(stage.database) == before


def test_a_trainer_rehearses_cancelling_their_own_date_and_nothing_else(
    stage: Stage,
) -> None:
    own = {"trainer_id": stage.trainer.id, "by_id": stage.trainer.id}
    assert stage.rehearse(ChangeKind.CANCEL, **own).letters
    theirs = {"trainer_id": stage.other_trainer.id, "by_id": stage.other_trainer.id}
    with pytest.raises(NotFound):
        stage.rehearse(ChangeKind.CANCEL, **theirs)
    for kind in set(ChangeKind) - {ChangeKind.CANCEL, ChangeKind.RESTAFF}:
        with pytest.raises(NotFound):
            stage.rehearse(kind, **own)


def test_every_change_is_audited_under_whoever_made_it(stage: Stage) -> None:
    for kind in (ChangeKind.MOVE, ChangeKind.RESTAFF, ChangeKind.CANCEL):
        stage.execute(kind)
    with stage.database.reading() as db:
        rows = db.scalars(
            select(AuditEntry).where(
                AuditEntry.subject == f"course-session/{stage.ref}"
            )
        ).all()
    assert [row.action for row in rows] == [
        "moved date",
        "restaffed date",
        "cancelled date",
    ]
    assert {row.actor_id for row in rows} == {stage.staff.id}


def test_two_who_agree_to_one_plan_do_it_once(stage: Stage) -> None:
    shown = stage.rehearse(ChangeKind.CANCEL)
    stage.execute(ChangeKind.CANCEL, shown.digest)
    with pytest.raises(TimetableRefused):
        stage.execute(ChangeKind.CANCEL, shown.digest)
    with stage.database.reading() as db:
        assert db.scalar(select(func.count(CreditNote.id))) == 3
        assert db.scalar(select(func.count(Entry.id))) == 0
