"""`questions import --dry-run` and `export` as an operator meets them, without a database."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from ecs_training.questions.formats import LARGEST, Format, Verdict, read
from ecs_training.questions.services import read_bank
from tests.cli.test_commands import COMMAND, run
from tests.questions.banks import change, write_bank, write_item, write_topic
from tests.questions.formats.hostile import HOSTILE

NO_DATABASE = {"DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:9/nothing"}
GIFT = """\
What comes <b>first</b>? {=Lock it ~Test &amp; sign it ~Leave it ~Ask}

Is it wet? {T}

What comes first? {=Lock it ~Test & sign it ~Leave it ~Ask}

Where to? {=Out ~Up ~Down ~In}
"""
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><path d="M0 0"/></svg>'
)


def ask(*words: str, **settings: str) -> tuple[int, str, str]:
    told = run("questions", *words, **NO_DATABASE | settings)
    return told.returncode, told.stdout, told.stderr


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.gift"
    path.write_text(GIFT, encoding="utf-8")
    return path


def test_a_dry_run_needs_no_database_and_answers_in_json(file: Path) -> None:
    code, out, err = ask("import", str(file), "--format", "gift", "--dry-run", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert list(told) == ["items"]
    assert [item["verdict"] for item in told["items"]] == [
        *("changed", "refused", "duplicate", "imported")
    ]
    assert told["items"][0] == {
        "stem": "What comes first?",
        "options": [
            {"text": "Lock it", "correct": True},
            {"text": "Test & sign it", "correct": False},
            {"text": "Leave it", "correct": False},
            {"text": "Ask", "correct": False},
        ],
        "verdict": "changed",
        "reason": "emphasis was left out",
        "line": 1,
    }
    assert told["items"][1] == {
        "stem": "Is it wet?",
        "options": [],
        "verdict": "refused",
        "reason": "is a true/false question; only questions with one right answer of four"
        " can be imported",
        "line": 3,
    }
    assert told["items"][2]["reason"] == "says the same as the item on line 1"
    assert (told["items"][3]["reason"], told["items"][3]["line"]) == ("", 7)


def test_without_json_it_is_a_table(file: Path) -> None:
    code, out, _ = ask("import", str(file), "--format", "gift", "--dry-run")
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == (
        "line     1  changed    What comes first?: emphasis was left out"
    )
    assert lines[3] == "line     7  imported   Where to?"
    assert lines[-1] == "1 changed, 1 refused, 1 duplicate, 1 imported."


def test_a_refused_file_is_one_line_and_exit_one(tmp_path: Path) -> None:
    path = tmp_path / "old.gift"
    path.write_bytes("Is it £5? {=a ~b ~c ~d}".encode("windows-1252"))
    told = ask("import", str(path), "--format", "gift", "--dry-run", "--json")
    assert told == (
        1,
        "",
        "ecs-training: old.gift, line 1: is not UTF-8 text (perhaps Windows-1252);"
        " save it as UTF-8 and try again\n",
    )


@pytest.mark.parametrize("path", ["/nowhere/file.gift", "/dev/zero", "/"])
def test_what_is_no_file_is_one_line(path: str) -> None:
    code, out, err = ask("import", path, "--format", "gift", "--dry-run")
    assert (code, out, err) == (1, "", f"ecs-training: {path}: is no file\n")


def test_an_unknown_format_is_a_usage_error(file: Path) -> None:
    assert ask("import", str(file), "--format", "word", "--dry-run")[0] == 2
    assert ask("import", str(file), "--dry-run")[0] == 2


def bank_with_a_picture(folder: Path) -> Path:
    bank = write_bank(folder)
    (bank / "images/plug.svg").write_text(PICTURE)
    shown = '    image: {file: "plug.svg", alt: "A plug"}\n'
    items = (
        write_item("fire-001", key="c", more=shown),
        write_item("fire-002").replace("status: live", "status: draft"),
        write_item("fire-003"),
    )
    (bank / "topics/fire.yaml").write_text(write_topic("fire", *items))
    return bank


@pytest.mark.parametrize("form", list(Format))
def test_the_live_items_of_a_folder_are_exported_and_come_back(
    form: Format, tmp_path: Path
) -> None:
    bank = bank_with_a_picture(tmp_path / "bank")
    output = tmp_path / "out"
    told = ask("export", "--format", form, "--folder", str(bank), str(output))
    pictured = form in {Format.MOODLE_XML, Format.QTI}
    left = (
        ""
        if pictured
        else ("left out fire-001: it has a picture, which this format cannot hold\n")
    )
    written = 5 if pictured else 4
    assert told == (0, f"{left}{written} items written to {output}.\n", "")

    back = read(output.read_bytes(), format=form, name="out")
    ours = [item for item in read_bank(bank).items if item.is_live]
    if not pictured:
        ours = [item for item in ours if not item.image]
    assert [item.stem for item in back] == [item.stem for item in ours]
    assert [
        "abcd"[[option.correct for option in item.options].index(True)] for item in back
    ] == [item.key for item in ours]
    assert {item.verdict for item in back} == {Verdict.IMPORTED}
    if pictured:
        shown = next(item for item in back if item.picture)
        assert shown.picture is not None
        assert (shown.picture.data, shown.code) == (PICTURE.encode(), "fire-001")


def test_one_topic_or_every_status_may_be_asked_for(tmp_path: Path) -> None:
    bank = bank_with_a_picture(tmp_path / "bank")
    output = str(tmp_path / "out")
    words = ("export", "--format", "moodle-xml", "--folder", str(bank), output)
    assert ask(*words, "--topic", "fire")[1] == f"2 items written to {output}.\n"
    assert ask(*words, "--all")[1] == f"6 items written to {output}.\n"
    assert ask(*words, "--topic", "nothing")[0] == 1


def test_what_cannot_be_exported_is_one_line(tmp_path: Path) -> None:
    bank = write_bank(tmp_path / "bank")
    words = ("export", "--format", "gift", "--folder", str(bank))
    code, out, err = ask(*words, "/nowhere/out.gift")
    assert (code, out, err.count("\n")) == (1, "", 1)
    change(bank, "topics/fire.yaml", "key: b", "key: z")
    code, out, err = ask(*words, str(tmp_path / "out"))
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert not (tmp_path / "out").exists()


class Used(NamedTuple):
    code: int
    said: str
    seconds: float
    megabytes: float


# A small process starts the command: a child is charged for what its parent held.
MEASURE = """
import json, resource, subprocess, sys
told = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
cpu = used.ru_utime + used.ru_stime
print(json.dumps([told.returncode, told.stderr.decode(), cpu, used.ru_maxrss / 1024]))
"""


def measured(path: Path, form: Format) -> Used:
    """Run the command in a process of its own and take what it cost."""
    words = ("questions", "import", str(path), "--format", form, "--dry-run")
    told = subprocess.run(
        [sys.executable, "-c", MEASURE, *COMMAND, *words],
        env=NO_DATABASE | {"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    return Used(*json.loads(told.stdout))


@pytest.fixture
def floor(tmp_path: Path) -> Used:
    path = tmp_path / "tiny"
    path.write_bytes(b"What? {=a ~b ~c ~d}\n")
    used = measured(path, Format.GIFT)
    assert (used.code, used.said) == (0, "")
    return used


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("form", "name"),
    [
        (Format.MOODLE_XML, "an entity bomb"),
        (Format.QTI, "a bomb, zipped"),
        (Format.XLSX, "ten million rows"),
    ],
)
def test_hostile_files_cost_the_command_less_than_a_second_and_fifty_megabytes(
    form: Format, name: str, floor: Used, tmp_path: Path
) -> None:
    path = tmp_path / "hostile"
    path.write_bytes(HOSTILE[form][name]())
    used = measured(path, form)
    assert (used.code, used.said.count("\n")) == (1, 1)
    assert used.seconds - floor.seconds < 1
    assert used.megabytes - floor.megabytes < 50


@pytest.mark.heavy
@pytest.mark.parametrize("form", [Format.AIKEN, Format.QTI])
def test_a_line_of_a_hundred_megabytes_is_never_taken_in(
    form: Format, floor: Used, tmp_path: Path
) -> None:
    path = tmp_path / "long"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    used = measured(path, form)
    assert used.said == (
        f"ecs-training: long: is larger than {LARGEST[form] // 10**6} MB;"
        " split it into smaller files\n"
    )
    assert used.seconds - floor.seconds < 1
    assert used.megabytes - floor.megabytes < 50
