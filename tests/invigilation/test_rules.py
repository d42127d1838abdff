"""What the board says, what a silence is worth, and who may decide: without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from ecs_training.assessment.rules.extending import MOST_AT_ONCE
from ecs_training.assessment.rules.holding import Hold, HoldKind
from ecs_training.assessment.rules.presence import Flag
from ecs_training.invigilation.rules.actions import (
    REASONS,
    ActRefusal,
    Deed,
    RequestRefusal,
    RoomAction,
    why_not_act,
    why_not_admit,
    why_not_decide,
    why_not_withdraw,
    word_reason,
)
from ecs_training.invigilation.rules.appeals import (
    AppealOutcome,
    AppealRefusal,
    why_not_decide_appeal,
)
from ecs_training.invigilation.rules.board import (
    Line,
    Sighting,
    State,
    judge_line,
    list_fit,
)
from ecs_training.invigilation.rules.outages import (
    RoomOutage,
    Span,
    credit_of,
    find_room_outages,
    word_length,
)
from ecs_training.invigilation.rules.wording import WORDS

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def span(began: float, ended: float) -> Span:
    return Span(began=at(began), ended=at(ended))


def see(**changes: object) -> Sighting:
    usual: dict[str, object] = {
        "started_at": START,
        "deadline": at(1800),
        "finished": False,
        "voided": False,
        "hold": None,
        "held_kind": None,
        "answered": 7,
        "out_of": 50,
        "answered_at": at(60),
        "seen_at": at(60),
        "hidden_at": None,
        "unsaved": 0,
        "late": 0,
    }
    return Sighting(**{**usual, **changes})  # type: ignore[arg-type]


def line(seen: Sighting | None, seconds: float = 61) -> Line:
    return judge_line(
        ref="B1", name="Marta", admitted=False, seen=seen, now=at(seconds)
    )


HOLD = Hold(began=at(60), until=at(3660))


@pytest.mark.parametrize(
    ("seen", "seconds", "state"),
    [
        (None, 61, State.NOT_STARTED),
        (see(), 61, State.ANSWERING),
        (see(), 1800, State.ANSWERING),
        (see(), 1800.001, State.TIME_UP),
        (see(hold=HOLD, held_kind=HoldKind.INVIGILATOR), 3659.9, State.HELD),
        (see(hold=HOLD, held_kind=HoldKind.INVIGILATOR), 3660, State.ANSWERING),
        (see(hold=HOLD, held_kind=HoldKind.REST), 61, State.ON_BREAK),
        (see(finished=True), 61, State.FINISHED),
        (see(finished=True, voided=True), 61, State.VOIDED),
    ],
)
def test_everybody_is_in_one_state(
    seen: Sighting | None, seconds: float, state: State
) -> None:
    assert line(seen, seconds).state is state


def test_a_clock_that_stands_still_shows_the_same_time() -> None:
    held = see(hold=HOLD, held_kind=HoldKind.INVIGILATOR)
    assert line(held, 70).left == line(held, 3000).left == "29:00"
    assert line(see(), 61).left == "28:59"
    assert line(see(finished=True)).left == ""


def test_flags_are_for_open_attempts_alone() -> None:
    hidden = {"hidden_at": at(0), "unsaved": 3, "late": 2, "seen_at": at(1)}
    up = {Flag.OFFLINE, Flag.UNSAVED, Flag.AWAY, Flag.IDLE, Flag.LATE}
    assert set(line(see(**hidden), 300).flags) == up
    assert line(see(**hidden, finished=True), 300).flags == ()
    held = see(**hidden, hold=HOLD, held_kind=HoldKind.INVIGILATOR)
    assert line(held, 300).flags == ()
    assert line(see(**hidden, finished=True), 300).late == 2


def test_everybody_means_those_for_whom_it_makes_sense() -> None:
    lines = [
        line(None),
        line(see()),
        line(see(hold=HOLD, held_kind=HoldKind.INVIGILATOR)),
        line(see(), 1801),
        line(see(finished=True)),
        line(see(finished=True, voided=True)),
    ]
    fit = {deed: [one.state for one in list_fit(lines, deed)] for deed in Deed}
    assert fit[Deed.ADMIT] == [State.NOT_STARTED]
    assert fit[Deed.HOLD] == [State.ANSWERING]
    assert fit[Deed.RESUME] == [State.HELD]
    assert fit[Deed.EXTEND] == [State.ANSWERING, State.HELD, State.TIME_UP]
    assert fit[Deed.VOID] == fit[Deed.EXTEND]
    assert fit[Deed.END] == fit[Deed.MOVE] == fit[Deed.EXTEND]


@pytest.mark.parametrize(
    ("deed", "started", "finished", "voided", "refusal"),
    [
        (Deed.HOLD, True, False, False, None),
        (Deed.HOLD, False, False, False, ActRefusal.NOT_STARTED),
        (Deed.HOLD, True, True, False, ActRefusal.FINISHED),
        (Deed.VOID, True, True, False, None),
        (Deed.VOID, True, True, True, ActRefusal.VOIDED),
        (Deed.EXTEND, True, True, False, None),
        (Deed.ADMIT, False, False, False, None),
        (Deed.ADMIT, True, False, False, ActRefusal.STARTED),
    ],
)
def test_what_can_be_done_follows_from_how_far_somebody_is(
    deed: Deed, started: bool, finished: bool, voided: bool, refusal: ActRefusal | None
) -> None:
    said = why_not_act(deed, started=started, finished=finished, voided=voided)
    assert said is refusal


def test_only_who_waits_at_a_door_is_let_in() -> None:
    def why(**facts: bool) -> ActRefusal | None:
        return why_not_admit(
            **{"gated": True, "admitted": False, "closed": False, **facts}
        )

    assert why() is None
    assert why(gated=False) is ActRefusal.DOOR_OPEN
    assert why(admitted=True) is ActRefusal.ADMITTED
    assert why(closed=True, gated=False) is ActRefusal.ROOM_CLOSED


def test_two_people_decide_and_never_one() -> None:
    def why(**facts: object) -> RequestRefusal | None:
        usual: dict[str, object] = {
            "action": RoomAction.END,
            "own": False,
            "confirm": True,
            "decided": False,
            "withdrawn": False,
            "finished": False,
            "voided": False,
        }
        return why_not_decide(**{**usual, **facts})  # type: ignore[arg-type]

    assert why() is None
    assert why(own=True) is RequestRefusal.SAME_PERSON
    assert why(own=True, confirm=False) is RequestRefusal.SAME_PERSON
    assert why(decided=True) is RequestRefusal.DECIDED
    assert why(withdrawn=True) is RequestRefusal.WITHDRAWN
    assert why(finished=True) is RequestRefusal.FINISHED
    assert why(finished=True, confirm=False) is None
    assert why(finished=True, action=RoomAction.VOID) is None
    assert why(voided=True, action=RoomAction.VOID) is RequestRefusal.VOIDED


def test_only_who_asked_takes_it_back_and_only_while_it_waits() -> None:
    def why(*, own: bool, decided: bool, withdrawn: bool) -> RequestRefusal | None:
        return why_not_withdraw(own=own, decided=decided, withdrawn=withdrawn)

    assert why(own=True, decided=False, withdrawn=False) is None
    assert why(own=False, decided=False, withdrawn=False) is RequestRefusal.NOT_YOURS
    assert why(own=True, decided=True, withdrawn=False) is RequestRefusal.DECIDED
    assert why(own=True, decided=False, withdrawn=True) is RequestRefusal.WITHDRAWN


def test_every_deed_has_words_and_every_reason_one_meaning_that_fits_its_column() -> (
    None
):
    assert set(WORDS) == set(Deed)
    assert set(REASONS) == set(Deed) - {Deed.RESUME}
    meanings: dict[str, set[str]] = {}
    for reasons in REASONS.values():
        for reason in reasons:
            meanings.setdefault(reason.code, set()).add(reason.value)
            assert len(reason.code) <= 40
            assert word_reason(reason.code) == reason.value
    assert [code for code, words in meanings.items() if len(words) > 1] == []
    assert word_reason("of-an-older-list") == "of-an-older-list"


def test_a_whole_silence_is_proposed_but_for_what_the_clock_stood_still() -> None:
    gap = span(100, 220)
    assert credit_of(gap, stopped=[]) == timedelta(seconds=120)
    assert credit_of(gap, stopped=[span(0, 100), span(220, 300)]) == timedelta(
        seconds=120
    )
    assert credit_of(gap, stopped=[span(90, 110), span(200, 260)]) == timedelta(
        seconds=90
    )
    assert credit_of(gap, stopped=[span(50, 300)]) == timedelta(0)
    assert credit_of(span(0, 3600), stopped=[]) == MOST_AT_ONCE
    assert credit_of(span(0, 3601), stopped=[]) == MOST_AT_ONCE


def working(*names: str, ended: float = 1800) -> dict[str, Span]:
    return {name: span(0, ended) for name in names}


def outage(began: float, ended: float, *who: str) -> RoomOutage:
    return RoomOutage(span=span(began, ended), who=who)


def test_half_of_those_working_silent_together_is_an_outage_of_the_room() -> None:
    gaps = [("ann", span(100, 200)), ("ben", span(150, 250))]
    assert find_room_outages(gaps, working("ann", "ben", "eva", "kim")) == (
        outage(150, 200, "ann", "ben"),
    )
    assert find_room_outages(gaps, working("ann", "ben", "eva", "kim", "lou")) == ()


def test_one_person_alone_is_no_room() -> None:
    assert find_room_outages([("ann", span(100, 200))], working("ann")) == ()
    assert find_room_outages([("ann", span(1, 9))], working("ann", "ben")) == ()


def test_who_has_finished_is_not_counted_among_those_working() -> None:
    gaps = [("ann", span(100, 300)), ("ben", span(100, 300))]
    done = working("eva", "kim", "lou", ended=200)
    assert find_room_outages(gaps, {**working("ann", "ben"), **done}) == (
        outage(200, 300, "ann", "ben"),
    )


def test_stretches_that_touch_are_one_and_those_apart_are_two() -> None:
    gaps = [
        ("ann", span(100, 200)),
        ("ben", span(100, 150)),
        ("eva", span(150, 200)),
        ("ann", span(400, 500)),
        ("ben", span(400, 500)),
    ]
    assert find_room_outages(gaps, working("ann", "ben", "eva")) == (
        outage(100, 200, "ann", "ben", "eva"),
        outage(400, 500, "ann", "ben"),
    )


def test_silences_that_only_follow_one_another_are_no_outage_of_the_room() -> None:
    gaps = [("ann", span(100, 150)), ("ben", span(150, 200))]
    assert find_room_outages(gaps, working("ann", "ben")) == ()


def test_a_length_is_worded_as_people_say_it() -> None:
    words = [word_length(timedelta(seconds=n)) for n in (1, 59, 60, 61, 125, 0.9)]
    assert words == [
        "1 second",
        "59 seconds",
        "1 minute",
        "1 minute 1 second",
        "2 minutes 5 seconds",
        "0 seconds",
    ]
    assert span(0, 65).words == "09:00:00 to 09:01:05"


def test_nobody_who_passed_is_given_a_resit_and_nobody_judges_themselves() -> None:
    def why(outcome: AppealOutcome, **facts: bool) -> AppealRefusal | None:
        usual = {"decided": False, "passed": False, "own": False}
        return why_not_decide_appeal(outcome=outcome, **{**usual, **facts})

    assert why(AppealOutcome.RESIT) is None
    assert why(AppealOutcome.RESIT, passed=True) is AppealRefusal.PASSED
    assert why(AppealOutcome.VOIDED, passed=True) is None
    assert why(AppealOutcome.STANDS, passed=True) is None
    assert why(AppealOutcome.STANDS, decided=True) is AppealRefusal.DECIDED
    assert why(AppealOutcome.STANDS, own=True) is AppealRefusal.OWN
