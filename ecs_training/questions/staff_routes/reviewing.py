from typing import cast

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import staff_required, who
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.web import now, reading, transaction
from ecs_training.questions.access import plan
from ecs_training.questions.forms.deciding import ReadingForm, ReasonForm
from ecs_training.questions.queries.dossiers import Dossier, Wording, get_dossier
from ecs_training.questions.rules.bank import LETTERS
from ecs_training.questions.rules.reviewing import reading_order, to_bank
from ecs_training.questions.rules.wording import JURISDICTIONS, word_share, word_topic
from ecs_training.questions.services import reviewing
from ecs_training.questions.services.inspecting import find_findings, word_finding
from ecs_training.questions.services.reviewing import ReviewRefused
from ecs_training.questions.staff_routes.blueprint import bp
from ecs_training.questions.staff_routes.items import question_page


@bp.route(
    "/staff/questions/<code>/revisions/<int:number>/reading", methods=["GET", "POST"]
)
@staff_required
def read_revision(code: str, number: int) -> ResponseReturnValue:
    """Ask for the key without showing it; whoever agreed then decides here."""
    dossier, wording = _wording(code, number)
    if request.method == "GET" and wording.why_not_decide is None:
        return _decision_page(dossier, wording, ReasonForm())
    if refusal := wording.why_not_read:
        return question_page(code, ReviewRefused(refusal)), 409
    form = ReadingForm()
    if request.method == "GET" or not form.validate():
        return _blind_page(code, wording, form), 422 if form.errors else 200
    order = reading_order(wording.row.id, who().person_id)
    try:
        with transaction() as db:
            own = reviewing.read_revision(
                db,
                code=code,
                number=number,
                picked=to_bank(form.picked.data, order),
                defensible=[to_bank(each, order) for each in form.defensible.data],
                note=form.note.data,
                reader_id=who().person_id,
                now=now(),
            )
    except ReviewRefused as refused:
        return question_page(code, refused), 409
    if own.agreed:
        return redirect(request.path, 303)
    return redirect(url_for("questions_staff.show_question", code=code), 303)


def _wording(code: str, number: int) -> tuple[Dossier, Wording]:
    with reading() as db:
        dossier = get_dossier(db, code=code, viewer_id=who().person_id)
    return dossier, dossier.wording(number)


def _blind_page(code: str, wording: Wording, form: ReadingForm) -> str:
    """Hand over the stem, the picture and the options alone: the page cannot tell more."""
    draft = wording.draft
    order = reading_order(wording.row.id, who().person_id)
    return render_template(
        "questions/staff_reading.html",
        code=code,
        number=wording.row.revision,
        stem=draft.stem,
        image=draft.image,
        options=[
            (shown, draft.options[letter])
            for shown, letter in zip(LETTERS, order, strict=True)
        ],
        form=form,
    )


def _decision_page(
    dossier: Dossier,
    wording: Wording,
    form: ReasonForm,
    refused: Refused | None = None,
) -> str:
    bank = plan()
    with reading() as db:
        findings = find_findings(
            db,
            draft=wording.draft,
            code=dossier.item.code,
            topic=dossier.item.topic,
            terms=bank.terms,
            now=now(),
        )
    return render_template(
        "questions/staff_decision.html",
        dossier=dossier,
        wording=wording,
        findings=[word_finding(fault) for fault in findings],
        sources=bank.sources,
        form=form,
        refused=refused,
        jurisdictions=JURISDICTIONS,
        word_share=word_share,
        word_topic=word_topic,
    )


@bp.post("/staff/questions/<code>/revisions/<int:number>/approval")
@staff_required
def approve(code: str, number: int) -> ResponseReturnValue:
    bank = plan()
    try:
        with transaction() as db:
            reviewing.approve(
                db,
                code=code,
                number=number,
                blueprints=bank.blueprints,
                terms=bank.terms,
                approved_by_id=who().person_id,
                now=now(),
            )
    except ReviewRefused as refused:
        return _refused_page(code, number, ReasonForm(formdata=None), refused), 409
    return redirect(url_for("questions_staff.show_question", code=code), 303)


@bp.post("/staff/questions/<code>/revisions/<int:number>/sending-back")
@staff_required
def send_back(code: str, number: int) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate():
        return _refused_page(code, number, form, None), 422
    try:
        with transaction() as db:
            reviewing.send_back(
                db,
                code=code,
                number=number,
                reason=cast(str, form.reason.data),
                sent_back_by_id=who().person_id,
                now=now(),
            )
    except ReviewRefused as refused:
        return _refused_page(code, number, form, refused), 409
    return redirect(url_for("questions_staff.show_question", code=code), 303)


def _refused_page(
    code: str, number: int, form: ReasonForm, refused: ReviewRefused | None
) -> str:
    """Stay where the decision is made, unless it is no longer this person's to make."""
    dossier, wording = _wording(code, number)
    why = wording.why_not_decide
    if why is None:
        return _decision_page(dossier, wording, form, refused)
    return question_page(code, refused or ReviewRefused(why))
