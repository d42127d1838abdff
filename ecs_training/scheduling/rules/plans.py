"""The days of a weekly plan, whose turn it is, and what a plan may be. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum

from ecs_training.scheduling.rules.dates import MOST_SEATS
from ecs_training.scheduling.rules.times import SHORTEST, WEEKDAYS

MOST_DECIDE_DAYS = 30  # working days


class PlanRefusal(StrEnum):
    WEEKDAY = "Choose a day of the week."
    ENDS_BEFORE_START = (
        "The end must be later on the same day, 30 minutes after the start or more."
    )
    CAPACITY = f"Choose from 1 to {MOST_SEATS} seats."
    MINIMUM = "The minimum must be at least 1 and not more than the seats."
    DECIDE_DAYS = f"Choose from 0 to {MOST_DECIDE_DAYS} working days."
    LAST_BEFORE_FIRST = "The last day cannot be before the first."
    NO_TRAINER = "Choose at least one trainer."
    TRAINER_BUSY = (
        "The trainer has another weekly course on that day at that time. Choose another"
        " time, day or trainer."
    )
    ALREADY_ENDED = "This weekly course ends before that day already."
    CHANGED_MEANWHILE = (
        "The timetable has changed since you looked, so nothing was done. Below is what"
        " publishing would do now."
    )


@dataclass(frozen=True, kw_only=True)
class Week:
    """When a weekly plan runs. `weekday` counts from Monday, 0; times are London's."""

    weekday: int
    starts: time
    ends: time
    first_on: date
    last_on: date | None


def plan_dates(week: Week, *, from_on: date, weeks: int) -> list[date]:
    """Return the days of a plan in `weeks` weeks from a day, holidays and all."""
    ahead = (week.weekday - from_on.weekday()) % 7
    first = from_on + timedelta(days=ahead)
    dates = (first + timedelta(weeks=n) for n in range(weeks))
    return [on for on in dates if _runs(week, on)]


def _runs(week: Week, on: date) -> bool:
    return week.first_on <= on and (week.last_on is None or on <= week.last_on)


def turn_on(week: Week, on: date, trainers: int) -> int:
    """Return whose turn it is: by weeks since the Monday of the first week, from 0."""
    weeks = (on - week.first_on + timedelta(days=week.first_on.weekday())).days // 7
    return weeks % trainers


def in_turn(week: Week, on: date, rota: Sequence[int]) -> list[int]:
    """Return the trainers of a rota, once each: whose turn it is, then who comes next."""
    turn = turn_on(week, on, len(rota))
    return list(dict.fromkeys([*rota[turn:], *rota[:turn]]))


def why_not_add_plan(
    week: Week,
    *,
    capacity: int,
    trainers_weeks: Iterable[Week],
    minimum: int = 1,
    decide_days: int = 0,
    trainers: int = 1,
) -> PlanRefusal | None:
    """Return the first reason not to run a course every week, or None.

    `trainers_weeks`: the other plans of everybody in its rota, whoever's turn it would be.
    """
    last = week.last_on or date.max
    reasons = {
        PlanRefusal.WEEKDAY: week.weekday not in range(len(WEEKDAYS)),
        PlanRefusal.ENDS_BEFORE_START: _length(week) < SHORTEST,
        PlanRefusal.CAPACITY: not 1 <= capacity <= MOST_SEATS,
        PlanRefusal.MINIMUM: not 1 <= minimum <= capacity,
        PlanRefusal.DECIDE_DAYS: not 0 <= decide_days <= MOST_DECIDE_DAYS,
        PlanRefusal.LAST_BEFORE_FIRST: last < week.first_on,
        PlanRefusal.NO_TRAINER: trainers < 1,
        PlanRefusal.TRAINER_BUSY: any(_clash(week, other) for other in trainers_weeks),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def why_not_end_plan(week: Week, *, last_on: date) -> PlanRefusal | None:
    if last_on < week.first_on:
        return PlanRefusal.LAST_BEFORE_FIRST
    if week.last_on is not None and week.last_on <= last_on:
        return PlanRefusal.ALREADY_ENDED
    return None


def _length(week: Week) -> timedelta:
    starts, ends = (
        timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
        for at in (week.starts, week.ends)
    )
    return ends - starts


def _clash(one: Week, other: Week) -> bool:
    """Say whether two plans would have their trainer in two rooms on some day."""
    return (
        one.weekday == other.weekday
        and one.starts < other.ends
        and other.starts < one.ends
        and one.first_on <= (other.last_on or date.max)
        and other.first_on <= (one.last_on or date.max)
    )
