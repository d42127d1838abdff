"""Items are taken out and put back, and a paper can always be filled."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from ecs_training.foundation.errors import NotFound
from ecs_training.questions.models import Item
from ecs_training.questions.services import suspending
from ecs_training.questions.services.reviewing import ReviewRefused
from ecs_training.questions.services.suspending import BankRefused
from tests.questions.desk import BOOTS, Desk

REASON = "Nobody can find the clause."
FIRE = "fire-001"
CHECKED = date(2026, 3, 2)


def take_out(desk: Desk, code: str, what: str = "suspend") -> Item:
    service: Callable[..., Item] = getattr(suspending, what)
    by = {"suspend": "suspended_by_id", "retire": "retired_by_id"}[what]
    with desk.database.transaction() as db:
        return service(
            db,
            code=code,
            reason=REASON,
            blueprints=desk.plan.blueprints,
            now=desk.now,
            **{by: desk.cy},
        )


def put_back(desk: Desk, code: str, **changes: Any) -> Item:
    typed: dict[str, Any] = {
        "clause": "reg 14",
        "checked_on": CHECKED,
        "reason": "Read it again.",
    }
    with desk.database.transaction() as db:
        return suspending.put_back(
            db, code=code, put_back_by_id=desk.ben, now=desk.now, **(typed | changes)
        )


def test_a_suspended_item_is_not_drawn_and_says_why(desk: Desk) -> None:
    item = take_out(desk, FIRE)
    assert (item.suspended_at, item.suspended_by_id) == (desk.now, desk.cy)
    assert (item.suspend_reason, item.live_revision) == (REASON, 1)
    assert FIRE not in desk.live()
    assert len(desk.live()) == 5


def test_a_retired_item_is_not_drawn_and_says_why(desk: Desk) -> None:
    item = take_out(desk, FIRE, "retire")
    assert (item.retired_at, item.retired_by_id) == (desk.now, desk.cy)
    assert (item.retire_reason, item.live_revision) == (REASON, None)
    assert FIRE not in desk.live()


@pytest.mark.parametrize("what", ["suspend", "retire"])
def test_the_last_items_that_a_paper_needs_stay(desk: Desk, what: str) -> None:
    """Two of three electrical questions are drawn, and one of three about fire."""
    take_out(desk, "elec-001", what)
    before = desk.live()
    with pytest.raises(BankRefused) as refused:
        take_out(desk, "elec-002", what)
    assert refused.value.slug == "too-few"
    assert refused.value.short == {"electrical": 1}
    assert desk.live() == before
    take_out(desk, FIRE, what)
    take_out(desk, "fire-002", what)
    with pytest.raises(BankRefused) as refused:
        take_out(desk, "fire-003", what)
    assert refused.value.short == {"fire": 1}


def test_what_is_suspended_may_be_retired_whatever_is_left(desk: Desk) -> None:
    take_out(desk, "elec-001")
    item = take_out(desk, "elec-001", "retire")
    assert (item.suspended_at, item.suspend_reason, item.suspended_by_id) == (None,) * 3
    assert item.retired_at == desk.now


@pytest.mark.parametrize("first", ["suspend", "retire"])
def test_only_what_is_live_is_suspended(desk: Desk, first: str) -> None:
    take_out(desk, FIRE, first)
    with pytest.raises(BankRefused) as refused:
        take_out(desk, FIRE)
    assert refused.value.slug == "not-live"
    draft = desk.write(submit=False)
    with pytest.raises(BankRefused) as refused:
        take_out(desk, draft)
    assert refused.value.slug == "not-live"


def test_one_retires_once(desk: Desk) -> None:
    take_out(desk, FIRE, "retire")
    with pytest.raises(BankRefused) as refused:
        take_out(desk, FIRE, "retire")
    assert refused.value.slug == "retired"


def test_retiring_ends_what_is_being_written_and_read(desk: Desk) -> None:
    for submit in (True, False):
        code = desk.write(submit=submit)
        take_out(desk, code, "retire")
        row = desk.revision(code)
        assert (row.sent_back_at, row.sent_back_by_id) == (desk.now, desk.cy)
        assert row.sent_back_reason == REASON
        with pytest.raises(ReviewRefused):
            desk.read(code)


def test_retiring_leaves_what_was_decided_before_as_it_was(desk: Desk) -> None:
    code = desk.write()
    desk.read(code, picked="a")
    before = desk.revision(code).sent_back_reason
    desk.clock.advance(days=1)
    take_out(desk, code, "retire")
    assert desk.revision(code).sent_back_reason == before
    assert desk.revision("fire-002").sent_back_at is None


def test_suspending_leaves_a_draft_to_its_author(desk: Desk) -> None:
    desk.reword(FIRE)
    take_out(desk, FIRE)
    desk.read(FIRE, 2)
    desk.approve(FIRE, 2)
    assert FIRE in desk.live()


def test_put_back_with_its_source_looked_up_again(desk: Desk) -> None:
    take_out(desk, FIRE)
    desk.clock.advance(days=2)
    item = put_back(desk, FIRE, checked_on=desk.today())

    row = desk.revision(FIRE)
    assert (row.revision, row.clause, row.checked_on) == (1, "reg 14", desk.today())
    assert (item.suspended_at, item.suspended_by_id, item.suspend_reason) == (None,) * 3
    assert FIRE in desk.live()
    entry = desk.audit(f"question/{FIRE}")[-1]
    assert (entry.action, entry.actor_id) == ("put question back", desk.ben)
    assert entry.details == {
        "reason": "Read it again.",
        "before": {"clause": "reg 13", "checked_on": "2026-11-22"},
        "after": {"clause": "reg 14", "checked_on": "2026-03-04"},
    }


@pytest.mark.parametrize(
    ("days", "slug"),
    [(-1, "checked-before"), (0, None), (1, None), (2, "checked-later")],
)
def test_the_source_is_looked_up_after_the_suspension(
    desk: Desk, days: int, slug: str | None
) -> None:
    take_out(desk, FIRE)
    on = desk.today() + timedelta(days=days)
    desk.clock.advance(days=1)
    if slug is None:
        put_back(desk, FIRE, checked_on=on)
        assert FIRE in desk.live()
        return
    with pytest.raises(BankRefused) as refused:
        put_back(desk, FIRE, checked_on=on)
    assert refused.value.slug == slug
    assert FIRE not in desk.live()
    assert desk.revision(FIRE).clause == "reg 13"


@pytest.mark.parametrize("what", [None, "retire"])
def test_only_what_is_suspended_is_put_back(desk: Desk, what: str | None) -> None:
    if what:
        take_out(desk, FIRE, what)
    with pytest.raises(BankRefused) as refused:
        put_back(desk, FIRE)
    assert refused.value.slug == "not-suspended"


def test_the_live_wording_is_corrected_not_a_draft_beside_it(desk: Desk) -> None:
    desk.reword(FIRE, submit=False)
    take_out(desk, FIRE)
    put_back(desk, FIRE)
    assert desk.revision(FIRE, 1).clause == "reg 14"
    assert desk.revision(FIRE, 2).clause == BOOTS.clause


def test_each_step_is_recorded_with_its_reason(desk: Desk) -> None:
    take_out(desk, FIRE)
    take_out(desk, FIRE, "retire")
    assert [
        (each.action, each.actor_id, each.details)
        for each in desk.audit(f"question/{FIRE}")
    ] == [
        ("suspended question", desk.cy, {"reason": REASON}),
        ("retired question", desk.cy, {"reason": REASON}),
    ]


def test_an_unknown_item_is_not_found(desk: Desk) -> None:
    for change in (take_out, put_back):
        with pytest.raises(NotFound):
            change(desk, "fire-99")
