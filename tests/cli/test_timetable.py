"""`ecs-training timetable` and `holidays`: what they print is what they do."""

from sqlalchemy import func, select

from ecs_training.foundation.clock import utc_now
from ecs_training.foundation.database import Database
from ecs_training.scheduling.models import CourseSession, Holiday
from tests.cli.test_commands import run
from tests.scheduling.test_timetable import make_plan


def test_a_dry_run_says_what_extending_then_does(
    database: Database, database_url: str
) -> None:
    with database.transaction() as db:
        make_plan(db, now=utc_now(), weekday=2, card_role="lv-jointer")
    there = {"DATABASE_URL": database_url}

    told = run("timetable", "extend", "--weeks", "2", "--dry-run", **there)

    *lines, last = told.stdout.splitlines()
    assert last == f"{len(lines)} dates would be added."
    assert 1 <= len(lines) <= 2  # Christmas may be among them
    with database.reading() as db:
        assert db.scalars(select(CourseSession)).all() == []
    told = run("timetable", "extend", "--weeks", "2", **there)
    assert told.stdout == f"{len(lines)} dates added.\n"
    with database.reading() as db:
        made = db.scalars(select(CourseSession).order_by(CourseSession.starts_at)).all()
        assert [f"{each.local_date} lv-jointer" for each in made] == lines
    told = run("timetable", "extend", "--weeks", "2", "--dry-run", **there)
    assert told.stdout == "0 dates would be added.\n"


def test_a_refresh_prints_what_changed(database: Database, database_url: str) -> None:
    there = {"DATABASE_URL": database_url}
    first = run("holidays", "refresh", **there)
    *lines, last = first.stdout.splitlines()
    assert first.returncode == 0
    assert last == f"{len(lines)} added, 0 taken out."
    assert any(" scotland: " in line for line in lines)
    assert all(line.startswith("+ 20") for line in lines)
    with database.reading() as db:
        assert db.scalars(select(func.count(Holiday.id))).one() == len(lines) > 70
    again = run("holidays", "refresh", **there)
    assert again.stdout == "0 added, 0 taken out.\n"
    assert run("holidays", "--help").returncode == 0
