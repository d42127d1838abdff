"""What was lost in a room by our own record, and what of it may be given back."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.accounts.models import Person
from ecs_training.assessment.models import Attempt, Outage, Resit, TimeChange
from ecs_training.assessment.rules.extending import why_not_extend
from ecs_training.assessment.rules.holding import hold_of
from ecs_training.assessment.rules.record import TimeChangeKind
from ecs_training.invigilation.rules.outages import (
    RoomOutage,
    Span,
    credit_of,
    find_room_outages,
    name_gap,
    word_length,
)


@dataclass(frozen=True, kw_only=True)
class Gap:
    """One silence of one attempt. `credit` is what would be given back for it."""

    outage_id: int
    attempt_id: int
    attempt_ref: str
    person: str
    span: Span
    credit: timedelta
    given: bool
    may_be_given: bool  # an attempt that was submitted or passed goes on no more

    @property
    def name(self) -> str:
        return name_gap(self.attempt_ref, self.span.began)

    @property
    def words(self) -> str:
        return word_length(self.credit)

    @property
    def is_proposed(self) -> bool:
        return self.may_be_given and not self.given and self.credit > timedelta(0)


@dataclass(frozen=True, kw_only=True)
class PersonGaps:
    """What one person may be given back."""

    person: str
    gaps: tuple[Gap, ...]

    @property
    def words(self) -> str:
        return word_length(sum((gap.credit for gap in self.gaps), timedelta(0)))


@dataclass(frozen=True, kw_only=True)
class RoomGap:
    """A stretch in which much of the room was silent; `gaps` are those of it to give back."""

    span: Span
    people: tuple[str, ...]
    gaps: tuple[Gap, ...]

    @property
    def receivers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(gap.person for gap in self.gaps))


@dataclass(frozen=True, kw_only=True)
class Losses:
    """`gaps` and `rooms` in order of time, and whoever else was silent beside each gap."""

    gaps: tuple[Gap, ...]
    rooms: tuple[RoomGap, ...]

    @property
    def proposed(self) -> tuple[PersonGaps, ...]:
        """Return what may be given back, person by person."""
        found: dict[int, list[Gap]] = defaultdict(list)
        for gap in self.gaps:
            if gap.is_proposed:
                found[gap.attempt_id].append(gap)
        return tuple(
            PersonGaps(person=gaps[0].person, gaps=tuple(gaps))
            for gaps in found.values()
        )

    def beside(self, gap: Gap) -> tuple[str, ...]:
        """Return who else was silent while this one was, by name, each once."""
        others = (
            other.person
            for other in self.gaps
            if other.attempt_id != gap.attempt_id and other.span.meets(gap.span)
        )
        return tuple(dict.fromkeys(others))


def read_losses(db: Session, *, sitting_id: int, now: datetime) -> Losses:
    """Return every silence of a room's attempts, and the outages of the room itself.

    A fixed number of statements, however many people there are. Read anew, so that whoever
    has locked the attempts since sees what stands now.
    """
    attempts = _list_attempts(db, sitting_id)
    stopped = _list_stopped(db, sitting_id, attempts, now)
    outages = db.scalars(
        select(Outage)
        .join(Attempt, Attempt.id == Outage.attempt_id)
        .where(Attempt.sitting_id == sitting_id)
        .order_by(Outage.began_at, Outage.id)
        .execution_options(populate_existing=True)
    )
    gaps = tuple(
        _gap(outage, attempts[outage.attempt_id], stopped[outage.attempt_id])
        for outage in outages
    )
    return Losses(gaps=gaps, rooms=_room_gaps(gaps, attempts, now))


@dataclass(frozen=True, kw_only=True)
class _Known:
    attempt: Attempt
    person: str
    resat: bool


def _list_attempts(db: Session, sitting_id: int) -> dict[int, _Known]:
    rows = db.execute(
        select(Attempt, Person.full_name, Resit.id)
        .join(Person, Person.id == Attempt.person_id)
        .outerjoin(Resit, Resit.attempt_id == Attempt.id)
        .where(Attempt.sitting_id == sitting_id)
        .execution_options(populate_existing=True)
    )
    return {
        attempt.id: _Known(attempt=attempt, person=name, resat=resit is not None)
        for attempt, name, resit in rows
    }


def _list_stopped(
    db: Session, sitting_id: int, attempts: Mapping[int, _Known], now: datetime
) -> dict[int, list[Span]]:
    """Return when each clock stood still: holds and breaks, one that goes on included."""
    stops = (TimeChangeKind.HOLD, TimeChangeKind.REST)
    rows = db.execute(
        select(TimeChange.attempt_id, TimeChange.evidence)
        .join(Attempt, Attempt.id == TimeChange.attempt_id)
        .where(Attempt.sitting_id == sitting_id, TimeChange.kind.in_(stops))
        .order_by(TimeChange.id)
    )
    stopped: dict[int, list[Span]] = defaultdict(list)
    for attempt_id, evidence in rows:
        began, ended = (
            datetime.fromisoformat((evidence or {})[end]) for end in ("from", "to")
        )
        stopped[attempt_id].append(Span(began=began, ended=ended))
    for attempt_id, known in attempts.items():
        hold = hold_of(known.attempt.held_at, known.attempt.held_until)
        if hold:
            ended = hold.began + hold.length(now)
            stopped[attempt_id].append(Span(began=hold.began, ended=ended))
    return stopped


def _gap(outage: Outage, known: _Known, stopped: Sequence[Span]) -> Gap:
    attempt = known.attempt
    span = Span(began=outage.began_at, ended=outage.ended_at)
    credit = credit_of(span, stopped=stopped)
    refusal = why_not_extend(
        length=credit,
        ending=attempt.ending,
        passed=bool(attempt.passed),
        voided=attempt.voided_at is not None,
        resat=known.resat,
    )
    return Gap(
        outage_id=outage.id,
        attempt_id=attempt.id,
        attempt_ref=attempt.ref,
        person=known.person,
        span=span,
        credit=credit,
        given=outage.credited_by_id is not None,
        may_be_given=refusal is None,
    )


def _room_gaps(
    gaps: Sequence[Gap], attempts: Mapping[int, _Known], now: datetime
) -> tuple[RoomGap, ...]:
    found = find_room_outages(
        [(gap.attempt_ref, gap.span) for gap in gaps],
        {
            known.attempt.ref: _open_span(known.attempt, now)
            for known in attempts.values()
        },
    )
    return tuple(_room_gap(outage, gaps) for outage in found)


def _open_span(attempt: Attempt, now: datetime) -> Span:
    return Span(began=attempt.started_at, ended=attempt.finished_at or now)


def _room_gap(outage: RoomOutage, gaps: Sequence[Gap]) -> RoomGap:
    within = [gap for gap in gaps if gap.span.meets(outage.span)]
    return RoomGap(
        span=outage.span,
        people=tuple(dict.fromkeys(gap.person for gap in within)),
        gaps=tuple(gap for gap in within if gap.is_proposed),
    )
