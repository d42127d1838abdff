"""What one person asked for in a room and another must decide."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from ecs_training.accounts.models import Person
from ecs_training.assessment.models import Attempt, Sitting
from ecs_training.foundation.errors import NotFound
from ecs_training.invigilation.models import RoomRequest


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request, whom it is about, and whether their attempt is over."""

    request: RoomRequest
    name: str
    finished: bool

    @property
    def waits(self) -> bool:
        return self.request.decided_at is None and self.request.withdrawn_at is None


def _asked() -> Select[RoomRequest, str, Attempt]:
    return (
        select(RoomRequest, Person.full_name, Attempt)
        .join(Attempt, Attempt.id == RoomRequest.attempt_id)
        .join(Person, Person.id == Attempt.person_id)
        .options(joinedload(RoomRequest.asked_by))
        .order_by(RoomRequest.asked_at, Person.full_name, RoomRequest.id)
    )


def _list(db: Session, query: Select[RoomRequest, str, Attempt]) -> list[Asked]:
    return [
        Asked(request=request, name=name, finished=attempt.finished_at is not None)
        for request, name, attempt in db.execute(query)
    ]


def list_waiting(db: Session, *, sitting_id: int) -> list[Asked]:
    """Return the requests of a room that nobody decided, oldest first."""
    return _list(
        db,
        _asked().where(
            RoomRequest.sitting_id == sitting_id,
            RoomRequest.decided_at.is_(None),
            RoomRequest.withdrawn_at.is_(None),
        ),
    )


def list_waiting_anywhere(db: Session) -> list[Asked]:
    """Return the same of every room, each with its sitting and date."""
    sitting = joinedload(RoomRequest.sitting).joinedload(Sitting.course_session)
    waiting = _asked().where(
        RoomRequest.decided_at.is_(None), RoomRequest.withdrawn_at.is_(None)
    )
    return _list(db, waiting.options(sitting))


def list_asked_together(db: Session, *, sitting_id: int, ref: str) -> list[Asked]:
    """Return a request and all that were made with it, at one press; NotFound for no such."""
    one = db.scalars(
        select(RoomRequest).where(
            RoomRequest.ref == ref, RoomRequest.sitting_id == sitting_id
        )
    ).one_or_none()
    if one is None:
        raise NotFound
    return _list(
        db,
        _asked().where(
            RoomRequest.sitting_id == sitting_id,
            RoomRequest.asked_by_id == one.asked_by_id,
            RoomRequest.asked_at == one.asked_at,
            RoomRequest.action == one.action,
        ),
    )


def find_waiting(db: Session, *, attempt_id: int) -> RoomRequest | None:
    return db.scalars(
        select(RoomRequest).where(
            RoomRequest.attempt_id == attempt_id,
            RoomRequest.decided_at.is_(None),
            RoomRequest.withdrawn_at.is_(None),
        )
    ).one_or_none()


def lock_requests(db: Session, *, request_ids: Sequence[int]) -> list[RoomRequest]:
    """Hold requests in the order of their ids; their attempts are held first."""
    return list(
        db.scalars(
            select(RoomRequest)
            .where(RoomRequest.id.in_(request_ids))
            .order_by(RoomRequest.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )
