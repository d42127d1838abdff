"""A trainer's day, in one hand."""

from datetime import date

from flask import Blueprint, render_template

from ecs_training.accounts.access import trainer_required, who
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.london import london_date
from ecs_training.foundation.web import now, reading
from ecs_training.portal.queries.trainer_day import read_trainer_day

bp = Blueprint("portal_trainer", __name__)


@bp.get("/trainer/day")
@trainer_required
def show_today() -> str:
    return _page(london_date(now()))


@bp.get("/trainer/day/<day>")
@trainer_required
def show_day(day: str) -> str:
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise NotFound from None
    return _page(on)


def _page(on: date) -> str:
    with reading() as db:
        day = read_trainer_day(db, trainer_id=who().person_id, on=on, now=now())
    return render_template("portal/trainer_day.html", day=day, now=now())
