from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.calendar_feeds.models import PrivateFeed
from ecs_training.calendar_feeds.queries import find_feed_of
from ecs_training.calendar_feeds.rules import FeedKind
from ecs_training.foundation.london import london_date
from ecs_training.portal.rules import (
    LOOK_BACK,
)
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.queries import list_trainer_course_sessions


@dataclass(frozen=True, kw_only=True)
class TrainerBoard:
    """A trainer's dates by London day: `today`, `coming` soonest first, `past` newest first."""

    today: Sequence[CourseSession]
    coming: Sequence[CourseSession]
    past: Sequence[CourseSession]
    feed: PrivateFeed | None


def read_trainer_board(db: Session, *, trainer_id: int, now: datetime) -> TrainerBoard:
    today = london_date(now)
    dates = list_trainer_course_sessions(
        db, trainer_id=trainer_id, since=now - LOOK_BACK
    )
    return TrainerBoard(
        today=[c for c in dates if c.local_date == today],
        coming=[c for c in dates if c.local_date > today],
        past=[c for c in reversed(dates) if c.local_date < today],
        feed=find_feed_of(db, kind=FeedKind.TRAINER, person_id=trainer_id),
    )
