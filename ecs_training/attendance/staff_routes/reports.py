"""Who was in the meeting of a date, and when: reports, minutes, who is who, a signature."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from ecs_training.accounts.access import staff_required, trainer_required, who
from ecs_training.accounts.rules import Role
from ecs_training.attendance.forms import ReportForm, SignForm, WhoForm
from ecs_training.attendance.queries.timelines import read_minutes
from ecs_training.attendance.rules.matching import Ground
from ecs_training.attendance.rules.reports import DateOrder
from ecs_training.attendance.services.minutes import (
    countersign,
    decide_who,
    mark_as_attended,
    withdraw_decision,
)
from ecs_training.attendance.services.reports import take_report, withdraw_report
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.london import word_clock
from ecs_training.foundation.web import now, reading, transaction
from ecs_training.scheduling.queries.meetings import list_upcoming_meetings
from ecs_training.scheduling.services.meetings import try_meeting_again

bp = Blueprint("attendance_reports", __name__)

PAGE = "/trainer/course-sessions/<ref>/attendance-reports"
DAY = "/trainer/course-sessions/<ref>"


@dataclass(frozen=True, kw_only=True)
class _Wrong:
    """What was wrong with what somebody sent: a form, or a rule that said no."""

    form: FlaskForm | None = None
    refused: Refused | None = None


def _scope() -> int | None:
    """Return whose dates may be seen: the trainer's own, and for staff (None) all."""
    return None if Role.STAFF in who().roles else who().person_id


@bp.get(PAGE)
@trainer_required
def show_reports(ref: str) -> str:
    return _page(ref)


def _page(
    ref: str, *, upload: ReportForm | None = None, wrong: _Wrong = _Wrong()
) -> str:
    with reading() as db:
        minutes = read_minutes(db, ref=ref, trainer_id=_scope())
    moment = now()
    return render_template(
        "attendance/reports.html",
        minutes=minutes,
        course_session=minutes.course_session,
        role=card_role(minutes.course_session.card_role),
        names={
            each.booking.ref: each.booking.candidate.full_name
            for each in minutes.people
        },
        grounds=Ground,
        clock_time=word_clock,
        begun=moment >= minutes.course_session.starts_at,
        over=moment >= minutes.course_session.ends_at,
        upload=upload or ReportForm(formdata=None),
        wrong=wrong,
    )


@bp.post(PAGE)
@trainer_required
def send_report(ref: str) -> ResponseReturnValue:
    form = ReportForm()
    if not form.validate():
        return _page(ref, upload=form, wrong=_Wrong(form=form)), 422
    try:
        with transaction() as db:
            take_report(
                db,
                ref=ref,
                trainer_id=_scope(),
                content=form.report.content,
                file_name=form.report.file_name,
                order=DateOrder(form.order.data),
                received_by_id=who().person_id,
                now=now(),
            )
    except Refused as refused:
        return _page(ref, upload=form, wrong=_Wrong(refused=refused)), 409
    return _back(ref, "minutes")


@bp.post(f"{PAGE}/<report_ref>/withdrawal")
@trainer_required
def withdraw(ref: str, report_ref: str) -> ResponseReturnValue:
    with transaction() as db:
        withdraw_report(
            db,
            ref=ref,
            report_ref=report_ref,
            trainer_id=_scope(),
            withdrawn_by_id=who().person_id,
            now=now(),
        )
    return _back(ref, "reports")


@bp.post(f"{DAY}/attendance-matches")
@trainer_required
def decide(ref: str) -> ResponseReturnValue:
    form = WhoForm()
    if not form.validate():
        return _page(ref, wrong=_Wrong(form=form)), 422
    try:
        with transaction() as db:
            decide_who(
                db,
                ref=ref,
                trainer_id=_scope(),
                identity=form.identity.data,
                booking_ref=form.booking_ref,
                decided_by_id=who().person_id,
                now=now(),
            )
    except Refused as refused:
        return _page(ref, wrong=_Wrong(refused=refused)), 409
    return _back(ref, "minutes")


@bp.post(f"{DAY}/attendance-matches/withdrawal")
@trainer_required
def take_decision_back(ref: str) -> ResponseReturnValue:
    with transaction() as db:
        withdraw_decision(
            db,
            ref=ref,
            trainer_id=_scope(),
            identity=request.form.get("identity", ""),
            withdrawn_by_id=who().person_id,
            now=now(),
        )
    return _back(ref, "minutes")


@bp.post(f"{DAY}/countersignature")
@trainer_required
def sign(ref: str) -> ResponseReturnValue:
    form = SignForm()
    try:
        with transaction() as db:
            countersign(
                db,
                ref=ref,
                trainer_id=_scope(),
                digest=form.digest.data or "",
                signed_by_id=who().person_id,
                now=now(),
            )
    except Refused as refused:
        return _page(ref, wrong=_Wrong(refused=refused)), 409
    return _back(ref, "signature")


@bp.post(f"{DAY}/attendance-marks")
@trainer_required
def mark_proposed(ref: str) -> ResponseReturnValue:
    try:
        with transaction() as db:
            mark_as_attended(
                db,
                ref=ref,
                trainer_id=_scope(),
                booking_refs=request.form.getlist("booking"),
                marked_by_id=who().person_id,
                now=now(),
            )
    except Refused as refused:
        return _page(ref, wrong=_Wrong(refused=refused)), 409
    return redirect(url_for("assessment_staff.show_register", ref=ref), 303)


@bp.post(f"{DAY}/teams-meeting/attempts")
@trainer_required
def try_again(ref: str) -> ResponseReturnValue:
    with transaction() as db:
        try_meeting_again(
            db, ref=ref, trainer_id=_scope(), asked_by_id=who().person_id, now=now()
        )
    return _back(ref, "meeting")


@bp.get("/staff/teams-meetings")
@staff_required
def show_meetings() -> str:
    with reading() as db:
        meetings = list_upcoming_meetings(db, now=now())
    return render_template(
        "attendance/meetings.html", meetings=meetings, role_of=card_role
    )


def _back(ref: str, anchor: str) -> ResponseReturnValue:
    page = url_for("attendance_reports.show_reports", ref=ref, _anchor=anchor)
    return redirect(page, 303)
