"""Who is who in a report, and how long they were there."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from ecs_training.attendance.rules.matching import Expected, Ground, match_people
from ecs_training.attendance.rules.reports import SigningRefusal, why_not_sign
from ecs_training.attendance.rules.stays import Stay, bare_name, make_stay
from ecs_training.attendance.rules.timelines import (
    as_bars,
    digest_of,
    join_spans,
    measure_time,
)

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
COURSE = (NINE, NINE + timedelta(hours=7))


def test_what_no_database_takes_is_left_out() -> None:
    kept = make_stay("A\x00nn\nB\ud800", "A@x.org\x00", "\x00", NINE, NINE)
    assert (kept.shown_name, kept.email, kept.role) == ("Ann B?", "a@x.org", "")


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def stay(
    name: str = "Alice Ashe",
    email: str = "",
    *,
    role: str = "Attendee",
    spent: tuple[float, float] = (0, 420),
) -> Stay:
    return make_stay(name, email, role, at(spent[0]), at(spent[1]))


def stays(*spent: tuple[float, float]) -> list[Stay]:
    return [stay(spent=each) for each in spent]


@pytest.mark.parametrize(
    ("shown", "bare"),
    [
        ("Alice Ashe", "alice ashe"),
        ("  ALICE   ashe ", "alice ashe"),
        ("Ashe, Alice", "alice ashe"),
        ("Alice Ashe (Guest)", "alice ashe"),
        ("Alice Ashe (External) (Unverified)", "alice ashe"),
        ("[Acme Ltd] Ashe, Alice (Guest)", "alice ashe"),
        ("Zoë Ó Súilleabháin", "zoe o suilleabhain"),
        ("Anne-Marie O\u2019Brien", "anne marie o brien"),
        ("Siân Llŷr-Rhŷs", "sian llyr rhys"),
        ("+44 7700 900123", "44 7700 900123"),
        ("🙂", ""),
        ("", ""),
    ],
)
def test_a_name_is_reduced_to_its_words(shown: str, bare: str) -> None:
    assert bare_name(shown) == bare


ALICE = Expected(ref="A", name="Alice Ashe", email="alice@example.org")
BOB = Expected(ref="B", name="Bob Brown", email="bob@example.org")
OTHER_BOB = Expected(ref="O", name="Bob Brown", email="bob2@example.org")
DAWN = Expected(ref="", name="Dawn Dale", email="dawn@example.org")


def match(
    seen: Sequence[Stay],
    *,
    expected: Sequence[Expected] = (ALICE, BOB),
    rulings: dict[str, str | None] | None = None,
) -> list[tuple[Ground, str | None]]:
    found = match_people(seen, expected=expected, trainer=DAWN, rulings=rulings or {})
    return [(each.ground, each.ref) for each in found]


def test_the_address_goes_before_the_name() -> None:
    assert match([stay("Bob Brown", "ALICE@example.org")]) == [(Ground.EMAIL, "A")]


def test_a_name_that_one_person_has_is_enough() -> None:
    assert match([stay("Brown, Bob (Guest)")]) == [(Ground.NAME, "B")]
    assert match([stay("Bob Brown", "bob@home.example")]) == [(Ground.NAME, "B")]


def test_a_name_that_two_have_waits_for_a_person() -> None:
    both = [ALICE, BOB, OTHER_BOB]
    assert match([stay("Bob Brown")], expected=both) == [(Ground.OPEN, None)]
    by_address = [stay("Bob Brown", "bob2@example.org")]
    assert match(by_address, expected=both) == [(Ground.EMAIL, "O")]


def test_two_addresses_under_one_name_wait_for_a_person() -> None:
    two = [stay("Bob Brown", "bob@home.example"), stay("Bob Brown", "bob@work.example")]
    assert match(two) == [(Ground.OPEN, None)] * 2
    said = match(two, rulings={"bob@home.example": "B"})
    assert said == [(Ground.PERSON, "B"), (Ground.NAME, "B")]


def test_a_second_device_without_an_address_is_the_same_person() -> None:
    two = [stay("Bob Brown", "bob@example.org"), stay("Bob Brown (Guest)")]
    assert sorted(match(two)) == sorted([(Ground.EMAIL, "B"), (Ground.NAME, "B")])


def test_what_is_only_alike_waits_and_names_the_likely() -> None:
    (found,) = match_people(
        [stay("Bobby Brown")], expected=[ALICE, BOB], trainer=DAWN, rulings={}
    )
    assert (found.ground, found.ref, found.likely) == (Ground.OPEN, None, ("B",))
    assert match([stay("iPhone")]) == [(Ground.OPEN, None)]
    assert match([stay("")]) == [(Ground.OPEN, None)]


def test_a_persons_word_goes_before_everything() -> None:
    seen = [stay("Alice Ashe", "alice@example.org")]
    assert match(seen, rulings={"alice@example.org": "B"}) == [(Ground.PERSON, "B")]
    assert match(seen, rulings={"alice@example.org": None}) == [(Ground.NOBODY, None)]
    assert match([stay("Alice Ashe")], rulings={"alice ashe": None}) == [
        (Ground.NOBODY, None)
    ]


def test_the_trainer_is_left_out_only_when_leading() -> None:
    assert match([stay("Dawn Dale", role="Organizer")]) == [(Ground.TRAINER, None)]
    assert match([stay("D.", "dawn@example.org", role="Presenter")]) == [
        (Ground.TRAINER, None)
    ]
    assert match([stay("Dawn Dale", role="Attendee")]) == [(Ground.OPEN, None)]
    assert match([stay("Alice Ashe", role="Presenter")]) == [(Ground.NAME, "A")]


def test_stays_in_every_report_are_joined_and_cut_to_the_course() -> None:
    there = measure_time(
        stays((60, 200), (-30, 70), (190, 250), (250, 500)), course=COURSE
    )
    assert there.spans == (COURSE,)
    assert (there.total, there.share, there.gaps) == (420, 1, ())
    assert not there.came_late
    assert not there.left_early


@pytest.mark.parametrize(("away", "named"), [(10, 0), (10.02, 1)])
def test_a_gap_is_named_beyond_ten_minutes(away: float, named: int) -> None:
    there = measure_time(stays((0, 100), (100 + away, 420)), course=COURSE)
    assert len(there.gaps) == named


@pytest.mark.parametrize(("minutes", "flagged"), [(10, False), (10.02, True)])
def test_late_and_early_are_named_beyond_ten_minutes(
    minutes: float, flagged: bool
) -> None:
    late = measure_time(stays((minutes, 420)), course=COURSE)
    assert (late.came_late, late.left_early) == (flagged, False)
    early = measure_time(stays((0, 420 - minutes)), course=COURSE)
    assert (early.came_late, early.left_early) == (False, flagged)


@pytest.mark.parametrize(("until", "enough"), [(378, True), (377, False)])
def test_enough_is_nine_tenths_of_the_minutes(until: int, enough: bool) -> None:
    there = measure_time(stays((0, until)), course=COURSE)
    assert (there.total, there.enough) == (until, enough)


def test_a_minute_counts_from_half_of_it() -> None:
    there = measure_time(
        stays((0.5, 1), (1.52, 2), (2.2, 2.5), (2.7, 2.9)), course=COURSE
    )
    assert there.minutes[:4] == (True, False, True, False)
    assert len(there.minutes) == 420


def test_whoever_was_only_there_outside_the_course_was_not_there() -> None:
    there = measure_time(stays((-60, 0), (420, 500)), course=COURSE)
    assert (there.spans, there.total) == ((), 0)
    assert (there.first_join, there.last_leave, there.enough) == (None, None, False)


def test_touching_spans_are_one_and_empty_ones_are_none() -> None:
    spans = [(at(5), at(5)), (at(10), at(20)), (at(20), at(30)), (at(12), at(13))]
    assert join_spans(spans, within=COURSE) == ((at(10), at(30)),)


def test_bars_are_parts_of_the_course() -> None:
    spans = ((at(0), at(105)), (at(210), at(420)))
    assert as_bars(spans, course=COURSE) == ((0, 25), (50, 50))


def test_the_digest_follows_minutes_and_who_is_who() -> None:
    def digest(until: float, **rulings: str | None) -> str:
        seen = match_people(
            [stay("Bob Brown")], expected=[BOB], trainer=DAWN, rulings=rulings
        )
        there = {"B": measure_time(stays((0, until)), course=COURSE)}
        return digest_of(there, seen, course=COURSE)

    said: dict[str, str | None] = {"bob brown": None}
    assert digest(420) == digest(500)
    assert len({digest(420), digest(419), digest(420, **said)}) == 3


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"is_trainer": False}, SigningRefusal.NOT_THE_TRAINER),
        ({"now": NINE - timedelta(seconds=1)}, SigningRefusal.NOT_OVER),
        ({"reports": 0}, SigningRefusal.NO_REPORTS),
        ({"undecided": 1}, SigningRefusal.UNDECIDED),
        ({"unchanged": False}, SigningRefusal.CHANGED),
    ],
)
def test_who_may_sign_what(
    change: dict[str, object], reason: SigningRefusal | None
) -> None:
    facts: dict[str, object] = {
        "is_trainer": True,
        "ends_at": NINE,
        "reports": 1,
        "undecided": 0,
        "unchanged": True,
        "now": NINE,
    }
    assert why_not_sign(**facts | change) is reason  # type: ignore[arg-type]
