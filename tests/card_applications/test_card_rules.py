from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ecs_training.card_applications.rules import (
    ApplicationState,
    Facts,
    Held,
    application_state,
    checklist,
    lines_for,
    stands,
    what_is_missing,
)
from ecs_training.catalogue.queries import scheme
from ecs_training.catalogue.rules import CardRole, LineKind, Region

TODAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HELD = Held(by="Pass of today", until=date(2028, 3, 1))
BARE = Facts(on=TODAY, hse=None)
WHOLE = Facts(
    on=TODAY,
    hse=HELD,
    sent={"photo": TODAY, "engagement": TODAY},
    confirmed={"identity-name": TODAY},
)


def labourer() -> CardRole:
    role = scheme().role("labourer")
    assert role
    return role


def test_with_nothing_every_mandatory_line_is_missing() -> None:
    lines = checklist(labourer().lines, BARE)

    assert [found.line.id for found in lines] == [
        "hse",
        "photo",
        "engagement",
        "identity-name",
    ]
    assert not any(found.met for found in lines)
    assert len(what_is_missing(lines)) == 4
    assert all(found.missing for found in lines)


def test_with_everything_nothing_is_missing() -> None:
    lines = checklist(labourer().lines, WHOLE)

    assert what_is_missing(lines) == ()
    assert (lines[0].by, lines[0].until) == ("Pass of today", date(2028, 3, 1))
    assert all(found.met and not found.missing for found in lines)


@pytest.mark.parametrize(
    ("lacking", "line_id"),
    [
        ({"hse": None}, "hse"),
        ({"sent": {"photo": TODAY}}, "engagement"),
        ({"sent": {"engagement": TODAY, "other": TODAY}}, "photo"),
        ({"confirmed": {}}, "identity-name"),
    ],
)
def test_each_line_alone_can_hold_an_application_up(
    lacking: dict[str, Any], line_id: str
) -> None:
    lines = checklist(labourer().lines, replace(WHOLE, **lacking))
    assert [found.line.id for found in lines if not found.met] == [line_id]
    assert len(what_is_missing(lines)) == 1


@pytest.mark.parametrize(
    ("on", "met"), [(date(2028, 3, 1), True), (date(2028, 3, 2), False)]
)
def test_the_health_and_safety_line_is_met_to_its_last_day(on: date, met: bool) -> None:
    (hse,) = checklist(labourer().lines[:1], replace(WHOLE, on=on))
    assert hse.met is met
    assert bool(hse.missing) is not met


@pytest.mark.parametrize(
    ("on", "met"), [(date(2026, 6, 1), True), (date(2026, 6, 2), False)]
)
def test_evidence_that_ages_is_met_to_its_last_day(on: date, met: bool) -> None:
    photo = replace(labourer().lines[1], valid_months=3)
    (found,) = checklist([photo], replace(WHOLE, on=on))
    assert found.met is met
    assert found.until == date(2026, 6, 1)


def test_a_line_that_is_not_mandatory_holds_nothing_up() -> None:
    extra = replace(labourer().lines[1], id="extra", mandatory=False)
    (found,) = checklist([extra], WHOLE)
    assert not found.met
    assert what_is_missing([found]) == ()


def test_lines_of_another_region_are_left_out() -> None:
    here = replace(labourer().lines[1], id="here", regions=(Region.SCOTLAND,))
    lines = [*labourer().lines, here]
    assert here in lines_for(lines, "scotland")
    assert here not in lines_for(lines, "england-wales-ni")


def test_every_role_begins_with_the_health_and_safety_line() -> None:
    kinds = {role.slug: role.lines[0].kind for role in scheme().roles}
    assert set(kinds.values()) == {LineKind.HSE}


@dataclass(frozen=True, kw_only=True)
class Application:
    submitted_at: datetime | None = None
    returned_at: datetime | None = None
    accepted_at: datetime | None = None
    withdrawn_at: datetime | None = None
    card_expires_on: date | None = None


@pytest.mark.parametrize(
    ("marks", "state"),
    [
        ({}, ApplicationState.OPEN),
        ({"submitted_at": AT}, ApplicationState.SUBMITTED),
        ({"submitted_at": AT, "returned_at": AT}, ApplicationState.RETURNED),
        ({"submitted_at": AT, "accepted_at": AT}, ApplicationState.ACCEPTED),
        (
            {"submitted_at": AT, "accepted_at": AT, "card_expires_on": TODAY},
            ApplicationState.ISSUED,
        ),
        ({"withdrawn_at": AT}, ApplicationState.WITHDRAWN),
    ],
)
def test_the_moments_on_an_application_say_how_it_stands(
    marks: dict[str, Any], state: ApplicationState
) -> None:
    assert application_state(Application(**marks)) is state


def test_a_card_makes_room_for_the_next_application_three_months_before_it_ends() -> (
    None
):
    issued = Application(
        submitted_at=AT, accepted_at=AT, card_expires_on=date(2029, 6, 30)
    )
    assert stands(issued, on=date(2029, 3, 29))
    assert not stands(issued, on=date(2029, 3, 30))


@pytest.mark.parametrize(
    ("marks", "expected"),
    [({}, True), ({"accepted_at": AT}, True), ({"withdrawn_at": AT}, False)],
)
def test_an_application_without_a_card_stands_until_it_is_withdrawn(
    marks: dict[str, Any], expected: bool
) -> None:
    assert stands(Application(**marks), on=date(2099, 1, 1)) is expected
