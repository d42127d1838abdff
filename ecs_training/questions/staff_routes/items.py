from flask import render_template
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import staff_required, who
from ecs_training.foundation.errors import Refused
from ecs_training.foundation.web import now, reading, send_picture
from ecs_training.questions.access import plan
from ecs_training.questions.queries.dossiers import get_dossier, get_picture
from ecs_training.questions.rules.differences import list_differences
from ecs_training.questions.rules.standing import FEWEST_ANSWERS
from ecs_training.questions.rules.wording import JURISDICTIONS, word_share, word_topic
from ecs_training.questions.services.inspecting import find_findings, word_finding
from ecs_training.questions.staff_routes.blueprint import bp


@bp.get("/staff/questions/<code>")
@staff_required
def show_question(code: str) -> ResponseReturnValue:
    return question_page(code)


def question_page(code: str, refused: Refused | None = None) -> str:
    """Show an item as it stands, and why something that was asked was refused."""
    bank = plan()
    with reading() as db:
        dossier = get_dossier(db, code=code, viewer_id=who().person_id)
        findings = (
            find_findings(
                db,
                draft=dossier.newest.draft,
                code=code,
                topic=dossier.item.topic,
                terms=bank.terms,
                now=now(),
            )
            if dossier.newest.may_see_key
            else []
        )
    return render_template(
        "questions/staff_question.html",
        dossier=dossier,
        findings=[word_finding(fault) for fault in findings],
        sources=bank.sources,
        refused=refused,
        fewest=FEWEST_ANSWERS,
        jurisdictions=JURISDICTIONS,
        word_share=word_share,
        word_topic=word_topic,
    )


@bp.get("/staff/questions/<code>/history")
@staff_required
def show_history(code: str) -> str:
    with reading() as db:
        dossier = get_dossier(db, code=code, viewer_id=who().person_id)
    changes = {}
    for wording in dossier.wordings:
        before = dossier.before(wording)
        if before and wording.may_see_key:
            changes[wording.row.revision] = list_differences(
                before.draft, wording.draft
            )
    return render_template(
        "questions/staff_history.html", dossier=dossier, changes=changes
    )


@bp.get("/staff/questions/pictures/<sha256>")
@staff_required
def show_picture(sha256: str) -> ResponseReturnValue:
    with reading() as db:
        picture = get_picture(db, sha256=sha256)
    return send_picture(picture.content, media_type=picture.media_type)
