"""What the pages that show several slices say, decided from plain facts. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Protocol, TypeVar

from ecs_training.accounts.rules import Role
from ecs_training.attendance.rules import Presence
from ecs_training.card_applications.rules import ApplicationState
from ecs_training.catalogue.rules import CardRole, Qualification, Scheme
from ecs_training.exemptions.rules import ClaimFacts, ClaimState, claim_state
from ecs_training.passes.rules import PassStatus

MOST_ENQUIRIES = 5  # from one network address, or about one e-mail address
ENQUIRIES_COUNT_FOR = timedelta(hours=1)
LINK_DUE = timedelta(days=3)  # staff hear of a date without a joining link
UNCLOSED_AFTER = timedelta(days=1)  # a sitting that nobody closed is shown to staff
STILL_LISTED = timedelta(days=90)  # what nobody saw to is shown to staff that long
LOOK_BACK = timedelta(days=30)  # what a trainer still sees of the past


class EnquiryRefusal(StrEnum):
    TOO_MANY = (
        "You have sent us several messages in the last hour. Wait an hour and send this"
        " one again, or call us."
    )


def why_not_enquire(*, sent_lately: int) -> EnquiryRefusal | None:
    return EnquiryRefusal.TOO_MANY if sent_lately >= MOST_ENQUIRIES else None


class Home(StrEnum):
    """The page that somebody is led to after signing in; the value is its endpoint."""

    STAFF = "portal.show_staff"
    TRAINER = "portal.show_trainer"
    COMPANY = "portal.show_company"
    ACCOUNT = "portal.show_account"


def home_of(roles: frozenset[Role], *, in_company: bool) -> Home:
    if Role.STAFF in roles:
        return Home.STAFF
    if Role.TRAINER in roles:
        return Home.TRAINER
    return Home.COMPANY if in_company else Home.ACCOUNT


class Dated(Protocol):
    starts_at: datetime


D = TypeVar("D", bound=Dated)


def departures(
    roles: Sequence[CardRole], next_dates: Mapping[str, D]
) -> list[tuple[CardRole, D | None]]:
    """Pair each role with its next date: the soonest first, roles without a date last."""
    dated = [(role, next_dates[role.slug]) for role in roles if role.slug in next_dates]
    undated = [(role, None) for role in roles if role.slug not in next_dates]
    return [*sorted(dated, key=lambda pair: pair[1].starts_at), *undated]


def word_roles(qualification: Qualification, scheme: Scheme) -> str:
    """Word the card roles that a certificate is accepted for."""
    left_out = [
        role.name for role in scheme.roles if role.slug not in qualification.roles
    ]
    if not left_out:
        return "All our card roles"
    if len(left_out) < len(qualification.roles):
        return f"All our card roles except {' and '.join(left_out)}"
    return ", ".join(r.name for r in scheme.roles if r.slug in qualification.roles)


class SeatState(StrEnum):
    """What a company is told about somebody it booked. Never a score, nor that one failed."""

    CANCELLED = "Cancelled"
    BOOKED = "Booked"
    HELD = "Course held"
    ABSENT = "Not there"
    ATTENDED = "Attended"
    PASSED = "Passed"
    EXPIRED = "Pass run out"
    REVOKED = "Pass revoked"


_OF_A_PASS = {
    PassStatus.VALID: SeatState.PASSED,
    PassStatus.EXPIRED: SeatState.EXPIRED,
    PassStatus.REVOKED: SeatState.REVOKED,
}
_OF_A_MARK = {
    Presence.ATTENDED: SeatState.ATTENDED,
    Presence.ABSENT: SeatState.ABSENT,
}


def seat_state(
    *,
    cancelled: bool,
    over: bool,
    presence: Presence | None,
    pass_status: PassStatus | None,
) -> SeatState:
    if cancelled:
        return SeatState.CANCELLED
    if pass_status:
        return _OF_A_PASS[pass_status]
    if presence:
        return _OF_A_MARK[presence]
    return SeatState.HELD if over else SeatState.BOOKED


class Step(IntEnum):
    """Where somebody is on the way from a booking to a card. The earlier ones are done."""

    BOOKED = 0
    LINK = 1
    JOIN = 2
    SIT = 3
    APPLY = 4


def step_now(
    *, link_known: bool, attended: bool, sitting_open: bool, passed: bool
) -> Step:
    if passed:
        return Step.APPLY
    if attended or sitting_open:
        return Step.SIT
    return Step.JOIN if link_known else Step.LINK


class CardState(StrEnum):
    """How far somebody is with the card of one role."""

    CLOSED = "Needs a pass"
    READY = "Ready to open"
    OPEN = "Started"
    SUBMITTED = "We are looking at it"
    RETURNED = "Needs you"
    ACCEPTED = "Accepted"
    ISSUED = "Card recorded"


def card_state(state: ApplicationState | None, *, hse_met: bool) -> CardState:
    """`state` is None when no application of the role stands."""
    if state is None:
        return CardState.READY if hse_met else CardState.CLOSED
    return CardState[state.name]


class Claim(ClaimFacts, Protocol):
    @property
    def qualification(self) -> str: ...

    @property
    def valid_until(self) -> date | None: ...


def roles_exempt(claims: Sequence[Claim], scheme: Scheme, *, on: date) -> set[str]:
    """Return the roles whose health and safety line a granted exemption meets on that day."""
    return {
        slug
        for claim in claims
        if claim_state(claim) is ClaimState.GRANTED and _holds(claim, on)
        for qualification in [scheme.qualification(claim.qualification)]
        if qualification
        for slug in qualification.roles
    }


def _holds(claim: Claim, on: date) -> bool:
    return claim.valid_until is not None and on <= claim.valid_until


class Deed(StrEnum):
    """What a trainer does next on a day, worded for the button that leads there."""

    MARK = "Mark who is here"
    CHECK = "Check identities"
    OPEN = "Open the assessment"
    ROOM = "Go to the room"
    DONE = "Look at the register"


def next_deed(*, unmarked: int, to_check: int, opened: bool, closed: bool) -> Deed:
    """Say what comes next: mark all, check all who came, open, watch the room."""
    deeds = {
        Deed.DONE: closed,
        Deed.ROOM: opened,
        Deed.MARK: unmarked > 0,
        Deed.CHECK: to_check > 0,
    }
    return next((deed for deed, is_next in deeds.items() if is_next), Deed.OPEN)
