"""Puts the parts together."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from jinja2 import StrictUndefined
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from ecs_training.accounts import routes as accounts
from ecs_training.accounts.access import set_up_sign_in, who_is_there
from ecs_training.assessment import api as assessment_api
from ecs_training.assessment import routes as assessment
from ecs_training.assessment.staff_routes import register as assessment_staff
from ecs_training.assessment.staff_routes import rescores as assessment_rescores
from ecs_training.assessment.staff_routes import resits as assessment_resits
from ecs_training.attendance.staff_routes import register as attendance_staff
from ecs_training.attendance.staff_routes import reports as attendance_reports
from ecs_training.booking import routes as booking
from ecs_training.booking import staff_routes as booking_staff
from ecs_training.calendar_feeds import routes as calendar_feeds
from ecs_training.calendar_feeds import staff_routes as calendar_feeds_staff
from ecs_training.card_applications import routes as card_applications
from ecs_training.card_applications import staff_routes as card_applications_staff
from ecs_training.catalogue.queries import scheme
from ecs_training.changes import staff_routes as changes_staff
from ecs_training.demo import mailbox
from ecs_training.exemptions import routes as exemptions
from ecs_training.exemptions import staff_routes as exemptions_staff
from ecs_training.foundation import london
from ecs_training.foundation.clock import (
    MOST_DRIFT,
    Clock,
    ShiftedClock,
    measure_shift,
    utc_now,
)
from ecs_training.foundation.database import Database
from ecs_training.foundation.errors import Misconfigured, NotFound
from ecs_training.foundation.migrations import is_current
from ecs_training.foundation.money import word_pounds
from ecs_training.foundation.packing import pack_replies
from ecs_training.foundation.references import mask_secrets, new_reference
from ecs_training.foundation.settings import (
    Settings,
    read_settings,
    why_not_production,
)
from ecs_training.foundation.uploads import LARGEST
from ecs_training.foundation.web import (
    Cookies,
    database,
    now,
    protect_responses,
    wants_json,
)
from ecs_training.foundation.web import settings as settings_now
from ecs_training.invigilation import routes as invigilation
from ecs_training.invigilation.staff_routes import appeals as invigilation_appeals
from ecs_training.invigilation.staff_routes import evidence as invigilation_evidence
from ecs_training.invigilation.staff_routes import requests as invigilation_requests
from ecs_training.invigilation.staff_routes import room as invigilation_room
from ecs_training.passes import routes as passes
from ecs_training.passes import staff_routes as passes_staff
from ecs_training.payments import routes as payments
from ecs_training.portal import api as portal_api
from ecs_training.portal import routes as portal
from ecs_training.portal import staff_routes as portal_trainer
from ecs_training.questions import staff_routes as questions_staff
from ecs_training.questions.staff_routes import files as questions_files
from ecs_training.reactions import REACTIONS
from ecs_training.reporting import staff_routes as reporting_staff
from ecs_training.scheduling import staff_routes as scheduling_staff
from ecs_training.scheduling.staff_routes import swaps as scheduling_swaps
from ecs_training.scheduling.staff_routes import trainers as scheduling_trainers
from ecs_training.verification import routes as verification

ROOT = Path(__file__).parents[1]
ROOM_FOR_THE_FORM = 64 * 1024  # bytes around an uploaded file
LARGEST_NUMBER = 2**31 - 1
SECONDS_UNTIL_FREE = "2"
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
BLUEPRINTS = (
    accounts.bp,
    scheduling_staff.bp,
    scheduling_trainers.bp,
    scheduling_swaps.bp,
    questions_staff.bp,
    questions_files.bp,
    booking.bp,
    booking_staff.bp,
    payments.bp,
    attendance_staff.bp,
    attendance_reports.bp,
    assessment.bp,
    assessment_staff.bp,
    assessment_rescores.bp,
    assessment_resits.bp,
    assessment_api.bp,
    invigilation.bp,
    invigilation_room.bp,
    invigilation_requests.bp,
    invigilation_evidence.bp,
    invigilation_appeals.bp,
    calendar_feeds.bp,
    calendar_feeds_staff.bp,
    passes.bp,
    passes_staff.bp,
    exemptions.bp,
    exemptions_staff.bp,
    card_applications.bp,
    card_applications_staff.bp,
    verification.bp,
    changes_staff.bp,
    reporting_staff.bp,
    portal.bp,
    portal_trainer.bp,
    portal_api.bp,
)

log = logging.getLogger(__name__)


def create_served_app(environment: Mapping[str, str]) -> Flask:
    """Build what gunicorn runs; raises Misconfigured if real people should not be served so.

    Our clock is set by the database's, so that every machine agrees about a deadline.
    """
    settings = read_settings(environment)
    problem = None if settings.demo_pages else why_not_production(settings)
    if problem:
        raise Misconfigured(problem)
    told = Database(settings, REACTIONS)
    drift = measure_shift(told.tell_time)
    told.engine.dispose()  # gunicorn forks; each worker opens its own connections
    shift = timedelta(seconds=settings.clock_shift_seconds)
    return create_app(settings, clock=ShiftedClock(drift + shift))


def create_app(settings: Settings, *, clock: Clock = utc_now) -> Flask:
    """Build the web application; nothing here needs the database to be there yet."""
    app = Flask(__name__, template_folder=str(ROOT / "templates"))
    _configure(app, settings)
    app.extensions["settings"] = settings
    app.extensions["database"] = Database(settings, REACTIONS)
    app.extensions["clock"] = clock
    app.session_interface = Cookies(app)
    CSRFProtect(app)
    set_up_sign_in(app)
    pack_replies(app)
    protect_responses(app)
    _teach_templates(app, settings)
    app.url_value_preprocessor(_refuse_odd_addresses)
    _answer_errors(app)
    _add_probes(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if settings.demo_pages:
        app.register_blueprint(mailbox.bp)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    secure = settings.secure_cookies
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-session" if secure else "session",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=1),
        WTF_CSRF_TIME_LIMIT=None,  # as long as the sign-in, or an assessment outlasts it
        MAX_CONTENT_LENGTH=LARGEST + ROOM_FOR_THE_FORM,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    if settings.proxy_count:
        count = settings.proxy_count
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count
        )


def _teach_templates(app: Flask, settings: Settings) -> None:
    app.jinja_env.filters.update(
        date=london.word_date,
        short_date=london.word_short_date,
        time=london.word_time,
        instant=london.word_instant,
        london_date=london.london_date,
        pounds=word_pounds,
    )
    app.jinja_env.globals.update(settings=settings, who=who_is_there, scheme=scheme)


def _refuse_odd_addresses(
    _endpoint: str | None, values: dict[str, object] | None
) -> None:
    """Answer 404 to what no database takes: a NUL in a text, a number beyond 32 bits."""
    for value in (values or {}).values():
        if "\x00" in str(value) or (isinstance(value, int) and value > LARGEST_NUMBER):
            raise NotFound


def _add_probes(app: Flask) -> None:
    app.add_url_rule("/livez", "livez", lambda: ("alive\n", 200, PLAIN))
    app.add_url_rule("/readyz", "readyz", _say_ready)


def _say_ready() -> ResponseReturnValue:
    """Say whether requests should come here: database there, migrated, clocks agreed."""
    shift = timedelta(seconds=settings_now().clock_shift_seconds)
    try:
        drift = now() - shift - database().tell_time()
        problem = None if is_current(database().engine) else "database not migrated"
    except SQLAlchemyError:
        log.exception("not ready")
        return "database unreachable\n", 503, PLAIN
    if abs(drift) > MOST_DRIFT:
        problem = f"clock is {drift.total_seconds():+.1f} s from the database's"
    return f"{problem or 'ready'}\n", 503 if problem else 200, PLAIN


def _answer_errors(app: Flask) -> None:
    app.register_error_handler(NotFound, lambda _: _say("not_found", 404))
    app.register_error_handler(404, lambda _: _say("not_found", 404))
    app.register_error_handler(CSRFError, lambda _: _say("form_expired", 400))
    app.register_error_handler(OperationalError, _say_busy)
    app.register_error_handler(HTTPException, _say_other)
    app.register_error_handler(Exception, _say_broken)


def _say(
    page: str, status: int, headers: dict[str, str] | None = None, **facts: str
) -> ResponseReturnValue:
    if wants_json():
        return {"reason": page.replace("_", "-"), **facts}, status, headers or {}
    return render_template(f"errors/{page}.html", **facts), status, headers or {}


def _say_other(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:  # a redirect that a guard raised
        return error.response
    pages = {405: "wrong_method", 413: "too_large", 401: "sign_in"}
    headers = {k: v for k, v in error.get_headers() if k in {"Allow", "Retry-After"}}
    return _say(pages.get(error.code or 0, "bad_request"), error.code or 400, headers)


def _say_busy(error: OperationalError) -> ResponseReturnValue:
    """Ask to try again when a lock was not had in time; anything else is a breakdown."""
    words = str(error.orig).lower()
    if "locked" in words or "lock timeout" in words or "deadlock" in words:
        log.warning("database busy on %s", mask_secrets(request.path))
        return _say("busy", 503, {"Retry-After": SECONDS_UNTIL_FREE})
    return _say_broken(error)


def _say_broken(error: Exception) -> ResponseReturnValue:
    incident = new_reference()
    where = mask_secrets(request.path)
    log.error("incident %s on %s", incident, where, exc_info=error)
    return _say("broken", 500, incident=incident)
