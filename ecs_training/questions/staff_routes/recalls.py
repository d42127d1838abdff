from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import staff_required, who
from ecs_training.foundation.web import now, reading, transaction
from ecs_training.questions.access import plan
from ecs_training.questions.forms.deciding import RecallForm
from ecs_training.questions.queries.recalls import (
    Fate,
    get_recall,
    list_cited_sources,
    list_citing,
    list_recalled,
    list_recalls,
)
from ecs_training.questions.rules.wording import word_topic
from ecs_training.questions.services.recalling import recall_source, rehearse_recall
from ecs_training.questions.services.suspending import BankRefused
from ecs_training.questions.staff_routes.blueprint import bp


@bp.get("/staff/questions/recalls")
@staff_required
def show_recalls() -> str:
    with reading() as db:
        recalls = list_recalls(db)
    return render_template(
        "questions/staff_recalls.html", recalls=recalls, sources=plan().sources
    )


@bp.route("/staff/questions/recalls/new", methods=["GET", "POST"])
@staff_required
def new_recall() -> ResponseReturnValue:
    """Show what cites the source named in the address; then take all of it out."""
    form = RecallForm()
    source = request.args.get("source", "").replace("\x00", "")
    if request.method == "GET" or not form.validate():
        return _recall_page(source, form), 422 if form.errors else 200
    blueprints = plan().blueprints
    try:
        with transaction() as db:
            recall = recall_source(
                db,
                source=source,
                reason=form.reason.data,
                digest=form.digest.data or "",
                blueprints=blueprints,
                made_by_id=who().person_id,
                now=now(),
            )
    except BankRefused as refused:
        return _recall_page(source, form, refused), 409
    return redirect(url_for("questions_staff.show_recall", ref=recall.ref), 303)


def _recall_page(
    source: str, form: RecallForm, refused: BankRefused | None = None
) -> str:
    bank = plan()
    with reading() as db:
        offered = list_cited_sources(db)
        citing = list_citing(db, source=source)
        planned = rehearse_recall(db, source=source, blueprints=bank.blueprints)
    form.digest.data = planned.digest
    return render_template(
        "questions/staff_new_recall.html",
        form=form,
        source=source,
        offered=offered,
        citing=citing,
        plan=planned,
        sources=bank.sources,
        refused=refused,
        word_topic=word_topic,
    )


@bp.get("/staff/questions/recalls/<ref>")
@staff_required
def show_recall(ref: str) -> str:
    with reading() as db:
        recall = get_recall(db, ref=ref)
        recalled = list_recalled(db, recall)
    return render_template(
        "questions/staff_recall.html",
        recall=recall,
        recalled=recalled,
        suspended=sum(each.fate is Fate.SUSPENDED for each in recalled),
        sources=plan().sources,
        word_topic=word_topic,
    )
