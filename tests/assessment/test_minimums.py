"""A pass takes the pass mark and every topic's minimum."""

import pytest

from ecs_training.assessment.rules.marking import Answer, Ruling, mark


def answers(**right: int) -> list[Answer]:
    """Return four answers a topic, so many of them right."""
    return [
        Answer(topic=topic, key="a", chosen="a" if n < count else "b")
        for topic, count in right.items()
        for n in range(4)
    ]


@pytest.mark.parametrize(
    ("fire", "ppe", "passed", "short_of"),
    [
        (2, 3, True, ()),
        (1, 4, False, ("fire",)),  # the pass mark is reached all the same
        (4, 2, False, ("ppe",)),
        (1, 2, False, ("fire", "ppe")),
        (2, 4, True, ()),
    ],
)
def test_each_minimum_must_be_reached_besides_the_pass_mark(
    fire: int, ppe: int, passed: bool, short_of: tuple[str, ...]
) -> None:
    result = mark(
        answers(fire=fire, ppe=ppe), pass_mark=5, minimums={"fire": 2, "ppe": 3}
    )
    assert (result.passed, result.short_of) == (passed, short_of)
    assert (result.score, result.out_of) == (fire + ppe, 8)


def test_minimums_do_not_make_up_for_the_pass_mark() -> None:
    result = mark(answers(fire=2, ppe=2), pass_mark=5, minimums={"fire": 2, "ppe": 2})
    assert (result.passed, result.short_of) == (False, ())


def test_a_topic_that_is_not_on_the_paper_was_not_reached() -> None:
    result = mark(answers(fire=4), pass_mark=1, minimums={"noise": 1})
    assert (result.passed, result.short_of) == (False, ("noise",))


def test_without_minimums_the_pass_mark_decides() -> None:
    result = mark(answers(fire=0, ppe=4), pass_mark=4)
    assert (result.passed, result.short_of) == (True, ())
    assert not mark(answers(fire=0, ppe=3), pass_mark=4).passed


def test_a_mark_given_for_a_withdrawn_item_counts_for_its_topic() -> None:
    given = [
        Answer(topic="fire", key="a", chosen=None, ruling=Ruling(new_key=None)),
        *answers(ppe=1),
    ]
    assert mark(given, pass_mark=2, minimums={"fire": 1}).passed
