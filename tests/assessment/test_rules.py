"""The assessment's pure rules, at both sides of every boundary."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ecs_training.assessment.rules.day import (
    PersonOnDay,
    Step,
    Work,
    count_day,
    judge_work,
    step_now,
    steps_done,
)
from ecs_training.assessment.rules.going import where_next
from ecs_training.assessment.rules.marking import (
    Answer,
    TopicScore,
    mark,
    score_by_topic,
    weakest_first,
)
from ecs_training.assessment.rules.sittings import (
    SittingRefusal,
    is_open,
    why_not_close,
    why_not_open,
    word_still_working,
)
from ecs_training.assessment.rules.starting import (
    LATE_AFTER,
    Door,
    StartRefusal,
    is_code_right,
    why_not_start,
)
from ecs_training.assessment.rules.timing import (
    finish_time,
    is_over,
    remaining_ms,
    word_remaining,
)
from ecs_training.assessment.rules.wording import word_margin, word_unanswered
from ecs_training.assessment.rules.writing import (
    Outcome,
    Stored,
    Write,
    decide_write,
    shown_options,
    to_bank_letter,
    to_shown_letter,
)
from ecs_training.attendance.rules import IdentityOutcome, Presence
from ecs_training.questions.rules.wording import word_topic
from tests.assessment.exam import BLUEPRINT

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def answers(right: int, of: int = 50, topic: str = "ppe") -> list[Answer]:
    return [
        Answer(topic=topic, key="a", chosen="a" if n < right else "b")
        for n in range(of)
    ]


@pytest.mark.parametrize(
    ("right", "passed"), [(0, False), (42, False), (43, True), (50, True)]
)
def test_forty_three_pass(right: int, passed: bool) -> None:
    result = mark(answers(right), pass_mark=43)
    assert (result.score, result.out_of, result.passed) == (right, 50, passed)


def test_no_answer_is_a_wrong_one() -> None:
    blank = [Answer(topic="ppe", key="a", chosen=None)] * 50
    assert mark(blank, pass_mark=43).score == 0


def test_the_profile_adds_up_and_the_weakest_topic_is_first() -> None:
    paper = answers(2, 4, "ppe") + answers(6, 6, "general") + answers(4, 9, "fire")
    topics = score_by_topic(paper)
    assert [(t.topic, t.right, t.of) for t in topics] == [
        ("ppe", 2, 4),
        ("general", 6, 6),
        ("fire", 4, 9),
    ]
    assert [t.topic for t in weakest_first(topics)] == ["fire", "ppe", "general"]


def test_of_equal_shares_the_topic_that_cost_more_marks_is_first() -> None:
    small = TopicScore(topic="small", right=2, of=4)
    large = TopicScore(topic="large", right=3, of=6)
    assert weakest_first([small, large]) == (large, small)


def test_a_shown_letter_stands_for_the_same_text_there_and_back() -> None:
    order = "cadb"
    texts = {letter: letter * 3 for letter in "abcd"}
    for shown, text in shown_options(texts, order):
        bank = to_bank_letter(shown, order)
        assert bank is not None
        assert texts[bank] == text
        assert to_shown_letter(bank, order) == shown
    assert to_bank_letter(None, order) is None
    assert to_shown_letter(None, order) is None


STORED = Stored(
    finished=False,
    deadline=NOW,
    hold=None,
    lease="mine",
    same_sign_in=True,
    highest_seq=5,
    option_order="cadb",
    chosen="c",
    flagged=False,
    seq=5,
    seq_lease="mine",
)
WRITE = Write(option="a", flagged=False, seq=6, lease="mine", age=timedelta(0))


def decide(at: datetime = NOW, **changes: Any) -> Outcome:
    """Change both sides at once: a name belongs to the write if a Write has it."""
    of_write = {"option", "age", "keeps_option", "write_seq", "write_lease", "flag"}
    sent = {k: v for k, v in changes.items() if k in of_write}
    renamed = {"write_seq": "seq", "write_lease": "lease", "flag": "flagged"}
    write = Write(**vars(WRITE) | {renamed.get(k, k): v for k, v in sent.items()})
    held = {k: v for k, v in changes.items() if k not in of_write}
    stored = Stored(**vars(STORED) | held)
    return decide_write(write, stored, received=at, grace=10 * SECOND)


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, Outcome.OK),
        ({"write_seq": 5}, Outcome.REPEAT),
        ({"write_seq": 5, "keeps_option": True, "option": None}, Outcome.REPEAT),
        ({"write_seq": 5, "option": "b"}, Outcome.STALE),
        ({"write_seq": 5, "flag": True}, Outcome.STALE),
        ({"write_seq": 4}, Outcome.STALE),
        ({"write_seq": 5, "highest_seq": 9}, Outcome.REPEAT),
        ({"write_seq": 6, "highest_seq": 9}, Outcome.STALE),
        # The row was last written under a lease that is gone: its number means nothing.
        ({"write_seq": 5, "seq_lease": "old", "highest_seq": 0}, Outcome.OK),
        ({"write_lease": "other"}, Outcome.MOVED),
        ({"same_sign_in": False}, Outcome.MOVED),
        ({"write_lease": "other", "write_seq": 1}, Outcome.MOVED),
        ({"finished": True, "write_lease": "other"}, Outcome.FINISHED),
        ({"finished": True, "deadline": NOW - SECOND}, Outcome.FINISHED),
        ({"deadline": NOW - SECOND}, Outcome.TIME_UP),
        ({"deadline": NOW - SECOND, "write_lease": "other"}, Outcome.TIME_UP),
        ({"deadline": NOW - SECOND, "age": SECOND}, Outcome.OK),
        ({"deadline": NOW - SECOND, "age": SECOND, "write_seq": 5}, Outcome.REPEAT),
        ({"deadline": NOW - 10 * SECOND, "age": timedelta.max}, Outcome.OK),
        ({"deadline": NOW - 11 * SECOND, "age": timedelta.max}, Outcome.TIME_UP),
    ],
)
def test_what_becomes_of_a_write(changes: dict[str, Any], outcome: Outcome) -> None:
    assert decide(**changes) is outcome


@pytest.mark.parametrize(
    ("at", "over", "finished_at"),
    [
        (NOW - SECOND, False, NOW - SECOND),
        (NOW, False, NOW),
        (NOW + timedelta(microseconds=1), True, NOW),
    ],
)
def test_the_deadline_decides(at: datetime, over: bool, finished_at: datetime) -> None:
    assert is_over(deadline=NOW, now=at) is over
    assert finish_time(deadline=NOW, now=at) == finished_at
    assert is_over(deadline=NOW, now=at + 10 * SECOND, grace=10 * SECOND) is over


def test_what_is_left_is_never_negative_and_worded_like_a_clock() -> None:
    assert remaining_ms(deadline=NOW, now=NOW - 1.5 * SECOND) == 1500
    assert remaining_ms(deadline=NOW, now=NOW + SECOND) == 0
    assert [word_remaining(ms) for ms in (0, 1, 1000, 59_001, 1_800_000)] == [
        "0:00",
        "0:01",
        "0:01",
        "1:00",
        "30:00",
    ]


OPEN: dict[str, Any] = {
    "opened_at": NOW,
    "closes_at": NOW + 8 * 3600 * SECOND,
    "closed_at": None,
    "has_entry": True,
    "has_sat": False,
    "door": Door(),
    "now": NOW,
}
GATED = Door(gated_at=NOW)
RELEASED = Door(gated_at=NOW, released_at=NOW)
ADMITTED = Door(gated_at=NOW, admitted_at=NOW)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({}, None),
        ({"now": NOW + timedelta(hours=8) - SECOND}, None),
        ({"now": NOW + timedelta(hours=8)}, StartRefusal.CLOSED),
        ({"now": NOW - SECOND}, StartRefusal.NOT_OPEN_YET),
        ({"closed_at": NOW}, StartRefusal.CLOSED),
        ({"has_entry": False}, StartRefusal.NO_ENTRY),
        ({"has_entry": False, "closed_at": NOW}, StartRefusal.CLOSED),
        ({"has_sat": True}, StartRefusal.ALREADY_SAT),
        ({"has_sat": True, "closed_at": NOW}, StartRefusal.ALREADY_SAT),
        ({"door": GATED}, StartRefusal.WAIT),
        ({"door": GATED, "has_entry": False}, StartRefusal.NO_ENTRY),
        ({"door": ADMITTED}, None),
        ({"door": RELEASED}, None),
        ({"door": RELEASED, "now": NOW + LATE_AFTER}, None),
        ({"door": RELEASED, "now": NOW + LATE_AFTER + SECOND}, StartRefusal.LATE),
        (
            {"door": replace(RELEASED, admitted_at=NOW), "now": NOW + 2 * LATE_AFTER},
            None,
        ),
    ],
)
def test_who_may_start(change: dict[str, Any], refusal: StartRefusal | None) -> None:
    assert why_not_start(**OPEN | change) is refusal


def test_a_room_code_is_asked_only_where_there_is_one() -> None:
    assert is_code_right("", Door())
    assert is_code_right("anything", Door())
    locked = Door(room_code="041278")
    assert is_code_right(" 041 278 ", locked)
    assert not is_code_right("41278", locked)
    assert not is_code_right("", locked)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({}, None),
        ({"today": date(2026, 3, 1)}, SittingRefusal.NOT_TODAY),
        ({"today": date(2026, 3, 3)}, SittingRefusal.NOT_TODAY),
        ({"opened_already": True}, SittingRefusal.OPENED_ALREADY),
        ({"cancelled": True}, SittingRefusal.CANCELLED),
    ],
)
def test_when_a_sitting_opens(
    change: dict[str, Any], refusal: SittingRefusal | None
) -> None:
    day: dict[str, Any] = {
        "cancelled": False,
        "local_date": date(2026, 3, 2),
        "today": date(2026, 3, 2),
        "opened_already": False,
    }
    assert why_not_open(**day | change) is refusal


def test_when_a_sitting_closes() -> None:
    assert why_not_close(closed_at=None, still_working=0) is None
    assert (
        why_not_close(closed_at=None, still_working=1) is SittingRefusal.STILL_WORKING
    )
    assert (
        why_not_close(closed_at=NOW, still_working=1) is SittingRefusal.CLOSED_ALREADY
    )
    assert word_still_working(1) == "1 person is still working."
    assert word_still_working(3) == "3 people are still working."


def test_a_sitting_is_open_until_its_end_or_its_closing() -> None:
    hours = {"opened_at": NOW, "closes_at": NOW + 9 * SECOND}
    assert is_open(**hours, closed_at=None, now=NOW)
    assert not is_open(**hours, closed_at=None, now=NOW + 9 * SECOND)
    assert not is_open(**hours, closed_at=NOW, now=NOW + SECOND)


@pytest.mark.parametrize(
    ("go", "n", "leads_to"),
    [
        ("next", 1, 2),
        ("next", 50, None),
        ("previous", 2, 1),
        ("previous", 1, 1),
        ("review", 7, None),
        ("23", 7, 23),
    ],
)
def test_where_a_button_leads(go: str, n: int, leads_to: int | None) -> None:
    assert where_next(go, n=n, out_of=50) == leads_to


def test_words() -> None:
    assert word_margin(score=46, pass_mark=43) == "3 more than you needed."
    assert word_margin(score=43, pass_mark=43) == "Exactly what you needed."
    assert word_margin(score=42, pass_mark=43) == "You were 1 short."
    assert word_unanswered(0) == "Every question has an answer"
    assert word_unanswered(1) == "1 question has no answer"
    assert word_unanswered(2) == "2 questions have no answer"
    assert word_topic("cable-drums") == "Cable drums"
    assert all(word_topic(topic) != topic for topic in BLUEPRINT.topics)


def person(
    presence: Presence | None, identity: IdentityOutcome | None, work: Work
) -> PersonOnDay:
    return PersonOnDay(presence=presence, identity=identity, work=work)


def test_the_day_counts_everybody_once() -> None:
    there, absent = Presence.ATTENDED, Presence.ABSENT
    matched, differs = IdentityOutcome.MATCHED, IdentityOutcome.NAME_DIFFERS
    counts = count_day(
        [
            person(there, matched, Work.CAN_START),
            person(there, matched, Work.WORKING),
            person(there, matched, Work.PASSED),
            person(there, matched, Work.NOT_PASSED),
            person(there, matched, Work.TIME_UP),
            person(there, differs, Work.NO_ENTRY),
            person(there, None, Work.NO_ENTRY),
            person(absent, None, Work.NO_ENTRY),
            person(None, matched, Work.NO_ENTRY),
        ]
    )
    assert vars(counts) == {
        "people": 9,
        "attended": 7,
        "absent": 1,
        "unmarked": 1,
        "checked": 5,
        "to_check": 1,
        "to_decide": 1,
        "can_start": 1,
        "working": 1,
        "finished": 2,
    }
    done = steps_done(counts, course_over=True, opened=False, closed=False)
    assert done == {Step.COURSE}
    assert step_now(done, opened=False, closed=False) is Step.REGISTER
    assert step_now(done, opened=True, closed=False) is Step.ASSESSMENT
    assert step_now(set(Step), opened=True, closed=True) is None
    assert Step.DECLARATION in steps_done(
        counts, course_over=True, opened=True, closed=True
    )


@pytest.mark.parametrize(
    ("facts", "work"),
    [
        ({}, Work.NO_ENTRY),
        ({"entered": True}, Work.CAN_START),
        ({"entered": True, "deadline": NOW}, Work.WORKING),
        ({"entered": True, "deadline": NOW - SECOND}, Work.TIME_UP),
        ({"entered": True, "deadline": NOW - SECOND, "passed": True}, Work.PASSED),
        ({"entered": True, "deadline": NOW, "passed": False}, Work.NOT_PASSED),
    ],
)
def test_how_far_somebody_is(facts: dict[str, Any], work: Work) -> None:
    nothing: dict[str, Any] = {"entered": False, "deadline": None, "passed": None}
    assert judge_work(**nothing | facts, now=NOW) is work
