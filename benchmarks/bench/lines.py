"""The line that a figure leaves, the targets it is judged by, and the file that keeps it."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

RECORD = Path(__file__).parents[1] / "latest.jsonl"
# Times the floor's work. None: measured, promised to nobody.
TARGETS: dict[str, float | None] = {
    "question_page": 3,
    "answer_save": 2,
    "attempt_start": 12,
    "whole_attempt": 150,
    "cohort": None,
    "booking": None,
    "feed_unchanged": 2,
    "feed_built": 2,
    "verify": None,
    "papers": None,
}
FIELDS = (
    "name",
    "db",
    "n",
    "ours_cpu_ms",
    "floor_cpu_ms",
    "ratio",
    "target",
    "p50_ms",
    "p95_ms",
    "p99_ms",
    "per_s",
    "lost",
    "errors_5xx",
    "commit",
    "cores",
    "db_cpu_ms",
)
NEVER = ("lost", "errors_5xx", "unfinished", "turned_away")
Line = dict[str, Any]


def make_line(name: str, db: str, **facts: Any) -> Line:
    """Return a line with every field; what a figure does not have is null.

    A fact that is no field follows the fields.
    """
    known = {
        "name": name,
        "db": db,
        "target": TARGETS[name],
        "lost": 0,
        "errors_5xx": 0,
        "commit": _commit(),
        "cores": os.cpu_count(),
        **facts,
    }
    if known.get("ours_cpu_ms") and known.get("floor_cpu_ms"):
        known["ratio"] = round(known["ours_cpu_ms"] / known["floor_cpu_ms"], 2)
    return {**{field: known.get(field) for field in FIELDS}, **known}


def spread(seconds: Sequence[float]) -> Line:
    """Return p50, p95 and p99 in milliseconds, each a length that was measured."""
    ordered = sorted(seconds)
    return {
        f"p{percent}_ms": round(ordered[(len(ordered) - 1) * percent // 100] * 1000, 2)
        for percent in (50, 95, 99)
        if ordered
    }


def find_faults(line: Line) -> list[str]:
    """Say what a line promises and does not keep."""
    words = f"{line['name']} on {line['db']}"
    faults = []
    if line["target"] and line["ratio"] > line["target"]:
        faults.append(f"{words}: {line['ratio']} is above {line['target']}")
    faults += [f"{words}: {line[bad]} {bad}" for bad in NEVER if line.get(bad)]
    return faults


def keep(lines: Sequence[Line], *, record: Path = RECORD) -> None:
    """Replace the kept lines of the figures that were measured; leave the others."""
    measured = {line["name"] for line in lines}
    old = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
    kept = [line for line in old if json.loads(line)["name"] not in measured]
    text = "".join(f"{line}\n" for line in [*kept, *map(json.dumps, lines)])
    record.write_text(text, encoding="utf-8")


def _commit() -> str:
    git = shutil.which("git") or "git"
    told = subprocess.run(  # noqa: S603 - git itself
        [git, "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "unknown"
