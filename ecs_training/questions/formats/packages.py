"""ZIP files of XML, as QTI packages and XLSX files are."""

from collections.abc import Iterator

from ecs_training.questions.formats.allowance import Allowance
from ecs_training.questions.formats.archives import Archive
from ecs_training.questions.formats.xml_trees import Node, read_trees


class XmlPackage:
    """Gives out members as trees; all of them together may hold what one file may."""

    def __init__(self, data: bytes, *, name: str, largest: int) -> None:
        """Raise FileRefused for a bad archive. `largest`: bytes of one XML member."""
        self._archive = Archive(data, name=name)
        self._name = name
        self._largest = largest
        self._allowance = Allowance()

    @property
    def members(self) -> tuple[str, ...]:
        return tuple(self._archive.members)

    def holds(self, member: str) -> bool:
        return member in self._archive.members

    def size_of(self, member: str) -> int:
        return self._archive.size_of(member)

    def read(self, member: str, *, most: int) -> bytes:
        return self._archive.read(member, most=most)

    def trees(self, member: str, *, depth: int) -> Iterator[Node]:
        """Yield what `read_trees` yields of a member. Raise FileRefused, naming it."""
        data = self.read(member, most=self._largest)
        name = f"{self._name}, {member}"
        yield from read_trees(data, name=name, depth=depth, allowance=self._allowance)
