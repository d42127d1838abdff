"""What reading hostile files costs over a tiny one: CPU seconds, and megabytes.

`make test` measures a few of them, `make soak NAME=hostile-files` every one. Each file is
read in a process of its own, forked from one that has loaded the command and nothing else:
`python -m benchmarks.hostile_files FORMAT FOLDER [FILE …]` prints one JSON line a file.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ecs_training.cli.question_files import import_file
from ecs_training.foundation.clock import stopwatch
from ecs_training.questions.formats import FileRefused, Format
from tests.questions.formats.hostile import HOSTILE
from tests.questions.formats.packing import HEADER, choice_item, row, sheet

MOST_SECONDS, MOST_MEGABYTES = 1.0, 50.0
COLUMNS = HEADER.decode().strip().split(",")
TINY = {
    Format.GIFT: b"What? {=a ~b ~c ~d}\n",
    Format.AIKEN: b"What?\nA. a\nB. b\nC. c\nD. d\nANSWER: A\n",
    Format.CSV: HEADER + b"What?,a,b,c,d,a\n",
    Format.MOODLE_XML: b"<quiz><question type='essay'/></quiz>",
    Format.QTI: choice_item(1),
    Format.XLSX: sheet(row(1, *COLUMNS) + row(2, *"qabcda")),
}


class Cost(NamedTuple):
    seconds: float
    megabytes: float


def forked(work: Callable[[], object]) -> Cost:
    """Do the work in a child. Raise RuntimeError if that ends in an error."""
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


def _read(path: Path, form: Format, said: Path) -> None:
    try:
        items = import_file(path, form)
        said.write_text(f"{len(items)} items", encoding="utf-8")
    except FileRefused as refused:
        said.write_text(str(refused), encoding="utf-8")


def main(form: Format, folder: Path, names: Sequence[str]) -> None:
    path, said = folder / "hostile", folder / "said"
    path.write_bytes(TINY[form])
    floor = forked(lambda: _read(path, form, said))
    for name in names or HOSTILE[form]:
        make = HOSTILE[form][name]
        forked(lambda make=make: path.write_bytes(make()))  # type: ignore[misc]
        cost = forked(lambda: _read(path, form, said))
        line = {
            "file": name,
            "said": said.read_text(encoding="utf-8"),
            "seconds": round(cost.seconds - floor.seconds, 3),
            "megabytes": round(cost.megabytes - floor.megabytes, 1),
        }
        print(json.dumps(line), flush=True)


def measure(form: Format, *names: str) -> Iterator[dict[str, Any]]:
    """Yield file, said, seconds and megabytes of each file named, or of every one."""
    with tempfile.TemporaryDirectory() as folder:
        told = subprocess.run(  # noqa: S603 - this very file
            [
                sys.executable,
                "-m",
                "benchmarks.hostile_files",
                form.value,
                folder,
                *names,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    if told.returncode:
        raise RuntimeError(told.stderr)
    for line in told.stdout.splitlines():
        yield json.loads(line)


def soak() -> list[dict[str, object]]:
    """Measure every hostile file of every format; one line of figures each."""
    return [_soak(form) for form in Format]


def _soak(form: Format) -> dict[str, object]:
    began = stopwatch()
    told = list(measure(form))
    failures = [
        each
        for each in told
        if each["seconds"] > MOST_SECONDS or each["megabytes"] > MOST_MEGABYTES
    ]
    for each in failures:
        print(f"{form.value}: {each}")
    return {
        "name": "hostile-files",
        "db": "none",
        "format": form.value,
        "seed": 0,
        "n": len(told),
        "failures": len(failures),
        "most_seconds": max(each["seconds"] for each in told),
        "most_megabytes": max(each["megabytes"] for each in told),
        "minutes": round((stopwatch() - began) / 60, 2),
    }


if __name__ == "__main__":
    main(Format(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
