"""Pictures that come with an item: known by their bytes, and harmless."""

from enum import StrEnum

from ecs_training.questions.formats.found import FoundPicture
from ecs_training.questions.rules.pictures import why_not_picture as why_not_svg

LARGEST_PICTURE = 1_000_000  # bytes
LONGEST_NAME = 60  # characters, as in the bank
MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")


class PictureFault(StrEnum):
    MISSING = "shows a picture that is not in the file"
    SEVERAL = "shows more than one picture"
    IN_OPTION = "an option shows a picture"
    TOO_LARGE = f"its picture is larger than {LARGEST_PICTURE} bytes"
    NAME = "its picture has a name that no other system would take"
    UNKNOWN = "its picture is no PNG, JPEG, GIF or SVG"


def why_not_picture(data: bytes) -> str | None:
    """Say why these bytes are not a picture that an item can have."""
    if len(data) > LARGEST_PICTURE:
        return PictureFault.TOO_LARGE
    if data.startswith(MAGIC):
        return None
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return PictureFault.UNKNOWN
    why = why_not_svg(data)
    return f"its picture {why}" if why else None


def picture_named(path: str, alt: str, data: bytes) -> FoundPicture:
    """Name a picture after the last part of its path, whatever kind of path that is."""
    name = path.replace("\\", "/").rpartition("/")[2].strip(" .")
    name = "".join(letter for letter in name if letter.isprintable())
    return FoundPicture(name=name[-LONGEST_NAME:] or "picture", alt=alt, data=data)


def why_not_carry(picture: FoundPicture | None) -> str | None:
    """Say why a picture of ours would not come back as it is."""
    if not picture:
        return None
    if picture_named(picture.name, "", b"").name != picture.name:
        return PictureFault.NAME
    return why_not_picture(picture.data)
