"""Everything that the demo holds, made through services, and the facts that checks need."""

from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.assessment.services.papers import current_blueprint
from ecs_training.calendar_feeds.rules import FeedKind
from ecs_training.calendar_feeds.services import make_feed
from ecs_training.catalogue.queries import scheme
from ecs_training.demo.adjustments import ask_for_adjustments
from ecs_training.demo.bank import leave_a_question_to_read
from ecs_training.demo.courses import open_todays_sitting, plan_weeks, publish_dates
from ecs_training.demo.history import remember_passes
from ecs_training.demo.people import (
    CANDIDATE,
    CANDIDATES,
    COMPANY,
    PASSWORD,
    REVIEWER,
    STAFF,
    TRAINER,
    Cast,
    gather,
)
from ecs_training.demo.trainers import fill_their_calendars
from ecs_training.foundation.clock import Clock
from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings
from ecs_training.questions.services import load_bank
from ecs_training.scheduling.services import extend_timetable, refresh_holidays

PEOPLE = {
    "candidate": CANDIDATE,
    "trainer": TRAINER,
    "company": COMPANY,
    "staff": STAFF,
    "reviewer": REVIEWER,
}


def set_up(database: Database, clock: Clock, settings: Settings) -> dict[str, object]:
    """Make or renew the demo's data; return what var/demo.json says.

    One transaction: a demo that fails half-way leaves nothing behind.
    """
    now = clock()
    blueprint = current_blueprint(settings.question_bank)
    with database.transaction() as db:
        load_bank(db, folder=settings.question_bank, now=now)
        cast = gather(db, now=now)
        _make_timetable(db, cast, weeks=settings.timetable_weeks, now=now)
        leave_a_question_to_read(db, cast, now=now)
        dates = publish_dates(db, cast, now=now)
        ask_for_adjustments(
            db, cast, course_session_ref=dates["bookable_session"], now=now
        )
        return {
            "base_url": settings.base_url,
            "password": PASSWORD,
            "people": PEOPLE,
            "candidates": list(CANDIDATES),
            "passes": remember_passes(db, cast, blueprint=blueprint, now=now),
            "sitting": open_todays_sitting(db, cast, blueprint=blueprint, now=now),
            **dates,
            "feeds": {
                "roles": {
                    role.slug: f"/calendars/roles/{role.slug}.ics"
                    for role in scheme().roles
                },
                "trainer": _feed(
                    db, FeedKind.TRAINER, now, person_id=cast.ids[TRAINER]
                ),
                "company": _feed(db, FeedKind.COMPANY, now, company_id=cast.company_id),
                "candidate": _feed(
                    db, FeedKind.CANDIDATE, now, person_id=cast.ids[CANDIDATE]
                ),
            },
        }


def _make_timetable(db: Session, cast: Cast, *, weeks: int, now: datetime) -> None:
    refresh_holidays(db, weeks=weeks, now=now)
    plan_weeks(db, cast, now=now)
    extend_timetable(db, weeks=weeks, now=now)
    fill_their_calendars(db, cast, now=now)


def _feed(db: Session, kind: FeedKind, now: datetime, **owner: int) -> str:
    return f"/calendars/{make_feed(db, kind=kind, now=now, **owner)}.ics"
