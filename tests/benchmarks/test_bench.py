"""`make bench` at its smallest: everything runs, and what it says can be relied on."""

import json
import sys
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import Update, select, update

from benchmarks.bench.__main__ import main, run
from benchmarks.bench.cohort import Marked, find_marks
from benchmarks.bench.floor import Row, Seat, create_floor, lay_floor
from benchmarks.bench.lines import (
    FIELDS,
    TARGETS,
    find_faults,
    keep,
    make_line,
    spread,
)
from benchmarks.bench.people import Seat as BenchSeat
from benchmarks.bench.serving import ROOT, cpu_seconds, run_beside
from benchmarks.bench.works import Sitter as BenchSitter
from ecs_training.assessment.models import Attempt, Response
from ecs_training.foundation.clock import stopwatch
from ecs_training.foundation.database import Database, open_engine
from tests.assessment.exam import make_day, shown_keys, sit, wrong
from tests.conftest import MovableClock

RATIOS = [
    "question_page",
    "answer_save",
    "attempt_start",
    "whole_attempt",
    "booking",
    "feed_unchanged",
    "feed_built",
    "verify",
]


@pytest.fixture(autouse=True)
def _put_back_what_a_run_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "")


@pytest.mark.heavy
def test_every_figure_runs_and_fills_its_line() -> None:
    lines = list(run(list(TARGETS), backends=["sqlite"], tiny=True))

    assert [line["name"] for line in lines] == ["papers", *RATIOS, "cohort"]
    for line in lines:
        assert set(FIELDS) <= set(line)
        assert json.loads(json.dumps(line)) == line
        assert line["db"] == ("none" if line["name"] == "papers" else "sqlite")
    for line in lines[1:-1]:
        assert line["n"] == 2
        assert line["p50_ms"] > 0
        assert line["per_s"] > 0
    cohort = lines[-1]
    assert cohort["people"] == 3
    assert cohort["n"] >= 3
    assert find_faults(cohort) == []
    assert cohort["requests"] > cohort["n"]
    assert cohort["presence"]


@pytest.mark.heavy
def test_postgresql_is_measured_beside_the_web_processes() -> None:
    (line,) = run(["answer_save"], backends=["postgresql"], tiny=True)

    assert (line["name"], line["db"], line["n"]) == ("answer_save", "postgresql", 2)
    assert line["db_cpu_ms"] is not None


def test_a_figure_that_is_not_there_is_a_usage_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["answer_sav"]) == 2
    assert "answer_sav;" in capsys.readouterr().err


def test_a_ratio_is_ours_over_the_floors() -> None:
    line = make_line("answer_save", "sqlite", ours_cpu_ms=3.0, floor_cpu_ms=1.5)
    assert (line["ratio"], line["target"]) == (2.0, 2)
    assert make_line("papers", "none", ours_cpu_ms=3.0)["ratio"] is None


@pytest.mark.parametrize(("ours", "faults"), [(3.0, 0), (3.03, 1)])
def test_a_target_may_be_met_but_not_missed(ours: float, faults: int) -> None:
    line = make_line("answer_save", "sqlite", ours_cpu_ms=ours, floor_cpu_ms=1.5)
    assert len(find_faults(line)) == faults


@pytest.mark.parametrize("bad", ["lost", "errors_5xx", "unfinished", "turned_away"])
def test_one_lost_answer_or_breakdown_is_a_fault(bad: str) -> None:
    assert find_faults(make_line("cohort", "sqlite")) == []
    assert find_faults(make_line("cohort", "sqlite", **{bad: 1})) == [
        f"cohort on sqlite: 1 {bad}"
    ]


def test_percentiles_are_lengths_that_were_measured() -> None:
    lengths = [n / 1000 for n in range(100, 0, -1)]
    assert spread(lengths) == {"p50_ms": 50.0, "p95_ms": 95.0, "p99_ms": 99.0}
    assert spread([]) == {}


def test_a_run_of_one_figure_leaves_the_others_lines(tmp_path: Path) -> None:
    record = tmp_path / "latest.jsonl"
    first = [make_line("verify", "sqlite", n=1), make_line("booking", "sqlite", n=1)]
    keep(first, record=record)
    keep([make_line("verify", "sqlite", n=2)], record=record)
    kept = [json.loads(line) for line in record.read_text().splitlines()]
    assert [(line["name"], line["n"]) for line in kept] == [
        ("booking", 1),
        ("verify", 2),
    ]


def test_the_time_of_children_counts_even_when_they_are_gone(tmp_path: Path) -> None:
    burn = "import time\nwhile time.process_time() < 0.4: pass"
    linger = f"{burn}\ntime.sleep(60)"
    parent = (
        "import subprocess, sys, time\n"
        f"subprocess.run([sys.executable, '-c', {burn!r}])\n"
        f"subprocess.Popen([sys.executable, '-c', {linger!r}])\n"
        "time.sleep(60)"
    )
    began = stopwatch()
    with run_beside(
        [sys.executable, "-c", parent], {}, log=tmp_path / "log"
    ) as process:
        while cpu_seconds(process.pid) < 0.75 and stopwatch() - began < 30:
            Event().wait(0.05)
        assert cpu_seconds(process.pid) >= 0.75
    assert cpu_seconds(process.pid) == 0.0


def test_the_floor_does_its_three_works(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_floor(database_url)
    monkeypatch.setenv("DATABASE_URL", database_url)
    floor = create_floor()
    client = floor.test_client()

    form = client.get("/form/7").text
    assert form.count('type="radio"') == 5
    assert "&lt;a&gt;" in form
    assert client.put("/rows/3", json={"value": 41}).json == {"saved": 41}
    assert client.post("/rows/3/seats", json={"value": 5}).json == {"saved": 5}

    engine = open_engine(database_url)
    with engine.connect() as connection:
        values = connection.execute(
            select(Row.id, Row.value).where(Row.value > 0)
        ).all()
        seats = connection.execute(select(Seat.row_id, Seat.value)).all()
    engine.dispose()
    floor.extensions["engine"].dispose()
    assert (values, seats) == ([(3, 41)], [(3, 5)])


@pytest.fixture
def told(app: Flask, database: Database, clock: MovableClock) -> BenchSitter:
    """What the client of somebody was told who answered one right, one wrong, and ended."""
    with database.transaction() as db:
        day = make_day(db, now=clock())
    sitter = sit(app, day)
    keys = shown_keys(database, sitter.ref)
    told = BenchSitter(BenchSeat(sitting="", cookie="", csrf=""), ref=sitter.ref)
    for n, option in ((1, keys[1]), (2, wrong(keys[2]))):
        assert sitter.put(n, option).status_code == 200
        told.answers[n] = option
    sitter.finish()
    return told


def test_what_was_acknowledged_and_is_there_is_not_lost(
    app: Flask, told: BenchSitter, clock: MovableClock
) -> None:
    assert find_marks(app, [told], clock()) == Marked()


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (
            update(Response).where(Response.n == 1).values(chosen=None),
            Marked(missing=1, mismarked=1),
        ),
        (
            update(Response).where(Response.n == 2).values(chosen=None),
            Marked(missing=1, mismarked=0),
        ),
        (update(Attempt).values(score=3), Marked(missing=0, mismarked=2)),
    ],
)
def test_an_answer_that_the_database_lost_is_found(
    app: Flask, told: BenchSitter, clock: MovableClock, damage: Update, found: Marked
) -> None:
    with app.extensions["database"].transaction() as db:
        db.execute(damage)
    assert find_marks(app, [told], clock()) == found


def test_what_is_marked_too_late_is_unfinished(
    app: Flask, told: BenchSitter, clock: MovableClock
) -> None:
    in_time = find_marks(app, [told], clock() - timedelta(seconds=30))
    too_late = find_marks(app, [told], clock() - timedelta(seconds=30.001))
    assert (in_time.unfinished, too_late.unfinished) == (0, 1)
    with app.extensions["database"].transaction() as db:
        db.execute(
            update(Attempt).values(
                finished_at=None, closed_at=None, score=None, passed=None, ending=None
            )
        )
    assert find_marks(app, [told], clock()).unfinished == 1
