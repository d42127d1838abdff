"""From the bytes of a text file to its lines, refusing what is no text."""

from collections.abc import Iterator

from ecs_training.questions.formats.found import FileRefused

LONGEST_LINE = 50_000  # characters
MOST_LINES = 200_000
MARKS = {
    b"PK\x03\x04": "is a ZIP or Excel file, not text; say --format xlsx or qti",
    b"\xff\xfe": "is UTF-16 text; save it as UTF-8 and try again",
    b"\xfe\xff": "is UTF-16 text; save it as UTF-8 and try again",
}


def decode(data: bytes, *, name: str) -> str:
    """Return UTF-8 text, without its byte order mark, every line ended by a line feed.

    Raise FileRefused for another encoding, a NUL, too long a line or too many lines.
    """
    for mark, why in MARKS.items():
        if data.startswith(mark):
            raise FileRefused(why, name=name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        ends = (data.count(end, 0, error.start) for end in (b"\n", b"\r"))
        line = max(ends) + 1
        why = "is not UTF-8 text (perhaps Windows-1252); save it as UTF-8 and try again"
        raise FileRefused(why, name=name, line=line) from None
    return tidy_lines(text, name=name)


def tidy_lines(text: str, *, name: str) -> str:
    """End every line by a line feed alone. Raise FileRefused for what no text file holds."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        why = "holds NUL characters, so it is no UTF-8 text; save it as UTF-8"
        raise FileRefused(why, name=name, line=line)
    if text.count("\n") > MOST_LINES:
        why = f"has more than {MOST_LINES} lines; split it into smaller files"
        raise FileRefused(why, name=name)
    _refuse_long_lines(text, name)
    return text


def _refuse_long_lines(text: str, name: str) -> None:
    number, start = 1, 0
    while len(text) - start > LONGEST_LINE:
        end = text.find("\n", start, start + LONGEST_LINE + 1)
        if end < 0:
            why = f"the line is longer than {LONGEST_LINE} characters; break it up"
            raise FileRefused(why, name=name, line=number)
        start, number = end + 1, number + 1


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line with its number, from 1, without holding all of them at once."""
    number, start = 1, 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield number, text[start:end]
        number, start = number + 1, end + 1
