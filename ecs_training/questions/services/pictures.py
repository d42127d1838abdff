"""Pictures that staff send: checked, drawn anew, and kept by digest."""

import hashlib
import io
import warnings
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy.orm import Session

from ecs_training.foundation.errors import Refused
from ecs_training.foundation.uploads import LARGEST, MOST_PIXELS
from ecs_training.questions.models import ItemPicture
from ecs_training.questions.rules.pictures import why_not_picture

LARGEST_KEPT = 256 * 1024  # bytes: fifty questions are fetched at once, on a phone
SIDES = (1000, 800, 600, 400)  # pixels; the first that is small enough is taken
SVG, PNG = "image/svg+xml", "image/png"


class PictureRefusal(StrEnum):
    TOO_LARGE = "The file is larger than 5 MB. Send a smaller one."
    TOO_MANY_PIXELS = "The picture is too large to open. Make it smaller, then send it."
    TOO_DETAILED = (
        "The picture has too much detail to be sent to a phone. Choose a simpler one."
    )
    DAMAGED = "The file could not be opened. Save it again and send it once more."
    WRONG_KIND = "The picture must be an SVG drawing, or a PNG or JPEG."


class SvgRefusal(StrEnum):
    """What may be wrong with a drawing is told by `why_not_picture`."""

    NOT_PLAIN = "The SVG drawing"


class PictureRefused(Refused):
    """`more` ends the reason, where it has more to say."""

    def __init__(self, reason: StrEnum, more: str = "") -> None:
        super().__init__(reason)
        self.more = more

    def __str__(self) -> str:
        return f"{self.reason.value} {self.more}." if self.more else self.reason.value


@dataclass(frozen=True, kw_only=True)
class CleanPicture:
    content: bytes
    media_type: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def clean_picture(content: bytes) -> CleanPicture:
    """Return what may be shown of a file, or raise PictureRefused saying what to do.

    The kind is told by the bytes, never the name. An SVG is kept as it is if it can do
    nothing but draw; a photograph is drawn anew as a PNG of at most 256 kB.
    """
    if len(content) > LARGEST:
        raise PictureRefused(PictureRefusal.TOO_LARGE)
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return CleanPicture(content=_redraw(content), media_type=PNG)
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise PictureRefused(PictureRefusal.WRONG_KIND)
    if why := why_not_picture(content):
        raise PictureRefused(SvgRefusal.NOT_PLAIN, why)
    return CleanPicture(content=content, media_type=SVG)


def _redraw(content: bytes) -> bytes:
    picture = _open(content)
    flat = Image.new("RGB", picture.size, "white")
    clear = picture.convert("RGBA")
    flat.paste(clear, mask=clear.getchannel("A"))
    for side in SIDES:
        flat.thumbnail((side, side))
        drawn = io.BytesIO()
        flat.save(drawn, "PNG", optimize=True)
        if drawn.tell() <= LARGEST_KEPT:
            return drawn.getvalue()
    raise PictureRefused(PictureRefusal.TOO_DETAILED)


def _open(content: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd EXIF data, which is not kept
            picture = Image.open(io.BytesIO(content), formats=("JPEG", "PNG"))
            if picture.width * picture.height > MOST_PIXELS:
                raise PictureRefused(PictureRefusal.TOO_MANY_PIXELS)
            return ImageOps.exif_transpose(picture)
    except Image.DecompressionBombError as error:
        raise PictureRefused(PictureRefusal.TOO_MANY_PIXELS) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise PictureRefused(PictureRefusal.DAMAGED) from error


def store_picture(db: Session, *, picture: CleanPicture, now: datetime) -> None:
    """Keep a picture; the same one sent again is kept once."""
    if db.get(ItemPicture, picture.sha256) is None:
        db.add(
            ItemPicture(
                sha256=picture.sha256,
                media_type=picture.media_type,
                content=picture.content,
                added_at=now,
            )
        )
