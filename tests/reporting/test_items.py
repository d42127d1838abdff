"""How one question behaves: figures, intervals, alarms, and what is not shown."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ecs_training.reporting.rules.intervals import FEWEST, share
from ecs_training.reporting.rules.items import (
    Asked,
    Concern,
    ItemFigures,
    judge_item,
    middle,
)
from ecs_training.reporting.rules.options import (
    Choice,
    OptionFigures,
    OptionFlag,
    analyse_options,
)

KEY = frozenset("a")


def asked(
    chosen: str | None = "a",
    *,
    rest: float = 0.8,
    passed: bool = True,
    recent: bool = False,
    seconds: float | None = None,
) -> Asked:
    return Asked(
        chosen=chosen,
        right=chosen == "a",
        rest=rest,
        passed=passed,
        recent=recent,
        seconds=seconds,
    )


def mixed(right: int, of: int, *, recent: bool = False) -> list[Asked]:
    """`right` of them, the strong ones."""
    return [
        asked("a" if n < right else "b", rest=1 - n / of, recent=recent)
        for n in range(of)
    ]


def judge(rows: Sequence[Asked]) -> ItemFigures:
    return judge_item(rows, keys=KEY)


def test_nothing_is_shown_under_30_responses() -> None:
    few = judge(mixed(20, FEWEST - 1))

    assert few == ItemFigures(n=29)
    enough = judge(mixed(20, FEWEST))
    assert enough.facility
    assert enough.omitted
    assert enough.discrimination
    assert len(enough.options) == 4


def test_each_figure_comes_with_its_interval() -> None:
    rows = [
        *(asked("a", rest=0.9) for _ in range(24)),
        *(asked("b", rest=0.6, passed=False) for _ in range(8)),
        *(asked("a", rest=0.7, passed=False) for _ in range(4)),
        *(asked(None, rest=0.5) for _ in range(4)),
    ]
    found = judge(rows)

    assert found.n == 40
    assert found.facility == share(28, 40)
    assert found.omitted == share(4, 40)
    assert found.b_index
    assert found.b_index.value == pytest.approx(24 / 28 - 4 / 12)
    assert found.b_index.low < found.b_index.value < found.b_index.high
    assert found.discrimination
    assert found.discrimination.low < found.discrimination.value < 1
    assert found.discrimination.value > 0.5


def test_without_passers_or_without_others_there_is_no_difference_between_them() -> (
    None
):
    rows = mixed(20, 40)
    assert judge(rows).b_index is None
    assert judge([replace(row, passed=False) for row in rows]).b_index is None


def test_a_question_that_all_get_right_has_no_correlation_and_is_only_too_easy() -> (
    None
):
    found = judge(mixed(40, 40))

    assert found.discrimination is None
    assert found.concerns == (Concern.EASY,)


@pytest.mark.parametrize(
    ("right", "of", "concerns"),
    [
        (39, 100, (Concern.HARD,)),
        (40, 100, ()),
        (98, 100, ()),
        (99, 100, (Concern.EASY,)),
    ],
)
def test_hard_is_under_40_of_100_and_easy_above_98(
    right: int, of: int, concerns: tuple[Concern, ...]
) -> None:
    assert judge(mixed(right, of)).concerns == concerns


def test_a_question_that_the_strong_get_wrong_has_a_doubtful_key() -> None:
    rows = [asked("b" if n < 40 else "a", rest=1 - n / 80) for n in range(80)]
    found = judge(rows)

    assert found.discrimination
    assert found.discrimination.high < 0
    assert found.concerns == (Concern.KEY, Concern.LURE)


def alternating(of: int) -> list[Asked]:
    """Right or wrong has nothing to do with the rest."""
    return [asked("ab"[n % 2], rest=1 - n // 4 / of) for n in range(of)]


def test_a_weak_question_is_named_once_chance_does_not_explain_it() -> None:
    assert judge(alternating(400)).concerns == (Concern.WEAK,)
    assert judge(alternating(40)).concerns == ()


def test_few_right_answers_that_say_nothing_cast_doubt_on_the_key() -> None:
    rows = [
        asked("a" if n % 4 == 0 else "b", rest=1 - n // 4 / 400) for n in range(400)
    ]
    assert judge(rows).concerns == (Concern.KEY, Concern.HARD, Concern.WEAK)


@pytest.mark.parametrize(
    ("before", "recent", "alarms"),
    [
        ((60, 100), (70, 100), False),  # by .10, no more
        ((600, 1000), (701, 1000), True),
        ((60, 100), (72, 100), False),  # chance explains it
        ((60, 100), (80, 100), True),
        ((80, 100), (60, 100), False),  # harder is no leak
    ],
)
def test_the_drift_alarm_needs_a_rise_beyond_a_tenth_and_beyond_chance(
    before: tuple[int, int], recent: tuple[int, int], *, alarms: bool
) -> None:
    found = judge([*mixed(*before), *mixed(*recent, recent=True)])

    assert found.drift
    assert found.drift.before == share(*before)
    assert found.drift.recent == share(*recent)
    assert found.drift.alarms is alarms
    assert (Concern.LEAK in found.concerns) is alarms


@pytest.mark.parametrize(("before", "recent"), [(29, 30), (30, 29)])
def test_drift_needs_30_responses_on_either_side(before: int, recent: int) -> None:
    assert judge([*mixed(9, before), *mixed(29, recent, recent=True)]).drift is None
    assert judge([*mixed(9, 30), *mixed(29, 30, recent=True)]).drift


def test_times_are_shown_from_30_of_them_with_the_ranks_that_hold_the_median() -> None:
    timed = [replace(row, seconds=float(n)) for n, row in enumerate(mixed(20, 40))]

    assert middle([1.0] * 29) is None
    found = judge([*timed[:30], *mixed(10, 10)]).seconds
    assert found
    # The 10th and the 21st of 30 hold the median in 95.7 of 100 cases (binomial).
    assert (found.value, found.low, found.high) == (14.5, 9, 20)
    assert judge([*timed[:29], *mixed(20, 40)]).seconds is None


def choices(*groups: tuple[str, int, float]) -> list[Choice]:
    return [
        Choice(chosen=letter, rest=rest)
        for letter, count, rest in groups
        for _ in range(count)
    ]


def by_letter(found: Sequence[OptionFigures]) -> dict[str, OptionFigures]:
    return {option.letter: option for option in found}


def test_options_are_counted_among_the_weakest_and_the_strongest_third() -> None:
    rows = choices(
        ("a", 4, 0.2),
        ("b", 6, 0.2),
        ("a", 5, 0.5),
        ("c", 5, 0.5),
        ("a", 9, 0.9),
        ("b", 1, 0.9),
    )
    found = by_letter(analyse_options(rows, keys=KEY))

    assert [option.chosen for option in found.values()] == [18, 7, 5, 0]
    assert found["a"].share == share(18, 30)
    assert (found["a"].weak, found["a"].strong) == (share(4, 10), share(9, 10))
    assert (found["b"].weak, found["b"].strong) == (share(6, 10), share(1, 10))
    assert found["c"].weak == share(0, 10)
    flags = {letter: option.flag for letter, option in found.items()}
    assert flags == {"a": None, "b": None, "c": None, "d": OptionFlag.UNUSED}


def test_ties_at_a_border_belong_to_the_third() -> None:
    rows = choices(("a", 5, 0.2), ("b", 10, 0.3), ("a", 15, 0.9))
    found = by_letter(analyse_options(rows, keys=KEY))

    assert found["b"].weak == share(10, 15)
    assert found["a"].strong == share(15, 15)


def test_where_the_thirds_meet_there_are_none() -> None:
    found = analyse_options(choices(("a", 25, 0.5), ("b", 5, 0.5)), keys=KEY)
    assert all(option.weak is option.strong is None for option in found)


def test_a_wrong_option_that_draws_the_strong_is_flagged_beyond_chance() -> None:
    drawn = choices(
        ("b", 4, 0.2), ("a", 26, 0.2), ("a", 30, 0.5), ("b", 15, 0.9), ("a", 15, 0.9)
    )
    few = choices(
        ("b", 1, 0.2), ("a", 9, 0.2), ("a", 10, 0.5), ("b", 3, 0.9), ("a", 7, 0.9)
    )

    assert by_letter(analyse_options(drawn, keys=KEY))["b"].flag is OptionFlag.LURE
    assert by_letter(analyse_options(few, keys=KEY))["b"].flag is None


def test_a_letter_that_earns_the_mark_is_never_flagged() -> None:
    drawn = choices(("a", 30, 0.2), ("a", 30, 0.5), ("b", 30, 0.9))

    found = by_letter(analyse_options(drawn, keys=frozenset("abd")))
    assert found["b"].flag is found["d"].flag is None
    assert found["c"].flag is OptionFlag.UNUSED
