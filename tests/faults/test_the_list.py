"""The list in README.md names tests that are there, for every number."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
README = Path(__file__).parent / "README.md"


def test_every_row_names_a_test_that_exists_or_says_why_it_cannot_happen() -> None:
    rows = re.findall(r"^\| T(\d+) \| .* \| (.*) \|$", README.read_text(), re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 41))
    missing = []
    for number, here in rows:
        file = ""
        names = re.findall(r"`((?:[\w/]+\.py)|…)(?:::(\w+)(…?))?`", here)
        for path, name, cut in names:
            file = file if path == "…" else path
            text = (TESTS / file).read_text() if (TESTS / file).exists() else ""
            if not text or (name and f"def {name}" not in text):
                missing.append(f"T{number}: {file}::{name}{cut}")
        if not names and "Cannot happen" not in here:
            missing.append(f"T{number}: nothing")
    assert missing == []
