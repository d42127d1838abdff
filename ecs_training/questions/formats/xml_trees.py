"""XML in small trees, one after the other, with line numbers and without surprises.

No document type, no entity of its own, bounded depth, attributes, length and number. What
is read so far is handed on and forgotten, so a long file needs no more memory than a short.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from ecs_training.questions.formats.allowance import Allowance
from ecs_training.questions.formats.found import FileRefused

CHUNK = 16_384  # bytes handed to the parser at a time
LONGEST_TAG = 65_536  # bytes of one tag or comment
MOST_IN_ONE = 5_000  # in one tree
LONGEST_TEXT = 3_000_000  # characters in one tree
MOST_ATTRIBUTES = 50
DEEPEST = 60
LONGEST_DECLARATION = 200  # bytes, `<?xml … ?>`
ENCODING = re.compile(rb"""<\?xml[^>]{1,99}?encoding\s{0,9}=\s{0,9}["']([^"']{1,40})""")
KNOWN_ENCODINGS = {b"utf-8", b"utf-16", b"us-ascii", b"iso-8859-1", b"windows-1252"}


class NotWellFormed(FileRefused):
    """The file is no XML, or was damaged; nothing suggests that somebody meant harm."""


@dataclass(slots=True)
class Node:
    """An element. Names are local, without namespace; `line` is that of its start tag."""

    name: str
    namespace: str
    attributes: dict[str, str]
    line: int
    above: tuple[str, ...] = ()  # the names of what it stands in, outermost first
    children: list["Node | str"] = field(default_factory=list)

    def all(self, name: str) -> list["Node"]:
        return [each for each in self.elements() if each.name == name]

    def first(self, *path: str) -> "Node | None":
        """Return the first element on a path of names, or None."""
        here: Node | None = self
        for name in path:
            found = here.all(name) if here else []
            here = found[0] if found else None
        return here

    def elements(self) -> list["Node"]:
        return [each for each in self.children if isinstance(each, Node)]

    def walk(self) -> Iterator["Node"]:
        """Yield every element inside, in the order of the file."""
        left = self.elements()[::-1]
        while left:
            node = left.pop()
            yield node
            left += node.elements()[::-1]

    def text(self) -> str:
        """Return the text that stands directly in the element."""
        return "".join(each for each in self.children if isinstance(each, str))

    def inner_text(self, *path: str) -> str:
        """Return the trimmed text of the first element on a path; empty without one."""
        found = self.first(*path)
        return found.text().strip() if found else ""


def read_trees(
    data: bytes, *, name: str, depth: int, allowance: Allowance | None = None
) -> Iterator[Node]:
    """Yield every element that stands `depth` levels below the root, with all it holds.

    Raise FileRefused for XML that is unsafe or too large, NotWellFormed for what is no XML.
    """
    (allowance or Allowance()).spend(data, name=name)
    _refuse_encoding(data, name)
    builder = _Builder(depth, name)
    parser: Any = DefusedXMLParser(target=builder, forbid_dtd=True)
    builder.parser = parser.parser
    fed = 0
    try:
        while fed < len(data):
            parser.feed(data[fed : fed + CHUNK])
            fed = min(fed + CHUNK, len(data))
            if fed - parser.parser.CurrentByteIndex > LONGEST_TAG:
                builder.refuse(f"a tag or comment is longer than {LONGEST_TAG} bytes")
            yield from builder.take()
        parser.close()
        yield from builder.take()
    except DefusedXmlException:
        builder.refuse("holds a document type or entities of its own; take them out")
    except ParseError as error:
        at = parser.parser.ErrorByteIndex
        why = _why_broken(error, data[at : at + 1])
        raise NotWellFormed(why, name=name, line=error.position[0]) from None


def _why_broken(error: ParseError, byte: bytes) -> str:
    if byte >= b"\x80":
        return "is not in the encoding that it claims; save it as UTF-8 and try again"
    said = str(error).partition(":")[0]
    return f"is no well-formed XML ({said}); export it again from its source"


def _refuse_encoding(data: bytes, name: str) -> None:
    """Only encodings that every reader knows, and no UTF-8 that is none."""
    found = ENCODING.match(data[:LONGEST_DECLARATION].removeprefix(b"\xef\xbb\xbf"))
    encoding = found[1].lower() if found else b"utf-8"
    if encoding not in KNOWN_ENCODINGS:
        why = "is in an encoding that cannot be read; save it as UTF-8 and try again"
        raise NotWellFormed(why, name=name, line=1)


class _Builder:
    """What the parser tells as it goes: builds the trees at one depth, and nothing above."""

    def __init__(self, depth: int, name: str) -> None:
        self.parser: Any = None
        self._depth = depth
        self._name = name
        self._above: list[str] = []
        self._open: list[Node] = []
        self._done: list[Node] = []
        self._nodes = 0
        self._characters = 0

    def take(self) -> list[Node]:
        done, self._done = self._done, []
        return done

    def refuse(self, why: str) -> NoReturn:
        line = self.parser.CurrentLineNumber
        raise FileRefused(why, name=self._name, line=line)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        depth = len(self._above) + len(self._open)
        if depth >= DEEPEST or len(attributes) > MOST_ATTRIBUTES:
            self.refuse("has tags nested too deeply, or with too many attributes")
        namespace, _, name = tag.rpartition("}")
        if depth < self._depth:
            self._above.append(name)
            return
        if attributes:
            attributes = {
                key.rpartition("}")[2]: value for key, value in attributes.items()
            }
        self._add(Node(name, namespace[1:], attributes, self.parser.CurrentLineNumber))

    def _add(self, node: Node) -> None:
        if self._open:
            self._open[-1].children.append(node)
        else:
            node.above = tuple(self._above)
            self._nodes = self._characters = 0
        self._open.append(node)
        self._nodes += 1
        if self._nodes > MOST_IN_ONE:
            self.refuse(f"one item has more than {MOST_IN_ONE} tags")

    def end(self, _tag: str) -> None:
        if not self._open:
            self._above.pop()
            return
        node = self._open.pop()
        if not self._open:
            self._done.append(node)

    def data(self, text: str) -> None:
        if self._open:
            self._open[-1].children.append(text)
            self._characters += len(text)
            if self._characters > LONGEST_TEXT:
                self.refuse(f"one item has more than {LONGEST_TEXT} characters")

    def close(self) -> None:
        """Do nothing: the trees were taken as they were done."""
