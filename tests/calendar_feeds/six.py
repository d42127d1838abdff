"""Six calendar programs that are not ours, each told in which zone its reader is.

Each runs in a process of its own, with TZ set. What they need is installed by `make test`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

CLIENTS = Path(__file__).parent / "clients"
BIN = Path(sys.executable).parent
IN_LIBRARIES = {
    "icalendar": [sys.executable, str(CLIENTS / "pythons.py"), "icalendar"],
    "vobject": [sys.executable, str(CLIENTS / "pythons.py"), "vobject"],
    "ics": [sys.executable, str(CLIENTS / "pythons.py"), "ics"],
    "ical.js": [str(BIN / "node"), str(CLIENTS / "ical_js.mjs")],
    "node-ical": [str(BIN / "node"), str(CLIENTS / "node_ical.mjs")],
}
MISSING = "node or its modules are missing: run make test, which installs them"
VDIRSYNCER = """\
[general]
status_path = "{folder}/status"
[pair feed]
a = "remote"
b = "local"
collections = null
[storage remote]
type = "http"
url = "{url}"
[storage local]
type = "filesystem"
path = "{folder}/entries"
fileext = ".ics"
"""
KHAL = """\
[calendars]
[[feed]]
path = {folder}/entries
readonly = True
[locale]
local_timezone = {zone}
default_timezone = {zone}
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[sqlite]
path = {folder}/khal-{name}.db
"""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An entry as a program shows it to its reader."""

    start: datetime
    end: datetime
    summary: str


def read_with(client: str, body: bytes, *, zone: str) -> dict[str, Shown]:
    """Let a library read the bytes; return what it says, by UID."""
    command = IN_LIBRARIES[client]
    if "node" in command[0]:
        assert Path(command[0]).exists(), MISSING
        assert (CLIENTS / "node_modules").exists(), MISSING
    read = json.loads(_run(command, zone=zone, given=body))
    return {
        uid: Shown(
            start=_utc(entry["start"]),
            end=_utc(entry["end"]),
            summary=entry["summary"],
        )
        for uid, entry in read.items()
    }


def follow(url: str, folder: Path) -> None:
    """Fetch a feed with vdirsyncer, as a subscriber does; again, it brings what changed."""
    config = folder / "vdirsyncer"
    config.write_text(VDIRSYNCER.format(folder=folder, url=url))
    (folder / "entries").mkdir(exist_ok=True)
    for verb in (["discover"], ["sync"]):
        _run([str(BIN / "vdirsyncer"), "-c", str(config), *verb], zone="UTC")


def list_with_khal(folder: Path, *, zone: str, since: str, until: str) -> list[Shown]:
    """Let khal list what vdirsyncer fetched; it shows the reader's own wall clock, no UIDs."""
    name = zone.replace("/", "-")
    config = folder / f"khal-{name}"
    config.write_text(KHAL.format(folder=folder, zone=zone, name=name))
    told = _run(
        [
            *(str(BIN / "khal"), "--no-color", "-c", str(config), "list", "--once"),
            *("--day-format", "", "--format", "{start}\t{end}\t{title}"),
            *(since, until),
        ],
        zone=zone,
    )
    lines = [line.split("\t") for line in told.splitlines() if line]
    return [
        Shown(
            start=_of_wall_clock(start, zone),
            end=_of_wall_clock(end, zone),
            summary=summary,
        )
        for start, end, summary in lines
    ]


def _utc(told: str) -> datetime:
    return datetime.fromisoformat(told).astimezone(UTC)


def _of_wall_clock(told: str, zone: str) -> datetime:
    wall = datetime.strptime(told, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone))
    return wall.astimezone(UTC)


def _run(command: Sequence[str], *, zone: str, given: bytes = b"") -> str:
    environment: Mapping[str, str] = {**os.environ, "TZ": zone, "LC_ALL": "C.UTF-8"}
    told = subprocess.run(
        command, input=given, env=environment, capture_output=True, check=False
    )
    assert told.returncode == 0, f"{command}: {told.stderr.decode()[-2000:]}"
    return told.stdout.decode()
