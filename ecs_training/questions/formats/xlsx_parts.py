"""The parts of an XLSX file that its first sheet needs: relations, strings and styles."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ecs_training.questions.formats.found import FileRefused
from ecs_training.questions.formats.markup import Flat
from ecs_training.questions.formats.packages import XmlPackage
from ecs_training.questions.formats.xml_trees import Node

WORKBOOK = "xl/workbook.xml"
LARGEST_PART = 8_000_000  # bytes, unpacked
# Numbers of built-in formats that show the number as it is, and that show a date or time.
PLAIN_FORMATS = {0, 49}
DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
QUOTED = re.compile(r'"[^"]*+"|\[[^\]]*+\]|\\.|_.|\*.')
DATE_LETTERS = re.compile(r"[dmyhs]", re.IGNORECASE)
KNOWN_FORMATS = {str(number) for number in range(164)}
LONGEST_CODE = 255  # characters, as in Excel
PLAIN_CODES = {"general", "@"}
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
HALVES = range(0xD800, 0xE000)  # of characters: nothing on their own
# Of a run of letters in a cell: what it may say without being refused or left out.
UNSEEN = {"rFont", "charset", "family", "sz", "scheme", "color", "extend", "condense"}


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Where the first sheet lies, and what it refers to. `styles`: of each number format
    whether it shows a plain number (None), a date, or something else.
    """

    sheet: str
    strings: list[Flat]
    styles: list[str | None]
    since_1904: bool


def read_parts(package: XmlPackage, *, name: str) -> Parts:
    """Raise FileRefused where there is no workbook or no sheet to read."""
    workbook = _one(package, WORKBOOK, name)
    relations = {
        node.attributes.get("Id", ""): node
        for node in _each(package, "xl/_rels/workbook.xml.rels", depth=1)
    }
    sheets = [
        sheet
        for sheet in workbook.walk()
        if sheet.name == "sheet"
        and sheet.attributes.get("state", "visible") == "visible"
    ]
    relation = relations.get(sheets[0].attributes.get("id", "")) if sheets else None
    if not relation or not relation.attributes.get("Type", "").endswith("/worksheet"):
        raise FileRefused("has no sheet with cells in its first place", name=name)
    properties = workbook.first("workbookPr")
    return Parts(
        sheet=_target(relation),
        strings=list(_strings(package, _typed(relations, "/sharedStrings"))),
        styles=list(_styles(package, _typed(relations, "/styles"))),
        since_1904=properties is not None
        and properties.attributes.get("date1904") in {"1", "true"},
    )


def _typed(relations: dict[str, Node], kind: str) -> str:
    for relation in relations.values():
        if relation.attributes.get("Type", "").endswith(kind):
            return _target(relation)
    return ""


def _target(relation: Node) -> str:
    path = relation.attributes.get("Target", "")
    return posixpath.normpath(posixpath.join("/xl", path)).lstrip("/")


def _one(package: XmlPackage, member: str, name: str) -> Node:
    for root in _each(package, member, depth=0):
        return root
    raise FileRefused(f"is no XLSX file: it has no {member}", name=name)


def _each(package: XmlPackage, member: str, *, depth: int) -> Iterator[Node]:
    if package.holds(member):
        yield from package.trees(member, depth=depth)


def _strings(package: XmlPackage, member: str) -> Iterator[Flat]:
    for node in _each(package, member, depth=1):
        yield rich_text(node)


def rich_text(node: Node) -> Flat:
    """Join the runs of a text; what their letters look like is lost or refused."""
    parts: list[str] = []
    losses: set[str] = set()
    fault = None
    for each in node.elements():
        if each.name == "t":
            parts.append(each.text())
        elif each.name == "r":
            parts.append("".join(text.text() for text in each.all("t")))
            looks = each.first("rPr")
            names = {look.name for look in looks.elements()} if looks else set()
            if names & {"strike", "vertAlign"}:
                fault = "holds letters that are struck through, raised or lowered"
            elif names - UNSEEN:
                losses.add("emphasis was left out")
    return Flat(text=unescaped("".join(parts)), losses=tuple(losses), fault=fault)


def unescaped(text: str) -> str:
    """Undo the _x000A_ by which Excel writes control characters."""
    return ESCAPED.sub(lambda found: _character(int(found[1], 16)), text)


def _character(number: int) -> str:
    return "\ufffd" if number in HALVES else chr(number)


def escaped(text: str) -> str:
    """Keep a text from being read as such an escape."""
    return ESCAPED.sub(r"_x005F_x\1_", text)


def _styles(package: XmlPackage, member: str) -> Iterator[str | None]:
    shows: dict[str, str | None] = {}
    for node in _each(package, member, depth=2):
        number = node.attributes.get("numFmtId", "0")
        if node.above[1:] == ("numFmts",):
            shows[number] = _shows(node.attributes.get("formatCode", ""))
        elif node.above[1:] == ("cellXfs",):
            yield shows[number] if number in shows else _shows_built_in(number)


def _shows(code: str) -> str | None:
    if code.lower() in PLAIN_CODES:
        return None
    bare = QUOTED.sub("", code[:LONGEST_CODE])
    return "date" if DATE_LETTERS.search(bare) else "special"


def _shows_built_in(number: str) -> str | None:
    built_in = int(number) if number in KNOWN_FORMATS else 0
    if built_in in PLAIN_FORMATS:
        return None
    return "date" if built_in in DATE_FORMATS else "special"
