from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ecs_training.accounts.services.people import rename
from ecs_training.assessment.models import Entry
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.errors import NotFound
from ecs_training.passes.models import Pass
from ecs_training.passes.queries import (
    find_best_pass,
    find_pass,
    find_pass_of_attempt,
    list_passes,
    search_passes,
)
from ecs_training.passes.rules import RevokeRefusal
from ecs_training.passes.services import RevokeRefused, award_pass, revoke_pass
from tests.factories import finished, make_finished_attempt, make_pass, make_person


def count_passes(db: Session) -> int:
    return db.scalars(select(func.count(Pass.id))).one()


def test_a_pass_stands_on_the_booking_the_identity_check_and_the_sitting(
    db: Session, now: datetime
) -> None:
    attempt = make_finished_attempt(
        db, make_person(db, "alice", now=now), finished_at=now
    )
    make_finished_attempt(db, make_person(db, now=now), finished_at=now)

    award_pass(db, finished(attempt))

    passed = find_pass_of_attempt(db, attempt_id=attempt.id)
    entry = db.get_one(Entry, attempt.entry_id)
    assert passed
    assert passed.booking_id == entry.booking_id
    assert passed.identity_check_id == entry.identity_check_id
    assert passed.sitting_id == attempt.sitting_id
    assert (passed.holder, passed.card_role) == ("Alice", "labourer")
    assert find_pass(db, token=passed.token) is passed


def test_a_finish_just_after_midnight_in_london_is_dated_that_day(db: Session) -> None:
    before = datetime(2026, 6, 30, 22, 59, 59, tzinfo=UTC)  # 23:59:59 in London
    alice, bob = make_person(db, now=before), make_person(db, now=before)

    last = make_pass(db, alice, earned_at=before)
    first = make_pass(db, bob, earned_at=before + timedelta(seconds=1))

    assert last.awarded_on == date(2026, 6, 30)
    assert first.awarded_on == date(2026, 7, 1)


def test_a_late_discovery_does_not_move_the_award(db: Session, now: datetime) -> None:
    attempt = make_finished_attempt(db, make_person(db, now=now), finished_at=now)
    attempt.closed_at = now + timedelta(days=3)

    award_pass(db, finished(attempt))

    passed = find_pass_of_attempt(db, attempt_id=attempt.id)
    assert passed
    assert passed.awarded_on == date(2026, 3, 2)
    assert passed.created_at == now + timedelta(days=3)


@pytest.mark.parametrize(
    ("awarded_on", "valid_until"),
    [
        (date(2026, 3, 2), date(2028, 3, 1)),
        (date(2026, 3, 1), date(2028, 2, 29)),
        (date(2028, 2, 28), date(2030, 2, 27)),
        (date(2028, 2, 29), date(2030, 2, 28)),
        (date(2028, 3, 1), date(2030, 2, 28)),
        (date(2026, 1, 1), date(2027, 12, 31)),
    ],
)
def test_the_last_valid_day_is_the_second_anniversary_minus_one_day(
    db: Session, awarded_on: date, valid_until: date
) -> None:
    noon = datetime(awarded_on.year, awarded_on.month, awarded_on.day, 12, tzinfo=UTC)

    passed = make_pass(db, make_person(db, now=noon), earned_at=noon)

    assert (passed.awarded_on, passed.valid_until) == (awarded_on, valid_until)


def test_one_mark_short_earns_nothing(db: Session, now: datetime) -> None:
    alice, bob = make_person(db, now=now), make_person(db, now=now)
    for person, score in ((alice, 42), (bob, 43)):
        attempt = make_finished_attempt(db, person, finished_at=now, score=score)
        award_pass(db, finished(attempt))

    assert not list_passes(db, person_id=alice.id)
    assert list_passes(db, person_id=bob.id)


def test_practice_never_earns_a_pass(db: Session, now: datetime) -> None:
    attempt = make_finished_attempt(db, make_person(db, now=now), finished_at=now)
    attempt.entry_id = attempt.sitting_id = None
    db.flush()

    award_pass(db, finished(attempt))

    assert count_passes(db) == 0


def test_an_attempt_that_is_finished_twice_earns_one_pass(
    db: Session, now: datetime
) -> None:
    attempt = make_finished_attempt(db, make_person(db, now=now), finished_at=now)
    award_pass(db, finished(attempt))
    token = db.scalars(select(Pass.token)).one()

    award_pass(db, finished(attempt))

    assert db.scalars(select(Pass.token)).all() == [token]


def test_a_pass_keeps_the_name_that_was_checked(db: Session, now: datetime) -> None:
    alice = make_person(db, "alice", now=now)
    passed = make_pass(db, alice, earned_at=now)

    rename(db, person_id=alice.id, full_name="Alice Married", now=now)
    db.flush()
    db.refresh(passed)

    assert passed.holder == "Alice"


def test_a_revoked_pass_says_who_and_why_and_is_recorded(
    db: Session, now: datetime
) -> None:
    staff = make_person(db, now=now)
    passed = make_pass(db, make_person(db, now=now), earned_at=now)

    revoke_pass(
        db,
        token=passed.token.lower(),
        reason="Somebody else sat.",
        revoked_by_id=staff.id,
        now=now,
    )

    assert passed.revoked_at == now
    assert passed.revoked_by_id == staff.id
    entry = db.scalars(
        select(AuditEntry).where(AuditEntry.action == "revoked pass")
    ).one()
    assert entry.actor_id == staff.id
    assert entry.details == {"reason": "Somebody else sat."}


def test_a_pass_is_revoked_once_and_the_first_reason_stands(
    db: Session, now: datetime
) -> None:
    staff = make_person(db, now=now)
    passed = make_pass(db, make_person(db, now=now), earned_at=now)
    told: dict[str, Any] = {"token": passed.token, "revoked_by_id": staff.id}
    revoke_pass(db, **told, reason="First.", now=now)

    with pytest.raises(RevokeRefused) as refused:
        revoke_pass(db, **told, reason="Second.", now=now + timedelta(days=1))

    assert refused.value.reason is RevokeRefusal.ALREADY_REVOKED
    assert refused.value.slug == "already-revoked"
    assert (passed.revoke_reason, passed.revoked_at) == ("First.", now)


def test_an_unknown_code_cannot_be_revoked(db: Session, now: datetime) -> None:
    staff = make_person(db, now=now)
    make_pass(db, make_person(db, now=now), earned_at=now)

    with pytest.raises(NotFound):
        revoke_pass(db, token="0" * 26, reason="x", revoked_by_id=staff.id, now=now)


def test_the_best_pass_is_the_persons_own_unrevoked_one_that_holds_longest(
    db: Session, now: datetime
) -> None:
    alice, bob = make_person(db, now=now), make_person(db, now=now)
    make_pass(db, bob, earned_at=now + timedelta(days=90))
    make_pass(db, alice, earned_at=now)
    best = make_pass(
        db, alice, earned_at=now + timedelta(days=30), card_role="lv-jointer"
    )
    revoked = make_pass(db, alice, earned_at=now + timedelta(days=60))
    make_pass(db, alice, earned_at=now + timedelta(days=7))
    revoke_pass(db, token=revoked.token, reason="x", revoked_by_id=bob.id, now=now)
    last_day = best.valid_until

    def best_on(on: date) -> Pass | None:
        return find_best_pass(db, person_id=alice.id, on=on)

    assert best_on(date(2026, 3, 2)) is best
    assert best_on(last_day) is best
    assert best_on(last_day + timedelta(days=1)) is None


def test_staff_find_a_pass_by_name_address_or_code(db: Session, now: datetime) -> None:
    alice = make_person(db, "alice", now=now)
    passed = make_pass(db, alice, earned_at=now)
    rename(db, person_id=alice.id, full_name="Zoë 100% Smith", now=now)
    make_pass(db, make_person(db, "bob", now=now), earned_at=now)

    def found(words: str) -> list[str]:
        return [p.holder for p in search_passes(db, words=words, limit=50)]

    assert found("LICE") == ["Alice"]
    assert found("100%") == ["Alice"]
    assert found("alice@example") == ["Alice"]
    assert found(" ".join(passed.token.lower())) == ["Alice"]
    assert found(passed.token[:-1]) == []
    assert found("%") == ["Alice"]  # a sign like any other, not "everything"
    assert found("_") == []
    assert found("") == ["Bob", "Alice"]
    assert len(search_passes(db, words="", limit=1)) == 1
