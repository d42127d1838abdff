"""What staff type and press on the pages of the bank."""

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.browsing import Visitor
from tests.questions.desk import BOOTS

BANK = "/staff/questions"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9"/></svg>'
PLANTED = "planted beside the key"

# What somebody types into the form of a question, with every fact.
TYPED = {
    "topic": "fire",
    "stem": BOOTS.stem,
    **{f"option_{letter}": text for letter, text in BOOTS.options.items()},
    "key": "b",
    "rationale": BOOTS.rationale,
    "source": BOOTS.source,
    "clause": BOOTS.clause,
    "checked_on-day": "1",
    "checked_on-month": "mar",
    "checked_on-year": "2026",
    "difficulty": "85",
    "jurisdiction": "gb",
}


def sign_in(app: Flask, name: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(f"{name}@example.org")
    return visitor


def type_into(
    visitor: Visitor, path: str, go: str = "submit", **changes: Any
) -> TestResponse:
    """Open the form, replace what it says, press a button and follow."""
    visitor.open(f"{BANK}/{path}")
    return visitor.send(**({} if path != "new" else TYPED) | changes, go=go)


def alerts(page: TestResponse) -> list[str]:
    found = re.search(r'role="alert".*?</div>', page.text, re.DOTALL)
    return re.findall(r"<(?:p|a [^>]*)>([^<]+)</", found[0]) if found else []


def decide_path(code: str, what: str = "reading", number: int = 1) -> str:
    return f"{BANK}/{code}/revisions/{number}/{what}"
