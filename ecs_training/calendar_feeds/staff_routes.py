"""Who subscribes: every private feed, when it was read last, and by which program."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import staff_required, who
from ecs_training.calendar_feeds.queries import list_subscribers
from ecs_training.calendar_feeds.rules.entries import publisher_of
from ecs_training.calendar_feeds.services import revoke_any_feed
from ecs_training.foundation.london import london_date
from ecs_training.foundation.web import now, reading, settings, transaction

bp = Blueprint("calendar_feeds_staff", __name__)

A_PAGE = 20


@bp.get("/staff/calendar-feeds")
@staff_required
def show_feeds() -> str:
    page = max(request.args.get("page", 1, type=int), 1)
    with reading() as db:
        subscribers, total = list_subscribers(
            db,
            limit=A_PAGE,
            offset=(page - 1) * A_PAGE,
            today=london_date(now()),
            publisher=publisher_of(settings()),
        )
    return render_template(
        "calendar_feeds/staff.html",
        subscribers=subscribers,
        total=total,
        page=page,
        pages=max(-(-total // A_PAGE), 1),
    )


@bp.post("/staff/calendar-feeds/<ref>/revocation")
@staff_required
def revoke_feed(ref: str) -> ResponseReturnValue:
    with transaction() as db:
        revoke_any_feed(db, ref=ref, by_id=who().person_id, now=now())
    return redirect(url_for(".show_feeds"), 303)
