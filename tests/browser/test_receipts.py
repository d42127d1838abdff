"""A receipt in a browser: copied, taken away and checked, on a phone and at a desk."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from ecs_training.accounts.models import Person
from ecs_training.assessment.models import Attempt
from ecs_training.assessment.services.finish import void_attempt
from ecs_training.foundation.database import Database
from tests.browser.conftest import DESK, NARROWEST, accessibility_problems
from tests.browser.test_pages import sign_in
from tests.conftest import MovableClock

Visit = Callable[..., AbstractContextManager[Page]]
SIDEWAYS = "document.documentElement.scrollWidth > window.innerWidth"
OWNER = "valid.pass@example.org"


@pytest.fixture
def attempt(database: Database) -> Attempt:
    with database.reading() as db:
        return db.scalars(
            select(Attempt)
            .join(Person, Person.id == Attempt.person_id)
            .where(Person.email == OWNER, Attempt.entry_id.is_not(None))
        ).one()


def problems_in_view(page: Page) -> list[str]:
    sideways = ["scrolls sideways"] if page.evaluate(SIDEWAYS) else []
    return [*accessibility_problems(page), *sideways]


def paste(page: Page, token: str) -> str:
    page.goto("/receipts/check")
    page.get_by_label("The receipt").fill(token)
    page.get_by_role("button", name="Check").click()
    return page.locator("[data-status]").get_attribute("data-status") or ""


@pytest.mark.parametrize("viewport", [NARROWEST, DESK], ids=["narrowest", "desk"])
def test_a_receipt_is_copied_and_checked(
    visit: Visit,
    database: Database,
    clock: MovableClock,
    attempt: Attempt,
    viewport: dict[str, int],
) -> None:
    with visit(
        viewport=viewport, permissions=["clipboard-read", "clipboard-write"]
    ) as page:
        sign_in(page, OWNER)
        page.goto(f"/attempts/{attempt.ref}/result")
        page.get_by_role("link", name="Your signed receipt").click()
        assert problems_in_view(page) == []
        page.locator("[data-copy]:not([hidden])").click()  # once the script is there
        page.get_by_role("button", name="Copied").wait_for()
        token = page.evaluate("navigator.clipboard.readText()")
        assert token == page.get_by_label("The signed receipt").input_value()

        page.goto("/receipts/check")
        assert problems_in_view(page) == []
        page.get_by_role("button", name="Check").click()
        assert "Paste the receipt." in page.get_by_role("alert").inner_text()
        assert problems_in_view(page) == []
        assert paste(page, token) == "GENUINE"
        assert problems_in_view(page) == []
        assert paste(page, f"x{token}") == "NOT-OURS"
        assert problems_in_view(page) == []

        with database.transaction() as db:
            void_attempt(
                db,
                attempt_id=attempt.id,
                reason="Somebody else sat it.",
                voided_by_id=attempt.person_id,
                now=clock() + timedelta(hours=1),
            )
        assert paste(page, token) == "OUTDATED"
        assert problems_in_view(page) == []
        page.goto(f"/attempts/{attempt.ref}/receipt")
        assert page.get_by_text("This assessment does not count").is_visible()
        assert problems_in_view(page) == []


def test_a_receipt_is_taken_away_without_a_script(
    visit: Visit, attempt: Attempt, tmp_path: Path
) -> None:
    with visit(viewport=NARROWEST, java_script_enabled=False) as page:
        sign_in(page, OWNER)
        page.goto(f"/attempts/{attempt.ref}/receipt")
        with page.expect_download() as waiting:
            page.get_by_role("link", name="Download").click()
        download: Any = waiting.value
        assert download.suggested_filename == f"receipt-{attempt.ref}.txt"
        download.save_as(tmp_path / "receipt.txt")
        assert paste(page, (tmp_path / "receipt.txt").read_text()) == "GENUINE"
