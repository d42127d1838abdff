"""Three Python libraries: a calendar on standard input, JSON on standard output.

Run with the library's name. Each is asked for the instant that it understood.
"""

import json
import sys
from collections.abc import Iterator
from datetime import datetime

import icalendar
import ics
import vobject

Read = tuple[str, datetime, datetime, str]


def by_icalendar(text: str) -> Iterator[Read]:
    for event in icalendar.Calendar.from_ical(text).walk("VEVENT"):
        start, end = event.decoded("dtstart"), event.decoded("dtend")
        yield str(event["uid"]), start, end, str(event["summary"])


def by_vobject(text: str) -> Iterator[Read]:
    for event in vobject.readOne(text).vevent_list:
        values = (event.uid, event.dtstart, event.dtend, event.summary)
        uid, start, end, summary = (each.value for each in values)
        yield uid, start, end, summary


def by_ics(text: str) -> Iterator[Read]:
    for event in ics.Calendar(text).events:
        yield event.uid, event.begin.datetime, event.end.datetime, event.name


READERS = {"icalendar": by_icalendar, "vobject": by_vobject, "ics": by_ics}

if __name__ == "__main__":
    text = sys.stdin.buffer.read().decode()
    read = {
        uid: {"start": start.isoformat(), "end": end.isoformat(), "summary": summary}
        for uid, start, end, summary in READERS[sys.argv[1]](text)
    }
    sys.stdout.write(json.dumps(read))
