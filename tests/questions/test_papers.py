"""Drawing, over a thousand papers of the real bank and over banks that barely suffice."""

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.papers import draw_papers, find_wrong
from ecs_training.questions.rules import (
    BankTooSmall,
    Blueprint,
    Drawn,
    LiveItem,
    PaperMaker,
    draw_paper,
)
from ecs_training.questions.services import read_bank

PAPERS = 1_000
SEED = 20260302  # stands in the name of each test; any other must do as well
FOLDER = Path(__file__).parents[2] / "question_bank"


def live(code: str, topic: str, *enemies: str) -> LiveItem:
    number = int(code.rpartition("-")[2])
    return LiveItem(
        revision_id=number, code=code, topic=topic, key="a", enemies=enemies
    )


def of(topic: str, count: int) -> list[LiveItem]:
    return [live(f"{topic}-{n}", topic) for n in range(count)]


def blueprint(**topics: int) -> Blueprint:
    return Blueprint(id="test", version=1, minutes=5, pass_mark=1, topics=topics)


@pytest.fixture(scope="module")
def real() -> tuple[tuple[LiveItem, ...], Blueprint]:
    bank = read_bank(FOLDER)
    items = tuple(
        LiveItem(
            revision_id=number,
            code=item.code,
            topic=item.topic,
            key=item.key,
            enemies=item.enemies,
        )
        for number, item in enumerate(bank.items)
        if item.is_live
    )
    return items, bank.blueprints["hse"]


@pytest.fixture(scope="module", params=[SEED], ids=lambda seed: f"seed {seed}")
def papers(
    request: pytest.FixtureRequest, real: tuple[tuple[LiveItem, ...], Blueprint]
) -> list[list[Drawn]]:
    seeds = random.Random(request.param)
    maker = PaperMaker(*real)
    return [maker.draw(seed=f"{seeds.random()}") for _ in range(PAPERS)]


def test_every_paper_follows_the_blueprint_exactly(
    papers: list[list[Drawn]], real: tuple[tuple[LiveItem, ...], Blueprint]
) -> None:
    _, hse = real
    for paper in papers:
        assert Counter(drawn.topic for drawn in paper) == hse.topics
        assert len(paper) == hse.total == 50


def test_no_item_stands_twice_on_a_paper(papers: list[list[Drawn]]) -> None:
    for paper in papers:
        assert len({drawn.code for drawn in paper}) == len(paper)
        assert len({drawn.revision_id for drawn in paper}) == len(paper)


def test_enemies_never_meet(
    papers: list[list[Drawn]], real: tuple[tuple[LiveItem, ...], Blueprint]
) -> None:
    items, _ = real
    enemies = {item.code: set(item.enemies) for item in items}
    assert any(enemies.values())
    for paper in papers:
        codes = {drawn.code for drawn in paper}
        assert not any(codes & enemies[code] for code in codes)


def test_every_live_item_is_drawn_sometimes(
    papers: list[list[Drawn]], real: tuple[tuple[LiveItem, ...], Blueprint]
) -> None:
    items, _ = real
    drawn = {drawn.code for paper in papers for drawn in paper}
    assert drawn == {item.code for item in items}


def test_the_key_stands_everywhere_equally_often(papers: list[list[Drawn]]) -> None:
    places = Counter(
        drawn.order.index(drawn.key) for paper in papers for drawn in paper
    )
    for place in range(4):
        # 50,000 items: five standard deviations are one part in a hundred.
        assert 0.24 < places[place] / places.total() < 0.26


def test_the_key_and_the_options_are_those_of_the_item(
    papers: list[list[Drawn]], real: tuple[tuple[LiveItem, ...], Blueprint]
) -> None:
    items, _ = real
    known = {(i.revision_id, i.code, i.topic, i.key) for i in items}
    for paper in papers:
        for drawn in paper:
            assert sorted(drawn.order) == ["a", "b", "c", "d"]
            facts = (drawn.revision_id, drawn.code, drawn.topic, drawn.key)
            assert facts in known


def test_every_order_of_the_options_is_shown(papers: list[list[Drawn]]) -> None:
    orders = Counter(drawn.order for paper in papers for drawn in paper)
    assert len(orders) == 24
    assert min(orders.values()) > PAPERS * 50 / 24 * 0.85


def test_topics_are_mixed_within_a_paper(papers: list[list[Drawn]]) -> None:
    firsts = Counter(paper[0].topic for paper in papers)
    assert len(firsts) == 11
    assert 0.12 < firsts["fire-emergency"] / PAPERS < 0.24  # 9 of 50 items


def test_the_same_seed_draws_the_same_paper(
    real: tuple[tuple[LiveItem, ...], Blueprint],
) -> None:
    items, hse = real
    paper = draw_paper(items, hse, seed="one")
    assert draw_paper(items[::-1], hse, seed="one") == paper
    assert draw_paper(items, hse, seed="two") != paper


def test_a_seed_draws_the_same_paper_on_every_python() -> None:
    paper = draw_paper(of("fire", 5), blueprint(fire=3), seed="one")
    assert [(drawn.code, drawn.order) for drawn in paper] == [
        ("fire-2", "adcb"),
        ("fire-1", "dacb"),
        ("fire-3", "cadb"),
    ]


def test_items_of_other_topics_stay_out() -> None:
    items = of("fire", 2) + of("noise", 5)
    paper = draw_paper(items, blueprint(fire=2), seed="one")
    assert {drawn.topic for drawn in paper} == {"fire"}


def test_a_bank_that_just_suffices_is_drawn_whole() -> None:
    paper = draw_paper(of("fire", 3), blueprint(fire=3), seed="one")
    assert {drawn.code for drawn in paper} == {"fire-0", "fire-1", "fire-2"}


@pytest.mark.parametrize("there", [0, 2])
def test_too_few_items_are_refused_by_topic(there: int) -> None:
    items = of("noise", 5) + of("fire", there)
    with pytest.raises(
        BankTooSmall, match=f"^topic fire: 3 .* only {there} are live$"
    ) as no:
        draw_paper(items, blueprint(noise=2, fire=3), seed="one")
    assert no.value.topic == "fire"


def test_one_sided_enemies_are_kept_apart_too() -> None:
    items = [live("fire-1", "fire", "fire-2"), live("fire-2", "fire")]
    for seed in range(50):
        assert len(draw_paper(items, blueprint(fire=1), seed=f"{seed}")) == 1
    with pytest.raises(BankTooSmall, match="too many of the 2 live ones are enemies"):
        draw_paper(items, blueprint(fire=2), seed="one")


def test_the_only_way_out_of_a_topic_is_found() -> None:
    # Seven of eight are wanted, and the first is everybody's enemy.
    items = [live("fire-0", "fire", *(f"fire-{n}" for n in range(1, 8)))]
    items += [live(f"fire-{n}", "fire") for n in range(1, 8)]
    for seed in range(50):
        paper = draw_paper(items, blueprint(fire=7), seed=f"{seed}")
        assert "fire-0" not in {drawn.code for drawn in paper}


def test_the_only_way_out_across_topics_is_found() -> None:
    # With noise-0 on the paper, fire could not be filled any more.
    items = [*of("fire", 2), *of("noise", 5)[1:]]
    items.append(live("noise-0", "noise", "fire-0"))
    for seed in range(50):
        paper = draw_paper(items, blueprint(noise=4, fire=2), seed=f"{seed}")
        assert "noise-0" not in {drawn.code for drawn in paper}


def test_a_topic_with_nothing_to_spare_chooses_before_the_others() -> None:
    # Of 30 about noise, 20 bar something that fire cannot do without.
    barring = [live(f"noise-{n}", "noise", f"fire-{n % 3}") for n in range(10, 30)]
    items = of("noise", 10) + barring + of("fire", 3)
    paper = draw_paper(items, blueprint(noise=10, fire=3), seed="one")
    assert len(paper) == 13


def test_a_seed_may_fail_and_another_try_succeed() -> None:
    # Both topics have one to spare, and each may pick what bars the other.
    fire = [live("fire-0", "fire", "noise-0", "noise-1"), *of("fire", 3)[1:]]
    noise = [live("noise-9", "noise", "fire-1", "fire-2"), *of("noise", 2)]
    for seed in range(50):
        paper = draw_paper(fire + noise, blueprint(fire=2, noise=2), seed=f"{seed}")
        assert {drawn.code for drawn in paper} == {
            *("fire-1", "fire-2", "noise-0", "noise-1")
        }


def test_enemies_across_topics_that_leave_no_paper_are_refused() -> None:
    items = [live("fire-0", "fire", "noise-0"), live("noise-0", "noise")]
    with pytest.raises(BankTooSmall, match="too many of the 1 live ones are enemies"):
        draw_paper(items, blueprint(fire=1, noise=1), seed="one")


def test_a_maker_draws_what_drawing_once_does_in_any_order(
    real: tuple[tuple[LiveItem, ...], Blueprint],
) -> None:
    maker = PaperMaker(*real)
    seeds = [f"{n}" for n in range(20)]
    forwards = [maker.draw(seed=seed) for seed in seeds]
    assert forwards == [draw_paper(*real, seed=seed) for seed in seeds]
    assert forwards[::-1] == [maker.draw(seed=seed) for seed in seeds[::-1]]


def test_a_thousand_papers_of_our_bank_break_nothing() -> None:
    tally = draw_papers(n=PAPERS)
    assert (tally.n, tally.faults) == (PAPERS, [])
    assert min(tally.times.values()) > 0
    assert tally.times.total() == 50 * PAPERS


def test_the_judge_of_papers_knows_a_bad_one() -> None:
    fire, noise = of("fire", 3), of("noise", 2)
    paper = draw_paper(fire + noise, blueprint(fire=2, noise=1), seed="one")
    makeup = blueprint(fire=2, noise=1)
    friends = {item.code: frozenset[str]() for item in fire + noise}
    first, second, third = paper
    foes = friends | {first.code: frozenset({third.code})}
    odd = replace(first, order="abcc")
    assert find_wrong(paper, makeup, friends) == ""
    assert "blueprint" in find_wrong(paper[:2], makeup, friends)
    assert "enemy" in find_wrong(paper, makeup, foes)
    assert "order" in find_wrong([odd, second, third], makeup, friends)
    fires = [drawn for drawn in paper if drawn.topic == "fire"]
    (other,) = (drawn for drawn in paper if drawn.topic == "noise")
    assert "twice" in find_wrong([fires[0], fires[0], other], makeup, friends)
