"""Files that people send, good and bad."""

import io
import struct
import zlib

from PIL import ExifTags, Image

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
LARGEST = 5 * 1024 * 1024


def png(width: int = 40, height: int = 30) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(drawn, "PNG")
    return drawn.getvalue()


def jpeg_with_place() -> bytes:
    """Return a photo that carries where it was taken and with which camera."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Spyglass"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(drawn, "JPEG", exif=exif)
    return drawn.getvalue()


def png_of_claimed_size(width: int, height: int) -> bytes:
    """Return a few bytes that say they unfold to an enormous picture."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 100)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", body)
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return (
        struct.pack(">I", len(data))
        + kind
        + data
        + struct.pack(">I", zlib.crc32(kind + data))
    )


def pdf_of(size: int) -> bytes:
    return b"%PDF-1.7\n" + b" " * (size - 15) + b"%%EOF\n"
