"""A test in the browser, and the hands that a test needs: on its network, its clocks, its room."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from ecs_training.accounts.models import Person
from ecs_training.assessment.models import Attempt, LateAnswer
from ecs_training.assessment.rules.record import TimeChangeKind
from ecs_training.assessment.services.extending import extend_attempt
from ecs_training.assessment.services.holding import hold_attempt, resume_attempt
from ecs_training.foundation.database import Database
from tests.browser.test_pages import sign_in
from tests.conftest import MovableClock

Visit = Callable[..., AbstractContextManager[Page]]

# `skip` moves the page's stopwatch, `wall` its wall clock; milliseconds.
CLOCKS = """
window.skip = 0; window.wall = 0;
const stopwatch = performance.now.bind(performance), told = Date.now;
performance.now = () => stopwatch() + window.skip;
Date.now = () => told() + window.wall;
"""
VOICE = """
window.said = []; window.silenced = 0;
Object.defineProperty(window, "speechSynthesis", {value: {
  getVoices: () => [{}], addEventListener() {}, cancel() { window.silenced += 1; },
  speak(speech) { window.said.push(speech.text); speech.onstart?.(); },
}});
"""


def start(page: Page, facts: dict[str, Any], who: int) -> str:
    """Sign in as candidate `who`, press Start, wait for the script; return the address."""
    sign_in(page, facts["candidates"][who])
    page.goto(f"/sittings/{facts['sitting']}")
    with page.expect_response(
        "**/presence"
    ):  # or it might come in the midst of the test
        page.get_by_role("button", name=re.compile("^Start")).click()
    page.wait_for_url("**/questions/1")
    wait_for_the_script(page)
    return page.url.removesuffix("/questions/1")


def wait_for_the_script(page: Page) -> None:
    """Until it has the paper, the page works by its forms."""
    expect(page.locator("[data-ease]")).to_be_visible()


def choose(page: Page, letter: str) -> None:
    page.locator(f"label[for=option-{letter}]").click()


def expect_safe(page: Page, words: str) -> None:
    expect(page.locator("[data-safe]")).to_have_text(words, timeout=20_000)


def saved_options(page: Page, address: str) -> list[str | None]:
    answer = page.request.get(f"{address}/responses").json()
    return [response["option"] for response in answer["responses"]]


def look_again(page: Page) -> None:
    """What a page does when somebody comes back to it: ask the server at once."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


class Room:
    """The invigilator's hands on one attempt, beside the page."""

    def __init__(self, database: Database, clock: MovableClock, address: str) -> None:
        self.database, self.clock = database, clock
        self.ref = address.rsplit("/", 1)[1]
        with database.reading() as db:
            self.attempt_id = db.scalars(
                select(Attempt.id).where(Attempt.ref == self.ref)
            ).one()
            self.by_id = db.scalars(
                select(Person.id).where(Person.email == "trainer@example.org")
            ).one()

    def hold(self) -> None:
        with self.database.transaction() as db:
            hold_attempt(
                db,
                attempt_id=self.attempt_id,
                reason="Fire alarm",
                held_by_id=self.by_id,
                now=self.clock(),
            )

    def resume(self) -> None:
        with self.database.transaction() as db:
            resume_attempt(
                db,
                attempt_id=self.attempt_id,
                resumed_by_id=self.by_id,
                now=self.clock(),
            )

    def give(self, **length: float) -> None:
        with self.database.transaction() as db:
            extend_attempt(
                db,
                attempt_id=self.attempt_id,
                length=timedelta(**length),
                kind=TimeChangeKind.EXTENSION,
                reason="Noise",
                made_by_id=self.by_id,
                now=self.clock(),
            )

    def allow_rest(self, seconds: int) -> None:
        with self.database.transaction() as db:
            db.execute(
                update(Attempt)
                .where(Attempt.id == self.attempt_id)
                .values(rest_seconds=seconds)
            )

    def late_answers(self) -> list[tuple[int, str | None]]:
        with self.database.reading() as db:
            return [
                (late.n, late.option)
                for late in db.scalars(
                    select(LateAnswer)
                    .where(LateAnswer.attempt_id == self.attempt_id)
                    .order_by(LateAnswer.id)
                )
            ]
