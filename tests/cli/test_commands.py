"""The command as an operator meets it: exit 0 fine, 1 refused, 2 usage; errors in one line."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ecs_training.accounts.models import Person, RoleGrant
from ecs_training.foundation.database import Database
from ecs_training.questions.models import Item

COMMAND = [sys.executable, "-c", "from ecs_training.cli import main; main()"]
GOOD_KEY = "9f8e7d6c5b4a39281706f5e4d3c2b1a0ffeeddcc"
PRODUCTION = {
    "SECRET_KEY": GOOD_KEY,
    "BASE_URL": "https://training.example.org",
    "MAIL_URL": "smtp://127.0.0.1:9",
}


def run(*words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    clean = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return subprocess.run(
        [*COMMAND, *words],
        env={**clean, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_is_there_and_an_unknown_word_is_a_usage_error() -> None:
    told = run("--help")
    assert told.returncode == 0
    for name in ("serve", "jobs", "demo", "db", "staff", "timetable", "questions"):
        assert name in told.stdout
    assert run("nonsense").returncode == 2
    assert run("staff", "add", "x@example.org", "--role", "king").returncode == 2


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"DEBUG": "true"}, "DEBUG"),
        ({"BASE_URL": "http://training.example.org"}, "BASE_URL"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "jobs"])
def test_production_refuses_what_would_harm_people(
    command: str, change: dict[str, str], named: str, tmp_path: Path
) -> None:
    database = {"DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}"}
    told = run(command, **PRODUCTION | database | change)
    assert told.returncode == 1
    assert named in told.stderr
    assert told.stderr.count("\n") == 1


def test_a_database_without_tables_is_not_served(tmp_path: Path) -> None:
    told = run("serve", **PRODUCTION, DATABASE_URL=f"sqlite:///{tmp_path / 'empty.db'}")
    assert (told.returncode, "db upgrade" in told.stderr) == (1, True)


def test_a_database_that_is_not_there_is_said_in_one_line() -> None:
    told = run(
        "db",
        "upgrade",
        DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:9/nothing",
    )
    assert told.returncode == 1
    assert told.stderr.startswith("ecs-training: the database cannot be reached")
    assert told.stderr.count("\n") == 1


def test_a_new_site_is_set_up_by_commands(
    database: Database, database_url: str
) -> None:
    there = {"DATABASE_URL": database_url}
    assert run("db", "upgrade", **there).returncode == 0
    told = run("staff", "add", " Ruth@Example.org", "--role", "staff", **there)
    assert told.stdout == "ruth@example.org is staff.\n"
    assert run("questions", "load", **there).returncode == 0
    again = run("questions", "load", **there)
    assert again.stdout.startswith("0 added, 0 revised")
    assert run("timetable", "extend", "--weeks", "4", **there).stdout.startswith("0 ")
    with database.reading() as db:
        email, role = db.execute(
            select(Person.email, RoleGrant.role).join(
                RoleGrant, RoleGrant.person_id == Person.id
            )
        ).one()
        assert (email, role) == ("ruth@example.org", "staff")
        assert db.scalars(select(func.count(Item.id))).one() >= 150


def test_a_bank_that_cannot_be_read_is_one_line(
    database_url: str, tmp_path: Path
) -> None:
    told = run(
        "questions", "load", "--folder", str(tmp_path), DATABASE_URL=database_url
    )
    assert told.returncode == 1
    assert told.stderr.count("\n") == 1


@pytest.mark.heavy
def test_serve_and_two_job_processes_run_side_by_side_and_end_when_told(
    database_url: str,
) -> None:
    port = "8765"
    settings = {
        **PRODUCTION,
        "DATABASE_URL": database_url,
        "BIND": f"127.0.0.1:{port}",
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
    }
    processes = [
        subprocess.Popen([*COMMAND, name], env=settings, stderr=subprocess.DEVNULL)
        for name in ("serve", "jobs", "jobs")
    ]
    try:
        assert _answer(f"http://127.0.0.1:{port}/readyz") == "ready\n"
        assert all(process.poll() is None for process in processes)
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        codes = [process.wait(15) for process in processes]
    assert codes == [0, 0, 0]


def _answer(url: str) -> str:
    for _ in range(150):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.2)
    return "no answer"
