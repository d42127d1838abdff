"""`questions check` and `questions draw`, as an author and a checking program meet them."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ecs_training.cli.questions import questions
from ecs_training.foundation.clock import utc_now
from ecs_training.foundation.london import london_date
from ecs_training.questions.rules.checks import drawable
from ecs_training.questions.rules.papers import draw_paper
from ecs_training.questions.services import read_bank
from tests.questions.banks import change
from tests.questions.good_bank import ELEC, FIRE, change_item, write_good_bank

COMMAND = [sys.executable, "-c", "from ecs_training.cli import main; main()"]
NO_DATABASE = "postgresql+psycopg://nobody@127.0.0.1:9/nothing"


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """A good bank of today: the command asks the clock how old its sources are."""
    folder = write_good_bank(tmp_path / "bank")
    today = london_date(utc_now()).isoformat()
    for file in (ELEC, FIRE):
        text = (folder / file).read_text()
        fresh = text.replace("checked_on: 2026-11-22", f"checked_on: {today}")
        (folder / file).write_text(fresh)
    return folder


def run(*words: str, cwd: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run the real command in a process of its own."""
    clean = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return subprocess.run(
        [*COMMAND, "questions", *words],
        cwd=cwd,
        env={**clean, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def ask(*words: str) -> Result:
    """Run the command within this process."""
    return CliRunner().invoke(questions, words)


def check(folder: Path) -> dict[str, Any]:
    told = ask("check", "--folder", str(folder), "--json")
    answer: dict[str, Any] = json.loads(told.stdout)
    assert told.exit_code == (0 if answer["ok"] else 1)
    return answer


def test_checking_needs_neither_settings_nor_a_database(
    bank: Path, tmp_path: Path
) -> None:
    shutil.copytree(bank, tmp_path / "site/question_bank")
    told = run("check", "--json", cwd=tmp_path / "site")
    assert (told.returncode, told.stderr) == (0, "")
    assert json.loads(told.stdout)["live"] == 8
    told = run("check", cwd=tmp_path, QUESTION_BANK=str(bank), DATABASE_URL=NO_DATABASE)
    assert (told.returncode, told.stderr) == (0, "")
    assert {path.name for path in (tmp_path / "site").iterdir()} == {"question_bank"}


def test_a_clean_bank_is_told_in_json(bank: Path) -> None:
    answer = check(bank)
    assert answer["ok"] is True
    assert answer["live"] == 8
    assert answer["by_topic"] == {"electrical": 4, "fire": 4}
    assert answer["findings"] == []
    assert answer["blueprints"] == {"short": {"electrical": 2, "fire": 2}}
    reading = answer["reading"]
    assert reading["terms"] == 1
    assert reading["average"] <= reading["highest"] <= 11
    assert set(reading) == {
        "average",
        "highest",
        "average_without_terms",
        "highest_without_terms",
        "terms",
    }


def test_a_finding_is_told_in_json_by_file_line_item_rule_and_message(
    bank: Path,
) -> None:
    file, line = change_item(bank, "elec-003", "is live?", "is live")
    answer = check(bank)
    assert answer["ok"] is False
    assert answer["findings"] == [
        {
            "file": file,
            "line": line,
            "item": "elec-003",
            "rule": "stem-asks",
            "message": "stem: ends neither with ? nor with :",
        }
    ]


def test_a_finding_is_a_line_for_people(bank: Path) -> None:
    file, line = change_item(bank, "elec-003", "is live?", "is live")
    change(bank, "blueprints/short.yaml", "fire: 2", "fire: 5")
    told = ask("check", "--folder", str(bank))
    assert told.exit_code == 1
    lines = told.stdout.splitlines()
    assert lines[0].startswith("blueprints/short.yaml:7: -: blueprint: topics.fire: ")
    assert lines[1] == (
        f"{file}:{line}: elec-003: stem-asks: stem: ends neither with ? nor with :"
    )
    assert lines[2] == "2 findings; 8 live items."
    assert [row.split() for row in lines[3:6]] == [
        ["topic", "live", "short", "times"],
        ["electrical", "4", "2", "2.0"],
        ["fire", "4", "5", "0.8"],
    ]
    assert "1 technical terms excepted" in lines[6]
    assert len(lines) == 7


@pytest.mark.parametrize("damage", ["not there", "no yaml", "not text"])
def test_a_bank_that_cannot_be_read_is_a_finding_too(bank: Path, damage: str) -> None:
    if damage == "not there":
        shutil.rmtree(bank)
    elif damage == "no yaml":
        (bank / ELEC).write_text("items: [")
    else:
        (bank / ELEC).write_bytes(b"\xff\xfe")
    answer = check(bank)
    assert [finding["rule"] for finding in answer["findings"]] == ["schema"]


def test_recording_adds_what_is_new_and_says_how_much(bank: Path) -> None:
    told = ask("check", "--folder", str(bank), "--record")
    assert told.exit_code == 0
    assert "8 live revisions were added to revisions.yaml." in told.stdout
    change_item(bank, "elec-002", "Wind tape round it", "Put tape round it")
    assert check(bank)["findings"][0]["rule"] == "revisions"
    told = ask("check", "--folder", str(bank), "--record")
    assert told.exit_code == 1
    assert "0 live revisions were added" in told.stdout


def test_a_bank_that_cannot_be_recorded_is_refused_in_one_line(bank: Path) -> None:
    (bank / ELEC).write_text("items: [")
    told = run("check", "--record", "--folder", str(bank), cwd=bank)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith(f"ecs-training: {ELEC}, line")
    assert told.stderr.count("\n") == 1
    assert not (bank / "revisions.yaml").exists()


def draw(folder: Path, count: int, seed: str) -> list[dict[str, Any]]:
    words = ["--blueprint", "short", "--count", str(count), "--seed", seed]
    told = ask("draw", *words, "--folder", str(folder), "--json")
    assert told.exit_code == 0
    return [json.loads(line) for line in told.stdout.splitlines()]


def test_a_drawn_paper_is_told_by_item_revision_and_order(bank: Path) -> None:
    change_item(bank, "fire-002", "revision: 1", "revision: 7")
    papers = draw(bank, 40, "s")
    assert len(papers) == 40
    revisions = {}
    for paper in papers:
        assert set(paper) == {"items"}
        codes = [item["id"] for item in paper["items"]]
        assert Counter(code[:4] for code in codes) == {"elec": 2, "fire": 2}
        assert len(set(codes)) == 4
        for item in paper["items"]:
            assert set(item) == {"id", "revision", "order"}
            assert sorted(item["order"]) == ["a", "b", "c", "d"]
            revisions[item["id"]] = item["revision"]
    assert revisions.pop("fire-002") == 7
    assert set(revisions.values()) == {1}


def test_the_same_seed_draws_the_same_papers_and_another_others(bank: Path) -> None:
    papers = draw(bank, 5, "s")
    assert draw(bank, 5, "s") == papers
    assert draw(bank, 3, "s") == papers[:3]
    assert draw(bank, 5, "t") != papers
    assert papers[0] != papers[1]


def test_each_paper_is_that_of_its_number_and_seed(bank: Path) -> None:
    read = read_bank(bank)
    live = [drawable(item) for item in read.items]
    for number, paper in enumerate(draw(bank, 3, "s"), start=1):
        drawn = draw_paper(live, read.blueprints["short"], seed=f"s/{number}")
        assert [item["id"] for item in paper["items"]] == [one.code for one in drawn]
        assert ["".join(item["order"]) for item in paper["items"]] == [
            one.order for one in drawn
        ]


def test_a_drawn_paper_is_a_list_for_people(bank: Path) -> None:
    words = ["--blueprint", "short", "--seed", "s", "--folder", str(bank)]
    told = ask("draw", *words)
    lines = told.stdout.splitlines()
    assert (told.exit_code, lines[0], len(lines)) == (0, "Paper 1", 5)
    (paper,) = draw(bank, 1, "s")
    for line, item in zip(lines[1:], paper["items"], strict=True):
        assert line.split()[1:] == [
            *(item["id"], "revision", "1", "options"),
            *item["order"],
        ]


@pytest.mark.parametrize(
    ("blueprint", "damage"),
    [("long", ""), ("../short", ""), ("short", "fire: 5"), ("short", "fire: x")],
)
def test_what_cannot_be_drawn_is_refused_in_one_line(
    bank: Path, blueprint: str, damage: str
) -> None:
    if damage:
        change(bank, "blueprints/short.yaml", "fire: 2", damage)
    words = ["--blueprint", blueprint, "--count", "2", "--seed", "s"]
    told = run("draw", *words, "--json", "--folder", str(bank), cwd=bank)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith("ecs-training: ")
    assert told.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ["draw", "--blueprint", "short", "--count", "0", "--seed", "s"],
        ["draw", "--blueprint", "short", "--count", "x", "--seed", "s"],
        ["draw", "--blueprint", "short"],
        ["draw", "--seed", "s"],
        ["check", "--nonsense"],
    ],
)
def test_a_mistyped_command_is_a_usage_error(words: list[str]) -> None:
    assert ask(*words).exit_code == 2


def test_drawing_needs_neither_settings_nor_a_database(bank: Path) -> None:
    words = ["--blueprint", "short", "--seed", "s", "--count", "2", "--json"]
    settings = {"QUESTION_BANK": str(bank), "DATABASE_URL": NO_DATABASE}
    before = {path.name for path in bank.iterdir()}
    told = run("draw", *words, cwd=bank, **settings)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.count("\n") == 2
    assert {path.name for path in bank.iterdir()} == before
