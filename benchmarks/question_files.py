"""Damaged question files: a reader says what is wrong, or reads on; it never breaks.

`make test` reads 2,000 damaged files a format, `make soak NAME=fuzz-gift` (or another
format) 100,000. Each file follows from its number and the seed alone.
"""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from random import Random
from time import process_time

from ecs_training.foundation.clock import stopwatch
from ecs_training.questions.formats import (
    ExportItem,
    FileRefused,
    Format,
    FoundItem,
    FoundOption,
    FoundPicture,
    Verdict,
    read,
    write,
)
from ecs_training.questions.formats.drafts import UNREADABLE
from tests.questions.formats import seeds

SEED = 20261122
SOAK = 100_000
MOST_SECONDS = 1.0  # of CPU, for one file
LONGEST = 200_000  # bytes of a damaged file
PICTURE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><path d="M0 0"/></svg>'
)
ZIPPED = {Format.XLSX, Format.QTI}


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TOKENS = {
    Format.GIFT: _words(
        "~ = # { } \\ \\n :: // -> #### %50% %-1% %100% [html] [plain] [markdown] [id:x]"
        " $CATEGORY: <b> </b> <p> <sup> & &amp; &# <!-- --> * _ ` T FALSE"
    ),
    Format.AIKEN: _words("A. B) C. D. E) ANSWER: answer: ANSWER:B Z. A) b."),
    Format.CSV: (
        *(
            ",",
            ";",
            '"',
            '""',
            "\t",
            "sep=;",
            "\n",
            "\r\n",
            "\r",
            "=",
            "+",
            "-",
            "@",
            "'",
        ),
        *("stem", "key", "option_a", "a"),
    ),
    Format.MOODLE_XML: _words(
        "<question> </question> <text> </text> <![CDATA[ ]]> &lt; &gt; &amp; &#0; &#x41;"
        " <!-- --> <!DOCTYPE <?xml @@PLUGINFILE@@/ fraction= 100 -50 single false"
        ' encoding="base64" format="markdown" type="essay" xmlns="x" <img src="'
    ),
    Format.QTI: _words(
        "<qti-prompt> </qti-prompt> <p> </p> <img/> <table> <sup> qti- identifier="
        ' cardinality="multiple" max-choices="0" adaptive="true" &lt; ]]> <!-- <!DOCTYPE'
        " match_correct map_response <qti-value> ../ imsqti_v2p1 imsqtiasi_v3p0 href="
    ),
    Format.XLSX: _words(
        '<row> <c> <v> <f> <is> <t> r="A1" t="s" t="b" t="n" t="e" t="d" s="9" 1e999 nan'
        " -1 <mergeCell _x0041_ _xD800_ ../ /xl/ <si> <r> <rPr> XFD1048576 Target="
    ),
}
NASTY = (
    *(b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"\x1b"),
    *(b"\r", b"\n\n", b"\xc2\x85", b"\xe2\x80\xa8", b"\xef\xbf\xbd", b"\x0c", b"&#0;"),
    *(b"&#xD800;", b"&#99999999;", b"-1", b"9" * 400, b"1e400", b"NaN", b"x" * 5000),
    *(b"\\" * 300, b"<" * 300, b"((" * 300, b"&" * 300, b"\t" * 300),
)


def fuzz(form: Format, *, n: int, seed: int = SEED) -> "Tally":
    """Read `n` damaged files of a format and count those that broke a promise."""
    tally = Tally(n=n)
    for number in range(n):
        data = damaged(form, number, seed)
        began = process_time()
        try:
            faults = find_faults(read(data, format=form, name="file"))
        except FileRefused as refused:
            faults = [] if _is_one_line(str(refused)) else ["says more than one line"]
        except Exception as error:  # noqa: BLE001 - the very thing that is looked for
            faults = [f"raised {error!r:.200}"]
        seconds = process_time() - began
        tally.slowest = max(tally.slowest, seconds)
        if seconds > MOST_SECONDS:
            faults.append(f"took {seconds:.1f} seconds")
        tally.add(f"{form.value}, file {number} of seed {seed}", faults)
    return tally


@dataclass
class Tally:
    n: int = 0
    failures: int = 0
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0  # seconds of CPU

    def add(self, name: str, faults: Sequence[str]) -> None:
        self.failures += bool(faults)
        self.faults += [f"{name}: {fault}" for fault in faults]


def find_faults(items: Sequence[FoundItem]) -> list[str]:
    """Look for an item that was let in and should not have been, or says nothing."""
    faults = []
    for item in items:
        if (item.verdict is Verdict.IMPORTED) is bool(item.reason) or item.line < 1:
            faults.append("has no reason, or no line")
        if not _is_one_line(item.reason) or not json.dumps(item.reason):
            faults.append("has a reason of several lines")
        if item.verdict is not Verdict.REFUSED and not _may_be_asked(item):
            faults.append(f"let in {item!r:.300}")
    return faults


def _is_one_line(text: str) -> bool:
    return len(text.splitlines()) <= 1 and len(text) < 2_000


def _may_be_asked(item: FoundItem) -> bool:
    texts = [item.stem, *(option.text for option in item.options)]
    return (
        len(item.options) == 4
        and sum(option.correct for option in item.options) == 1
        and len({" ".join(text.casefold().split()) for text in texts[1:]}) == 4
        and all(0 < len(text) <= 600 and text == text.strip() for text in texts)
        and not any(UNREADABLE.search(text) for text in texts)
    )


def damaged(form: Format, number: int, seed: int) -> bytes:
    """Return the damaged file of that number."""
    random = Random(f"{form.value} {number} {seed}")
    data = random.choice(whole_files(form))
    if form in ZIPPED and data.startswith(b"PK") and random.random() < 0.75:
        return _repacked(form, data, random)
    return _damage(form, data, random)


@cache
def whole_files(form: Format) -> tuple[bytes, ...]:
    """Return good files: what we write, and small ones after the public descriptions."""
    return (write(_items(), format=form).data, *seeds.FILES.get(form, ()))


def _items() -> list[ExportItem]:
    picture = FoundPicture(name="plug.svg", alt="A plug", data=PICTURE)
    texts = ("Lock = it", "Test {it}", "5 < 6 & 7 °C", "'quoted' \"text\"; ~ \\ #")
    return [
        ExportItem(
            code=f"elec-{number:03}",
            topic="electrical" if number < 3 else "fire",
            stem=f"What comes first, number {number}: A. or B) <b>?",
            options=tuple(
                FoundOption(text=text, correct=at == number % 4)
                for at, text in enumerate(texts)
            ),
            rationale="Because it must be dead." if number % 2 else "",
            checked_on=date(2026, 1, 31),
            difficulty=0.5,
            picture=picture if number == 2 else None,
        )
        for number in range(5)
    ]


def _repacked(form: Format, data: bytes, random: Random) -> bytes:
    """Damage one member, or its name, and pack the whole again."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    chosen = random.choice(sorted(members))
    members[chosen] = _damage(form, members[chosen], random)
    if random.random() < 0.1:
        name = random.choice(("../x.xml", "x.xml", "imsmanifest.xml", "a/b.xml"))
        members[name] = members.pop(chosen)
    if random.random() < 0.1:
        members.pop(random.choice(sorted(members)))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def _damage(form: Format, data: bytes, random: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 3, 5, 9))):
        _damage_once(form, changed, random)
    return bytes(changed[:LONGEST])


def _damage_once(form: Format, data: bytearray, random: Random) -> None:
    """Put something else in the place of a piece, or beside it."""
    at = random.randrange(len(data) + 1)
    end = min(len(data), at + random.choice((1, 1, 2, 8, 40, 300)))
    piece = bytes(data[at:end])
    if random.random() < 0.1:
        del data[at:]
    else:
        beside = random.random() < 0.4
        data[at : at if beside else end] = _other(form, piece, random)


def _other(form: Format, piece: bytes, random: Random) -> bytes:
    donor = random.choice(whole_files(form))
    start = random.randrange(len(donor))
    token = random.choice(TOKENS[form]).encode()
    return random.choice(
        (
            *(b"", piece * random.choice((2, 3, 50)), token, token, piece.swapcase()),
            *(random.randbytes(len(piece)), random.choice(NASTY)),
            donor[start : start + random.choice((10, 200, 5000))],
        )
    )


def soak(form: Format) -> list[dict[str, object]]:
    """Read the full number; one line of figures."""
    began = stopwatch()
    tally = fuzz(form, n=SOAK)
    for fault in tally.faults[:20]:
        print(fault)
    figures: dict[str, object] = {
        "name": f"fuzz-{form.value}",
        "db": "none",
        "seed": SEED,
        "n": tally.n,
        "failures": tally.failures,
        "slowest_cpu_ms": round(tally.slowest * 1000),
        "minutes": round((stopwatch() - began) / 60, 2),
    }
    return [figures]
