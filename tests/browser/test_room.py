"""The invigilator's room in a real browser: what the board shows, and what reaches the page
of the candidate."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESK, PHONE, accessibility_problems
from tests.browser.exam import Visit, choose, start
from tests.browser.test_pages import sign_in
from tests.conftest import MovableClock

PATIENCE = 25_000  # ms: one sign of life of the page, and one look of the board


def open_room(page: Page, facts: dict[str, Any], who: str = "trainer") -> None:
    sign_in(page, facts["people"][who])
    page.goto(f"/trainer/sittings/{facts['sitting']}")


def row_of(page: Page, state: str) -> Locator:
    """Return the row of the one person who is in that state."""
    return page.locator("tr[data-person]").filter(
        has=page.locator("[data-state]", has_text=state)
    )


def press(page: Page, button: str, reason: str, send: str) -> None:
    """Tick the one who is answering, press, give the reason and send."""
    row_of(page, "Answering").get_by_role("checkbox").check(force=True)
    page.get_by_role("button", name=button, exact=True).click()
    page.get_by_label(reason).check(force=True)
    assert accessibility_problems(page) == []
    page.get_by_role("button", name=send).click()
    page.wait_for_url("**/trainer/sittings/*")


def test_the_board_shows_who_is_offline_and_what_is_unsaved_without_a_reload(
    visit: Visit, facts: dict[str, Any], clock: MovableClock
) -> None:
    with visit(viewport=DESK) as trainer, visit(viewport=PHONE) as candidate:
        start(candidate, facts, 20)
        open_room(trainer, facts)
        assert accessibility_problems(trainer) == []
        row = row_of(trainer, "Answering")
        expect(row.locator("[data-progress]")).to_have_text("0 of 50")
        candidate.route("**/responses/*", lambda route: route.abort())
        choose(candidate, "a")
        clock.advance(seconds=6)  # until then a second sign waits for others
        candidate.evaluate("dispatchEvent(new Event('online'))")
        expect(row.get_by_text("Answers not saved")).to_be_visible(timeout=PATIENCE)
        candidate.unroute("**/responses/*")
        expect(row.locator("[data-progress]")).to_have_text(
            "1 of 50", timeout=2 * PATIENCE
        )
        candidate.context.set_offline(True)
        clock.advance(seconds=60)
        expect(row.get_by_text("Not heard of")).to_be_visible(timeout=PATIENCE)
        expect(row.locator("[data-left]")).to_have_text("28:54")
        assert accessibility_problems(trainer) == []
        candidate.context.set_offline(False)
        expect(trainer.get_by_text("Something new is here.")).to_be_visible(
            timeout=PATIENCE
        )
        trainer.set_viewport_size({"width": 390, "height": 844})
        trainer.reload()
        give = trainer.get_by_role("button", name=re.compile("Give back 1 minute"))
        assert accessibility_problems(trainer) == []
        give.click()
        expect(trainer.get_by_text("Time was given back to 1 person.")).to_be_visible()
        expect(row_of(trainer, "Answering").locator("[data-left]")).to_have_text(
            "29:54"
        )


def test_a_hold_reaches_the_candidate_and_so_does_its_end(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=DESK) as trainer, visit(viewport=PHONE) as candidate:
        start(candidate, facts, 21)
        open_room(trainer, facts)
        press(trainer, "Stop the clock", "An alarm", "Stop the clock")
        expect(
            trainer.get_by_text("The clock is stopped for 1 person.")
        ).to_be_visible()
        stopped = candidate.get_by_text(re.compile("has stopped the clock"))
        expect(stopped.first).to_be_visible(timeout=PATIENCE)
        expect(candidate.locator(".answers label").first).to_be_hidden()
        row_of(trainer, "Clock stopped").get_by_role("checkbox").check(force=True)
        trainer.get_by_role("button", name="Let it run").click()
        trainer.get_by_role("button", name="Let the clock run").click()
        expect(candidate.locator(".answers label").first).to_be_visible(
            timeout=PATIENCE
        )


def test_two_people_are_needed_to_void(visit: Visit, facts: dict[str, Any]) -> None:
    with (
        visit(viewport=DESK) as trainer,
        visit(viewport=PHONE) as staff,
        visit(viewport=PHONE, java_script_enabled=False) as candidate,
    ):
        sign_in(candidate, facts["candidates"][22])
        candidate.goto(f"/sittings/{facts['sitting']}")
        candidate.get_by_role("button", name=re.compile("^Start")).click()
        open_room(trainer, facts)
        press(trainer, "Void", "Somebody else helped", "Ask a second person")
        trainer.get_by_role("link", name=re.compile("Take it back")).click()
        expect(trainer.get_by_text("Somebody else must decide")).to_be_visible()
        assert accessibility_problems(trainer) == []
        sign_in(staff, facts["people"]["staff"])
        staff.goto(trainer.url)
        assert accessibility_problems(staff) == []
        staff.get_by_role("button", name="Yes, void the attempt").click()
        expect(staff.get_by_text("This was decided")).to_be_visible()
        candidate.reload()
        expect(candidate.get_by_role("heading", level=1)).to_contain_text(
            "does not count"
        )


def test_who_waits_at_the_door_is_let_in_without_pressing_anything(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=DESK) as trainer, visit(viewport=PHONE) as candidate:
        open_room(trainer, facts)
        trainer.get_by_role("button", name="Close the door").click()
        trainer.get_by_role("button", name="Ask for a code").click()
        code = trainer.locator(".room-code").inner_text()
        sign_in(candidate, facts["candidates"][23])
        candidate.goto(f"/sittings/{facts['sitting']}")
        expect(candidate.get_by_text("You can start soon")).to_be_visible()
        assert accessibility_problems(candidate) == []
        trainer.get_by_role("button", name="Start everybody").click()
        field = candidate.get_by_label("Room code")
        expect(field).to_be_visible(timeout=PATIENCE)
        candidate.get_by_role("button", name=re.compile("Start")).click()
        expect(candidate.get_by_role("alert")).to_be_visible()
        assert accessibility_problems(candidate) == []
        field.fill(code)
        candidate.get_by_role("button", name=re.compile("Start")).click()
        candidate.wait_for_url("**/questions/1")


def test_somebody_tells_us_what_went_wrong_and_staff_answer(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with (
        visit(viewport=PHONE) as candidate,
        visit(viewport=DESK) as staff,
    ):
        attempt = start(candidate, facts, 24)
        candidate.goto(f"{attempt}/review")
        candidate.get_by_role("button", name=re.compile("^Finish")).click()
        candidate.wait_for_url("**/result")
        candidate.get_by_role("link", name="tell us in writing").click()
        candidate.get_by_role("button", name="Send").click()
        expect(candidate.get_by_role("alert")).to_contain_text("Write what went wrong")
        assert accessibility_problems(candidate) == []
        candidate.get_by_label("What went wrong?").fill("A lorry stood outside.")
        candidate.get_by_role("button", name="Send").click()
        expect(candidate.get_by_text("A person looks at it")).to_be_visible()
        sign_in(staff, facts["people"]["staff"])
        staff.goto("/staff/appeals")
        assert accessibility_problems(staff) == []
        staff.get_by_role("link", name=re.compile("^Decide")).click()
        staff.get_by_label("The result stands").check(force=True)
        staff.get_by_label("Your reply").fill("We heard the recording.")
        assert accessibility_problems(staff) == []
        staff.get_by_role("button", name="Save decision").click()
        expect(staff.get_by_text("We heard the recording.")).to_be_visible()
        candidate.reload()
        expect(candidate.get_by_text("The result stands")).to_be_visible()
        assert accessibility_problems(candidate) == []
