"""What a practice paper teaches at its end, and nobody else's, and no paper that counts."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select

from ecs_training.assessment.models import Attempt, Response
from ecs_training.assessment.queries.feedback import Feedback, explain_practice
from ecs_training.assessment.rules.marking import Ruling
from ecs_training.assessment.services.rescoring import (
    Decision,
    rehearse_rescore,
    rescore,
)
from ecs_training.foundation.database import Database
from ecs_training.questions.models import Item, ItemRevision
from tests.assessment.exam import (
    Day,
    Sitter,
    read_attempt,
    shown_keys,
    sit,
    wrong,
)
from tests.conftest import MovableClock
from tests.factories import make_person


@pytest.fixture
def learner(app: Flask, day: Day) -> Sitter:
    """Sitter 1 with a practice paper, beside their real one."""
    sitter = sit(app, day)
    sitter.start("/practice/labourer")
    return sitter


def read_feedback(database: Database, ref: str) -> Feedback:
    person_id = read_attempt(database, ref).person_id
    with database.reading() as db:
        return explain_practice(db, ref=ref, person_id=person_id)


def test_each_question_comes_with_the_choice_the_right_answer_and_why(
    learner: Sitter, database: Database
) -> None:
    keys = shown_keys(database, learner.ref)
    learner.put(1, keys[1])
    learner.put(2, wrong(keys[2]))
    learner.finish()

    feedback = read_feedback(database, learner.ref)
    assert [question.n for question in feedback.questions] == list(range(1, 51))
    assert {q.n: q.right for q in feedback.questions} == keys
    first, second, third = feedback.questions[:3]
    assert (first.chosen, first.scored) == (keys[1], True)
    assert (second.chosen, second.scored) == (wrong(keys[2]), False)
    assert (third.chosen, third.scored) == (None, False)
    assert [question.n for question in feedback.wrong] == list(range(2, 51))

    page = learner.open(f"/attempts/{learner.ref}/feedback")
    assert page.status_code == 200
    assert page.text.count("The right answer, and yours") == 1
    assert page.text.count("Your answer<") == 1
    assert page.text.count("Why:") == 50
    assert (
        f"/attempts/{learner.ref}/feedback" in learner.open("/practice/labourer").text
    )


def test_a_wrong_answer_stands_before_what_was_known(
    learner: Sitter, database: Database
) -> None:
    for n, key in shown_keys(database, learner.ref).items():
        learner.put(n, key if n != 50 else wrong(key))
    learner.finish()
    page = learner.open(f"/attempts/{learner.ref}/feedback").text
    assert page.index('id="question-50"') < page.index('id="question-1"')


def test_a_perfect_paper_has_nothing_to_learn(
    learner: Sitter, database: Database
) -> None:
    for n, key in shown_keys(database, learner.ref).items():
        learner.put(n, key)
    learner.finish()
    assert "Nothing wrong" in learner.open(f"/attempts/{learner.ref}/feedback").text


def test_there_is_none_before_the_end_for_a_real_paper_or_for_anybody_else(
    app: Flask, day: Day, learner: Sitter, clock: MovableClock
) -> None:
    path = f"/attempts/{learner.ref}/feedback"
    paths = (path, f"{path}/1/picture")
    for closed in paths:
        assert learner.client.get(closed).status_code == 404  # it is open
    learner.finish()
    assert learner.client.get(path).status_code == 200
    other = Sitter(app)
    assert other.client.get(path).status_code == 303  # to sign in
    other.sign_in("sitter2@example.org")
    for foreign in paths:
        assert other.client.get(foreign).status_code == 404

    real = sit(app, day)
    real.finish()
    assert real.client.get(f"/attempts/{real.ref}/feedback").status_code == 404
    clock.at += timedelta(days=400)
    real.sign_in("sitter1@example.org")
    assert real.client.get(f"/attempts/{real.ref}/feedback").status_code == 404


def test_a_question_that_was_found_wrong_is_explained_by_the_ruling(
    learner: Sitter, database: Database, day: Day, clock: MovableClock
) -> None:
    keys = shown_keys(database, learner.ref)
    learner.put(1, wrong(keys[1]))
    learner.finish()
    with database.transaction() as db:
        revision = db.scalars(
            select(ItemRevision)
            .join(Response, Response.revision_id == ItemRevision.id)
            .join(Attempt)
            .where(Attempt.ref == learner.ref, Response.n == 1)
        ).one()
        ruling = Ruling(new_key=None)
        plan = rehearse_rescore(db, revision_id=revision.id, ruling=ruling)
        rescore(
            db,
            code=db.get_one(Item, revision.item_id).code,
            revision=revision.revision,
            ruling=ruling,
            decision=Decision(
                reason="two right answers",
                take_passes_of=[],
                digest=plan.digest,
                by_id=day.trainer.id,
            ),
            now=clock(),
        )
    first = read_feedback(database, learner.ref).questions[0]
    assert (first.right, first.scored) == (None, True)
    assert "Does not count" in learner.open(f"/attempts/{learner.ref}/feedback").text


def test_it_is_read_with_two_statements(learner: Sitter, database: Database) -> None:
    learner.finish()
    person_id = read_attempt(database, learner.ref).person_id
    asked: list[str] = []
    event.listen(
        database.engine,
        "before_cursor_execute",
        lambda *facts: asked.append(facts[2]),
    )
    with database.reading() as db:
        explain_practice(db, ref=learner.ref, person_id=person_id)
    assert len([one for one in asked if one.lstrip().startswith("SELECT")]) == 2


def test_a_picture_that_is_not_there_is_not_found(learner: Sitter) -> None:
    learner.finish()
    for n in (1, 50, 51):
        path = f"/attempts/{learner.ref}/feedback/{n}/picture"
        assert learner.client.get(path).status_code == 404


def test_the_check_of_the_computer_needs_a_sign_in_and_leads_to_practice(
    app: Flask, database: Database, clock: MovableClock
) -> None:
    visitor = Sitter(app)
    assert visitor.open("/system-check").request.path == "/sign-in"
    with database.transaction() as db:
        make_person(db, "learner", now=clock())
    visitor.sign_in("learner@example.org")
    page = visitor.open("/system-check").text
    assert page.count('href="/practice/') == 5
    page = visitor.open("/system-check?role=lv-jointer").text
    assert page.count('href="/practice/') == 1
    assert 'href="/practice/lv-jointer"' in page
    assert visitor.open("/system-check?role=astronaut").status_code == 404


def test_the_sitting_and_the_practice_page_lead_to_the_check(
    learner: Sitter, day: Day
) -> None:
    link = f"/system-check?role={day.course_session.card_role}"
    assert link in learner.open(f"/sittings/{day.sitting.ref}").text
