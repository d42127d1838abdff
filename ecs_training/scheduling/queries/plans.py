"""Finding weekly plans and the dates they made."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from ecs_training.foundation.errors import NotFound
from ecs_training.scheduling.models import CourseSession, PlanTrainer, WeeklyPlan

_WITH_ROTA = selectinload(WeeklyPlan.rota).joinedload(PlanTrainer.trainer)


def list_plans(db: Session) -> Sequence[WeeklyPlan]:
    """Return every weekly plan with its trainer, ended ones too, in order of the week."""
    return db.scalars(
        select(WeeklyPlan)
        .options(_WITH_ROTA)
        .order_by(WeeklyPlan.weekday, WeeklyPlan.starts, WeeklyPlan.id)
    ).all()


def list_plan_ids(db: Session, *, running_on: date) -> Sequence[int]:
    """Return the plans that have not ended by that day, in the order they are locked."""
    return db.scalars(
        select(WeeklyPlan.id)
        .where(WeeklyPlan.last_on.is_(None) | (WeeklyPlan.last_on >= running_on))
        .order_by(WeeklyPlan.id)
    ).all()


def get_plan(db: Session, *, ref: str) -> WeeklyPlan:
    """Return a plan with its rota as the database has it, or raise NotFound."""
    plan = db.scalars(
        select(WeeklyPlan)
        .where(WeeklyPlan.ref == ref)
        .options(_WITH_ROTA)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if plan is None:
        raise NotFound
    return plan


def lock_plan(
    db: Session, *, ref: str | None = None, plan_id: int | None = None
) -> WeeklyPlan:
    """Hold a plan until the transaction ends: one at a time makes dates of it."""
    plan = db.scalars(
        select(WeeklyPlan)
        .where(
            WeeklyPlan.id == plan_id if plan_id is not None else WeeklyPlan.ref == ref
        )
        .options(_WITH_ROTA)
        .with_for_update(of=WeeklyPlan)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if plan is None:
        raise NotFound
    return plan


def list_plans_of_trainer(db: Session, *, trainer_id: int) -> Sequence[WeeklyPlan]:
    """Return the plans in whose rota a trainer is."""
    return db.scalars(
        select(WeeklyPlan).where(
            WeeklyPlan.rota.any(PlanTrainer.trainer_id == trainer_id)
        )
    ).all()


def list_planned(
    db: Session, *, plan_id: int, since: date, hold: bool = False
) -> Sequence[CourseSession]:
    """Return what a plan made for its days since one, cancelled and moved ones too.

    `hold` them until the transaction ends.
    """
    planned = (
        select(CourseSession)
        .where(CourseSession.plan_id == plan_id, CourseSession.planned_on >= since)
        .order_by(CourseSession.id)
    )
    if hold:
        planned = planned.with_for_update()
    return db.scalars(planned.execution_options(populate_existing=hold)).all()


def list_plan_course_sessions(
    db: Session, *, plan_id: int, after: date
) -> Sequence[CourseSession]:
    """Return the standing dates of a plan after a day, soonest first."""
    return db.scalars(_of_plan(plan_id, after)).all()


def lock_plan_course_sessions(
    db: Session, *, plan_id: int, after: date
) -> Sequence[CourseSession]:
    """Hold the standing dates of a plan after a day."""
    held = _of_plan(plan_id, after).with_for_update()
    return db.scalars(held.execution_options(populate_existing=True)).all()


def _of_plan(plan_id: int, after: date) -> Select[CourseSession]:
    return (
        select(CourseSession)
        .where(
            CourseSession.plan_id == plan_id,
            CourseSession.local_date > after,
            CourseSession.cancelled_at.is_(None),
        )
        .order_by(CourseSession.id)
    )
