"""Weekly plans, and the dates that they become."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.london import london_date
from ecs_training.scheduling.models import PlanTrainer, WeeklyPlan
from ecs_training.scheduling.queries import (
    list_plan_dates,
    list_plan_ids,
    list_plans_of_trainer,
    lock_plan,
    lock_plan_course_sessions,
)
from ecs_training.scheduling.rules import (
    HolidayPolicy,
    PlanRefusal,
    Week,
    instants,
    missing_dates,
    plan_dates,
    turn_on,
    why_not_add_plan,
    why_not_end_plan,
    working_day_before,
)
from ecs_training.scheduling.services.availability import (
    lock_trainers,
    why_trainer_cannot,
)
from ecs_training.scheduling.services.dates import put_on_timetable, take_off_timetable

log = logging.getLogger(__name__)


class PlanRefused(Refused):
    reason: PlanRefusal


def add_weekly_plan(
    db: Session,
    *,
    card_role: str,
    weekday: int,
    starts: time,
    ends: time,
    capacity: int,
    trainer_ids: Sequence[int],
    first_on: date,
    last_on: date | None = None,
    minimum: int = 1,
    decide_days: int = 3,
    holiday_policy: HolidayPolicy = HolidayPolicy.SKIP,
    added_by_id: int | None,
    now: datetime,
) -> WeeklyPlan:
    """Run a course every week, or raise PlanRefused. Its dates come with extend_timetable.

    The trainers take turns, week by week.
    """
    lock_trainers(db, trainer_ids)
    held = [
        plan
        for trainer_id in trainer_ids
        for plan in list_plans_of_trainer(db, trainer_id=trainer_id)
    ]
    week = Week(
        weekday=weekday, starts=starts, ends=ends, first_on=first_on, last_on=last_on
    )
    refusal = why_not_add_plan(
        week, capacity=capacity, trainers_weeks=[_week(each) for each in held]
    )
    if refusal:
        raise PlanRefused(refusal)
    plan = WeeklyPlan(
        **asdict(week),
        card_role=card_role,
        capacity=capacity,
        minimum=minimum,
        decide_days=decide_days,
        holiday_policy=holiday_policy,
        created_at=now,
        rota=[
            PlanTrainer(turn=turn, trainer_id=trainer_id)
            for turn, trainer_id in enumerate(trainer_ids)
        ],
    )
    db.add(plan)
    db.flush()
    _audit(db, added_by_id, "added weekly plan", plan, now)
    return plan


def end_weekly_plan(
    db: Session, *, ref: str, last_on: date, ended_by_id: int, now: datetime
) -> int:
    """Let a plan run to a last day, or raise PlanRefused. Returns the dates that it keeps.

    Dates after that day on which nobody is booked are cancelled; the others stand until
    somebody cancels them one by one, for people were promised those.
    """
    plan = lock_plan(db, ref=ref)
    if refusal := why_not_end_plan(_week(plan), last_on=last_on):
        raise PlanRefused(refusal)
    plan.last_on = last_on
    _audit(db, ended_by_id, "ended weekly plan", plan, now)
    later = lock_plan_course_sessions(db, plan_id=plan.id, after=last_on)
    empty = [each for each in later if not each.seats_taken and each.starts_at > now]
    for course_session in empty:
        take_off_timetable(
            db, course_session, "The weekly course has ended.", ended_by_id, now
        )
    return len(later) - len(empty)


def extend_timetable(db: Session, *, weeks: int, now: datetime) -> int:
    """Publish every plan's dates up to `weeks` from tomorrow. Returns how many were added."""
    running = list_plan_ids(db, running_on=london_date(now))
    return sum(extend_plan(db, plan_id=each, weeks=weeks, now=now) for each in running)


def extend_plan(db: Session, *, plan_id: int, weeks: int, now: datetime) -> int:
    """Publish one plan's missing dates; again adds nothing, whoever runs at the same time.

    A date on which the trainer has another course is left out and logged.
    """
    plan = lock_plan(db, plan_id=plan_id)
    wanted = plan_dates(
        _week(plan), from_on=london_date(now) + timedelta(days=1), weeks=weeks
    )
    missing = missing_dates(wanted, list_plan_dates(db, plan_id=plan.id))
    if not missing:
        return 0
    lock_trainers(db, (each.trainer_id for each in plan.rota))
    return sum(_add_planned(db, plan, on, now) for on in missing)


def _add_planned(db: Session, plan: WeeklyPlan, on: date, now: datetime) -> bool:
    starts_at, ends_at = instants(on, plan.starts, plan.ends)
    trainer_id = plan.rota[turn_on(_week(plan), on, len(plan.rota))].trainer_id
    refusal = why_trainer_cannot(
        db,
        trainer_id=trainer_id,
        card_role=plan.card_role,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    if refusal:
        log.warning("plan %s: no date on %s: %s", plan.ref, on, refusal)
        return False
    put_on_timetable(
        db,
        on=on,
        times=(plan.starts, plan.ends),
        now=now,
        plan_id=plan.id,
        planned_on=on,
        card_role=plan.card_role,
        capacity=plan.capacity,
        minimum=plan.minimum,
        decide_on=working_day_before(on, days=plan.decide_days),
        trainer_id=trainer_id,
        in_house=False,
    )
    return True


def _week(plan: WeeklyPlan) -> Week:
    return Week(
        weekday=plan.weekday,
        starts=plan.starts,
        ends=plan.ends,
        first_on=plan.first_on,
        last_on=plan.last_on,
    )


def _audit(
    db: Session, actor_id: int | None, action: str, plan: WeeklyPlan, now: datetime
) -> None:
    record(
        db,
        actor_id=actor_id,
        action=action,
        subject=f"weekly-plan/{plan.ref}",
        now=now,
        last_on=plan.last_on.isoformat() if plan.last_on else None,
    )
