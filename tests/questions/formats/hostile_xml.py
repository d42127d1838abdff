"""XML that hurts a reader: Moodle XML and single items of QTI."""

from functools import partial

from ecs_training.questions.formats import Format
from tests.questions.formats.packing import Maker, filled

BOMB = (
    '<!DOCTYPE quiz [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(10))
    + "]>"
)
EXTERNAL = '<!DOCTYPE quiz [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
PARAMETER = (
    '<!DOCTYPE quiz [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x; %all;]>'
)
HEAVY = (
    b'<question type="multichoice"><questiontext format="html"><text><![CDATA['
    + b"<a b=c d='e' f>&x</a>" * 20
    + b"]]></text></questiontext>"
    + b"".join(
        b'<answer fraction="0"><text><![CDATA['
        + b"<i>x</i>&amp" * 20
        + b"]]></text></answer>"
        for _ in range(5)
    )
    + b"</question>"
)


def xml(root: str) -> dict[str, Maker]:
    """Return what hurts any reader of XML. `root` is its start tag, inside the brackets."""
    form = Format.MOODLE_XML if root == "quiz" else Format.QTI
    start, end = f"<{root}>".encode(), f"</{root.partition(' ')[0]}>".encode()
    fill: dict[str, tuple[bytes, bytes, bytes]] = {
        "tags": (start, b"<a/>", end),
        "tags with text": (start, b"<a>x</a>", end),
        "comments": (start, b"<!---->", end),
        "instructions": (start, b"<?a?>", end),
        "empty CDATA": (start + b"<a>", b"<![CDATA[]]>", b"</a>" + end),
        "character references": (start + b"<a>", b"&#65;", b"</a>" + end),
        "one text": (start + b"<question>", b"x", b"</question>" + end),
        "one tag": (start[:-1], b" a", b">" + end),
        "one attribute": (start[:-1] + b' a="', b"x", b'">' + end),
        "one comment": (start + b"<!--", b"x", b"-->" + end),
        "one instruction": (start + b"<?a ", b"x", b"?>" + end),
        "bytes above ASCII": (start + b"<question>", b"\xf0\x9f\x98\x80xxxx", end),
        "line ends": (start, b"\n", end),
    }
    made: dict[str, Maker] = {
        name: partial(filled, form, *parts) for name, parts in fill.items()
    }
    attributes = " ".join(f'a{n}="x"' for n in range(8000)).encode()
    spaces = " ".join(f'xmlns:a{n}="x"' for n in range(3000)).encode()
    return made | {
        "an entity bomb": lambda: BOMB.encode() + start + b"&j;" + end,
        "an external entity": lambda: EXTERNAL.encode() + start + b"&x;" + end,
        "a parameter entity": lambda: PARAMETER.encode() + start + end,
        "an external document type": lambda: (
            b'<!DOCTYPE quiz SYSTEM "http://127.0.0.1:9/x.dtd">' + start + end
        ),
        "100,000 levels": lambda: start + b"<a>" * 100_000,
        "many attributes": lambda: filled(
            form, start, b"<a " + attributes + b"/>", end
        ),
        "many namespaces": lambda: filled(form, start, b"<a " + spaces + b"/>", end),
        "heavy items": lambda: filled(form, start, HEAVY, end),
        "a NUL": lambda: start + b"\0" + end,
        "no XML": lambda: b"\x00\xff" * 1000,
        "nothing": lambda: b"",
        "cut short": lambda: start + b"<question type='multichoice'><name>",
        "Latin-1 that says UTF-8": lambda: start + "<a>é</a>".encode("latin-1") + end,
        "an encoding of Python": lambda: (
            b'<?xml version="1.0" encoding="rot13"?>' + start + end
        ),
        "UTF-7": lambda: b'<?xml version="1.0" encoding="utf-7"?>' + start + end,
    }
