"""Questions in and out of the bank in a browser: by hand, on a phone, without a script."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DESK, PHONE, accessibility_problems
from tests.browser.test_pages import sign_in
from tests.questions.files import GIFT

Visit = Callable[..., AbstractContextManager[Page]]
SIDEWAYS = "document.documentElement.scrollWidth > window.innerWidth"


def problems_in_view(page: Page) -> list[str]:
    sideways = ["scrolls sideways"] if page.evaluate(SIDEWAYS) else []
    return [*accessibility_problems(page), *sideways]


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_a_file_is_looked_at_and_imported(
    visit: Visit, facts: dict[str, Any], viewport: dict[str, int], tmp_path: Path
) -> None:
    file = tmp_path / f"{'questions' * 12}.gift"
    endless = f"Is {'very' * 60} long? {{=Yes it is ~No it is not ~Perhaps ~Never}}"
    file.write_text(f"{GIFT.replace('top/fire', 'top/Smoke and heat')}\n{endless}\n")
    with visit(viewport=viewport, java_script_enabled=True) as page:
        sign_in(page, facts["people"]["staff"])
        page.goto("/staff/questions")
        page.get_by_role("link", name="Import questions from a file").click()
        page.get_by_role("button", name="Show what would come of it").click()
        assert page.get_by_role("alert").inner_text().endswith("Choose a file.")
        assert problems_in_view(page) == []

        page.get_by_label("Question file").set_input_files(file)
        page.get_by_role("button", name="Show what would come of it").click()
        page.get_by_text("There is nothing to import").wait_for()
        assert problems_in_view(page) == []

        page.get_by_label("Questions under “Smoke and heat”").select_option("ppe")
        page.get_by_role("button", name="Look again with these topics").click()
        page.get_by_role("button", name="Import 3 questions").wait_for()
        assert problems_in_view(page) == []

        page.get_by_role("button", name="Import 3 questions").click()
        page.wait_for_url("**/staff/questions/imports")
        assert problems_in_view(page) == []
        page.get_by_role("link", name="ppe-").first.click()
        assert page.get_by_text("The alarm rings").first.is_visible()


def test_a_file_is_taken_away_without_a_script(
    visit: Visit, facts: dict[str, Any]
) -> None:
    with visit(viewport=PHONE, java_script_enabled=False) as page:
        sign_in(page, facts["people"]["staff"])
        page.goto("/staff/questions/exports/new")
        page.locator("input[value=qti]").check(force=True)
        page.locator("input[value=ppe]").check(force=True)
        page.get_by_role("button", name="Show what would be in it").click()
        with page.expect_download() as coming:
            page.get_by_role("button", name="Download").click()
        assert coming.value.suggested_filename.endswith(".zip")
        assert Path(coming.value.path()).read_bytes().startswith(b"PK")
