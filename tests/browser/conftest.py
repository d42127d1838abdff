"""A real Chromium against the whole product on a port of its own."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    ViewportSize,
    sync_playwright,
)
from werkzeug.serving import make_server

from ecs_training.demo.data import set_up
from ecs_training.demo.server import without_mail
from ecs_training.foundation.database import Database
from ecs_training.foundation.migrations import upgrade
from ecs_training.foundation.settings import Settings
from ecs_training.reactions import REACTIONS
from tests.conftest import MovableClock

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")
NARROWEST: ViewportSize = {"width": 320, "height": 640}
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 900}
AXE_SCRIPT = Axe().axe_script
AXE = {
    "runOnly": [
        "wcag2a",
        "wcag2aa",
        "wcag21a",
        "wcag21aa",
        "wcag22aa",
        "best-practice",
    ],
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folder = Path(__file__).parent
    for item in items:
        if folder in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None and os.environ.get("CI"):
        pytest.fail("Chromium is missing: apt-get install chromium")
    if path is None:
        pytest.skip("Chromium is missing (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """Serve the app; return its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def visit(browser: Browser, site: str) -> Callable[..., AbstractContextManager[Page]]:
    """Open a page in a fresh context: `with visit(viewport=PHONE) as page:`.

    Whatever the browser complains about (a refused script, a third-party request) fails
    the test.
    """

    @contextmanager
    def open_context(**options: Any) -> Iterator[Page]:
        context: BrowserContext = browser.new_context(
            base_url=site, reduced_motion="reduce", locale="en-GB", **options
        )
        page = context.new_page()
        complaints: list[str] = []
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text) if message.type == "error" else None
            ),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((site, "data:"))
                else complaints.append(f"asked {request.url}")
            ),
        )
        yield page
        context.close()
        # A 4xx answer is logged by Chromium as an error; those are the test's own business.
        assert [c for c in complaints if "Failed to load resource" not in c] == []

    return open_context


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Make the demo's data once; every test gets a copy."""
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    settings = Settings(database_url=f"sqlite:///{path}", secret_key="k3y" * 20)
    database = Database(settings, without_mail(REACTIONS))
    upgrade(database.engine)
    facts = set_up(database, MovableClock(), settings)
    database.engine.dispose()
    return path, facts


@pytest.fixture(scope="session")
def template(demo: tuple[Path, dict[str, Any]]) -> str:
    return str(demo[0])


@pytest.fixture
def facts(demo: tuple[Path, dict[str, Any]]) -> dict[str, Any]:
    return {**demo[1], **demo[1]["passes"]}


def accessibility_problems(page: Page) -> list[str]:
    """Return what axe finds on the page in view, a line each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    # Not all that axe found to be right: that is a hundred times as much to carry over.
    found = page.evaluate(
        "options => axe.run(options).then(all => all.violations)", AXE
    )
    return [
        f"{violation['id']}: {node['html'][:120]}"
        for violation in found
        for node in violation["nodes"]
    ]
