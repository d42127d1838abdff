"""QTI 2.1, 2.2 and 3.0: a single item, or a zipped package of items and pictures.

A package's items come in the order of its manifest, imsmanifest.xml. One without a manifest,
or whose manifest names no item, gives every item file in it in the archive's own order.
"""

import posixpath
from collections.abc import Iterator
from functools import partial
from urllib.parse import unquote

from ecs_training.questions.formats.archives import SIGNATURE
from ecs_training.questions.formats.drafts import Draft, judge
from ecs_training.questions.formats.found import FileRefused, FoundItem, shown
from ecs_training.questions.formats.packages import XmlPackage
from ecs_training.questions.formats.pictures import LARGEST_PICTURE, PictureFault
from ecs_training.questions.formats.qti_items import Finder, read_item
from ecs_training.questions.formats.qti_names import is_item
from ecs_training.questions.formats.xml_trees import NotWellFormed, read_trees

MANIFEST = "imsmanifest.xml"
LARGEST_ITEM = 1_000_000  # bytes of one XML file in a package
NO_ITEM = "is no item of QTI 2.1, 2.2 or 3.0"


def read_qti(data: bytes, *, name: str) -> list[FoundItem]:
    """Raise FileRefused for unsafe or broken XML, a bad archive, and where no item is."""
    if data.startswith(SIGNATURE):
        return judge(_Package(data, name).drafts(), name=name)
    return judge([_single(data, name)], name=name)


def _single(data: bytes, name: str) -> Draft:
    root = next(read_trees(data, name=name, depth=0))
    if not is_item(root):
        why = f"{NO_ITEM}: it begins with <{root.name[:40]}>"
        raise FileRefused(why, name=name, line=root.line)
    draft = Draft(line=root.line)
    read_item(root, draft, find_picture=_no_picture)
    return draft


def _no_picture(_address: str) -> PictureFault:
    """A single item brings no pictures along."""
    return PictureFault.MISSING


class _Package:
    def __init__(self, data: bytes, name: str) -> None:
        self._package = XmlPackage(data, name=name, largest=LARGEST_ITEM)
        self._pictures: dict[str, bytes] = {}

    def drafts(self) -> Iterator[Draft]:
        manifest = self._manifest()
        listed = list(self._listed(manifest)) if manifest else []
        if listed:
            return (self._draft(member, line) for member, line in listed)
        return self._unlisted()

    def _manifest(self) -> str | None:
        """Find the manifest: at the top, or in the one folder that was zipped."""
        found = [
            name
            for name in self._package.members
            if posixpath.basename(name) == MANIFEST
        ]
        return min(found, key=lambda name: (name.count("/"), name), default=None)

    def _listed(self, manifest: str) -> Iterator[tuple[str | None, int]]:
        """Yield the member of each item, None where it would lie outside, and the line."""
        for node in self._package.trees(manifest, depth=2):
            kind = node.attributes.get("type", "").lower()
            if node.above[1:] != ("resources",) or not _is_item_type(kind):
                continue
            inside = node.first("file")
            href = node.attributes.get("href") or (
                inside.attributes.get("href", "") if inside else ""
            )
            base = posixpath.join(manifest, "..", node.attributes.get("base", ""))
            yield _resolved(base, href), node.line

    def _draft(self, member: str | None, line: int) -> Draft:
        if member is None or not self._package.holds(member):
            return _refused(MANIFEST, line, "names an item that is not in the package")
        return self._read(member) or _refused(member, 1, NO_ITEM)

    def _unlisted(self) -> Iterator[Draft]:
        for member in self._package.members:
            if member.lower().endswith(".xml") and not member.endswith(MANIFEST):
                draft = self._read(member)
                if draft:
                    yield draft

    def _read(self, member: str) -> Draft | None:
        """Return None for a file that is well-formed but no item, like a test."""
        try:
            root = next(self._package.trees(member, depth=0))
        except NotWellFormed as broken:
            return _refused(member, broken.line or 1, broken.why)
        if not is_item(root):
            return None
        draft = Draft(line=root.line, member=shown(member))
        finder: Finder = partial(self._find_picture, member)
        read_item(root, draft, find_picture=finder)
        return draft

    def _find_picture(self, member: str, address: str) -> bytes | PictureFault:
        path = _resolved(posixpath.join(member, ".."), address)
        if path is None or not self._package.holds(path):
            return PictureFault.MISSING
        if self._package.size_of(path) > LARGEST_PICTURE:
            return PictureFault.TOO_LARGE
        if path not in self._pictures:
            self._pictures[path] = self._package.read(path, most=LARGEST_PICTURE)
        return self._pictures[path]


def _is_item_type(kind: str) -> bool:
    return kind.startswith("imsqti_") and "item_xml" in kind


def _refused(member: str, line: int, why: str) -> Draft:
    draft = Draft(line=line, member=shown(member))
    draft.refuse(why)
    return draft


def _resolved(base: str, href: str) -> str | None:
    """Return the member that an address means; None for one outside of the package."""
    path = posixpath.normpath(posixpath.join(base, unquote(href.partition("?")[0])))
    if ":" in href or path.startswith(("/", "..")) or "\\" in path:
        return None
    return path
