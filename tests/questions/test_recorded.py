"""What was live once keeps its content, its place and its number."""

from pathlib import Path

import pytest

from ecs_training.questions.rules import BankError
from ecs_training.questions.services import check_bank, read_bank, record_revisions
from tests.questions.good_bank import (
    ELEC,
    FIRE,
    TODAY,
    change_item,
    list_findings,
    write_good_bank,
)

FILE = "revisions.yaml"


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """A good bank, all of whose live revisions are recorded."""
    folder = write_good_bank(tmp_path / "bank")
    assert record_revisions(folder) == 8
    assert list_findings(folder) == []
    return folder


def test_a_bank_that_never_recorded_anything_is_not_judged(tmp_path: Path) -> None:
    folder = write_good_bank(tmp_path / "bank")
    assert not (folder / FILE).exists()
    assert list_findings(folder) == []


def test_the_record_holds_code_revision_and_hash_in_order(bank: Path) -> None:
    items = {item.code: item for item in read_bank(bank).items}
    lines = (bank / FILE).read_text().splitlines()
    assert [line[0] for line in lines[:2]] == ["#", "#"]
    assert lines[2:] == [
        line
        for code in sorted(items)
        for line in (f"{code}:", f'  1: "{items[code].content_hash}"')
    ]


def test_recording_again_changes_nothing(bank: Path) -> None:
    before = (bank / FILE).stat()
    assert record_revisions(bank) == 0
    assert (bank / FILE).stat() == before


@pytest.mark.parametrize(
    ("item", "before", "after"),
    [
        ("elec-002", "A lead has a cut", "A lead has a hole"),
        ("elec-002", "Wind tape round it", "Put tape round it"),
        ("elec-001", "A plug with three pins", "A plug, seen from below"),
    ],
)
def test_changed_content_under_the_same_revision_is_found_and_never_recorded(
    bank: Path, item: str, before: str, after: str
) -> None:
    change_item(bank, item, before, after)
    _, line = change_item(bank, item, "revision: 1", "revision: 1")
    expected = [(ELEC, line, item, "revisions")]
    assert list_findings(bank) == expected
    (found,) = check_bank(bank, today=TODAY).findings
    assert found.message == "the content was changed; make it revision 2"
    text = (bank / FILE).read_text()
    assert record_revisions(bank) == 0
    assert (bank / FILE).read_text() == text
    assert list_findings(bank) == expected


def test_facts_beside_the_content_may_be_corrected(bank: Path) -> None:
    change_item(bank, "elec-002", "tape comes off", "tape slips off")
    change_item(bank, "elec-002", "difficulty: 0.8", "difficulty: 0.7")
    change_item(bank, "elec-002", '"reg 4"', '"reg 5"')
    assert list_findings(bank) == []


def test_a_new_live_revision_is_found_until_it_is_recorded(bank: Path) -> None:
    change_item(bank, "elec-002", "A lead has a cut", "A lead has a hole")
    _, line = change_item(bank, "elec-002", "revision: 1", "revision: 2")
    assert list_findings(bank) == [(ELEC, line, "elec-002", "revisions")]
    kept = (bank / FILE).read_text().splitlines()

    assert record_revisions(bank) == 1
    assert list_findings(bank) == []
    lines = (bank / FILE).read_text().splitlines()
    at = lines.index("elec-002:")
    assert [line[:4] for line in lines[at + 1 : at + 3]] == ["  1:", "  2:"]
    assert lines[: at + 2] + lines[at + 3 :] == kept


def test_a_revision_that_goes_back_is_found_and_not_recorded(bank: Path) -> None:
    change_item(bank, "elec-002", "revision: 1", "revision: 3")
    record_revisions(bank)
    for status in ("live", "retired", "draft"):
        _, line = change_item(bank, "elec-002", "revision: 3", "revision: 2")
        change_item(bank, "elec-002", "status: ", f"status: {status} #")
        found = list_findings(bank)
        assert (ELEC, line, "elec-002", "revisions") in found, status
        assert record_revisions(bank) == 0
        change_item(bank, "elec-002", "revision: 2", "revision: 3")


def test_an_item_that_was_live_may_be_retired_but_not_deleted(bank: Path) -> None:
    change_item(bank, "fire-004", "status: live", "status: retired")
    assert "revisions" not in {rule for *_, rule in list_findings(bank)}

    text = (bank / FIRE).read_text()
    (bank / FIRE).write_text(text[: text.index("  - id: fire-004")])
    place = (bank / FILE).read_text().splitlines().index("fire-004:") + 2
    assert (FILE, place, "fire-004", "revisions") in list_findings(bank)


def test_a_draft_is_not_recorded(bank: Path) -> None:
    change_item(bank, "fire-004", "status: live", "status: draft")
    change_item(bank, "fire-004", "revision: 1", "revision: 2")
    assert record_revisions(bank) == 0


def test_half_a_bank_is_not_recorded(bank: Path) -> None:
    change_item(bank, "elec-002", "revision: 1", "revision: 2")
    change_item(bank, "fire-002", "difficulty: 0.8", "difficulty: 8")
    text = (bank / FILE).read_text()
    with pytest.raises(BankError, match=r"fire-002, difficulty"):
        record_revisions(bank)
    assert (bank / FILE).read_text() == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('  1: "', '  1: "x'),
        ("  1: ", "  0: "),
        ("  1: ", "  one: "),
        ("elec-001:", "Elec 1:"),
        ("elec-001:", "elec-001: 7\nx:"),
        ("elec-001:", "elec-001: {}\nx:"),
        ("elec-001:", "elec-002:"),
    ],
)
def test_a_damaged_record_is_a_fault_of_its_file(
    bank: Path, before: str, after: str
) -> None:
    text = (bank / FILE).read_text()
    (bank / FILE).write_text(text.replace(before, after, 1))
    file, line, _, rule = list_findings(bank)[0]
    assert (file, rule) == (FILE, "schema")
    assert line
    with pytest.raises(BankError):
        record_revisions(bank)


def test_nothing_is_left_beside_the_record(bank: Path) -> None:
    change_item(bank, "elec-002", "revision: 1", "revision: 2")
    before = {path.name for path in bank.iterdir()}
    record_revisions(bank)
    assert {path.name for path in bank.iterdir()} == before
    assert (bank / FILE).stat().st_mode & 0o777 == 0o644
