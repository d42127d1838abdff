"""What a candidate's page weighs, compressed as a web server sends it. Figures of issue 5."""

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask

from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings
from ecs_training.questions.services import load_bank
from tests.assessment.exam import Sitter
from tests.conftest import MovableClock
from tests.factories import make_person

STATIC = Path("ecs_training/static")
KB = 1024  # bytes
PAGE, FIRST_LOAD, SCRIPTS, PAPER = 10 * KB, 100 * KB, 20 * KB, 40 * KB


def weigh(content: bytes) -> int:
    return len(gzip.compress(content, 6))


def linked(html: str) -> set[Path]:
    """Return the files of ours that a page brings with it, modules that they import included."""
    found = {STATIC / path for path in re.findall(r'"/static/([^"]+)"', html)}
    waiting = [path for path in found if path.suffix == ".js"]
    while waiting:
        module = waiting.pop()
        for name in re.findall(r'from "\./([^"]+)"', module.read_text()):
            imported = module.parent / name
            if imported not in found:
                found.add(imported)
                waiting.append(imported)
    return found


@pytest.fixture
def candidate(
    app: Flask, database: Database, clock: MovableClock, settings: Settings
) -> Sitter:
    """Somebody with a paper of the real bank, which says as much as papers do."""
    with database.transaction() as db:
        load_bank(db, folder=settings.question_bank, now=clock())
        make_person(db, "learner", now=clock())
    candidate = Sitter(app)
    candidate.sign_in("learner@example.org")
    candidate.start("/practice/labourer")
    return candidate


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_page_of_a_question_is_light(candidate: Sitter) -> None:
    for n in (1, 25, 50):
        candidate.put(n)
    heaviest = max(weigh(candidate.look(n).data) for n in range(1, 51))
    review = candidate.open(f"/attempts/{candidate.ref}/review")
    assert heaviest < PAGE
    assert weigh(review.data) < PAGE


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_its_scripts_and_its_first_load_are_light(candidate: Sitter) -> None:
    page = candidate.look(1)
    files = linked(page.text)
    scripts = {path for path in files if path.suffix == ".js"}
    assert STATIC / "js/exam-outbox.js" in scripts  # imports are followed
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page.text)
    weight = {path.name: weigh(path.read_bytes()) for path in files}
    of_scripts = sum(weight[path.name] for path in scripts)
    paper = candidate.get("paper").data
    assert of_scripts < SCRIPTS, weight
    assert weigh(page.data) + sum(weight.values()) + weigh(paper) < FIRST_LOAD, weight


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_whole_paper_in_one_document_is_light(candidate: Sitter) -> None:
    paper = candidate.get("paper")
    assert len(paper.get_json()["questions"]) == 50
    assert weigh(paper.data) < PAPER
