"""`questions import` and `export` with the database behind them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from ecs_training.accounts.rules import Role
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.database import Database
from ecs_training.questions.models import Item, ItemRevision
from ecs_training.questions.services import load_bank, read_bank
from tests.cli.test_commands import run
from tests.factories import make_person
from tests.questions.banks import change, write_bank
from tests.questions.files import AIKEN, GIFT

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Place:
    """A database with a bank of six, a member of staff, and files beside it."""

    def __init__(self, database: Database, url: str, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.bank = write_bank(folder / "bank")
        self.settings = {"DATABASE_URL": url, "QUESTION_BANK": str(self.bank)}
        with database.transaction() as db:
            load_bank(db, folder=self.bank, now=NOW)
            make_person(db, "ann", now=NOW, role=Role.STAFF)
            make_person(db, "tom", now=NOW, role=Role.TRAINER)

    def write(self, text: str, name: str) -> str:
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def ask(self, *words: str) -> tuple[int, str, str]:
        told = run("questions", *words, **self.settings)
        return told.returncode, told.stdout, told.stderr

    def codes(self) -> list[str]:
        with self.database.reading() as db:
            return list(db.scalars(select(Item.code).order_by(Item.id)))[6:]


@pytest.fixture
def place(database: Database, database_url: str, tmp_path: Path) -> Place:
    return Place(database, database_url, tmp_path)


def test_a_file_becomes_drafts_of_the_one_it_is_imported_as(place: Place) -> None:
    file = place.write(GIFT.replace("top/fire", "top/Smoke = heat"), "shop.gift")
    words = ("import", file, "--format", "gift", "--as", " Ann@Example.org")
    code, out, _ = place.ask(*words, "--map", "Smoke = heat=electrical")
    assert code == 0
    assert "2 refused" not in out
    assert "New drafts: electrical-1, electrical-2." in out
    assert "1 imported, 1 changed, 1 refused." in out
    assert place.codes() == ["electrical-1", "electrical-2"]
    with place.database.reading() as db:
        authors = set(db.scalars(select(ItemRevision.written_by_id)))
        (entry,) = db.scalars(
            select(AuditEntry).where(AuditEntry.action == "imported questions")
        )
    assert entry.actor_id in authors
    assert entry.details["file_name"] == "shop.gift"

    code, out, _ = place.ask(*words, "--topic", "fire")
    assert (code, "New drafts" in out) == (0, False)
    assert "2 duplicate" in out
    assert len(place.codes()) == 2


def test_what_came_of_each_item_is_there_as_json(place: Place) -> None:
    file = place.write(AIKEN, "shoes.txt")
    words = ("import", file, "--format", "aiken", "--as", "ann@example.org", "--json")
    _, out, _ = place.ask(*words)
    (item,) = json.loads(out)["items"]
    assert (item["verdict"], item["line"]) == ("refused", 1)
    assert item["reason"] == "it names no topic; choose one"
    _, out, _ = place.ask(*words, "--topic", "fire")
    (item,) = json.loads(out)["items"]
    assert (item["verdict"], item["reason"]) == ("imported", "")
    assert place.codes() == ["fire-4"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--as", "tom@example.org"), 1, "tom@example.org is not staff"),
        (("--as", "nobody@example.org"), 1, "nobody@example.org is not staff"),
        (("--as", "ann@example.org", "--topic", "nonsense"), 1, "no such topic"),
        (("--as", "ann@example.org", "--map", "a=nonsense"), 1, "no such topic"),
        (("--as", "ann@example.org", "--map", "nonsense"), 2, "is not NAME=TOPIC"),
        ((), 2, "--as EMAIL"),
    ],
)
def test_an_import_that_makes_no_sense_is_refused_and_leaves_nothing(
    place: Place, words: tuple[str, ...], code: int, said: str
) -> None:
    file = place.write(AIKEN, "shoes.txt")
    told = place.ask("import", file, "--format", "aiken", *words)
    assert told[0] == code
    assert said in told[2]
    if code == 1:
        assert told[2].count("\n") == 1
    assert place.codes() == []


def test_a_dry_run_asks_no_database(place: Place) -> None:
    file = place.write(GIFT, "shop.gift")
    place.settings["DATABASE_URL"] = "postgresql+psycopg://nobody@127.0.0.1:9/nothing"
    words = ("import", file, "--format", "gift", "--dry-run", "--as", "x@example.org")
    code, out, _ = place.ask(*words)
    assert (code, out.splitlines()[-1]) == (0, "1 imported, 1 changed, 1 refused.")


def test_questions_are_exported_as_the_database_has_them(place: Place) -> None:
    with place.database.transaction() as db:
        item = db.scalars(select(Item).where(Item.code == "elec-001")).one()
        item.live_revision, item.retired_at = None, NOW
    file = place.folder / "out.gift"
    words = ("export", str(file), "--format", "gift")
    assert place.ask(*words)[:2] == (0, f"6 items written to {file}.\n")
    out = place.ask(*words, "--from-database")[1]
    assert out == f"5 items written to {file}.\n"
    assert "elec-001" not in file.read_text()
    out = place.ask(*words, "--from-database", "--all", "--topic", "electrical")[1]
    assert out == f"3 items written to {file}.\n"
    topics = ("--topic", "electrical", "--topic", "fire")
    assert place.ask(*words, *topics)[1] == f"6 items written to {file}.\n"
    with place.database.reading() as db:
        taken = list(
            db.scalars(
                select(AuditEntry.details)
                .where(AuditEntry.action == "exported questions")
                .order_by(AuditEntry.id)
            )
        )
    assert [details["count"] for details in taken] == [5, 3]

    code, _, said = place.ask(*words, "--from-database", "--topic", "nonsense")
    assert (code, "nothing was written" in said) == (1, True)


def test_the_bank_goes_into_a_folder_that_loads_as_what_is_there(place: Place) -> None:
    out = place.folder / "out"
    words = ("export", str(out), "--format", "yaml", "--from-database")
    assert place.ask(*words)[:2] == (0, f"6 items written to {out}, 6 of them live.\n")
    assert read_bank(out) == read_bank(place.bank)
    code, said, _ = place.ask("load", "--folder", str(out))
    assert (code, "6 unchanged." in said) == (0, True)

    code, _, said = place.ask(*words)
    assert (code, said.count("\n")) == (1, 1)
    assert "is not empty" in said


def test_a_folder_is_not_made_of_half_a_bank(place: Place) -> None:
    out = str(place.folder / "out")
    words = ("export", out, "--format", "yaml")
    for more in ((), ("--from-database", "--topic", "fire"), ("--all",)):
        assert place.ask(*words, *more)[0] == 2
    change(place.bank, "topics/electrical.yaml", "revision: 1", "revision: 2")
    code, _, said = place.ask(*words, "--from-database")
    assert (code, "questions load" in said) == (1, True)
    assert not (place.folder / "out").exists()


def test_where_nothing_can_be_written_is_said_in_one_line(place: Place) -> None:
    out = str(place.folder / "nowhere" / "out")
    for form in ("yaml", "gift"):
        code, _, said = place.ask("export", out, "--format", form, "--from-database")
        assert (code, said.count("\n")) == (1, 1)
        assert "cannot be written" in said
