"""The rules that judge a bank as a whole, on both sides of their limits."""

import random
import time
from dataclasses import replace

import pytest

from ecs_training.questions.rules.bank import BankItem, Status
from ecs_training.questions.rules.lint.alike import near_duplicates
from ecs_training.questions.rules.lint.grades import average_grade
from ecs_training.questions.rules.lint.keys import key_balance, key_lengths
from ecs_training.questions.rules.lint.words import make_bag, similarity
from tests.questions.good_bank import FIRE, make_bank, make_image, make_item

TEN = "one two three four five six seven eight nine ten"


def with_stems(*stems: str) -> list[BankItem]:
    return [make_item(f"elec-{n:03}", stem=stem) for n, stem in enumerate(stems, 1)]


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("a b c d", "a b c d", 1),
        ("A b, c d?", "d c b a", 1),
        ("a b c d e f g h i j", "a b c d e f g h x y", 0.8),
        ("a a a b", "a b", 4 / 6),
        ("a b", "c d", 0),
        ("2.5 mm", "2 5 mm", 2 / 5),
        ("", "", 1),
    ],
)
def test_likeness_is_twice_the_shared_words_over_all_words(
    one: str, other: str, share: float
) -> None:
    assert similarity(make_bag(one), make_bag(other)) == pytest.approx(share)
    assert similarity(make_bag(other), make_bag(one)) == pytest.approx(share)


@pytest.mark.parametrize(
    ("other", "faults"),
    [
        ("one two three four five six seven eight x y", 0),  # 0.8
        ("one two three four five six seven eight nine x", 1),  # 0.9
        ("one two three four five six seven eight", 1),  # 16 of 18
        ("one two three four five six seven", 1),  # 14 of 17
        ("one two three four five six", 0),  # 12 of 16
    ],
)
def test_stems_more_than_08_alike_are_found_at_the_later_one(
    other: str, faults: int
) -> None:
    for stems in ((TEN, other), (other, TEN)):
        found = list(near_duplicates(make_bank(*with_stems(*stems, "who is there"))))
        assert [(f.item, f.field) for f in found] == [("elec-002", "stem")] * faults


def test_each_pair_is_told_once_with_its_other_half() -> None:
    found = list(near_duplicates(make_bank(*with_stems(TEN, "who is there", TEN, TEN))))
    assert [(fault.item, fault.message.split()[3]) for fault in found] == [
        ("elec-003", "elec-001"),
        ("elec-004", "elec-001"),
        ("elec-004", "elec-003"),
    ]


def test_a_retired_item_may_be_asked_again() -> None:
    one, other = with_stems(TEN, TEN)
    retired = replace(one, status=Status.RETIRED)
    assert list(near_duplicates(make_bank(retired, other))) == []
    draft = replace(one, status=Status.DRAFT)
    assert len(list(near_duplicates(make_bank(draft, other)))) == 1


def test_items_with_different_pictures_are_compared_by_their_options() -> None:
    sign = "What does this sign mean?"
    one, other = with_stems(sign, sign)
    meanings = dict(zip("abcd", ["Fire", "Gas", "Acid", "Dust"], strict=True))
    hot = replace(one, image=make_image("hot.svg"))

    def count(item: BankItem) -> int:
        return len(list(near_duplicates(make_bank(hot, item))))

    cold = make_image("cold.svg")
    assert count(replace(other, image=cold)) == 1  # the same options
    assert count(replace(other, image=cold, options=meanings)) == 0
    assert count(replace(other, image=hot.image, options=meanings)) == 1
    assert count(replace(other, options=meanings)) == 1  # one without a picture


def test_similar_pairs_are_found_as_when_every_pair_is_compared() -> None:
    chance = random.Random(7)
    words = [f"w{n}" for n in range(8)]
    stems = [
        " ".join(chance.choices(words, k=chance.randint(3, 9))) for _ in range(300)
    ]
    bags = [make_bag(stem) for stem in stems]
    expected = {
        (n, m)
        for n in range(300)
        for m in range(n)
        if similarity(bags[n], bags[m]) > 0.8
    }
    found = {
        (int(fault.item[5:]) - 1, int(fault.message.split()[3][5:]) - 1)
        for fault in near_duplicates(make_bank(*with_stems(*stems)))
        if fault.item
    }
    assert len(expected) > 100
    assert found == expected


def test_the_stems_of_620_items_are_compared_in_2_seconds() -> None:
    chance = random.Random(7)
    common = [f"c{n}" for n in range(40)]
    rare = [f"r{n}" for n in range(900)]
    stems = [
        " ".join([*chance.choices(common, k=12), *chance.choices(rare, k=10)])
        for _ in range(620)
    ]
    bank = make_bank(*with_stems(*stems))
    began = time.process_time()
    assert list(near_duplicates(bank)) == []
    assert time.process_time() - began < 2


def with_keys(keys: str, *, file: str = "topics/electrical.yaml") -> list[BankItem]:
    return [make_item(f"elec-{n:03}", key=key, file=file) for n, key in enumerate(keys)]


def unbalanced(*items: BankItem) -> list[tuple[str, str]]:
    return [(f.file, f.message[0]) for f in key_balance(make_bank(*items))]


@pytest.mark.parametrize(
    ("keys", "letters"),
    [
        ("a" * 6 + "b" * 4 + "c" * 5 + "d" * 5, ""),  # exactly 30 % and 20 %
        ("a" * 7 + "b" * 4 + "c" * 5 + "d" * 4, "a"),
        ("a" * 6 + "b" * 3 + "c" * 6 + "d" * 5, "b"),
        ("b" * 10 + "c" * 5 + "d" * 5, "ab"),
        ("abcd", ""),
        ("abcc", "cd"),
        ("abc", ""),  # of a handful, as near as it can be
        ("abb", "b"),
        ("abcda", ""),
        ("abcdaa", "a"),
        ("", ""),
    ],
)
def test_each_letter_is_the_key_of_20_to_30_percent(keys: str, letters: str) -> None:
    found = unbalanced(*with_keys(keys))
    told = sorted(letter for file, letter in found if file == "topics")
    assert told == sorted(letters)
    assert len(found) == 2 * len(told)  # for the topic as for the whole


def test_two_topics_that_are_each_askew_may_be_even_together() -> None:
    items = [*with_keys("aabb"), *with_keys("ccdd", file=FIRE)]
    assert {file for file, _ in unbalanced(*items)} == {"topics/electrical.yaml", FIRE}


def test_only_live_items_count_for_the_balance() -> None:
    drafts = [replace(item, status=Status.DRAFT) for item in with_keys("aaaa")]
    assert unbalanced(*with_keys("abcd"), *drafts) == []


def sized(key: int, *others: int) -> BankItem:
    texts = ["x" * key, *("y" * size for size in others)]
    return make_item(options=dict(zip("abcd", texts, strict=True)), key="a")


@pytest.mark.parametrize(
    ("sizes", "rule"),
    [((9, 8, 8, 8), "key-longest"), ((7, 8, 8, 8), "key-shortest")],
)
def test_the_key_is_the_longest_or_the_shortest_in_32_percent_at_most(
    sizes: tuple[int, int, int, int], rule: str
) -> None:
    bad, even = sized(*sizes), sized(8, 8, 8, 8)

    def found(bad_ones: int) -> list[str]:
        items = [bad] * bad_ones + [even] * (25 - bad_ones)
        return [fault.rule for fault in key_lengths(make_bank(*items))]

    assert found(8) == []  # exactly 32 %
    assert found(9) == [rule]


def test_a_key_as_long_as_another_option_is_not_the_longest() -> None:
    items = [sized(9, 9, 8, 8), sized(7, 7, 8, 8)] * 10
    assert list(key_lengths(make_bank(*items))) == []


def test_grade_8_is_the_highest_average() -> None:
    # 20 words in one sentence: 0.39 * 20 + 11.8 * syllables / 20 - 15.59
    def found(syllables: int) -> int:
        twos = syllables - 20
        stem = " ".join(["under"] * twos + ["go"] * (20 - twos)) + "?"
        return len(list(average_grade(make_bank(*with_stems(stem)), frozenset())))

    assert found(26) == 0  # 7.55
    assert found(27) == 1  # 8.14
