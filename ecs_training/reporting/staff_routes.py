"""How the test and its questions behave, for staff."""

from flask import Blueprint, render_template, request

from ecs_training.accounts.access import staff_required, who
from ecs_training.foundation.web import reading
from ecs_training.questions.queries.dossiers import get_dossier
from ecs_training.questions.rules.wording import word_topic
from ecs_training.reporting.forms import ItemListForm
from ecs_training.reporting.queries.listing import (
    read_bank_figures,
    read_item_report,
    read_stems,
)
from ecs_training.reporting.queries.snapshots import read_test_report
from ecs_training.reporting.rules import charts
from ecs_training.reporting.rules.intervals import FEWEST
from ecs_training.reporting.rules.items import RECENT_DAYS
from ecs_training.reporting.rules.listing import Order, cut_page, put_in_order

bp = Blueprint("reporting_staff", __name__)


@bp.get("/staff/statistics")
@staff_required
def show_test() -> str:
    with reading() as db:
        report = read_test_report(db, name=request.args.get("test", ""))
    return render_template(
        "reporting/staff_test.html", report=report, charts=charts, fewest=FEWEST
    )


@bp.get("/staff/statistics/items")
@staff_required
def show_items() -> str:
    with reading() as db:
        bank = read_bank_figures(db)
        form = ItemListForm(
            request.args, topics=sorted({row.topic for row in bank.rows})
        )
        kept = [row for row in bank.rows if form.keeps(row)]
        page = cut_page(put_in_order(kept, form.order()), form.page_number())
        stems = read_stems(db, rows=page.rows)
    return render_template(
        "reporting/staff_items.html",
        bank=bank,
        form=form,
        asked=form.asked(),
        kept=kept,
        page=page,
        stems=stems,
        orders=Order,
        charts=charts,
        fewest=FEWEST,
        days=RECENT_DAYS,
        word_topic=word_topic,
    )


@bp.get("/staff/statistics/items/<code>")
@staff_required
def show_item(code: str) -> str:
    with reading() as db:
        dossier = get_dossier(db, code=code, viewer_id=who().person_id)
        report = read_item_report(db, code=code)
    return render_template(
        "reporting/staff_item.html",
        dossier=dossier,
        report=report,
        fewest=FEWEST,
        days=RECENT_DAYS,
        word_topic=word_topic,
    )
