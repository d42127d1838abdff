"""What our own bank promises: nothing for the content lint to find, and our blueprint."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from ecs_training.questions.rules import Bank, BankItem, ResitRule
from ecs_training.questions.services import check_bank, read_bank
from ecs_training.questions.services.reading import read_folder

FOLDER = Path(__file__).parents[2] / "question_bank"
# A day on which every source had just been looked up. The command takes the real one.
TODAY = date(2026, 11, 22)
FEWEST_LIVE = 600
TIMES = 12  # live items of a topic for each that a paper draws


@pytest.fixture(scope="module")
def bank() -> Bank:
    return read_bank(FOLDER)


@pytest.fixture(scope="module")
def live(bank: Bank) -> list[BankItem]:
    return [item for item in bank.items if item.is_live]


def test_the_content_lint_finds_nothing() -> None:
    findings = check_bank(FOLDER, today=TODAY).findings
    told = Counter(finding.rule for finding in findings)
    assert not findings, (told, [str(finding) for finding in findings[:20]])


def test_the_blueprint_is_that_of_the_scheme(bank: Bank) -> None:
    assert list(bank.blueprints) == ["hse"]
    hse = bank.blueprints["hse"]
    assert (hse.version, hse.minutes, hse.pass_mark, hse.total) == (1, 30, 43, 50)
    assert dict(hse.topics) == {
        "general": 6,
        "manual-handling": 4,
        "reporting-accidents": 3,
        "ppe": 4,
        "health-hygiene": 3,
        "fire-emergency": 9,
        "work-at-height": 5,
        "work-equipment": 4,
        "special-site-hazards": 3,
        "electrotechnical": 6,
        "environmental": 3,
    }


def test_a_failure_allows_one_more_that_day_one_after_a_week_then_the_course_again(
    bank: Bank,
) -> None:
    hse = bank.blueprints["hse"]
    assert hse.resits == ResitRule(same_day=1, wait_days=7, attempts_per_course=3)
    assert dict(hse.minimums) == {}


def test_600_items_are_live_and_12_times_a_paper_in_every_topic() -> None:
    check = check_bank(FOLDER, today=TODAY)
    assert check.live >= FEWEST_LIVE
    drawn = check.drawn["hse"]
    assert set(check.by_topic) == set(drawn)
    short = {
        topic: TIMES * count - check.by_topic[topic]
        for topic, count in drawn.items()
        if check.by_topic[topic] < TIMES * count
    }
    assert short == {}


def test_40_live_items_have_a_picture(live: list[BankItem]) -> None:
    assert sum(item.image is not None for item in live) >= 40


def test_our_bank_keeps_a_record_of_what_was_live() -> None:
    recorded = read_folder(FOLDER).recorded
    assert recorded
    assert len(recorded) >= 295  # as many as when the record began


def test_an_id_begins_as_all_of_its_topic_do(bank: Bank) -> None:
    prefixes: dict[str, set[str]] = {}
    for item in bank.items:
        assert re.fullmatch(r"[a-z]+-\d{3}", item.code)
        prefixes.setdefault(item.topic, set()).add(item.code.partition("-")[0])
    assert all(len(found) == 1 for found in prefixes.values())
    assert len(set.union(*prefixes.values())) == len(prefixes)


def test_an_item_is_neither_a_gift_nor_a_guess(live: list[BankItem]) -> None:
    for item in live:
        assert 0.45 <= item.difficulty <= 0.95, item.code


def test_a_just_competent_candidate_is_expected_at_the_pass_mark(
    bank: Bank, live: list[BankItem]
) -> None:
    expected = 0.0
    hse = bank.blueprints["hse"]
    for topic, count in hse.topics.items():
        shares = [item.difficulty for item in live if item.topic == topic]
        expected += count * sum(shares) / len(shares)
    assert abs(expected - hse.pass_mark) < 1


def test_our_test_is_never_called_the_ecs_test(live: list[BankItem]) -> None:
    for item in live:
        texts = (item.stem, item.rationale, *item.options.values())
        assert not any("ECS" in text for text in texts), item.code
