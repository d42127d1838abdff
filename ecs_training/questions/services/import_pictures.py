"""Pictures that come in question files: cleaned as those are that authors send."""

import hashlib
import io
import warnings
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from ecs_training.foundation.uploads import MOST_PIXELS
from ecs_training.questions.formats import FoundItem
from ecs_training.questions.services.pictures import (
    PNG,
    SIDES,
    SVG,
    CleanPicture,
    PictureRefusal,
    PictureRefused,
    clean_picture,
)

GIF = (b"GIF87a", b"GIF89a")


@dataclass(frozen=True, kw_only=True)
class TakenPicture:
    """What the bank would keep of a picture, and what was lost; or why it keeps nothing."""

    clean: CleanPicture | None = None
    losses: tuple[str, ...] = ()
    fault: str = ""


def take_pictures(
    found: Iterable[FoundItem], *, kept: Collection[str]
) -> dict[bytes, TakenPicture]:
    """Clean every picture of a file, by its bytes in the file; each one once.

    `kept` are the digests of the bank's pictures: one of those is taken as it is, so that
    what was exported is known again.
    """
    taken: dict[bytes, TakenPicture] = {}
    for item in found:
        data = item.picture.data if item.picture else b""
        if data and data not in taken:
            taken[data] = _take(data, kept)
    return taken


def _take(data: bytes, kept: Collection[str]) -> TakenPicture:
    if hashlib.sha256(data).hexdigest() in kept:
        media_type = SVG if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" else PNG
        return TakenPicture(clean=CleanPicture(content=data, media_type=media_type))
    try:
        still, losses = _still(data) if data.startswith(GIF) else (data, ())
        clean = clean_picture(still)
    except PictureRefused as refused:
        return TakenPicture(fault=f"its picture cannot be taken: {refused}")
    return TakenPicture(clean=clean, losses=(*losses, *_made_smaller(still, clean)))


def _still(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return a GIF's first view as a PNG, and whether it moved."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd blocks, which are not kept
            picture = Image.open(io.BytesIO(data), formats=("GIF",))
            if picture.width * picture.height > MOST_PIXELS:
                raise PictureRefused(PictureRefusal.TOO_MANY_PIXELS)
            moves = getattr(picture, "is_animated", False)
            picture.seek(0)
            drawn = io.BytesIO()
            picture.convert("RGBA").save(drawn, "PNG", compress_level=1)
    except Image.DecompressionBombError as error:
        raise PictureRefused(PictureRefusal.TOO_MANY_PIXELS) from error
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
    ) as error:
        raise PictureRefused(PictureRefusal.DAMAGED) from error
    return drawn.getvalue(), ("its picture does not move any more",) if moves else ()


def _made_smaller(before: bytes, clean: CleanPicture) -> tuple[str, ...]:
    if clean.media_type == SVG:
        return ()
    with Image.open(io.BytesIO(clean.content)) as after:
        longest = max(after.size)
    if longest not in SIDES:
        return ()
    with Image.open(io.BytesIO(before)) as was:
        return ("its picture was made smaller",) if max(was.size) > longest else ()
