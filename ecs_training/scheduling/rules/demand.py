"""What a weekly plan asks for, day by day, once days off are known. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from ecs_training.foundation.london import word_short_date
from ecs_training.scheduling.rules.holidays import SATURDAY
from ecs_training.scheduling.rules.plans import Week, plan_dates
from ecs_training.scheduling.rules.words import Answer, HolidayPolicy

A_WEEK = 7  # days


@dataclass(frozen=True, kw_only=True)
class Closed:
    """Days on which no plan runs, both included."""

    first_on: date
    last_on: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class DaysOff:
    """Why a plan may not run: days it leaves out, closures, bank holidays, and the answers
    that people gave about the last."""

    exceptions: Mapping[date, str] = field(default_factory=dict)
    closures: Sequence[Closed] = ()
    holidays: Mapping[date, str] = field(default_factory=dict)
    answers: Mapping[date, Answer] = field(default_factory=dict)

    def why_shut(self, on: date) -> str:
        """Say in words why nothing can be held that day, holidays aside; empty if it can."""
        if on in self.exceptions:
            return f"Left out: {self.exceptions[on]}"
        shut = (each for each in self.closures if each.first_on <= on <= each.last_on)
        return next((f"Closed: {each.reason}" for each in shut), "")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a plan asks for on one of its days: to be held on `on`, or not at all, and why.

    `asks`: a person has to say first.
    """

    planned_on: date
    on: date | None
    why: str = ""
    asks: bool = False


def wishes(
    week: Week, *, policy: HolidayPolicy, off: DaysOff, from_on: date, weeks: int
) -> list[Wish]:
    """Return what a plan asks for in `weeks` weeks from a day, in order of its days."""
    return [
        _wish(week, policy, off, day)
        for day in plan_dates(week, from_on=from_on, weeks=weeks)
    ]


def _wish(week: Week, policy: HolidayPolicy, off: DaysOff, day: date) -> Wish:
    if shut := off.why_shut(day):
        return Wish(planned_on=day, on=None, why=shut)
    if day not in off.holidays:
        return Wish(planned_on=day, on=day)
    name = f"Bank holiday: {off.holidays[day]}"
    answer = off.answers.get(day) if policy is HolidayPolicy.ASK else Answer(policy)
    match answer:
        case None:
            return Wish(planned_on=day, on=None, why=name, asks=True)
        case Answer.RUN:
            return Wish(planned_on=day, on=day, why=name)
        case Answer.NEXT_WORKING_DAY:
            return _put_off(week, off, day, name)
    return Wish(planned_on=day, on=None, why=name)


def _put_off(week: Week, off: DaysOff, day: date, name: str) -> Wish:
    """Hold it on the next working day, if there is one before the plan's next week."""
    for later in range(1, A_WEEK):
        on = day + timedelta(days=later)
        if week.last_on is not None and on > week.last_on:
            break
        if on.weekday() < SATURDAY and on not in off.holidays and not off.why_shut(on):
            why = f"{name}. Put off from {word_short_date(day)}"
            return Wish(planned_on=day, on=on, why=why)
    return Wish(planned_on=day, on=None, why=f"{name}. No working day before the next")
