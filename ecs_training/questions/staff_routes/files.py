from collections.abc import Mapping
from io import BytesIO
from typing import Any

from flask import (
    Blueprint,
    Response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import staff_required, who
from ecs_training.foundation.london import london_date
from ecs_training.foundation.web import now, reading, transaction
from ecs_training.questions.access import plan as bank_plan
from ecs_training.questions.formats import Format
from ecs_training.questions.forms.files import ALL, FORMAT_NAMES, ExportForm, ImportForm
from ecs_training.questions.queries.importing import list_imports
from ecs_training.questions.rules.wording import word_topic
from ecs_training.questions.services.exporting import (
    ExportFile,
    ExportWish,
    export_questions,
    rehearse_export,
)
from ecs_training.questions.services.import_plans import list_strange_topics
from ecs_training.questions.services.importing import (
    ImportRefused,
    ImportSource,
    import_items,
    list_all_topics,
    plan_import,
)

bp = Blueprint("questions_files", __name__)

CHECK = "check"  # value of the button that only looks again
ENDINGS = {
    Format.GIFT: ("gift", "text/plain; charset=utf-8"),
    Format.MOODLE_XML: ("xml", "application/xml"),
    Format.AIKEN: ("txt", "text/plain; charset=utf-8"),
    Format.QTI: ("zip", "application/zip"),
    Format.CSV: ("csv", "text/csv; charset=utf-8"),
    Format.XLSX: (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}


@bp.route("/staff/questions/imports/new", methods=["GET", "POST"])
@staff_required
def new_import() -> ResponseReturnValue:
    """Ask for a file, then show what would come of it. Nothing is kept."""
    form = _import_form()
    if request.method == "GET" or not form.validate():
        return _upload_page(form), 422 if form.errors else 200
    return _plan_page(form)


@bp.post("/staff/questions/imports")
@staff_required
def create_import() -> ResponseReturnValue:
    form = _import_form()
    if not form.validate():
        return _upload_page(form), 422
    if request.form.get("go") == CHECK:
        return _plan_page(form)
    try:
        with transaction() as db:
            import_items(
                db,
                form.sent.found,
                **_chosen_topics(form),
                bank=bank_plan(),
                source=ImportSource(format=form.sent.format, file_name=form.sent.name),
                author_id=who().person_id,
                now=now(),
                seen=form.seen.data,
            )
    except ImportRefused as refused:
        return _plan_page(form, refused), 409
    return redirect(url_for("questions_files.show_imports"), 303)


def _import_form() -> ImportForm:
    with reading() as db:
        topics = list_all_topics(db, bank=bank_plan())
    return ImportForm(topics=topics, chosen=request.form)


def _strange_topics(form: ImportForm) -> tuple[str, ...]:
    return list_strange_topics(form.sent.found, topics=form.topics)


def _chosen_topics(form: ImportForm) -> Mapping[str, Any]:
    mapping = form.mapping(_strange_topics(form))
    return {"topics": mapping, "default_topic": form.topic.data or None}


def _upload_page(form: ImportForm) -> str:
    return render_template("questions/import.html", form=form)


def _plan_page(form: ImportForm, refused: ImportRefused | None = None) -> str:
    with reading() as db:
        planned = plan_import(
            db, form.sent.found, **_chosen_topics(form), bank=bank_plan()
        )
    return render_template(
        "questions/import_plan.html",
        form=form,
        plan=planned,
        asked=[
            each
            for each in form.ask_topics(_strange_topics(form))
            if each.name in planned.strange_topics
        ],
        refused=refused,
        format_name=FORMAT_NAMES[form.sent.format],
        word_topic=word_topic,
    )


@bp.get("/staff/questions/imports")
@staff_required
def show_imports() -> str:
    with reading() as db:
        imports = list_imports(db)
    return render_template(
        "questions/imports.html", imports=imports, format_names=FORMAT_NAMES
    )


@bp.get("/staff/questions/exports/new")
@staff_required
def new_export() -> ResponseReturnValue:
    """Ask what is wanted, then say how much of it the format can carry."""
    form = _export_form(request.args, csrf=False)
    if not form.is_asked or not form.validate():
        return _export_page(form, None), 422 if form.errors else 200
    with reading() as db:
        made = rehearse_export(db, wish=_wish(form), viewer_id=who().person_id)
    return _export_page(form, made)


@bp.post("/staff/questions/exports")
@staff_required
def create_export() -> ResponseReturnValue:
    form = _export_form(request.form, csrf=True)
    if not form.validate():
        return _export_page(form, None), 422
    with transaction() as db:  # who took the answers is recorded
        made = export_questions(db, wish=_wish(form), by_id=who().person_id, now=now())
    return _send(made, Format(form.format.data))


def _export_form(typed: Mapping[str, str], *, csrf: bool) -> ExportForm:
    with reading() as db:
        topics = list_all_topics(db, bank=bank_plan())
    return ExportForm(typed, topics=topics, csrf=csrf)


def _wish(form: ExportForm) -> ExportWish:
    return ExportWish(
        format=Format(form.format.data),
        topics=tuple(form.topics.data or ()),
        every=form.which.data == ALL,
    )


def _export_page(form: ExportForm, made: ExportFile | None) -> str:
    return render_template(
        "questions/export.html", form=form, made=made, format_names=FORMAT_NAMES
    )


def _send(made: ExportFile, form: Format) -> Response:
    ending, media_type = ENDINGS[form]
    answer = send_file(
        BytesIO(made.data),
        mimetype=media_type,
        as_attachment=True,
        download_name=f"questions-{london_date(now())}.{ending}",
    )
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "no-store"
    return answer
