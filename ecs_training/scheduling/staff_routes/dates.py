"""Pages of trainers and staff about single dates."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import trainer_required, who
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.web import now, reading, transaction
from ecs_training.scheduling.forms import (
    CourseSessionForm,
    JoiningLinkForm,
)
from ecs_training.scheduling.queries import get_course_session_of
from ecs_training.scheduling.rules import why_not_change
from ecs_training.scheduling.services import (
    TimetableRefused,
    add_course_session,
    set_joining_link,
)
from ecs_training.scheduling.staff_routes.blueprint import (
    USUAL_SEATS,
    bp,
    home,
    scope,
    trainers,
)


@bp.route("/trainer/course-sessions/new", methods=["GET", "POST"])
@trainer_required
def new_course_session() -> ResponseReturnValue:
    form = CourseSessionForm(trainers=trainers(), capacity=USUAL_SEATS)
    if request.method == "GET" or not form.validate():
        return _date_page(form), 422 if form.errors else 200
    try:
        with transaction() as db:
            add_course_session(
                db,
                **form.facts(),
                added_by_id=who().person_id,
                now=now(),
            )
    except TimetableRefused as refused:
        return _date_page(form, refused), 409
    return redirect(home(), 303)


def _date_page(form: CourseSessionForm, refused: TimetableRefused | None = None) -> str:
    return render_template(
        "scheduling/new_course_session.html", form=form, refused=refused, home=home()
    )


@bp.get("/trainer/course-sessions/<ref>/cancellation", endpoint="cancel_course_session")
@trainer_required
def cancel_date(ref: str) -> ResponseReturnValue:
    """Lead to where it is shown first who would be told, and what."""
    with reading() as db:
        get_course_session_of(db, ref=ref, trainer_id=scope())
    return redirect(url_for("changes_staff.show_cancellation", ref=ref), 303)


@bp.route("/trainer/course-sessions/<ref>/joining-link", methods=["GET", "POST"])
@trainer_required
def edit_joining_link(ref: str) -> ResponseReturnValue:
    form = JoiningLinkForm()
    if request.method == "GET" or not form.validate():
        page = _one_date_page("scheduling/joining_link.html", ref, form)
        return page, 422 if form.errors else 200
    try:
        with transaction() as db:
            set_joining_link(
                db,
                ref=ref,
                trainer_id=scope(),
                joining_url=form.joining_url.data,
                set_by_id=who().person_id,
                now=now(),
            )
    except TimetableRefused as refused:
        return _one_date_page("scheduling/joining_link.html", ref, form, refused), 409
    return redirect(url_for("assessment_staff.show_register", ref=ref), 303)


def _one_date_page(
    template: str,
    ref: str,
    form: JoiningLinkForm,
    refused: TimetableRefused | None = None,
) -> str:
    with reading() as db:
        course_session = get_course_session_of(db, ref=ref, trainer_id=scope())
    return render_template(
        template,
        course_session=course_session,
        role=card_role(course_session.card_role),
        standing=why_not_change(
            ends_at=course_session.ends_at,
            cancelled=course_session.cancelled_at is not None,
            now=now(),
        ),
        form=form,
        refused=refused,
        home=home(),
    )
