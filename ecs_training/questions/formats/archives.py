"""ZIP files whose every claim about themselves is doubted."""

import stat
import struct
import zlib
from io import BytesIO
from itertools import pairwise
from typing import NoReturn
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from ecs_training.questions.formats.found import FileRefused

MOST_MEMBERS = 6_000
MOST_UNPACKED = 24_000_000  # bytes, of everything that is read from one file
LONGEST_NAME = 200
LOCAL_HEADER = 30  # bytes at least, in front of what is packed
SIGNATURE = b"PK\x03\x04"
DIRECTORY_ENTRY = b"PK\x01\x02"
CHUNK = 65_536
TOO_MUCH = "unpacks to more than is allowed"
ENCRYPTED = 1  # bit of the flags
DAMAGED = (
    *(BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(RuntimeError, ValueError, OverflowError, IndexError),
)


class Archive:
    """The members of a ZIP file by name, in its own order. Nothing is ever written to disk."""

    def __init__(self, data: bytes, *, name: str) -> None:
        """Raise FileRefused for a damaged file and for one that means harm."""
        self._name = name
        self._left = MOST_UNPACKED
        # Counted before Python builds an object for each.
        if data.count(DIRECTORY_ENTRY) > MOST_MEMBERS:
            self._refuse(f"holds more than {MOST_MEMBERS} files; split it")
        try:
            self._zip = ZipFile(BytesIO(data))
        except DAMAGED:
            self._refuse("is no ZIP file, or a damaged one; make it again")
        self.members: dict[str, ZipInfo] = {}
        for info in self._zip.infolist():
            self._admit(info)
        self._refuse_overlap()
        if sum(info.file_size for info in self.members.values()) > MOST_UNPACKED:
            self._refuse(TOO_MUCH)

    def _refuse(self, why: str) -> NoReturn:
        raise FileRefused(why, name=self._name)

    def _admit(self, info: ZipInfo) -> None:
        shown = repr(info.filename[:60])
        if _is_outside(info.orig_filename):
            self._refuse(f"holds a file that would lie outside of it: {shown}")
        if len(info.filename) > LONGEST_NAME:
            self._refuse(f"holds a file with too long a name: {shown}")
        if stat.S_ISLNK(info.external_attr >> 16):
            self._refuse(f"holds a link instead of a file: {shown}")
        if info.flag_bits & ENCRYPTED:
            self._refuse("is protected by a password; make it again without one")
        if info.filename in self.members:
            self._refuse(f"holds two files of the same name: {shown}")
        if info.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            self._refuse(f"holds a file packed in an unusual way: {shown}")
        if not info.is_dir():
            self.members[info.filename] = info

    def _refuse_overlap(self) -> None:
        """Refuse members that share their bytes: a small file would unpack to a huge one."""
        infos = sorted(self.members.values(), key=lambda info: info.header_offset)
        for before, after in pairwise(infos):
            end = before.header_offset + LOCAL_HEADER + before.compress_size
            if end > after.header_offset:
                self._refuse("holds files that overlap; make it again")

    def size_of(self, member: str) -> int:
        """Return the bytes that a member says it has."""
        return self.members[member].file_size

    def read(self, member: str, *, most: int) -> bytes:
        """Unpack one member, counting as it goes. `most` is in bytes.

        Raise FileRefused for more than `most`, for more than all members together may
        have, and for a damaged one.
        """
        parts: list[bytes] = []
        size = 0
        try:
            with self._zip.open(self.members[member]) as file:
                while part := file.read(CHUNK):
                    size += len(part)
                    if size > min(most, self._left):
                        break
                    parts.append(part)
        except DAMAGED:
            self._refuse(f"is damaged at {member!a}; make it again")
        if size > min(most, self._left):
            self._refuse(f"{TOO_MUCH}, at {member!a}")
        self._left -= size
        return b"".join(parts)


def _is_outside(name: str) -> bool:
    parts = name.split("/")
    return (
        name.startswith("/")
        or ".." in parts
        or "\\" in name
        or "\0" in name
        or ":" in parts[0]
    )
