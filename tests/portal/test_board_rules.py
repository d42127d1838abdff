"""What boards decide from plain facts."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from ecs_training.accounts.rules import Role
from ecs_training.attendance.rules import Presence
from ecs_training.card_applications.rules import ApplicationState
from ecs_training.catalogue.queries import scheme
from ecs_training.passes.rules import PassStatus
from ecs_training.portal.rules import (
    MOST_ENQUIRIES,
    CardState,
    EnquiryRefusal,
    Home,
    SeatState,
    Step,
    card_state,
    departures,
    home_of,
    roles_exempt,
    seat_state,
    step_now,
    why_not_enquire,
    word_roles,
)

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LAST_DAY = date(2026, 6, 30)


@dataclass
class Date:
    starts_at: datetime


@dataclass
class Claim:
    qualification: str = "iosh-managing-safely"
    granted_at: datetime | None = AT
    declined_at: datetime | None = None
    withdrawn_at: datetime | None = None
    more_asked_at: datetime | None = None
    valid_until: date | None = LAST_DAY


def test_the_board_shows_the_soonest_role_first_and_roles_without_a_date_last() -> None:
    soon, late = Date(AT), Date(AT.replace(day=9))
    board = departures(scheme().roles, {"labourer": late, "lv-jointer": soon})

    assert [(role.slug, on) for role, on in board[:2]] == [
        ("lv-jointer", soon),
        ("labourer", late),
    ]
    assert [on for _, on in board[2:]] == [None] * (len(scheme().roles) - 2)


def test_roles_of_a_certificate_are_worded_by_who_is_left_out() -> None:
    spa = scheme().qualification("spa-core-day")
    iosh = scheme().qualification("iosh-managing-safely")
    assert spa
    assert iosh
    assert word_roles(spa, scheme()) == "All our card roles except LV Jointer"
    assert word_roles(iosh, scheme()) == "All our card roles"


@pytest.mark.parametrize(
    ("roles", "in_company", "home"),
    [
        ({Role.STAFF, Role.TRAINER}, True, Home.STAFF),
        ({Role.TRAINER}, True, Home.TRAINER),
        (set(), True, Home.COMPANY),
        (set(), False, Home.ACCOUNT),
    ],
)
def test_everybody_starts_where_their_work_is(
    roles: set[Role], in_company: bool, home: Home
) -> None:
    assert home_of(frozenset(roles), in_company=in_company) is home


@pytest.mark.parametrize(
    ("over", "presence", "status", "state"),
    [
        (False, None, None, SeatState.BOOKED),
        (True, None, None, SeatState.HELD),
        (True, Presence.ABSENT, None, SeatState.ABSENT),
        (False, Presence.ATTENDED, None, SeatState.ATTENDED),
        (True, Presence.ATTENDED, PassStatus.VALID, SeatState.PASSED),
        (True, Presence.ATTENDED, PassStatus.EXPIRED, SeatState.EXPIRED),
        (True, Presence.ATTENDED, PassStatus.REVOKED, SeatState.REVOKED),
    ],
)
def test_a_company_is_told_where_its_seat_stands(
    over: bool,
    presence: Presence | None,
    status: PassStatus | None,
    state: SeatState,
) -> None:
    told = seat_state(cancelled=False, over=over, presence=presence, pass_status=status)
    assert told is state


def test_a_seat_given_back_is_cancelled_whatever_else_is_known() -> None:
    told = seat_state(cancelled=True, over=True, presence=None, pass_status=None)
    assert told is SeatState.CANCELLED


@pytest.mark.parametrize(
    ("link_known", "attended", "sitting_open", "passed", "step"),
    [
        (False, False, False, False, Step.LINK),
        (True, False, False, False, Step.JOIN),
        (True, True, False, False, Step.SIT),
        (False, False, True, False, Step.SIT),
        (True, True, True, True, Step.APPLY),
    ],
)
def test_the_next_step_is_the_first_that_is_not_done(
    link_known: bool, attended: bool, sitting_open: bool, passed: bool, step: Step
) -> None:
    now = step_now(
        link_known=link_known,
        attended=attended,
        sitting_open=sitting_open,
        passed=passed,
    )
    assert now is step


def test_a_card_without_an_application_waits_for_a_pass() -> None:
    assert card_state(None, hse_met=False) is CardState.CLOSED
    assert card_state(None, hse_met=True) is CardState.READY


def test_every_state_of_a_standing_application_has_its_words() -> None:
    for state in set(ApplicationState) - {ApplicationState.WITHDRAWN}:
        assert card_state(state, hse_met=False).name == state.name


def test_an_exemption_counts_to_its_last_day_and_not_a_day_longer() -> None:
    every = {role.slug for role in scheme().roles}
    assert roles_exempt([Claim()], scheme(), on=LAST_DAY) == every
    assert roles_exempt([Claim()], scheme(), on=date(2026, 7, 1)) == set()


@pytest.mark.parametrize(
    "claim",
    [
        Claim(granted_at=None, valid_until=None),
        Claim(withdrawn_at=AT),
        Claim(qualification="no-longer-in-the-scheme"),
    ],
)
def test_only_a_granted_claim_exempts(claim: Claim) -> None:
    assert roles_exempt([claim], scheme(), on=LAST_DAY) == set()


def test_an_exemption_meets_only_the_roles_it_is_accepted_for() -> None:
    exempt = roles_exempt([Claim(qualification="spa-core-day")], scheme(), on=LAST_DAY)
    assert "labourer" in exempt
    assert "lv-jointer" not in exempt


def test_the_fifth_question_is_taken_and_the_sixth_is_not() -> None:
    assert why_not_enquire(sent_lately=MOST_ENQUIRIES - 1) is None
    assert why_not_enquire(sent_lately=MOST_ENQUIRIES) is EnquiryRefusal.TOO_MANY
