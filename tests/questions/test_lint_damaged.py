"""What the content lint says of a folder that cannot be read as a whole."""

from pathlib import Path

import pytest

from ecs_training.questions.services import check_bank
from tests.questions.banks import change
from tests.questions.good_bank import (
    ELEC,
    FIRE,
    TODAY,
    change_item,
    list_findings,
    write_good_bank,
)


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return write_good_bank(tmp_path / "bank")


def test_every_fault_of_every_file_is_told_with_its_line(bank: Path) -> None:
    change_item(bank, "elec-002", "key: b", "key: e")
    change_item(bank, "elec-004", "revision: 1", "revision: 0")
    (bank / FIRE).write_text("topic: fire\nitems: [\n")
    change(bank, "sources.yaml", "year: 1989", "year: x")
    change(bank, "blueprints/short.yaml", "minutes: 5", "minutes: 0")
    (bank / "terms.txt").write_text("one\ntwo words\n")
    found = list_findings(bank)
    assert [(file, item, rule) for file, _, item, rule in found] == [
        ("blueprints/short.yaml", None, "schema"),
        ("sources.yaml", None, "schema"),
        ("terms.txt", None, "schema"),
        (ELEC, "elec-002", "one-key"),
        (ELEC, "elec-004", "schema"),
        (FIRE, None, "schema"),
    ]
    assert all(line and line > 1 for _, line, _, _ in found)
    assert found[2][1] == 2


def test_a_half_read_bank_is_not_said_to_lack_what_was_not_read(bank: Path) -> None:
    (bank / FIRE).write_text("x", encoding="utf-16")
    check = check_bank(bank, today=TODAY)
    assert [found.rule for found in check.findings] == ["schema"]
    assert (check.live, check.by_topic) == (4, {"electrical": 4, "fire": 0})


def test_without_sources_no_citation_is_called_wrong(bank: Path) -> None:
    (bank / "sources.yaml").unlink()
    ((file, line, item, rule),) = list_findings(bank)
    assert (file, line, item, rule) == (
        f"{bank / 'sources.yaml'}",
        None,
        None,
        "schema",
    )


def test_a_folder_that_is_not_there_is_one_finding(tmp_path: Path) -> None:
    folder = tmp_path / "nowhere"
    assert list_findings(folder) == [(f"{folder}", None, None, "schema")]
