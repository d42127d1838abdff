"""Which option of a QTI item is right."""

import math
from collections.abc import Collection
from dataclasses import dataclass

from ecs_training.questions.formats.qti_names import (
    attribute,
    child,
    children,
    kind_of,
)
from ecs_training.questions.formats.xml_trees import Node

MATCH = {"match_correct", "cc2_match_basic"}
MAP = {"map_response", "cc2_map_response"}
SCORE = "SCORE"
PLAIN_BRANCHES = (["responseIf"], ["responseIf", "responseElse"])
OWN_RULES = "its own scoring rules were left out; the right answer it states was kept"


@dataclass(frozen=True, kw_only=True)
class Key:
    """The identifier of the right option, or why there is none."""

    right: str | None = None
    fault: str | None = None
    loss: str | None = None


def read_key(
    declaration: Node | None, processing: Node | None, options: Collection[str]
) -> Key:
    """Take the key from a response declaration, as its response processing would use it."""
    if not declaration:
        return Key(fault="does not say which option is right")
    if attribute(declaration, "cardinality") != "single":
        return Key(fault="lets several answers be chosen")
    if attribute(declaration, "baseType") != "identifier":
        return Key(fault="asks for something else than one of its options")
    template = _template(processing)
    key = _mapped(declaration) if template in MAP else _stated(declaration)
    if key.right is not None and key.right not in options:
        return Key(fault="names an option as right that it does not have")
    if key.right and template and template not in {*MATCH, *MAP}:
        return Key(right=key.right, loss=OWN_RULES)
    return key


def _template(processing: Node | None) -> str:
    """Return the last part of a template's address; empty where nothing is said."""
    if not processing:
        return ""
    address = attribute(processing, "template")
    if address:
        return address.rpartition("/")[2].removesuffix(".xml").lower()
    if not processing.elements():
        return ""
    return "match_correct" if _is_plain_match(processing) else "own rules"


def _is_plain_match(processing: Node) -> bool:
    """Recognise match_correct written out: marks if the response is the correct one."""
    condition, *more = processing.elements()
    branches = condition.elements()
    if more or kind_of(condition) != "responseCondition":
        return False
    if [kind_of(each) for each in branches] not in PLAIN_BRANCHES:
        return False
    then, *otherwise = branches
    match = child(then, "match")
    compared = match.elements() if match else []
    names = {attribute(each, "identifier") for each in compared}
    return (
        [kind_of(each) for each in compared] == ["variable", "correct"]
        and len(names) == 1
        and _marks(then) == [True]
        and not any(True in _marks(each) for each in otherwise)
    )


def _marks(branch: Node) -> list[bool]:
    """Say of each score that a branch sets, whether it gives marks."""
    return [
        _gives_marks(each)
        for each in branch.elements()
        if attribute(each, "identifier") == SCORE
    ]


def _gives_marks(setting: Node) -> bool:
    value = child(setting, "baseValue")
    maximum = child(setting, "variable")
    if maximum:
        return attribute(maximum, "identifier") == "MAXSCORE"
    number = _number(value.text()) if value else None
    return number is not None and number > 0


def _stated(declaration: Node) -> Key:
    correct = child(declaration, "correctResponse")
    values = (
        [each.text().strip() for each in children(correct, "value")] if correct else []
    )
    if not values:
        return Key(
            fault="states no right answer; its scoring needs a person to read it"
        )
    if len(values) > 1:
        return Key(fault=f"states {len(values)} right answers")
    return Key(right=values[0])


def _mapped(declaration: Node) -> Key:
    mapping = child(declaration, "mapping")
    if not mapping:
        return Key(fault="says nothing of the marks that its scoring needs")
    marks = {
        attribute(each, "mapKey"): _number(attribute(each, "mappedValue"))
        for each in children(mapping, "mapEntry")
    }
    rest = _number(attribute(mapping, "defaultValue") or "0")
    values = [*marks.values(), rest]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return Key(fault="gives marks that are no numbers")
    right = [name for name, value in marks.items() if value is not None and value > 0]
    if len(right) != 1 or (rest or 0) > 0:
        return Key(fault="gives part of the marks for an option, or none for any")
    if child(declaration, "correctResponse") and _stated(declaration).right != right[0]:
        return Key(fault="states one right answer and gives the marks for another")
    penalised = any(value < 0 for value in known)
    loss = "penalties for wrong options were left out" if penalised else None
    return Key(right=right[0], loss=loss)


def _number(text: str) -> float | None:
    try:
        number = float(text.strip()[:40])
    except ValueError:
        return None
    return number if math.isfinite(number) else None
