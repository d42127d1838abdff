"""Reading what publishing a plan would do. Nothing here changes anything."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from ecs_training.foundation.london import london_date
from ecs_training.scheduling.models import CourseSession, WeeklyPlan
from ecs_training.scheduling.queries import get_plan, list_planned, read_days_off
from ecs_training.scheduling.rules import (
    Difference,
    Shape,
    Staffing,
    Standing,
    Week,
    Wish,
    differ,
    in_turn,
    instants,
    to_staff,
    wishes,
)
from ecs_training.scheduling.services.availability import why_trainer_cannot

A_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, kw_only=True)
class PlanDifference:
    """A plan, what publishing it would do, and the references of its dates by planned day."""

    plan: WeeklyPlan
    difference: Difference
    refs: Mapping[date, str]


def read_difference(
    db: Session, *, ref: str, weeks: int, now: datetime
) -> PlanDifference:
    """Say what publishing a plan `weeks` ahead would do, or raise NotFound."""
    plan = get_plan(db, ref=ref)
    made = list_planned(db, plan_id=plan.id, since=first_day(now))
    return PlanDifference(
        plan=plan,
        difference=difference_of(db, plan, made, weeks=weeks, now=now),
        refs={each.planned_on: each.ref for each in made if each.planned_on},
    )


def difference_of(
    db: Session,
    plan: WeeklyPlan,
    made: Sequence[CourseSession],
    *,
    weeks: int,
    now: datetime,
) -> Difference:
    """Compare a plan with what it `made`, from tomorrow on.

    What was made beyond the horizon is compared as well; nothing is added there.
    """
    from_on = first_day(now)
    horizon = from_on + weeks * A_WEEK - timedelta(days=1)
    last = max([horizon, *(each.planned_on for each in made if each.planned_on)])
    wanted = wishes(
        week_of(plan),
        policy=plan.holiday_policy,
        off=read_days_off(db, plan_id=plan.id, first_on=from_on, last_on=last + A_WEEK),
        from_on=from_on,
        weeks=(last - from_on).days // 7 + 1,
    )
    there = {each.planned_on: each for each in made if each.planned_on}
    standing = {day: _standing(day, each) for day, each in there.items()}
    return differ(
        shape_of(plan),
        wanted=wanted,
        there=standing,
        staffing={
            wish.planned_on: _staff(db, plan, wish, there.get(wish.planned_on))
            for wish in to_staff(wanted, standing)
        },
        horizon=horizon,
    )


def _staff(
    db: Session, plan: WeeklyPlan, wish: Wish, there: CourseSession | None
) -> Staffing:
    """Find who gives a day: whose turn it is, or who comes next and can."""
    names = {each.trainer_id: each.trainer.full_name for each in plan.rota}
    on = wish.on or wish.planned_on
    starts_at, ends_at = instants(on, plan.starts, plan.ends)
    reasons = []
    for trainer_id in in_turn(week_of(plan), wish.planned_on, rota_of(plan)):
        refusal = why_trainer_cannot(
            db,
            trainer_id=trainer_id,
            card_role=plan.card_role,
            starts_at=starts_at,
            ends_at=ends_at,
            but_for=there.id if there else None,
        )
        if refusal is None:
            return Staffing(trainer_id=trainer_id)
        first_sentence = refusal.value.partition(". ")[0].rstrip(".")
        reasons.append(f"{names[trainer_id]}: {first_sentence}")
    return Staffing(trainer_id=None, why="; ".join(reasons))


def _standing(planned_on: date, made: CourseSession) -> Standing:
    return Standing(
        planned_on=planned_on,
        on=made.local_date,
        starts=made.local_start,
        ends=made.local_end,
        capacity=made.capacity,
        minimum=made.minimum,
        decide_on=made.decide_on,
        trainer_id=made.trainer_id,
        booked=made.seats_taken,
        detached=made.detached_at is not None,
        cancelled=made.cancelled_at is not None,
    )


def first_day(now: datetime) -> date:
    """Return the first day that a plan may still fill: tomorrow."""
    return london_date(now) + timedelta(days=1)


def week_of(plan: WeeklyPlan) -> Week:
    return Week(
        weekday=plan.weekday,
        starts=plan.starts,
        ends=plan.ends,
        first_on=plan.first_on,
        last_on=plan.last_on,
    )


def shape_of(plan: WeeklyPlan) -> Shape:
    return Shape(
        starts=plan.starts,
        ends=plan.ends,
        capacity=plan.capacity,
        minimum=plan.minimum,
        decide_days=plan.decide_days,
    )


def rota_of(plan: WeeklyPlan) -> list[int]:
    return [each.trainer_id for each in plan.rota]


def everybody_of(plan: WeeklyPlan, made: Iterable[CourseSession]) -> set[int]:
    """Return whose time publishing may touch."""
    return {*rota_of(plan), *(each.trainer_id for each in made)}
