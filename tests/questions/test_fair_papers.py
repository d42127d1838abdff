"""Equal difficulty, even exposure, and nothing that somebody had before."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.papers import Judge, draw_papers, is_in_window
from ecs_training.questions.rules import (
    BankTooSmall,
    Blueprint,
    Drawn,
    Earlier,
    LiveItem,
    PaperMaker,
    draw_paper,
)
from ecs_training.questions.rules.checks import drawable
from ecs_training.questions.rules.choosing import Choosable, Line, fill
from ecs_training.questions.rules.fairness import MARK, bring_near, find_penalties
from ecs_training.questions.services import read_bank

FOLDER = Path(__file__).parents[2] / "question_bank"
SEEDS = [f"{n}" for n in range(60)]


def live(
    code: str, difficulty: float | None = 0.8, *enemies: str, shown: int = 0
) -> LiveItem:
    return LiveItem(
        revision_id=1,
        code=code,
        topic=code.rpartition("-")[0],
        key="a",
        enemies=enemies,
        difficulty=difficulty,
        shown=shown,
    )


def of(topic: str, *difficulties: float | None) -> list[LiveItem]:
    return [live(f"{topic}-{n}", share) for n, share in enumerate(difficulties)]


def choosable(code: str, share: float) -> Choosable:
    return Choosable(code=code, units=round(share * MARK), penalty=1)


def blueprint(**topics: int) -> Blueprint:
    return Blueprint(id="test", version=1, minutes=5, pass_mark=1, topics=topics)


def codes(paper: Iterable[Drawn]) -> set[str]:
    return {drawn.code for drawn in paper}


def draw_each(
    items: Sequence[LiveItem], makeup: Blueprint, earlier: Earlier | None = None
) -> list[set[str]]:
    """Return what stands on the paper of every seed."""
    maker = PaperMaker(items, makeup)
    had = earlier or Earlier()
    return [codes(maker.draw(seed=seed, earlier=had)) for seed in SEEDS]


def drawn_at_all(
    items: Sequence[LiveItem], makeup: Blueprint, earlier: Earlier | None = None
) -> set[str]:
    return set[str]().union(*draw_each(items, makeup, earlier))


@pytest.fixture(scope="module")
def real() -> tuple[list[LiveItem], Judge]:
    bank = read_bank(FOLDER)
    written = [item for item in bank.items if item.is_live]
    return [drawable(item) for item in written], Judge(written, bank.blueprints["hse"])


# Difficulty


def test_every_paper_of_our_bank_is_expected_within_a_quarter_mark_of_the_target(
    real: tuple[list[LiveItem], Judge],
) -> None:
    items, judge = real
    maker = PaperMaker(items, judge.blueprint)
    gaps = [judge.measure_gap(maker.draw(seed=f"{n}")) for n in range(500)]
    assert max(map(abs, gaps)) <= 0.25 + 1e-9
    assert max(gaps) > 0.2 > -0.2 > min(gaps)  # chance is left where it does no harm


def test_a_quarter_mark_off_is_near_enough() -> None:
    items = of("fire", 0.5, 0.75, 1.0)
    assert drawn_at_all(items, blueprint(fire=1)) == {"fire-0", "fire-1", "fire-2"}


def test_more_than_a_quarter_mark_off_is_swapped() -> None:
    items = of("fire", 0.49, 0.75, 1.01)  # more than a share can be, for the symmetry
    assert drawn_at_all(items, blueprint(fire=1)) == {"fire-1"}


def test_the_target_weighs_each_topic_by_the_items_drawn() -> None:
    # 2 x 0.5 + 1 x 0.9: only one of the hard and one of the easy ones bring that.
    items = of("fire", 0.1, 0.1, 0.9, 0.9) + of("noise", 0.9)
    for paper in draw_each(items, blueprint(fire=2, noise=1)):
        assert len(paper & {"fire-0", "fire-1"}) == 1


def test_a_window_that_cannot_be_reached_takes_the_nearest_and_refuses_nobody() -> None:
    items = of("fire", 0.0, 0.0, 1.0)  # target 0.33
    assert drawn_at_all(items, blueprint(fire=1)) == {"fire-0", "fire-1"}


def test_several_swaps_are_made_where_one_is_not_enough() -> None:
    # Drawn at random the score is anything from 0 to 5; the target is 2.5.
    items = of("fire", *[0.0, 1.0] * 5) + of("noise", *[0.45, 0.55] * 5)
    easy = {f"fire-{n}" for n in range(1, 10, 2)}
    for paper in draw_each(items, blueprint(fire=5, noise=1)):
        assert len(paper & easy) in {2, 3}


def test_a_swap_brings_no_enemies_together() -> None:
    # fire-1 would bring the score to the target, but bars every item about noise.
    barring = live("fire-1", 0.5, "noise-0", "noise-1", "noise-2", "noise-3")
    fire = [live("fire-0", 0.0), barring, live("fire-2", 1.0)]
    items = fire + of("noise", *[0.5] * 4)
    for paper in draw_each(items, blueprint(fire=1, noise=1)):
        assert len(paper & {"fire-0", "fire-2"}) == 1


def test_a_swap_may_bring_in_an_enemy_of_the_item_that_leaves() -> None:
    hard, middle = choosable("fire-0", 0.0), choosable("fire-1", 0.5)
    line = Line(chosen=[hard], spare=[middle])
    enemies = {"fire-0": {"fire-1"}, "fire-1": {"fire-0"}}
    assert bring_near([line], -MARK // 2, enemies, Earlier()) == 0
    assert (line.chosen, line.spare) == ([middle], [hard])


def test_an_item_nobody_judged_counts_as_the_average_of_its_topic() -> None:
    items = of("fire", None, 0.2, 1.0)
    assert drawn_at_all(items, blueprint(fire=1)) == {"fire-0"}


def test_a_topic_that_nobody_judged_is_drawn_by_chance() -> None:
    items = of("fire", None, None, None) + of("noise", 0.8, 0.8)
    drawn = drawn_at_all(items, blueprint(fire=1, noise=1))
    assert {"fire-0", "fire-1", "fire-2"} < drawn


# Exposure


def test_items_never_counted_are_equally_likely() -> None:
    assert find_penalties([0, 0, 0]) == [1, 1, 1]
    assert find_penalties([400, 400]) == [1, 1]
    assert find_penalties([]) == []


@pytest.mark.parametrize(
    ("shown", "first"),
    [
        ([90, 130], 100 / 120),  # the bound itself: 90 and 10 more, of 110 and 10 more
        ([91, 129], 101 / 120),
        ([80, 140], 100 / 120),
        ([140, 80], 150 / 120),
        ([139, 81], 149 / 120),
        ([200, 20], 150 / 120),
    ],
)
def test_what_was_shown_more_or_less_is_held_back_or_helped_within_bounds(
    shown: list[int], first: float
) -> None:
    assert find_penalties(shown)[0] == pytest.approx(first)


@pytest.mark.parametrize("counts", [(0, 5000), (0, 40), (5000, 0)])
def test_no_count_makes_an_item_more_than_one_and_a_half_times_as_likely(
    counts: tuple[int, int],
) -> None:
    one, others = counts
    items = [live("fire-0", shown=one)]
    items += [live(f"fire-{n}", shown=others) for n in range(1, 40)]
    maker = PaperMaker(items, blueprint(fire=4))
    times = Counter(
        drawn.code for n in range(4_000) for drawn in maker.draw(seed=f"{n}")
    )
    share = times["fire-0"] / 4_000 / (4 / 40)
    # Of 400 times a standard deviation is 19: 0.05 of the fair share.
    assert (1.1 < share < 1.4) if one < others else (0.5 < share < 0.8)


def test_a_count_is_a_bias_and_no_order() -> None:
    items = [live(f"fire-{n}", shown=1000 * n) for n in range(6)]
    assert drawn_at_all(items, blueprint(fire=1)) == {item.code for item in items}


def test_a_thousand_papers_of_our_bank_are_alike() -> None:
    tally = draw_papers(n=1_000)
    assert tally.faults == []
    assert tally.in_window == tally.n == 1_000
    assert tally.overused == []
    assert min(tally.shares.values()) > 0.5


def test_the_judge_of_papers_knows_an_unfair_one(
    real: tuple[list[LiveItem], Judge],
) -> None:
    items, judge = real
    first = draw_paper(items, judge.blueprint, seed="1")
    had = Earlier(papers=dict.fromkeys(codes(first), 1))
    second = draw_paper(items, judge.blueprint, seed="2", earlier=had)
    assert judge.find_wrong(first, []) == judge.find_wrong(second, first) == ""
    assert "50 items of the first" in judge.find_wrong(first, first)
    easy = [replace(item, difficulty=None) for item in items]
    chance = [draw_paper(easy, judge.blueprint, seed=f"{n}") for n in range(20)]
    assert any("off the target" in judge.find_wrong(paper, []) for paper in chance)
    assert (is_in_window(0.25), is_in_window(-0.25)) == (True, True)
    assert (is_in_window(0.2502), is_in_window(-0.2502)) == (False, False)


# Earlier papers


def test_twelve_papers_of_our_bank_share_nothing_and_are_equally_hard(
    real: tuple[list[LiveItem], Judge],
) -> None:
    items, judge = real
    maker = PaperMaker(items, judge.blueprint)
    had: dict[str, int] = {}
    for number in range(1, 13):
        paper = maker.draw(seed=f"{number}", earlier=Earlier(papers=dict(had)))
        assert judge.find_wrong(paper, []) == ""
        assert had.keys().isdisjoint(codes(paper))
        had |= dict.fromkeys(codes(paper), number)
    again = codes(maker.draw(seed="13", earlier=Earlier(papers=had)))
    # The fewest that must come back: some topics hold 12 papers and a bit.
    pools = Counter(item.topic for item in items)
    drawn = judge.blueprint.topics
    back = sum(max(0, 13 * drawn[topic] - pools[topic]) for topic in drawn)
    assert len(again & had.keys()) == back
    assert {had[code] for code in again & had.keys()} == {1}


def test_the_ones_of_longest_ago_are_let_back_first() -> None:
    items = of("fire", *[0.8] * 5)
    had = Earlier(papers={"fire-0": 7, "fire-1": 3, "fire-2": 9, "fire-3": 3})
    for paper in draw_each(items, blueprint(fire=2), had):
        assert "fire-4" in paper
        assert paper < {"fire-4", "fire-1", "fire-3"}
    for paper in draw_each(items, blueprint(fire=4), had):
        assert paper == {"fire-0", "fire-1", "fire-3", "fire-4"}


def test_a_topic_lets_nothing_back_for_another_that_must() -> None:
    items = of("fire", 0.8, 0.8) + of("noise", 0.8, 0.8)
    had = Earlier(papers={"fire-0": 1, "fire-1": 2, "noise-0": 1})
    for paper in draw_each(items, blueprint(fire=1, noise=1), had):
        assert paper == {"fire-0", "noise-1"}


def test_new_items_that_are_enemies_let_back_no_more_than_it_takes() -> None:
    fire = [live("fire-0", 0.8, "fire-1"), *of("fire", *[0.8] * 5)[1:]]
    had = Earlier(papers={"fire-2": 1, "fire-3": 2, "fire-4": 3})
    for paper in draw_each(fire, blueprint(fire=2), had):
        assert len(paper & {"fire-0", "fire-1"}) == 1
        assert "fire-2" in paper


def test_the_one_new_item_that_bars_all_the_others_is_left_out() -> None:
    fire = [live("fire-0", 0.8, "fire-1", "fire-2"), *of("fire", *[0.8] * 5)[1:]]
    had = Earlier(papers={"fire-3": 1, "fire-4": 2})
    for paper in draw_each(fire, blueprint(fire=2), had):
        assert paper == {"fire-1", "fire-2"}


def test_going_back_on_a_new_item_comes_before_letting_one_back() -> None:
    pool = [choosable(f"fire-{n}", 0.8) for n in range(5)]
    enemies = {one.code: set[str]() for one in pool}
    enemies |= {"fire-0": {"fire-1", "fire-2"}, "fire-1": {"fire-0"}}
    enemies["fire-2"] = {"fire-0"}
    assert fill(pool, 2, enemies, new=3) == pool[1:3]
    assert fill(pool, 3, enemies, new=3) == pool[1:4]
    assert fill(pool, 4, enemies, new=3) == pool[1:]
    assert fill(pool, 5, enemies, new=3) is None


def test_a_choice_in_one_topic_that_costs_a_new_item_of_another_is_taken_back() -> None:
    items = [live("noise-0", 0.8, "fire-0"), live("noise-1"), *of("fire", 0.8, 0.8)]
    had = Earlier(papers={"fire-1": 1})
    for paper in draw_each(items, blueprint(noise=1, fire=1), had):
        assert paper == {"noise-1", "fire-0"}


def test_no_swap_for_the_window_brings_back_an_item() -> None:
    items = of("fire", 0.0, 1.0)
    had = Earlier(papers={"fire-1": 1})
    assert drawn_at_all(items, blueprint(fire=1), had) == {"fire-0"}
    # Among those let back, one of the same paper or an earlier one may stand in.
    items = of("fire", 0.0, 0.5, 1.0)
    same = Earlier(papers=dict.fromkeys(("fire-0", "fire-1", "fire-2"), 1))
    assert drawn_at_all(items, blueprint(fire=1), same) == {"fire-1"}
    later = Earlier(papers={"fire-0": 1, "fire-1": 2, "fire-2": 2})
    assert drawn_at_all(items, blueprint(fire=1), later) == {"fire-0"}


def test_what_was_met_elsewhere_comes_after_what_is_new() -> None:
    items = of("fire", *[0.8] * 4)
    met = Earlier(elsewhere={"fire-0", "fire-1"})
    assert drawn_at_all(items, blueprint(fire=2), met) == {"fire-2", "fire-3"}


def test_what_was_met_elsewhere_comes_before_what_was_on_a_paper() -> None:
    items = of("fire", *[0.8] * 4)
    had = Earlier(papers={"fire-3": 1}, elsewhere={"fire-0", "fire-1"})
    for paper in draw_each(items, blueprint(fire=3), had):
        assert paper == {"fire-0", "fire-1", "fire-2"}
    both = Earlier(papers={"fire-3": 1}, elsewhere={"fire-3"})
    assert "fire-3" not in drawn_at_all(items, blueprint(fire=3), both)


def test_the_window_goes_before_what_was_met_elsewhere() -> None:
    items = of("fire", 0.0, 0.5, 1.0)
    met = Earlier(elsewhere={"fire-1"})
    assert drawn_at_all(items, blueprint(fire=1), met) == {"fire-1"}


def test_somebody_who_had_everything_still_gets_a_paper() -> None:
    items = of("fire", *[0.8] * 3)
    had = Earlier(papers={item.code: 1 for item in items})
    assert len(draw_paper(items, blueprint(fire=3), seed="1", earlier=had)) == 3


def test_too_few_items_are_refused_whatever_was_had() -> None:
    had = Earlier(papers={"fire-0": 1})
    with pytest.raises(BankTooSmall, match="only 2 are live"):
        draw_paper(of("fire", 0.8, 0.8), blueprint(fire=3), seed="1", earlier=had)


def test_codes_that_left_the_bank_do_not_matter() -> None:
    items = of("fire", *[0.8] * 5)
    gone = Earlier(papers={"fire-99": 1}, elsewhere={"noise-99"})
    fresh = draw_paper(items, blueprint(fire=3), seed="1")
    assert draw_paper(items, blueprint(fire=3), seed="1", earlier=gone) == fresh


# The same again


def test_the_same_history_gives_the_same_paper_however_it_is_written() -> None:
    items = of("fire", *[0.8] * 9)
    papers = {f"fire-{n}": 1 + n // 2 for n in range(8)}
    had = Earlier(papers=papers, elsewhere=["fire-8", "fire-0"])
    turned = Earlier(
        papers={code: 10 * when for code, when in reversed(papers.items())},
        elsewhere={"fire-0", "fire-8"},
    )
    for seed in SEEDS:
        first = draw_paper(items, blueprint(fire=6), seed=seed, earlier=had)
        again = draw_paper(items[::-1], blueprint(fire=6), seed=seed, earlier=turned)
        assert first == again


def test_a_seed_counts_and_a_history_give_the_same_paper_on_every_python() -> None:
    shares = [0.31, 0.95, 0.62, 0.88, 0.47, 0.76, 0.55, 0.9]
    items = [
        live(f"{topic}-{n}", share, shown=17 * n)
        for topic in ("fire", "noise")
        for n, share in enumerate(shares)
    ]
    had = Earlier(papers={"fire-0": 1, "noise-7": 2}, elsewhere={"fire-3"})
    paper = draw_paper(items, blueprint(fire=3, noise=3), seed="one", earlier=had)
    # fire-7 came in for fire-6, to reach the window.
    assert [f"{drawn.code} {drawn.order}" for drawn in paper] == [
        *("noise-3 bcda", "fire-2 cdab", "fire-7 dcba"),
        *("fire-1 bdac", "noise-0 bdac", "noise-4 badc"),
    ]


def test_a_maker_is_not_changed_by_drawing(
    real: tuple[list[LiveItem], Judge],
) -> None:
    items, judge = real
    maker = PaperMaker(items, judge.blueprint)
    papers = [maker.draw(seed=seed) for seed in SEEDS[:20]]
    had = [Earlier(papers=dict.fromkeys(codes(paper), 1)) for paper in papers]
    resits = [
        maker.draw(seed=seed, earlier=one)
        for seed, one in zip(SEEDS, had, strict=False)
    ]
    assert papers == [maker.draw(seed=seed) for seed in SEEDS[:20]]
    assert all(
        codes(a).isdisjoint(codes(b)) for a, b in zip(papers, resits, strict=True)
    )
    assert all(a != b for a, b in pairwise(papers))
