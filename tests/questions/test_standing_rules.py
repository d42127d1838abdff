"""How wordings and items stand, who may read and decide, and when a topic runs short."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from ecs_training.questions.rules.bank import LETTERS, Blueprint
from ecs_training.questions.rules.papers import LiveItem
from ecs_training.questions.rules.recalls import plan_recall
from ecs_training.questions.rules.reviewing import (
    ReviewRefusal,
    RevisionState,
    is_agreed,
    list_authors,
    may_see_key,
    reading_order,
    revision_state,
    to_bank,
    why_not_decide,
    why_not_read,
)
from ecs_training.questions.rules.standing import (
    Figures,
    figures_of,
    topics_short,
    without,
)

AT = datetime(2026, 3, 2, tzinfo=UTC)
SHORT = Blueprint(id="s", version=1, minutes=5, pass_mark=1, topics={"fire": 2})
ANN, BEN = 1, 2


@dataclass
class Facts:
    revision: int
    written_by_id: int | None = ANN
    submitted_at: datetime | None = None
    approved_at: datetime | None = None
    sent_back_at: datetime | None = None


def live(code: str, topic: str = "fire", *enemies: str) -> LiveItem:
    return LiveItem(revision_id=1, code=code, topic=topic, key="a", enemies=enemies)


@pytest.mark.parametrize(
    ("facts", "live_revision", "newest", "state"),
    [
        (Facts(1, None), 1, 1, RevisionState.LIVE),
        (Facts(2, approved_at=AT, submitted_at=AT), 2, 3, RevisionState.LIVE),
        (Facts(1, None), 2, 2, RevisionState.PAST),
        (Facts(1, None), None, 1, RevisionState.PAST),
        (Facts(2, approved_at=AT), None, 2, RevisionState.PAST),
        (Facts(2), 1, 2, RevisionState.DRAFT),
        (Facts(2, submitted_at=AT), 1, 2, RevisionState.WAITING),
        (Facts(2, submitted_at=AT), 1, 3, RevisionState.REPLACED),
        (Facts(2), 1, 3, RevisionState.REPLACED),
        (Facts(2, submitted_at=AT, sent_back_at=AT), 1, 2, RevisionState.SENT_BACK),
        (Facts(2, submitted_at=AT, sent_back_at=AT), 1, 3, RevisionState.SENT_BACK),
    ],
)
def test_how_a_wording_stands(
    facts: Facts, live_revision: int | None, newest: int, state: RevisionState
) -> None:
    assert revision_state(facts, live=live_revision, newest=newest) is state


@pytest.mark.parametrize(
    ("revisions", "authors"),
    [
        ([Facts(1, None)], set()),
        ([Facts(1, None), Facts(2, ANN)], {ANN}),
        ([Facts(1, ANN), Facts(2, BEN)], {ANN, BEN}),
        ([Facts(1, ANN, approved_at=AT), Facts(2, BEN)], {BEN}),
        ([Facts(1, ANN, sent_back_at=AT), Facts(2, BEN)], {ANN, BEN}),
        ([Facts(1, ANN), Facts(2, BEN, approved_at=AT)], set()),
        ([Facts(2, BEN), Facts(3, ANN), Facts(1, None)], {ANN, BEN}),
    ],
)
def test_the_authors_are_all_since_the_last_live_wording(
    revisions: list[Facts], authors: set[int]
) -> None:
    assert list_authors(revisions) == authors


def test_who_may_read() -> None:
    waiting = RevisionState.WAITING
    assert why_not_read(waiting, is_author=False, has_read=False) is None
    assert why_not_read(waiting, is_author=True, has_read=False) is ReviewRefusal.OWN
    again = why_not_read(waiting, is_author=False, has_read=True)
    assert again is ReviewRefusal.READ_BEFORE
    for state in set(RevisionState) - {waiting}:
        refusal = why_not_read(state, is_author=False, has_read=False)
        assert refusal is ReviewRefusal.NOT_WAITING


def test_who_may_decide() -> None:
    waiting = RevisionState.WAITING
    assert why_not_decide(waiting, agreed=True) is None
    assert why_not_decide(waiting, agreed=False) is ReviewRefusal.NOT_READ
    for state in set(RevisionState) - {waiting}:
        assert why_not_decide(state, agreed=True) is ReviewRefusal.NOT_WAITING


def test_the_key_is_kept_from_whoever_may_still_read() -> None:
    waiting = RevisionState.WAITING
    assert not may_see_key(waiting, is_author=False, has_read=False)
    assert may_see_key(waiting, is_author=True, has_read=False)
    assert may_see_key(waiting, is_author=False, has_read=True)
    for state in set(RevisionState) - {waiting}:
        assert may_see_key(state, is_author=False, has_read=False)


@pytest.mark.parametrize(
    ("picked", "defensible", "agreed"),
    [
        ("b", [], True),
        ("b", ["b"], True),
        ("b", ["c"], False),
        ("a", [], False),
        ("a", ["b"], False),
    ],
)
def test_to_agree_is_to_pick_the_key_and_defend_nothing_else(
    picked: str, defensible: list[str], *, agreed: bool
) -> None:
    assert is_agreed(key="b", picked=picked, defensible=defensible) is agreed


def test_each_reader_has_an_order_of_their_own_and_keeps_it() -> None:
    orders = {(n, m): reading_order(n, m) for n in range(30) for m in range(30)}
    assert all(sorted(order) == list(LETTERS) for order in orders.values())
    assert all(reading_order(n, m) == order for (n, m), order in orders.items())
    first = Counter(order[0] for order in orders.values())
    assert min(first.values()) > 150  # of 900: every letter comes first a fair share
    assert len({reading_order(7, reader) for reader in range(30)}) > 10


def test_a_letter_that_comes_back_is_turned_into_the_banks() -> None:
    assert [to_bank(letter, "cadb") for letter in "abcd"] == list("cadb")


@pytest.mark.parametrize(
    ("shown", "correct", "figures"),
    [
        (0, 0, Figures.FEW),
        (29, 0, Figures.FEW),
        (30, 11, Figures.HARD),
        (30, 12, None),
        (100, 39, Figures.HARD),
        (100, 40, None),
        (100, 98, None),
        (100, 99, Figures.EASY),
        (30, 30, Figures.EASY),
    ],
)
def test_figures_say_nothing_under_thirty_answers(
    shown: int, correct: int, figures: Figures | None
) -> None:
    assert figures_of(shown=shown, correct=correct) is figures


def test_a_change_that_empties_a_topic_says_how_many_it_lacks() -> None:
    before = [live("f-1"), live("f-2"), live("f-3"), live("x-1", "other")]
    assert topics_short(before, without(before, ["f-1"]), [SHORT]) == {}
    assert topics_short(before, without(before, ["f-1", "f-2"]), [SHORT]) == {"fire": 1}
    assert topics_short(before, without(before, ["x-1"]), [SHORT]) == {}


def test_enemies_count_as_one() -> None:
    before = [live("f-1", "fire", "f-2"), live("f-2"), live("f-3"), live("f-4")]
    assert topics_short(before, without(before, ["f-3"]), [SHORT]) == {}
    left = without(before, ["f-3", "f-4"])
    assert len(left) == 2
    assert topics_short(before, left, [SHORT]) == {"fire": 1}


def test_enemies_in_different_topics_count_too() -> None:
    both = Blueprint(
        id="b", version=1, minutes=5, pass_mark=1, topics={"fire": 1, "water": 1}
    )
    before = [live("f-1", "fire", "w-1"), live("f-2"), live("w-1", "water")]
    after = without(before, ["f-2"])
    assert list(topics_short(before, after, [both]).values()) == [1]
    assert topics_short(after, after, [both]) == {}


def test_what_was_too_small_before_hinders_nobody() -> None:
    before = [live("f-1")]
    assert topics_short(before, [], [SHORT]) == {}
    wide = Blueprint(id="w", version=1, minutes=5, pass_mark=1, topics={"other": 1})
    assert topics_short([live("f-1"), live("x-1", "other")], [], [SHORT, wide]) == {
        "other": 1
    }


def test_the_most_demanding_blueprint_decides() -> None:
    one = Blueprint(id="o", version=1, minutes=5, pass_mark=1, topics={"fire": 1})
    before = [live("f-1"), live("f-2")]
    assert topics_short(before, before[:1], [one]) == {}
    assert topics_short(before, [], [one, SHORT]) == {"fire": 2}


def test_a_recall_is_planned_topic_by_topic() -> None:
    items = [live(f"f-{n}") for n in range(4)] + [live("x-1", "other")]
    plan = plan_recall(items, ["f-0", "f-1", "f-2", "x-1"], [SHORT])
    assert [(each.topic, each.live, each.cited, each.left) for each in plan.topics] == [
        ("fire", 4, 3, 1),
        ("other", 1, 1, 0),
    ]
    assert [(each.needed, each.missing) for each in plan.topics] == [(2, 1), (0, 0)]
    assert plan.short == {"fire": 1}


def test_the_digest_of_a_plan_names_its_items() -> None:
    items = [live(f"f-{n}") for n in range(4)]
    first = plan_recall(items, ["f-0", "f-1"], [SHORT]).digest
    assert plan_recall(items, ["f-1", "f-0"], []).digest == first
    assert plan_recall(items, ["f-0", "f-2"], [SHORT]).digest != first
