"""What our own bank promises, beyond what the loader asks of any bank."""

import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path

import pytest

from ecs_training.questions.rules import Bank, BankItem
from ecs_training.questions.services import read_bank

FOLDER = Path(__file__).parents[2] / "question_bank"
NUMBER = re.compile(r"\d+(?:\.\d+)?")


@pytest.fixture(scope="module")
def bank() -> Bank:
    return read_bank(FOLDER)


@pytest.fixture(scope="module")
def live(bank: Bank) -> list[BankItem]:
    return [item for item in bank.items if item.is_live]


def texts(item: BankItem) -> Iterator[str]:
    yield item.stem
    yield item.rationale
    yield from item.options.values()


def other_options(item: BankItem) -> list[str]:
    return [text for letter, text in item.options.items() if letter != item.key]


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


def test_there_are_150_live_items_and_three_times_a_paper_in_every_topic(
    bank: Bank, live: list[BankItem]
) -> None:
    assert len(live) >= 150
    by_topic = Counter(item.topic for item in live)
    drawn = bank.blueprints["hse"].topics
    assert set(by_topic) == set(drawn)
    for topic, count in drawn.items():
        assert by_topic[topic] >= 3 * count, topic


def test_no_two_items_ask_the_same(live: list[BankItem]) -> None:
    for one, other in combinations(live, 2):
        words = one.stem.casefold().split(), other.stem.casefold().split()
        alike = SequenceMatcher(None, *words).ratio()
        assert alike < 0.8, (one.code, other.code)


def test_every_letter_is_the_key_of_20_to_30_percent(
    live: list[BankItem],
) -> None:
    keys = Counter(item.key for item in live)
    for letter in "abcd":
        assert 0.2 <= keys[letter] / len(live) <= 0.3, letter


def test_the_length_of_an_option_gives_no_key_away(live: list[BankItem]) -> None:
    longest = shortest = 0
    for item in live:
        key = len(item.options[item.key])
        others = [len(text) for text in other_options(item)]
        assert key <= 1.3 * max(others), item.code
        longest += key > max(others)
        shortest += key < min(others)
    # A guesser who always takes the longest would be right in one of four by chance.
    assert longest / len(live) < 0.3
    assert shortest / len(live) < 0.3


def test_the_options_of_an_item_are_of_one_size(live: list[BankItem]) -> None:
    for item in live:
        sizes = [len(text) for text in item.options.values()]
        close = max(sizes) - min(sizes) <= 10
        assert close or max(sizes) <= 1.5 * min(sizes), item.code


def test_a_stem_is_short_and_asks(live: list[BankItem]) -> None:
    for item in live:
        assert len(item.stem.split()) <= 40, item.code
        assert item.stem.endswith(("?", ":")), item.code


def test_a_negative_is_in_capitals(live: list[BankItem]) -> None:
    negative = re.compile(r"\b(not|never|except|least|incorrect|false)\b")
    for item in live:
        question = re.split(r"(?<=[.!]) ", item.stem)[-1]
        assert not negative.search(question), item.code


def test_no_option_leans_on_the_others(live: list[BankItem]) -> None:
    # Options are shuffled: "the above" would point anywhere.
    leaning = re.compile(
        r"\b(all|none|both|any) of (the above|these|the others?)\b", re.IGNORECASE
    )
    for item in live:
        for text in item.options.values():
            assert not leaning.search(text), item.code


def test_a_rationale_names_no_letter(live: list[BankItem]) -> None:
    letter = re.compile(r"\b(option|answer|choice)s? \(?[a-d]\b", re.IGNORECASE)
    for item in live:
        assert not letter.search(item.rationale), item.code


def test_every_number_of_the_key_stands_in_the_rationale(live: list[BankItem]) -> None:
    for item in live:
        told = set(NUMBER.findall(item.rationale))
        assert set(NUMBER.findall(item.options[item.key])) <= told, item.code


def test_text_is_plain(live: list[BankItem]) -> None:
    markup = re.compile(r"[<>*_`{}\[\]\\]|&\w+;|https?:|\s\s")
    for item in live:
        for text in texts(item):
            assert not markup.search(text), (item.code, text)


def test_enemies_name_each_other(bank: Bank) -> None:
    enemies = {item.code: set(item.enemies) for item in bank.items}
    for code, named in enemies.items():
        for other in named:
            assert code in enemies[other], (code, other)


def test_an_id_begins_as_all_of_its_topic_do(bank: Bank) -> None:
    prefixes: dict[str, set[str]] = {}
    for item in bank.items:
        assert re.fullmatch(r"[a-z]+-\d{3}", item.code)
        prefixes.setdefault(item.topic, set()).add(item.code.partition("-")[0])
    assert all(len(found) == 1 for found in prefixes.values())
    assert len(set.union(*prefixes.values())) == len(prefixes)


def test_every_source_is_cited_and_they_stand_in_order(bank: Bank) -> None:
    assert set(bank.sources) == {item.source for item in bank.items}
    assert list(bank.sources) == sorted(bank.sources)
    titles = Counter(source.title for source in bank.sources.values())
    assert set(titles.values()) == {1}


def test_the_law_of_one_country_is_asked_by_its_name(live: list[BankItem]) -> None:
    names = {
        "england": "England",
        "wales": "Wales",
        "scotland": "Scotland",
        "northern-ireland": "Northern Ireland",
    }
    for item in live:
        assert names.get(item.jurisdiction, "") in item.stem, item.code


def test_an_item_is_neither_a_gift_nor_a_guess(live: list[BankItem]) -> None:
    for item in live:
        assert 0.55 <= item.difficulty <= 0.95, item.code


def test_a_just_competent_candidate_is_expected_at_the_pass_mark(
    bank: Bank, live: list[BankItem]
) -> None:
    expected = 0.0
    hse = bank.blueprints["hse"]
    for topic, count in hse.topics.items():
        shares = [item.difficulty for item in live if item.topic == topic]
        expected += count * sum(shares) / len(shares)
    assert abs(expected - hse.pass_mark) < 1


def test_the_source_was_checked_when_or_after_its_edition_came_out(
    bank: Bank, live: list[BankItem]
) -> None:
    for item in live:
        assert item.checked_on.year >= bank.sources[item.source].year, item.code


def test_our_test_is_never_called_the_ecs_test(live: list[BankItem]) -> None:
    for item in live:
        assert not any("ECS" in text for text in texts(item)), item.code
