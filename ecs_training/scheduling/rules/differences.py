"""What publishing a weekly plan would do: what it asks for, beside what there is. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, time
from enum import StrEnum

from ecs_training.foundation.london import word_short_date, word_time
from ecs_training.scheduling.rules.demand import Wish
from ecs_training.scheduling.rules.holidays import working_day_before


class Step(StrEnum):
    """What becomes of one day of a plan. Only the first three do anything."""

    ADD = "add"
    CHANGE = "change"
    TAKE_OFF = "take-off"
    ASK = "ask"  # a person has to say first
    BOOKED = "booked"  # would change, but people were promised it as it is
    DETACHED = "detached"  # changed by hand: the plan leaves it alone
    CANCELLED = "cancelled"  # never made again
    NO_TRAINER = "no-trainer"  # nobody of the rota can
    LEFT_OUT = "left-out"  # a day off


DOING = frozenset({Step.ADD, Step.CHANGE, Step.TAKE_OFF})


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a plan says of each of its dates. `decide_days` are working days."""

    starts: time
    ends: time
    capacity: int
    minimum: int
    decide_days: int


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A date that a plan made, as it is now."""

    planned_on: date
    on: date
    starts: time
    ends: time
    capacity: int
    minimum: int
    decide_on: date | None
    trainer_id: int
    booked: int
    detached: bool
    cancelled: bool

    @property
    def follows(self) -> bool:
        """Say whether the plan may still change it."""
        return not (self.booked or self.detached or self.cancelled)


@dataclass(frozen=True, kw_only=True)
class Staffing:
    """Who would stand in front of a day; nobody, and `why`."""

    trainer_id: int | None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One day of the difference. `on`: when it would be held, or stands now."""

    step: Step
    planned_on: date
    on: date
    trainer_id: int | None = None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Difference:
    shape: Shape
    lines: tuple[Line, ...]

    @property
    def digest(self) -> str:
        """Name exactly this difference: another one has another digest."""
        told = json.dumps(asdict(self), default=str, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def does(self) -> list[Line]:
        return [line for line in self.lines if line.step in DOING]

    @property
    def tells(self) -> list[Line]:
        return [line for line in self.lines if line.step not in DOING]

    def of(self, step: Step) -> list[Line]:
        return [line for line in self.lines if line.step == step]


def to_staff(wanted: Iterable[Wish], there: Mapping[date, Standing]) -> list[Wish]:
    """Return the days for which it must be known who can: new ones, and those that follow."""
    return [
        wish
        for wish in wanted
        if wish.on and (wish.planned_on not in there or there[wish.planned_on].follows)
    ]


def differ(
    shape: Shape,
    *,
    wanted: Sequence[Wish],
    there: Mapping[date, Standing],
    staffing: Mapping[date, Staffing],
    horizon: date,
) -> Difference:
    """Say what publishing would do. No date is added after `horizon`.

    `there` and `staffing` are by the day planned; `staffing` has the days of `to_staff`.
    """
    asked = {wish.planned_on for wish in wanted}
    ended = (
        Wish(planned_on=day, on=None, why="The plan does not run then")
        for day in there
        if day not in asked
    )
    lines = []
    for wish in sorted([*wanted, *ended], key=lambda each: each.planned_on):
        staff, standing = staffing.get(wish.planned_on), there.get(wish.planned_on)
        if standing is not None:
            lines.append(_stands(shape, wish, standing, staff))
        elif wish.planned_on <= horizon:
            lines.append(_is_new(wish, staff))
    return Difference(shape=shape, lines=tuple(filter(None, lines)))


def _is_new(wish: Wish, staff: Staffing | None) -> Line:
    day = wish.planned_on
    if wish.on is None:
        step = Step.ASK if wish.asks else Step.LEFT_OUT
        return Line(step=step, planned_on=day, on=day, why=wish.why)
    if staff is None or staff.trainer_id is None:
        why = staff.why if staff else ""
        return Line(step=Step.NO_TRAINER, planned_on=day, on=wish.on, why=why)
    return Line(
        step=Step.ADD,
        planned_on=day,
        on=wish.on,
        trainer_id=staff.trainer_id,
        why=wish.why,
    )


def _stands(
    shape: Shape, wish: Wish, standing: Standing, staff: Staffing | None
) -> Line | None:
    line = Line(
        step=Step.DETACHED,
        planned_on=standing.planned_on,
        on=standing.on,
        trainer_id=standing.trainer_id,
        why="Changed by hand: the plan leaves it alone",
    )
    if standing.cancelled:
        gone = "Cancelled. Bring it back by hand if it shall run"
        return replace(line, step=Step.CANCELLED, why=gone) if wish.on else None
    if standing.detached:
        return line
    why = ", ".join(_changes(shape, wish, standing, staff)) if wish.on else wish.why
    if standing.booked and why:
        why = f"{_people(standing.booked)} booked. {why}"
        return replace(line, step=Step.BOOKED, why=why)
    return _follow(replace(line, why=why), wish, staff) if why else None


def _follow(line: Line, wish: Wish, staff: Staffing | None) -> Line:
    """Let a date follow its plan: nobody is booked on it."""
    if wish.on is None:
        return replace(line, step=Step.ASK if wish.asks else Step.TAKE_OFF)
    if staff is None or staff.trainer_id is None:
        why = f"Stays as it is. {staff.why if staff else ''}"
        return replace(line, step=Step.NO_TRAINER, why=why)
    return replace(line, step=Step.CHANGE, on=wish.on, trainer_id=staff.trainer_id)


def _changes(
    shape: Shape, wish: Wish, standing: Standing, staff: Staffing | None
) -> list[str]:
    """Word what is different, if the plan asks for the day."""
    on = wish.on or standing.on
    told = {
        f"moves from {word_short_date(standing.on)}": on != standing.on,
        f"{word_time(shape.starts)} to {word_time(shape.ends)}, not"
        f" {word_time(standing.starts)} to {word_time(standing.ends)}": (
            (shape.starts, shape.ends) != (standing.starts, standing.ends)
        ),
        f"{shape.capacity} seats, not {standing.capacity}": (
            shape.capacity != standing.capacity
        ),
        f"runs with {shape.minimum} people or more, not {standing.minimum}": (
            shape.minimum != standing.minimum
        ),
        "another day to decide": standing.decide_on
        != working_day_before(on, days=shape.decide_days),
        "another trainer": staff is not None
        and staff.trainer_id != standing.trainer_id,
    }
    return [words for words, holds in told.items() if holds]


def _people(booked: int) -> str:
    return "1 person is" if booked == 1 else f"{booked} people are"
