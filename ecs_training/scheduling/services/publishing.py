"""Bringing dates onto the timetable: what a person has seen, or additions by themselves."""

import logging
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ecs_training.foundation.audit import record
from ecs_training.foundation.events import publish
from ecs_training.foundation.london import london_date
from ecs_training.scheduling.events import (
    CourseSessionMoved,
    CourseSessionResized,
    CourseSessionRestaffed,
)
from ecs_training.scheduling.models import CourseSession, WeeklyPlan
from ecs_training.scheduling.queries import list_plan_ids, list_planned, lock_plan
from ecs_training.scheduling.rules import (
    Difference,
    Line,
    PlanRefusal,
    QuestionKind,
    Step,
    instants,
    working_day_before,
)
from ecs_training.scheduling.services.asking import ask
from ecs_training.scheduling.services.availability import lock_trainers
from ecs_training.scheduling.services.dates import (
    audit,
    put_on_timetable,
    revise,
    set_time,
    take_off_timetable,
)
from ecs_training.scheduling.services.differences import (
    difference_of,
    everybody_of,
    first_day,
)
from ecs_training.scheduling.services.plans import PlanRefused

log = logging.getLogger(__name__)


def publish_plan(
    db: Session,
    *,
    ref: str,
    digest: str,
    weeks: int,
    published_by_id: int,
    now: datetime,
) -> Difference:
    """Do what somebody was shown, named by its digest; what was done is returned.

    Raise PlanRefused if it would be anything else by now.
    """
    plan = lock_plan(db, ref=ref)
    since = first_day(now)
    seen = list_planned(db, plan_id=plan.id, since=since)
    lock_trainers(db, everybody_of(plan, seen))
    made = list_planned(db, plan_id=plan.id, since=since, hold=True)
    difference = difference_of(db, plan, made, weeks=weeks, now=now)
    if difference.digest != digest:
        raise PlanRefused(PlanRefusal.CHANGED_MEANWHILE)
    there = {each.planned_on: each for each in made}
    for line in difference.of(Step.TAKE_OFF):
        reason = f"{line.why}."
        take_off_timetable(db, there[line.planned_on], reason, published_by_id, now)
    for line in difference.of(Step.CHANGE):
        its_date = there[line.planned_on]
        _follow_plan(db, plan, its_date, line, by_id=published_by_id, now=now)
    _add_dates(db, plan, difference, now)
    record(
        db,
        actor_id=published_by_id,
        action="published weekly plan",
        subject=f"weekly-plan/{plan.ref}",
        now=now,
        **{step.value: len(difference.of(step)) for step in Step},
    )
    return difference


def extend_timetable(db: Session, *, weeks: int, now: datetime) -> int:
    """Publish every plan's dates up to `weeks` from tomorrow. Returns how many were added."""
    running = list_plan_ids(db, running_on=london_date(now))
    return sum(extend_plan(db, plan_id=each, weeks=weeks, now=now) for each in running)


def extend_plan(db: Session, *, plan_id: int, weeks: int, now: datetime) -> int:
    """Publish one plan's missing dates; again adds nothing, whoever runs at the same time.

    Dates that exist are left alone. A day on which nobody of the rota can is left out and
    logged; a holiday about which the plan asks becomes a question.
    """
    plan = lock_plan(db, plan_id=plan_id)
    lock_trainers(db, everybody_of(plan, ()))
    made = list_planned(db, plan_id=plan.id, since=first_day(now))
    difference = difference_of(db, plan, made, weeks=weeks, now=now)
    for line in difference.of(Step.NO_TRAINER):
        log.warning("plan %s: no date on %s: %s", plan.ref, line.planned_on, line.why)
    return _add_dates(db, plan, difference, now)


def _add_dates(
    db: Session, plan: WeeklyPlan, difference: Difference, now: datetime
) -> int:
    for line in difference.of(Step.ASK):
        ask(
            db,
            kind=QuestionKind.HOLIDAY_ON_PLAN,
            plan_id=plan.id,
            day=line.planned_on,
            now=now,
        )
    added = difference.of(Step.ADD)
    for line in added:
        put_on_timetable(
            db,
            on=line.on,
            times=(plan.starts, plan.ends),
            now=now,
            plan_id=plan.id,
            planned_on=line.planned_on,
            card_role=plan.card_role,
            capacity=plan.capacity,
            minimum=plan.minimum,
            decide_on=working_day_before(line.on, days=plan.decide_days),
            trainer_id=line.trainer_id,
            in_house=False,
        )
    return len(added)


def _follow_plan(
    db: Session,
    plan: WeeklyPlan,
    course_session: CourseSession,
    line: Line,
    *,
    by_id: int,
    now: datetime,
) -> None:
    """Give an empty date what its plan says by now. It stays attached."""
    was_at = (course_session.starts_at, course_session.ends_at)
    was_by, had_seats = course_session.trainer_id, course_session.capacity
    course_session.trainer_id = line.trainer_id or was_by
    times = (plan.starts, plan.ends)
    moved = was_at != instants(line.on, *times)
    if moved:
        set_time(db, course_session, line.on, times, now=now)
    course_session.capacity, course_session.minimum = plan.capacity, plan.minimum
    course_session.decide_on = working_day_before(line.on, days=plan.decide_days)
    if moved or was_by != course_session.trainer_id:
        revise(course_session, now)
    db.flush()
    audit(db, by_id, "changed date with its plan", course_session, now)
    facts: Any = {"occurred_at": now, "course_session_id": course_session.id}
    if was_by != course_session.trainer_id:
        publish(
            db,
            CourseSessionRestaffed(
                **facts,
                from_id=was_by,
                to_id=course_session.trainer_id,
                restaffed_by_id=by_id,
            ),
        )
    if moved:
        publish(db, CourseSessionMoved(**facts, moved_by_id=by_id, was=was_at))
    if had_seats != plan.capacity:
        publish(db, CourseSessionResized(**facts, resized_by_id=by_id, was=had_seats))
