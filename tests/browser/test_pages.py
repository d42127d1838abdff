"""Every page of the journey, at a phone's and a desk's width: axe, width, complaints."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize

from tests.browser.conftest import DESK, PHONE, accessibility_problems

Visit = Callable[..., AbstractContextManager[Page]]

STRANGER = [
    "/",
    "/courses/labourer",
    "/courses/lv-jointer",
    "/course-sessions/{bookable_session}",
    "/course-sessions/{full_session}",
    "/calendars/timetable",
    "/calendars/embedding",
    "/embed/courses/labourer",
    "/about-the-ecs",
    "/card-families",
    "/why-train-with-us",
    "/questions",
    "/terms",
    "/privacy",
    "/accessibility",
    "/sign-in",
    "/register",
    "/forgotten-password",
    "/check-your-mail",
    "/verify",
    "/v/{valid}",
    "/v/{expired}",
    "/v/{revoked}",
    "/v/NOBODYSTOKEN",
    "/nothing-here",
]
PAGES = {
    "candidate": [
        "/account",
        "/account/name",
        "/account/password",
        "/course-sessions/{bookable_session}",
        "/sittings/{sitting}",
        "/practice/labourer",
        "/exemptions/new",
        "/card-applications/labourer",
        "/company/set-up",
    ],
    "holder": [
        "/account",
        "{booking}",
        "{booking}/invoice",
        "{booking}/adjustments",
        "/certificates/{valid}",
        "/card-applications/labourer",
    ],
    "trainer": [
        "/trainer",
        "/trainer/day",
        "/trainer/time",
        "/trainer/course-sessions/new",
        "{register}",
        "{register}/attendance-reports",
    ],
    "company": [
        "/company",
        "/company/calendar-feeds",
        "/course-sessions/{bookable_session}",
    ],
    "staff": [
        "/staff",
        "/staff/timetable",
        "/staff/calendar-feeds",
        "/staff/weekly-plans/new",
        "/staff/trainers",
        "/staff/teams-meetings",
        "/staff/timetable/days-off",
        "/staff/timetable/questions",
        "/staff/timetable/closures/new",
        "/staff/timetable/holidays/new",
        "/staff/exemptions",
        "/staff/adjustments",
        "/staff/card-applications",
        "/staff/passes",
        "/staff/passes/{valid}/revocation",
        "/staff/questions",
        "/staff/questions?q=no-such-words",
        "/staff/questions/new",
        "/staff/questions/ppe-001",
        "/staff/questions/ppe-001/edit",
        "/staff/questions/ppe-001/history",
        "/staff/questions/ppe-001/suspension",
        "/staff/questions/ppe-001/retirement",
        "/staff/questions/recalls",
        "/staff/questions/recalls/new",
        "/staff/questions/recalls/new?source=ppewr-1992",
        "/staff/questions/imports",
        "/staff/questions/imports/new",
        "/staff/questions/exports/new",
        "/staff/questions/exports/new?format=aiken&which=live",
    ],
}

SCROLLS_SIDEWAYS = "document.documentElement.scrollWidth > window.innerWidth"
# What stands on somebody's own first page, and is not known before.
OWN_LINKS = {
    "booking": 'a[href^="/bookings/"]',
    "register": 'a[href^="/trainer/course-sessions/"]:not([href*=new])',
}


def sign_in(page: Page, email: str, password: str = "demo-only-password") -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: not url.endswith("/sign-in"))


def problems_on(
    page: Page,
    paths: list[str],
    facts: dict[str, Any],
    sizes: Sequence[ViewportSize] = (PHONE, DESK),
) -> list[str]:
    """Look at each page in the width of a phone, and then of a desk's screen."""
    found = []
    for path in paths:
        page.goto(path.format(**facts))
        for size in sizes:
            page.set_viewport_size(size)
            problems = accessibility_problems(page)
            if page.evaluate(SCROLLS_SIDEWAYS):
                problems.append("scrolls sideways")
            found += [f"{path} at {size['width']} px: {each}" for each in problems]
    return found


def test_what_a_stranger_sees(visit: Visit, facts: dict[str, Any]) -> None:
    with visit() as page:
        assert problems_on(page, STRANGER, facts) == []


@pytest.mark.timeout(900)  # staff have forty pages
@pytest.mark.parametrize("role", PAGES)
def test_what_each_role_sees(visit: Visit, facts: dict[str, Any], role: str) -> None:
    with visit() as page:
        people = {**facts["people"], "holder": "valid.pass@example.org"}
        sign_in(page, people[role])
        for name, link in OWN_LINKS.items():
            own = page.locator(link)
            facts[name] = own.first.get_attribute("href") if own.count() else ""
        assert problems_on(page, PAGES[role], facts) == []


def test_an_error_takes_focus_and_names_its_fields(
    visit: Visit, facts: dict[str, Any]
) -> None:
    del facts
    with visit(viewport=PHONE) as page:
        page.goto("/register")
        page.get_by_label("E-mail address").fill("alice")
        page.get_by_role("button", name="Create account").click()
        alert = page.get_by_role("alert")
        alert.wait_for()
        assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
        email = page.get_by_label("E-mail address")
        assert email.get_attribute("aria-invalid") == "true"
        described = email.get_attribute("aria-describedby") or ""
        words = page.locator(f"#{described.split()[-1]}").inner_text()
        assert "like name@example.com" in words
        alert.get_by_role("link", name="like name@example.com").click()
        assert email.evaluate("element => element === document.activeElement")
        assert accessibility_problems(page) == []


def test_a_date_is_booked_by_keyboard_alone(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=DESK) as page:
        sign_in(page, facts["candidates"][0])
        page.goto(f"/course-sessions/{facts['bookable_session']}")
        terms = page.locator("input[name=terms]")
        for _ in range(60):
            page.keyboard.press("Tab")
            if terms.evaluate("element => element === document.activeElement"):
                break
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        page.wait_for_url("**/bookings/*")
        assert page.get_by_role("heading", level=1).is_visible()


def test_a_date_is_booked_without_javascript(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=PHONE, java_script_enabled=False) as page:
        sign_in(page, facts["candidates"][1])
        page.goto(f"/course-sessions/{facts['bookable_session']}")
        page.locator("input[name=terms]").check(force=True)
        page.locator("form button.btn--go").click()
        page.wait_for_url("**/bookings/*")
