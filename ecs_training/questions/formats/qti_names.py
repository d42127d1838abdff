"""QTI 2.x and 3.0 say the same in two spellings: responseIdentifier, response-identifier."""

import re
from functools import lru_cache

from ecs_training.questions.formats.xml_trees import Node

# The last part of the namespace tells the version; a schema location may say anything.
NAMESPACES = {"imsqti_v2p0", "imsqti_v2p1", "imsqti_v2p2", "imsqtiasi_v3p0"}
MOST_KEPT = 200  # names; QTI has fewer
PREFIX = "qti-"
HYPHEN = re.compile(r"-([a-z])")
CAPITAL = re.compile(r"([A-Z])")


def is_item(root: Node) -> bool:
    return kind_of(root) == "assessmentItem" and knows(root.namespace)


def knows(namespace: str) -> bool:
    return namespace.rpartition("/")[2] in NAMESPACES


def kind_of(node: Node) -> str:
    """Return the element's name as QTI 2.x spells it; HTML's names stay as they are."""
    return _joined(node.name) if node.name.startswith(PREFIX) else node.name


@lru_cache(maxsize=MOST_KEPT)
def _joined(name: str) -> str:
    return HYPHEN.sub(lambda found: found[1].upper(), name.removeprefix(PREFIX))


def attribute(node: Node, name: str) -> str:
    """Return an attribute by its name in QTI 2.x; empty if it is not there."""
    value = node.attributes.get(name)
    if value is None:
        value = node.attributes.get(_hyphened(name), "")
    return value.strip()


@lru_cache(maxsize=MOST_KEPT)
def _hyphened(name: str) -> str:
    return CAPITAL.sub(lambda found: f"-{found[1].lower()}", name)


def children(node: Node, kind: str) -> list[Node]:
    return [each for each in node.elements() if kind_of(each) == kind]


def child(node: Node | None, kind: str) -> Node | None:
    return next(iter(children(node, kind)), None) if node else None
