"""What names a plan, and how two are told apart. No database."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_training.changes.rules import (
    ChangeKind,
    Fate,
    Money,
    MoneyKind,
    Plan,
    PlannedEntry,
    PlannedLetter,
    Seat,
    Standing,
    compare,
    fate_of,
    kinds_open_to,
    mark_of,
    normalise,
    without_moment,
    write_lines,
)

AT = datetime(2026, 4, 1, 8, tzinfo=UTC)
STANDING = Standing(
    starts_at=AT,
    ends_at=AT.replace(hour=15),
    trainer="Theodora",
    capacity=12,
    minimum=1,
    seats_taken=1,
    cancelled=False,
    sequence=0,
)
ENTRY = PlannedEntry(uid="u", sequence=1, starts_at=AT, ends_at=AT.replace(hour=15))
LETTER = PlannedLetter(
    to="a@example.org",
    name="Alice",
    subject="Moved",
    text="Now.",
    method="REQUEST",
    calendar="BEGIN",
    entry=ENTRY,
)
MONEY = Money(
    kind=MoneyKind.CREDIT, booking_ref="B", name="Alice", net_pence=100, vat_pence=20
)
SEAT = Seat(booking_ref="B", name="Alice", fate=Fate.REVISED)
PLAN = Plan(
    kind=ChangeKind.MOVE,
    before=STANDING,
    after=replace(STANDING, sequence=1),
    seats=(SEAT,),
    letters=(LETTER,),
    money=(MONEY,),
)


@pytest.mark.parametrize(
    "other",
    [
        replace(PLAN, kind=ChangeKind.CANCEL),
        replace(PLAN, before=replace(STANDING, seats_taken=2)),
        replace(PLAN, after=replace(STANDING, sequence=2)),
        replace(PLAN, after=replace(STANDING, sequence=1, meeting=2)),
        replace(PLAN, seats=()),
        replace(PLAN, seats=(replace(SEAT, fate=Fate.KEPT),)),
        replace(PLAN, letters=(replace(LETTER, to="b@example.org"),)),
        replace(PLAN, letters=(replace(LETTER, subject="Gone"),)),
        replace(PLAN, letters=(replace(LETTER, text="Then."),)),
        replace(PLAN, letters=(replace(LETTER, method="CANCEL"),)),
        replace(PLAN, letters=(replace(LETTER, calendar="END"),)),
        replace(PLAN, letters=(replace(LETTER, entry=replace(ENTRY, sequence=2)),)),
        replace(PLAN, letters=(LETTER, LETTER)),
        replace(PLAN, money=(replace(MONEY, net_pence=101),)),
        replace(PLAN, money=(replace(MONEY, kind=MoneyKind.INVOICE),)),
        replace(PLAN, money=(MONEY, MONEY)),
    ],
)
def test_whatever_a_person_reads_is_in_the_digest(other: Plan) -> None:
    assert other.digest != PLAN.digest


def test_the_order_in_which_rows_come_is_not_in_the_digest() -> None:
    both = replace(LETTER, to="b@example.org")
    one = replace(PLAN, letters=(LETTER, both))
    assert one.digest == replace(PLAN, letters=(both, LETTER)).digest


def test_what_is_different_is_marked_and_what_is_gone_is_named() -> None:
    another = replace(LETTER, to="b@example.org", subject="Moved\r\ntwice")
    new = replace(PLAN, letters=(another,))
    found = compare(write_lines(PLAN), new)
    assert found.new == {mark_of(another)}
    assert found.gone == ("E-mail to a@example.org: Moved",)
    assert compare(write_lines(new), new).new == frozenset()
    assert compare(write_lines(new).replace("\n", "\r\n"), new).gone == ()


@given(st.text())
def test_anything_may_come_back_from_a_form(shown: str) -> None:
    assert compare(shown, PLAN).new <= {mark for mark, _ in PLAN.lines}


def test_numbers_given_now_and_one_time_links_are_left_out() -> None:
    text = "CN-000012 cancels INV-000003: /links/0123456789ABCDEFGHJKMNPQRS"
    given_now = {"CN-000012": "CN"}
    assert normalise(text, numbers=given_now, one_time=True) == (
        "CN (next number) cancels INV-000003: /links/(one-time link)"
    )
    assert normalise(text, numbers={}) == text


def test_only_the_moment_is_left_out_of_a_calendar() -> None:
    text = "UID:u\r\nDTSTAMP:1\r\nSEQUENCE:1\r\nLAST-MODIFIED;X=Y:2\r\nDTSTART:3\r\n"
    assert without_moment(text) == "UID:u\r\nSEQUENCE:1\r\nDTSTART:3\r\n"


@pytest.mark.parametrize(
    ("live", "revised", "goes_with_date", "fate"),
    [
        ((True, True), False, False, Fate.KEPT),
        ((True, True), True, False, Fate.REVISED),
        ((True, False), True, True, Fate.CANCELLED),
        ((False, True), True, False, Fate.RESTORED),
        ((False, False), False, True, Fate.ELSEWHERE),
        ((False, False), False, False, None),
    ],
)
def test_what_becomes_of_a_seat(
    live: tuple[bool, bool], revised: bool, goes_with_date: bool, fate: Fate | None
) -> None:
    found = fate_of(live=live, revised=revised, goes_with_date=goes_with_date)
    assert found == fate


def test_what_may_be_tried_with_a_date() -> None:
    offered = {
        state: kinds_open_to(cancelled=state[0], begun=state[1], over=state[2])
        for state in product([False, True], repeat=3)
    }
    assert offered[False, False, False] == [
        ChangeKind.MOVE,
        ChangeKind.RESTAFF,
        ChangeKind.RESIZE,
        ChangeKind.CANCEL,
    ]
    assert ChangeKind.MOVE not in offered[False, True, False]
    assert ChangeKind.CANCEL in offered[False, True, False]
    assert offered[False, True, True] == []
    assert offered[True, False, False] == [ChangeKind.RESTORE]
    assert offered[True, True, False] == offered[True, True, True] == []
