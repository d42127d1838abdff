"""What reading hostile files costs, each in a process of its own.

Run as `python -m tests.questions.formats.measuring FORMAT FOLDER`: one JSON line a file with
what the reader said, and the CPU seconds and megabytes that it took over a tiny file. It is
a program of its own because only a process without threads can be forked without danger.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ecs_training.cli.question_files import import_file
from ecs_training.questions.formats import FileRefused, Format
from tests.questions.formats.hostile import HOSTILE, HEADER, packed, row, sheet
from tests.questions.formats.hostile import choice_item

TINY = {
    Format.GIFT: b"What? {=a ~b ~c ~d}\n",
    Format.AIKEN: b"What?\nA. a\nB. b\nC. c\nD. d\nANSWER: A\n",
    Format.CSV: HEADER + b"What?,a,b,c,d,a\n",
    Format.MOODLE_XML: b"<quiz><question type='essay'/></quiz>",
    Format.QTI: packed({"i.xml": choice_item(1)}),
    Format.XLSX: sheet(row(1, *HEADER.decode().strip().split(",")) + row(2, *"qabcda")),
}


class Cost(NamedTuple):
    seconds: float
    megabytes: float


def forked(work: Callable[[], None]) -> Cost:
    """Do the work in a child. Raise RuntimeError if it ends in any error of its own."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the parent tells
            print(repr(error)[:300], file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    _, status, used = os.wait4(child, 0)
    if status:
        raise RuntimeError("the reader ended in another error than its own")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def reading(path: Path, form: Format, said: Path) -> Callable[[], None]:
    def work() -> None:
        try:
            items = import_file(path, form)
            said.write_text(f"{len(items)} items", encoding="utf-8")
        except FileRefused as refused:
            said.write_text(str(refused), encoding="utf-8")

    return work


def main(form: Format, folder: Path) -> None:
    path, said = folder / "hostile", folder / "said"
    path.write_bytes(TINY[form])
    floor = forked(reading(path, form, said))
    for name, make in HOSTILE[form].items():
        forked(lambda make=make: void(path.write_bytes(make())))  # type: ignore[misc]
        cost = forked(reading(path, form, said))
        line = {
            "file": name,
            "said": said.read_text(encoding="utf-8"),
            "seconds": round(cost.seconds - floor.seconds, 3),
            "megabytes": round(cost.megabytes - floor.megabytes, 1),
        }
        print(json.dumps(line), flush=True)


def void(_written: int) -> None:
    """Take a value that nobody needs."""


if __name__ == "__main__":
    main(Format(sys.argv[1]), Path(sys.argv[2]))
