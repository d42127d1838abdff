"""The public dates elsewhere: in a spreadsheet, on paper, on somebody else's page."""

from collections.abc import Sequence

from flask import Response, render_template, url_for
from markupsafe import Markup

from ecs_training.calendar_feeds.routes.blueprint import bp
from ecs_training.calendar_feeds.rules.timetable import timetable_csv
from ecs_training.catalogue.queries import card_role, scheme
from ecs_training.foundation.london import london_date
from ecs_training.foundation.web import (
    CONTENT_SECURITY_POLICY,
    now,
    reading,
    settings,
)
from ecs_training.scheduling.models import CourseSession
from ecs_training.scheduling.queries import list_open_course_sessions

MOST_DATES = 1000  # a year of five courses, four times a week
MOST_EMBEDDED = 12
SECONDS_GOOD = 300
SHOWN_ANYWHERE = CONTENT_SECURITY_POLICY.replace(
    "frame-ancestors 'none'", "frame-ancestors *"
)
SNIPPET = Markup(
    '<iframe src="{}" title="{}" width="100%" height="480" loading="lazy"></iframe>'
)


def _dates(
    role: str | None = None, *, most: int = MOST_DATES
) -> Sequence[CourseSession]:
    with reading() as db:
        return list_open_course_sessions(db, card_role=role, now=now(), limit=most)


@bp.get("/calendars/timetable.csv")
def download_timetable() -> Response:
    dates = [(each, card_role(each.card_role).course_title) for each in _dates()]
    response = Response(
        timetable_csv(dates, base_url=settings().base_url), mimetype="text/csv"
    )
    response.headers["Content-Disposition"] = 'attachment; filename="timetable.csv"'
    response.headers["X-Robots-Tag"] = "noindex"
    return _good_for_a_while(response)


@bp.get("/calendars/timetable")
def show_timetable() -> str:
    dates = _dates()
    by_role = [
        (role, [each for each in dates if each.card_role == role.slug])
        for role in scheme().roles
    ]
    return render_template(
        "calendar_feeds/timetable.html", by_role=by_role, today=london_date(now())
    )


@bp.get("/embed/courses/<role>")
def show_embedded_dates(role: str) -> Response:
    """Answer with a page for other people's pages: it has no form, no cookie, no script."""
    found = card_role(role)
    page = render_template(
        "calendar_feeds/embedded.html",
        role=found,
        dates=_dates(found.slug, most=MOST_EMBEDDED),
        base_url=settings().base_url,
    )
    response = Response(page)
    response.headers["Content-Security-Policy"] = SHOWN_ANYWHERE
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    return _good_for_a_while(response)


@bp.get("/calendars/embedding")
def show_embedding() -> str:
    snippets = [
        (role, SNIPPET.format(_embedded_address(role.slug), role.course_title))
        for role in scheme().roles
    ]
    return render_template("calendar_feeds/embedding.html", snippets=snippets)


def _embedded_address(role: str) -> str:
    path = url_for("calendar_feeds.show_embedded_dates", role=role)
    return settings().base_url + path


def _good_for_a_while(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={SECONDS_GOOD}"
    return response
