"""A visitor who reads pages and sends their forms, over the test client."""

from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import PASSWORD

LIGHT_PAGE = "/privacy"  # it asks the database for little, whoever looks at it


class _Forms(HTMLParser):
    """Collect every form of a page: its action and what a browser would send untouched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, str, dict[str, str]]] = []
        self.selecting = self.writing = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            method = found.get("method", "get").lower()
            action = found.get("action", "").partition("#")[0]
            self.forms.append((method, action, {}))
        elif self.forms and tag == "option":
            self._offer(found)
        elif self.forms and tag == "textarea":
            self.writing = found.get("name", "")
            self.forms[-1][2][self.writing] = ""
        elif self.forms and found.get("name"):
            self._keep(tag, found)

    def handle_data(self, data: str) -> None:
        if self.writing:
            self.forms[-1][2][self.writing] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.writing = ""

    def _keep(self, tag: str, found: dict[str, str]) -> None:
        if tag == "select":
            self.selecting = found["name"]
        ticked = found.get("type") not in {"radio", "checkbox"} or "checked" in found
        if tag == "input" and ticked and found.get("type") != "file":
            self.forms[-1][2][found["name"]] = found.get("value", "")

    def _offer(self, option: dict[str, str]) -> None:
        kept = self.forms[-1][2]
        if self.selecting and ("selected" in option or self.selecting not in kept):
            kept[self.selecting] = option.get("value", "")


def _token_on(page: TestResponse | None) -> str:
    text = page.text if page else ""
    return text.partition('name="csrf-token" content="')[2].partition('"')[0]


class Visitor:
    """One browser with one cookie jar. Redirects are followed, as a person would see it."""

    def __init__(self, app: Flask, *, base_url: str = "http://localhost") -> None:
        self.client: FlaskClient = app.test_client()
        self.base_url = base_url
        self.page: TestResponse | None = None

    def open(self, path: str, **kwargs: Any) -> TestResponse:
        self.page = self.client.get(
            path, base_url=self.base_url, follow_redirects=True, **kwargs
        )
        return self.page

    def send(self, *, to: str = "", follow: bool = True, **fields: Any) -> TestResponse:
        """Send the page's form whose action ends with `to`; without `to`, the last one."""
        assert self.page is not None, "open a page first"
        forms = [form for form in _Forms(self.page.text).forms if form[0] == "post"]
        wanted = [form for form in forms if form[1].endswith(to)] if to else forms
        assert wanted, f"no form to {to!r} among {[form[1] for form in forms]}"
        _, action, kept = wanted[-1]
        self.page = self.client.post(
            action or self.page.request.full_path.rstrip("?"),
            data={**kept, **fields},
            base_url=self.base_url,
            headers={"Referer": f"{self.base_url}/"},
            follow_redirects=follow,
        )
        return self.page

    def token(self) -> str:
        """Return the CSRF token of the page in view; of another, if that one has none."""
        token = _token_on(self.page)
        return token or _token_on(self.open(LIGHT_PAGE))

    def post(self, path: str, **fields: Any) -> TestResponse:
        """Post fields to an address directly, with a good token; no redirect is followed."""
        return self.client.post(
            path,
            data={"csrf_token": self.token(), **fields},
            base_url=self.base_url,
            headers={"Referer": f"{self.base_url}/"},
        )

    def sign_in(
        self, email: str, password: str = PASSWORD, *, follow: bool = False
    ) -> TestResponse:
        """Sign in; the page that it leads to is not opened for those who do not look at it."""
        self.open("/sign-in")
        return self.send(email=email, password=password, follow=follow)
