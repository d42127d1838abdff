import pytest

from ecs_training.questions.rules.standing import ItemState
from ecs_training.reporting.rules.charts import (
    FLOOR,
    ROOM,
    draw_columns,
    draw_dots,
    draw_facilities,
    draw_scores,
    raise_to,
)
from ecs_training.reporting.rules.counting import WordingFigures
from ecs_training.reporting.rules.intervals import Estimate, share
from ecs_training.reporting.rules.items import Concern, ItemFigures
from ecs_training.reporting.rules.listing import (
    ListedItem,
    Order,
    cut_page,
    pick_wordings,
    put_in_order,
)


def listed(
    code: str,
    *,
    right: int | None = 80,
    telling: float | None = 0.3,
    n: int = 100,
    revision: int = 1,
    stands: bool = True,
    concerns: tuple[Concern, ...] = (),
    exposure: int = 10,
) -> ListedItem:
    """A question with `right` of 100; None for too few answers."""
    item = ItemFigures(n=n)
    if right is not None:
        item = ItemFigures(
            n=n,
            facility=share(right, 100),
            discrimination=None
            if telling is None
            else Estimate(value=telling, low=telling - 0.1, high=telling + 0.1),
            concerns=concerns,
        )
    return ListedItem(
        code=code,
        topic="ppe",
        revision=revision,
        state=ItemState.LIVE,
        stands=stands,
        figures=WordingFigures(
            revision_id=1,
            item=item,
            resits=0,
            resit_facility=None,
            had=exposure,
            exposure=share(exposure, 100),
        ),
    )


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 4), (1, 4), (4, 4), (5, 8), (8, 8), (9, 20), (77, 80), (81, 200)],
)
def test_an_axis_ends_at_a_round_number_above_the_tallest_bar(
    most: int, top: int
) -> None:
    drawn = draw_columns([("x", most, False)])

    assert [value for value, _ in drawn.lines] == [
        0,
        top // 4,
        top // 2,
        top * 3 // 4,
        top,
    ]
    assert drawn.lines[0][1] == FLOOR
    assert drawn.lines[-1][1] == FLOOR - ROOM
    assert drawn.bars[0].height == round(ROOM * most / top, 1)


def test_questions_are_counted_by_share_of_right_answers() -> None:
    rights = (0, 39, 40, 59, 60, 70, 97, 98, 100, None)
    rows = [listed(f"q{right}", right=right) for right in rights]
    bars = draw_facilities(rows).bars

    assert [(bar.label, bar.count) for bar in bars] == [
        ("0", 2), ("40", 1), ("50", 1), ("60", 1), ("70", 1), ("80", 0), ("90", 1), ("98", 2),
    ]  # fmt: skip
    assert [bar.label for bar in bars if bar.odd] == ["0", "40", "50", "98"]


@pytest.mark.parametrize("right", range(101))
def test_no_rounding_moves_a_share_to_another_bar(right: int) -> None:
    (bar,) = [
        bar for bar in draw_facilities([listed("q", right=right)]).bars if bar.count
    ]
    starts = [0, 40, 50, 60, 70, 80, 90, 98]
    assert int(bar.label) == max(start for start in starts if start <= right)


def test_scores_are_drawn_from_below_the_lowest_and_fails_stand_out() -> None:
    counts = [0] * 51
    counts[38], counts[43], counts[50] = 1, 5, 2
    bars = draw_scores(counts, pass_mark=43).bars

    assert (bars[0].label, bars[-1].label) == ("30", "50")
    assert [bar.label for bar in bars if bar.odd][-1] == "42"
    assert draw_scores([9, 0, 0], pass_mark=2).bars[0].label == "0"


def test_a_dot_stands_at_its_share_and_its_correlation() -> None:
    rows = [
        listed("right", right=100, telling=0.6),
        listed("low", right=0, telling=-0.9, concerns=(Concern.KEY,)),
        listed("few", right=None),
        listed("flat", telling=None),
    ]
    right, low = draw_dots(rows)

    assert (right.x, right.y, right.odd) == (390, FLOOR - ROOM, False)
    assert (low.x, low.y, low.odd) == (44, FLOOR, True)
    assert raise_to(0.2) == FLOOR - ROOM / 2


def test_the_wording_that_stands_is_listed_or_else_the_newest() -> None:
    rows = [
        listed("asked", revision=1, stands=False),
        listed("asked", revision=2, stands=True),
        listed("asked", revision=3, stands=False),
        listed("reworded", revision=2, stands=False),
        listed("reworded", revision=1, stands=False),
    ]
    picked = {(row.code, row.revision) for row in pick_wordings(rows)}
    assert picked == {("asked", 2), ("reworded", 2)}


def test_each_order_puts_first_what_is_looked_for_and_last_what_is_not_known() -> None:
    rows = [
        listed("few", right=None, n=3, exposure=1),
        listed("good", right=85, telling=0.4, n=90, exposure=20),
        listed("easy", right=99, telling=0.02, concerns=(Concern.EASY,), exposure=5),
        listed(
            "bad",
            right=30,
            telling=-0.3,
            concerns=(Concern.KEY, Concern.HARD),
            exposure=30,
        ),
        listed("also-good", right=84, telling=0.5),
    ]

    def order(by: Order) -> list[str]:
        return [row.code for row in put_in_order(rows, by)]

    assert order(Order.CONCERN) == ["bad", "easy", "also-good", "good", "few"]
    assert order(Order.FACILITY) == ["bad", "also-good", "good", "easy", "few"]
    assert order(Order.TELLING) == ["bad", "easy", "good", "also-good", "few"]
    assert order(Order.EXPOSURE) == ["bad", "good", "also-good", "easy", "few"]
    assert order(Order.ANSWERS)[-2:] == ["good", "few"]
    assert order(Order.SECONDS) == order(Order.CODE)
    assert order(Order.CODE) == ["also-good", "bad", "easy", "few", "good"]


@pytest.mark.parametrize(
    ("asked", "number", "rows"), [(0, 1, 50), (1, 1, 50), (3, 3, 1), (4, 3, 1)]
)
def test_beyond_the_last_page_is_the_last(asked: int, number: int, rows: int) -> None:
    page = cut_page([listed(f"q{n}") for n in range(101)], asked)

    assert (page.number, page.of, len(page.rows)) == (number, 3, rows)
    assert cut_page([], 1).of == 1
