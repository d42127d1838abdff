"""The office is told of leave that falls on published dates, and of no other leave."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.accounts.rules import Role
from ecs_training.foundation.settings import Settings
from ecs_training.notifications.models import OutgoingEmail
from ecs_training.scheduling.services.leave import add_leave
from tests.factories import make_course_session, make_person

ON = date(2026, 3, 10)


@pytest.fixture
def trainer(db: Session, now: datetime) -> Person:
    return make_person(db, "dawn", now=now, role=Role.TRAINER)


def leave(db: Session, trainer: Person, now: datetime, first: date, last: date) -> None:
    add_leave(
        db,
        trainer_id=trainer.id,
        first_on=first,
        last_on=last,
        note="private",
        added_by_id=trainer.id,
        now=now,
    )


def test_the_office_is_told_which_dates_stand_in_the_leave(
    db: Session, now: datetime, trainer: Person, settings: Settings
) -> None:
    on, before, gone = (
        make_course_session(db, now=now, trainer=trainer, on=ON + timedelta(days=n))
        for n in (0, -1, 1)
    )
    gone.cancelled_at, gone.cancelled_by_id = now, trainer.id
    theirs = make_course_session(db, now=now, on=ON)
    leave(db, trainer, now, ON, ON + timedelta(days=3))

    letter = db.scalars(select(OutgoingEmail)).one()
    assert letter.to == settings.provider_email
    assert letter.subject == "Dawn is away on a date that is published"
    assert f"/staff/course-sessions/{on.ref}/changes" in letter.text
    assert f"/staff/trainers/{trainer.ref}" in letter.text
    assert "private" not in letter.text
    for other in (before, gone, theirs):
        assert other.ref not in letter.text


def test_leave_that_touches_no_date_is_nobodys_worry(
    db: Session, now: datetime, trainer: Person
) -> None:
    make_course_session(db, now=now, trainer=trainer, on=ON)
    leave(db, trainer, now, ON - timedelta(days=1), ON - timedelta(days=1))
    leave(db, trainer, now, ON + timedelta(days=1), ON + timedelta(days=1))
    assert db.scalars(select(OutgoingEmail)).all() == []
