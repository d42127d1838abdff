"""A bank of eight items of which the content lint finds nothing, to plant faults in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from ecs_training.questions.rules.bank import (
    Bank,
    BankItem,
    Image,
    Jurisdiction,
    Outcome,
    Review,
    Status,
)
from ecs_training.questions.services import check_bank

TODAY = date(2026, 11, 22)
ELEC, FIRE = "topics/electrical.yaml", "topics/fire.yaml"
PICTURE = "images/plug.svg"
SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="#fff"/></svg>
"""
SOURCES = """\
eawr-1989:
  title: "Electricity at Work Regulations 1989"
  year: 1989
  edition: "SI 1989/635, as amended"
  jurisdiction: gb
  issuer: "UK Government"
rrfso-2005:
  title: "Regulatory Reform (Fire Safety) Order 2005"
  year: 2005
  edition: "SI 2005/1541, as amended"
  jurisdiction: england
  issuer: "UK Government"
"""
BLUEPRINT = """\
id: short
version: 1
minutes: 5
pass_mark: 3
topics:
  electrical: 2
  fire: 2
"""
TERMS = "# Words of the trade\nextinguisher\n"
# code, stem, options a to d, key, rationale
ELECTRICAL = (
    ("elec-001", "Which pin of this plug is the longest?",
     ("The earth pin", "The live pin", "The neutral pin", "The round pin"), "a",
     "The earth must connect before the others do."),
    ("elec-002", "A lead has a cut in its cover. What do you do with it?",
     ("Wind tape round it", "Take it out of use", "Keep it off the wet", "Use it with care"), "b",
     "A cut cover may show the wire, and tape comes off."),
    ("elec-003", "Who may work on a board that is live?",
     ("Any site worker", "The last to leave", "A trained person", "The site driver"), "c",
     "Work on live parts is for trained people alone."),
    ("elec-004", "How many locks does each worker put on?",
     ("2 of their own", "3 of their own", "4 of their own", "1 of their own"), "d",
     "Each has 1 lock, and nobody else has its key."),
)  # fmt: skip
FIRES = (
    ("fire-001", "You smell smoke in a store room. What comes first?",
     ("Raise the alarm", "Open the window", "Call your friend", "Finish the task"), "a",
     "Others must hear of it before you do more."),
    ("fire-002", "Where do you go when the bell rings?",
     ("To your car park", "To the meeting point", "To the nearest lift", "To the site store"), "b",
     "At the meeting point somebody counts who is out."),
    ("fire-003", "What is kept off a fire door?",
     ("A coat of paint", "A sign that glows", "A wedge of wood", "A seal of rubber"), "c",
     "A wedge keeps it open, and smoke comes through."),
    ("fire-004", "Gas bottles stand near a hot fire. How near do you go?",
     ("Up to the bottles", "As far as a shed", "Just to the valve", "Right out of there"), "d",
     "They may burst, so nobody goes near."),
)  # fmt: skip
Written = tuple[str, str, Sequence[str], str, str]


def write_good_bank(folder: Path) -> Path:
    """Write the bank and return its folder; elec-001 has the picture."""
    for part in ("topics", "blueprints", "images"):
        (folder / part).mkdir(parents=True)
    for file, text in {
        "sources.yaml": SOURCES,
        "blueprints/short.yaml": BLUEPRINT,
        "terms.txt": TERMS,
        PICTURE: SVG,
        ELEC: _topic("electrical", ELECTRICAL, "eawr-1989"),
        FIRE: _topic("fire", FIRES, "rrfso-2005"),
    }.items():
        (folder / file).write_text(text, encoding="utf-8")
    return folder


def _topic(name: str, written: Sequence[Written], source: str) -> str:
    items = [_item(*one, source=source) for one in written]
    return f"topic: {name}\nitems:\n{''.join(items)}"


def _item(
    code: str,
    stem: str,
    options: Sequence[str],
    key: str,
    rationale: str,
    *,
    source: str,
) -> str:
    a, b, c, d = options
    image = 'image: {file: "plug.svg", alt: "A plug with three pins"}'
    return f"""\
  - id: {code}
    revision: 1
    status: live
    stem: "{stem}"
    options:
      a: "{a}"
      b: "{b}"
      c: "{c}"
      d: "{d}"
    key: {key}
    rationale: "{rationale}"
    source: {{id: {source}, clause: "reg 4", checked_on: 2026-11-22}}
    difficulty: 0.8
    jurisdiction: gb
    enemies: []
    {image if code == "elec-001" else ""}
    reviews:
      - on: 2026-11-22
        outcome: agreed
"""


def list_findings(folder: Path) -> list[tuple[str, int | None, str | None, str]]:
    """Return what the lint finds: file, line, item and rule of each."""
    return [
        (found.file, found.line, found.item, found.rule)
        for found in check_bank(folder, today=TODAY).findings
    ]


def change_item(folder: Path, code: str, before: str, after: str) -> tuple[str, int]:
    """Replace the first `before` at or after an item's id; return file and line of it."""
    file = ELEC if code.startswith("elec") else FIRE
    path = folder / file
    text = path.read_text(encoding="utf-8")
    at = text.index(before, text.index(f"id: {code}") - len("id: "))
    path.write_text(text[:at] + after + text[at + len(before) :], encoding="utf-8")
    return file, text[:at].count("\n") + 1


def make_item(code: str = "elec-001", **changes: Any) -> BankItem:
    """Return an item that no rule objects to, but for the changes."""
    stem, options, key, rationale = ELECTRICAL[2][1:]
    good = BankItem(
        code=code,
        topic="electrical",
        revision=1,
        status=Status.LIVE,
        stem=stem,
        options=dict(zip("abcd", options, strict=True)),
        key=key,
        rationale=rationale,
        source="eawr-1989",
        clause="reg 4",
        checked_on=TODAY,
        difficulty=0.8,
        jurisdiction=Jurisdiction.GB,
        reviews=(Review(on=TODAY, outcome=Outcome.AGREED),),
        file=ELEC,
        lines={"id": 3, "stem": 6, "options.a": 8},
    )
    return replace(good, **changes)


def make_bank(*items: BankItem) -> Bank:
    return Bank(sources={}, items=items, blueprints={})


def make_image(file: str, alt: str = "A plug") -> Image:
    return Image(file=file, alt=alt, sha256=file)
