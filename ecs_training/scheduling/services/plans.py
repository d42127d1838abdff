"""Weekly plans: added, changed, ended. Their dates come with publishing."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, time

from sqlalchemy.orm import Session

from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import Refused
from ecs_training.scheduling.models import PlanTrainer, WeeklyPlan
from ecs_training.scheduling.queries import (
    get_plan,
    list_plans_of_trainer,
    lock_plan,
    lock_plan_course_sessions,
)
from ecs_training.scheduling.rules import (
    HolidayPolicy,
    PlanRefusal,
    Week,
    why_not_add_plan,
    why_not_end_plan,
)
from ecs_training.scheduling.services.availability import lock_trainers
from ecs_training.scheduling.services.dates import take_off_timetable
from ecs_training.scheduling.services.differences import rota_of, week_of


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

    The trainers take turns, week by week. With fewer than `minimum` people booked
    `decide_days` working days before a date, somebody is asked whether it runs.
    """
    lock_trainers(db, trainer_ids)
    week = Week(
        weekday=weekday, starts=starts, ends=ends, first_on=first_on, last_on=last_on
    )
    terms = {"capacity": capacity, "minimum": minimum, "decide_days": decide_days}
    _judge(db, week, trainer_ids, but_for=None, **terms)
    plan = WeeklyPlan(
        **asdict(week),
        **terms,
        card_role=card_role,
        holiday_policy=holiday_policy,
        created_at=now,
        rota=_turns(trainer_ids),
    )
    db.add(plan)
    db.flush()
    _audit(db, added_by_id, "added weekly plan", plan, now)
    return plan


def change_weekly_plan(
    db: Session,
    *,
    ref: str,
    starts: time,
    ends: time,
    capacity: int,
    trainer_ids: Sequence[int],
    last_on: date | None,
    minimum: int,
    decide_days: int,
    holiday_policy: HolidayPolicy,
    changed_by_id: int,
    now: datetime,
) -> WeeklyPlan:
    """Let a plan be otherwise from now on, or raise PlanRefused.

    Its dates stand as they are until it is published again.
    """
    plan = lock_plan(db, ref=ref)
    lock_trainers(db, {*trainer_ids, *rota_of(plan)})
    week = Week(
        weekday=plan.weekday,
        starts=starts,
        ends=ends,
        first_on=plan.first_on,
        last_on=last_on,
    )
    terms = {"capacity": capacity, "minimum": minimum, "decide_days": decide_days}
    _judge(db, week, trainer_ids, but_for=plan.id, **terms)
    facts = {**asdict(week), **terms, "holiday_policy": holiday_policy}
    changed = [name for name, value in facts.items() if getattr(plan, name) != value]
    for name in changed:
        setattr(plan, name, facts[name])
    if list(trainer_ids) != rota_of(plan):
        changed.append("rota")
        _hand_over(db, plan, trainer_ids)
    db.flush()
    _audit(db, changed_by_id, "changed weekly plan", plan, now, changed=changed)
    return get_plan(db, ref=ref)


def _hand_over(db: Session, plan: WeeklyPlan, trainer_ids: Sequence[int]) -> None:
    for turn in list(plan.rota):
        db.delete(turn)
    db.flush()  # the turns are free before others take them
    db.add_all(_turns(trainer_ids, plan_id=plan.id))
    db.flush()
    db.expire(plan, ["rota"])


def _turns(trainer_ids: Sequence[int], plan_id: int | None = None) -> list[PlanTrainer]:
    return [
        PlanTrainer(plan_id=plan_id, turn=turn, trainer_id=trainer_id)
        for turn, trainer_id in enumerate(trainer_ids)
    ]


def _judge(
    db: Session,
    week: Week,
    trainer_ids: Sequence[int],
    *,
    but_for: int | None,
    capacity: int,
    minimum: int,
    decide_days: int,
) -> None:
    others = {
        plan.id: plan
        for trainer_id in set(trainer_ids)
        for plan in list_plans_of_trainer(db, trainer_id=trainer_id)
        if plan.id != but_for
    }
    refusal = why_not_add_plan(
        week,
        capacity=capacity,
        minimum=minimum,
        decide_days=decide_days,
        trainers=len(trainer_ids),
        trainers_weeks=[week_of(each) for each in others.values()],
    )
    if refusal:
        raise PlanRefused(refusal)


def end_weekly_plan(
    db: Session, *, ref: str, last_on: date, ended_by_id: int, now: datetime
) -> int:
    """Let a plan run to a last day, or raise PlanRefused. Returns the dates that it keeps.

    Dates after that day on which nobody is booked are cancelled; the others stand until
    somebody cancels them one by one, for people were promised those.
    """
    plan = lock_plan(db, ref=ref)
    if refusal := why_not_end_plan(week_of(plan), last_on=last_on):
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


def _audit(
    db: Session,
    actor_id: int | None,
    action: str,
    plan: WeeklyPlan,
    now: datetime,
    **details: list[str],
) -> None:
    record(
        db,
        actor_id=actor_id,
        action=action,
        subject=f"weekly-plan/{plan.ref}",
        now=now,
        last_on=plan.last_on.isoformat() if plan.last_on else None,
        **details,
    )
