from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import staff_required, who
from ecs_training.foundation.web import now, reading, transaction
from ecs_training.questions.access import plan
from ecs_training.questions.forms.fields import one_line
from ecs_training.questions.forms.items import ItemForm
from ecs_training.questions.queries.dossiers import (
    Dossier,
    get_dossier,
    list_codes,
    list_pictures,
)
from ecs_training.questions.queries.search import list_topics
from ecs_training.questions.rules.differences import Difference, list_differences
from ecs_training.questions.rules.drafting import WritingRefusal
from ecs_training.questions.services.inspecting import find_findings, word_finding
from ecs_training.questions.services.pictures import store_picture
from ecs_training.questions.services.writing import (
    WritingRefused,
    add_item,
    list_missing_facts,
    save_revision,
)
from ecs_training.questions.staff_routes.blueprint import bp
from ecs_training.questions.staff_routes.items import question_page

SUBMIT, PREVIEW = "submit", "preview"  # values of the buttons; any other saves a draft


@bp.route("/staff/questions/new", methods=["GET", "POST"])
@staff_required
def new_question() -> ResponseReturnValue:
    form = _item_form(None)
    if request.method == "GET" or _asked() == PREVIEW:
        return _edit_page(form)
    if not _is_valid(form):
        return _edit_page(form), 422
    try:
        with transaction() as db:
            item = add_item(
                db,
                topic=form.topic.data,
                draft=form.draft(),
                submit=_asked() == SUBMIT,
                written_by_id=who().person_id,
                now=now(),
            )
    except WritingRefused as refused:
        return _edit_page(form, refused=refused), 409
    return redirect(url_for("questions_staff.show_question", code=item.code), 303)


@bp.route("/staff/questions/<code>/edit", methods=["GET", "POST"])
@staff_required
def edit_question(code: str) -> ResponseReturnValue:
    dossier = _dossier(code)
    if not dossier.newest.may_see_key:
        return question_page(code, WritingRefused(WritingRefusal.BEING_READ)), 409
    form = _item_form(dossier)
    if request.method == "GET" or _asked() == PREVIEW:
        return _edit_page(form, dossier)
    if not _is_valid(form):
        return _edit_page(form, dossier), 422
    try:
        with transaction() as db:
            save_revision(
                db,
                code=code,
                draft=form.draft(),
                based_on=form.based_on_number(),
                submit=_asked() == SUBMIT,
                written_by_id=who().person_id,
                now=now(),
            )
    except WritingRefused as refused:
        return _refused_page(form, code, refused), 409
    return redirect(url_for("questions_staff.show_question", code=code), 303)


def _asked() -> str:
    return request.form.get("go", "")


def _dossier(code: str) -> Dossier:
    with reading() as db:
        return get_dossier(db, code=code, viewer_id=who().person_id)


def _item_form(dossier: Dossier | None) -> ItemForm:
    """Return the form as typed, with a picture that came along kept already."""
    bank = plan()
    with reading() as db:
        codes, pictures, used = list_codes(db), list_pictures(db), list_topics(db)
    topic = dossier.item.topic if dossier else request.args.get("topic", "")
    form = ItemForm(
        topics=[topic] if dossier else sorted({*bank.topics, *used}),
        sources=bank.sources,
        pictures=pictures,
        codes=codes,
        code=dossier.item.code if dossier else "",
        start=dossier.newest.row if dossier else None,
        topic=topic,
    )
    if picture := form.take_upload():
        with transaction() as db:
            store_picture(db, picture=picture, now=now())
        form.choose_picture(picture)
    return form


def _is_valid(form: ItemForm) -> bool:
    form.validate()
    if _asked() == SUBMIT:
        with reading() as db:
            form.add_problems(list_missing_facts(db, draft=form.draft(), now=now()))
    return not form.errors


def _refused_page(form: ItemForm, code: str, refused: WritingRefused) -> str:
    """Keep what was typed; show what somebody else changed meanwhile, and go on from that."""
    dossier = _dossier(code)
    changed: list[Difference] = []
    if refused.reason is WritingRefusal.STALE and dossier.newest.may_see_key:
        newest = dossier.newest
        numbers = [wording.row.revision for wording in dossier.wordings]
        if form.based_on_number() in numbers:
            seen = dossier.wording(form.based_on_number())
            changed = list_differences(seen.draft, newest.draft)
        form.based_on.data = str(newest.row.revision)
    return _edit_page(form, dossier, refused=refused, changed=changed)


def _edit_page(
    form: ItemForm,
    dossier: Dossier | None = None,
    *,
    refused: WritingRefused | None = None,
    changed: list[Difference] | None = None,
) -> str:
    return render_template(
        "questions/staff_edit.html",
        form=form,
        dossier=dossier,
        refused=refused,
        changed=changed or [],
        **_preview(form),
    )


def _preview(form: ItemForm) -> dict[str, Any]:
    draft = form.draft()
    with reading() as db:
        findings = find_findings(
            db,
            draft=draft,
            code=form.code,
            topic=form.topic.data or "",
            terms=plan().terms,
            now=now(),
        )
    return {"draft": draft, "findings": [word_finding(fault) for fault in findings]}


@bp.post("/staff/questions/preview")
@staff_required
def preview() -> str:
    """Answer the script of the edit page: what was typed so far, as candidates will see it."""
    with reading() as db:
        pictures = list_pictures(db)
    form = ItemForm(
        topics=[],
        sources={},
        pictures=pictures,
        codes=(),
        code=one_line(request.form.get("code")),
    )
    return render_template("questions/_preview.html", **_preview(form))
