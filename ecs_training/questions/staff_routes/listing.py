from flask import render_template, request

from ecs_training.accounts.access import staff_required
from ecs_training.foundation.web import reading
from ecs_training.questions.access import plan
from ecs_training.questions.forms.searching import SearchForm
from ecs_training.questions.queries.search import (
    count_waiting,
    list_sources,
    list_topics,
    search_bank,
)
from ecs_training.questions.rules.wording import word_topic
from ecs_training.questions.staff_routes.blueprint import bp


@bp.get("/staff/questions")
@staff_required
def show_questions() -> str:
    titles = {name: source.title for name, source in plan().sources.items()}
    with reading() as db:
        topics = list_topics(db)
        sources = {name: titles.get(name, name) for name in list_sources(db)}
        form = SearchForm(request.args, topics=topics, sources=sources)
        found = search_bank(db, search=form.search(), page=form.page_number())
        waiting = count_waiting(db)
    asked = {
        name: value
        for name, value in request.args.items()
        if name in form and name != "page" and value
    }
    return render_template(
        "questions/staff_questions.html",
        form=form,
        found=found,
        waiting=waiting,
        asked=asked,
        sources=sources,
        word_topic=word_topic,
    )
