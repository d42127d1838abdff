"""Files that people send as evidence: checked by content, cleaned, kept as rows."""

import hashlib
import io
import warnings
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from ecs_training.foundation.errors import Refused

LARGEST = 5 * 1024 * 1024  # bytes
MOST_PIXELS = 50_000_000  # a 50-megapixel photograph; more is a decompression bomb
LONGEST_SIDE = 2400  # pixels kept: enough to read a certificate
JPEG_QUALITY = 88


class UploadRefusal(StrEnum):
    EMPTY = "Choose a file to send."
    TOO_LARGE = "The file is larger than 5 MB. Take the photo again at a lower quality, or scan it as a PDF."
    TOO_MANY_PIXELS = "The picture is too large to open. Take a photo of it with a phone, and send that photo."
    WRONG_KIND = "The file must be a JPEG or PNG picture, or a PDF."
    DAMAGED = "The file could not be opened. Save it again and send it once more."


class UploadRefused(Refused):
    reason: UploadRefusal


@dataclass(frozen=True, kw_only=True)
class CleanFile:
    content: bytes
    media_type: str
    file_name: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


class StoredFile:
    """The columns of a table whose rows are files, so that one backup holds all evidence."""

    file_name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


def clean_upload(content: bytes, *, file_name: str) -> CleanFile:
    """Return what may be kept of a file, or raise UploadRefused saying what to do.

    The kind is told by the bytes, never the name. A picture is drawn anew, which drops its
    place, camera and anything hidden behind it; a PDF is kept as it is and only ever
    offered as a download.
    """
    if not content:
        raise UploadRefused(UploadRefusal.EMPTY)
    if len(content) > LARGEST:
        raise UploadRefused(UploadRefusal.TOO_LARGE)
    stem = _plain_stem(file_name)
    if content.startswith(b"%PDF-"):
        if b"%%EOF" not in content[-2048:]:
            raise UploadRefused(UploadRefusal.DAMAGED)
        return CleanFile(
            content=content, media_type="application/pdf", file_name=f"{stem}.pdf"
        )
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        picture = _redraw(content)
        return CleanFile(
            content=picture, media_type="image/jpeg", file_name=f"{stem}.jpg"
        )
    raise UploadRefused(UploadRefusal.WRONG_KIND)


def _redraw(content: bytes) -> bytes:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd EXIF data, which is not kept
            picture = Image.open(io.BytesIO(content), formats=("JPEG", "PNG"))
            if picture.width * picture.height > MOST_PIXELS:
                raise UploadRefused(UploadRefusal.TOO_MANY_PIXELS)
            upright = ImageOps.exif_transpose(picture)
    except Image.DecompressionBombError as error:
        raise UploadRefused(UploadRefusal.TOO_MANY_PIXELS) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise UploadRefused(UploadRefusal.DAMAGED) from error
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(
        upright, mask=upright.getchannel("A") if upright.mode == "RGBA" else None
    )
    flat.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    drawn = io.BytesIO()
    flat.save(drawn, "JPEG", quality=JPEG_QUALITY)
    return drawn.getvalue()


def _plain_stem(file_name: str) -> str:
    stem = file_name.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]
    kept = "".join(c for c in stem if c.isalnum() or c in " -_")
    return kept.strip()[:80] or "evidence"
