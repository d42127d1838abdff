"""What the board says of everybody in a room. Pure; never a score, never an answer."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ecs_training.assessment.rules.holding import Hold, HoldKind, standing_deadline
from ecs_training.assessment.rules.presence import Flag, flags_of
from ecs_training.assessment.rules.timing import is_over, remaining_ms, word_remaining
from ecs_training.invigilation.rules.actions import Deed, why_not_act


class State(StrEnum):
    NOT_STARTED = "Not started"
    ANSWERING = "Answering"
    ON_BREAK = "On a break"
    HELD = "Clock stopped"
    TIME_UP = "Time is up"
    FINISHED = "Finished"
    VOIDED = "Voided"


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """What is known of an attempt at this moment. `late` counts answers that came too late."""

    started_at: datetime
    deadline: datetime
    finished: bool
    voided: bool
    hold: Hold | None
    held_kind: HoldKind | None
    answered: int
    out_of: int
    answered_at: datetime | None
    seen_at: datetime | None
    hidden_at: datetime | None
    unsaved: int
    late: int


@dataclass(frozen=True, kw_only=True)
class Line:
    """One person on the board. `left_ms` is None unless their clock is set."""

    ref: str  # the booking's
    name: str
    state: State
    admitted: bool
    answered: int = 0
    out_of: int = 0
    left_ms: int | None = None
    flags: tuple[Flag, ...] = ()
    late: int = 0

    @property
    def progress(self) -> str:
        return f"{self.answered} of {self.out_of}" if self.out_of else ""

    @property
    def left(self) -> str:
        return "" if self.left_ms is None else word_remaining(self.left_ms)


def judge_line(
    *, ref: str, name: str, admitted: bool, seen: Sighting | None, now: datetime
) -> Line:
    """Say how somebody with an entry is doing; `seen` is None before they start."""
    if seen is None:
        return Line(ref=ref, name=name, state=State.NOT_STARTED, admitted=admitted)
    deadline = standing_deadline(seen.deadline, seen.hold, now)
    state = _judge_state(seen, deadline, now)
    is_open = not (seen.finished or seen.voided)
    return Line(
        ref=ref,
        name=name,
        state=state,
        admitted=admitted,
        answered=seen.answered,
        out_of=seen.out_of,
        left_ms=remaining_ms(deadline=deadline, now=now) if is_open else None,
        flags=_flags(seen, state, now) if is_open else (),
        late=seen.late,
    )


def _judge_state(seen: Sighting, deadline: datetime, now: datetime) -> State:
    if seen.voided:
        return State.VOIDED
    if seen.finished:
        return State.FINISHED
    if seen.hold and seen.hold.is_on(now):
        return State.ON_BREAK if seen.held_kind is HoldKind.REST else State.HELD
    return State.TIME_UP if is_over(deadline=deadline, now=now) else State.ANSWERING


def _flags(seen: Sighting, state: State, now: datetime) -> tuple[Flag, ...]:
    return flags_of(
        seen_at=seen.seen_at,
        answered_at=seen.answered_at,
        started_at=seen.started_at,
        hidden_at=seen.hidden_at,
        unsaved=seen.unsaved,
        late=seen.late,
        held=state in {State.HELD, State.ON_BREAK},
        now=now,
    )


# Nobody is held twice, and no clock that runs is started: `all` leaves those out.
_NOT_FOR = {
    Deed.HOLD: {State.HELD, State.ON_BREAK, State.TIME_UP},
    Deed.RESUME: {State.ANSWERING, State.ON_BREAK, State.TIME_UP},
    Deed.EXTEND: {State.FINISHED},
    Deed.VOID: {State.FINISHED},
}


def list_fit(lines: Iterable[Line], deed: Deed) -> list[Line]:
    """Return those for whom a deed makes sense when it is meant for everybody."""
    return [
        line
        for line in lines
        if not why_not_act(
            deed,
            started=line.state is not State.NOT_STARTED,
            finished=line.state is State.FINISHED,
            voided=line.state is State.VOIDED,
        )
        and line.state not in _NOT_FOR.get(deed, ())
    ]


def count_states(lines: Iterable[Line]) -> dict[State, int]:
    """Return how many are in each state, every state named, in order."""
    counts = Counter(line.state for line in lines)
    return {state: counts[state] for state in State}
