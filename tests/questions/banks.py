"""A bank of six items in a folder of its own, to plant faults in."""

from pathlib import Path

SOURCES = """\
eawr-1989:
  title: "Electricity at Work Regulations 1989"
  year: 1989
  edition: "SI 1989/635, as amended"
  jurisdiction: gb
  issuer: "UK Government"
"""
BLUEPRINT = """\
id: short
version: 3
minutes: 5
pass_mark: 2
topics:
  fire: 1
  electrical: 2
"""


def write_item(code: str, *, key: str = "b", more: str = "") -> str:
    """Return one item as it stands in a topic file, 20 lines long without `more`."""
    return f"""\
  - id: {code}
    revision: 1
    status: live
    stem: "What comes first in {code}?"
    options:
      a: "Test that it is dead"
      b: "Find the right circuit"
      c: "Lock the isolator"
      d: "Tell the others"
    key: {key}
    rationale: "Whatever is isolated must be the right thing."
    source: {{id: eawr-1989, clause: "reg 13", checked_on: 2026-11-22}}
    difficulty: 0.82
    jurisdiction: gb
    enemies: []
    reviews:
      - on: 2026-11-22
        outcome: agreed
{more}
"""


def write_topic(topic: str, *items: str) -> str:
    return f"topic: {topic}\nitems:\n{''.join(items)}"


def write_bank(folder: Path) -> Path:
    """Write the bank and return its folder. elec-001 starts on line 3 of its file."""
    for part in ("topics", "blueprints", "images"):
        (folder / part).mkdir(parents=True)
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    (folder / "blueprints/short.yaml").write_text(BLUEPRINT, encoding="utf-8")
    for topic, prefix in (("electrical", "elec"), ("fire", "fire")):
        text = write_topic(topic, *(write_item(f"{prefix}-00{n}") for n in (1, 2, 3)))
        (folder / f"topics/{topic}.yaml").write_text(text, encoding="utf-8")
    return folder


def change(folder: Path, file: str, before: str, after: str) -> None:
    """Replace the first `before` in a file of the bank."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert before in text, before
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
