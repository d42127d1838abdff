"""The record of a sitting on paper: a PDF for auditors, tagged for screen readers."""

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import typst

from ecs_training.foundation.london import LONDON

TEMPLATE = Path(__file__).parents[2] / "templates" / "invigilation" / "evidence.typ"
Pack = Mapping[str, Any]
Line = list[str]
ENDINGS = {
    "submitted": "The candidate handed it in",
    "time-up": "Time was up",
    "ended": "The invigilator, with a second person",
    "voided": "It was voided",
}
EVENTS = {
    "took-over": "Went on with it in another tab or on another device",
    "left-page": "Another window came to the front",
    "came-back": "The test came to the front again",
    "unheard": "Nothing was heard of the page",
    "finished": "Finished",
}
log = logging.getLogger(__name__)


def render_evidence(pack: Pack, *, title: str) -> bytes:
    """Set the evidence pack (queries.evidence) as a PDF, its instants in London time.

    PDF/UA-1 where the bundled fonts have every letter of every name; otherwise plain, as
    that standard forbids a letter that cannot be drawn. The same pack gives the same bytes.
    """
    data = {"data": json.dumps(_on_paper(pack, title))}
    try:
        return _compile(data, "ua-1")
    except typst.TypstError as error:
        log.warning("%s is not tagged: %s", title, error.message)
        return _compile(data, None)


def _compile(data: dict[str, str], standard: Literal["ua-1"] | None) -> bytes:
    return typst.compile(
        TEMPLATE,
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs=data,
        pdf_standards=standard,
    )


def _on_paper(pack: Pack, title: str) -> dict[str, Any]:
    sitting = pack["sitting"]
    declared = (("Opening declaration", "opening"), ("Closing declaration", "closing"))
    return {
        "title": title,
        "sitting": [
            ["Sitting", sitting["ref"]],
            ["Date", sitting["local_date"]],
            ["Trainer", sitting["trainer"]],
            ["Invigilator", sitting["invigilator"]],
            ["Opened", _clock(sitting["opened_at"])],
            ["Closed", _signed(sitting["closed_at"], sitting["closed_by"])],
            ["Made", _signed(pack["made_at"], pack["made_for"])],
        ],
        "declarations": [
            {"head": head, "words": sitting[f"{which}_declaration"]}
            for head, which in declared
            if sitting[f"{which}_declaration"]
        ],
        "register": [_register(person) for person in pack["people"]],
        "attempts": [
            _attempt(person, attempt)
            for person in pack["people"]
            for attempt in person["attempts"]
        ],
        "audit": [
            [
                _clock(row["recorded_at"]),
                row["by"] or "By rule",
                row["action"],
                row["subject"],
            ]
            for row in pack["audit"]
        ],
    }


def _register(person: Pack) -> Line:
    return [
        person["name"],
        _join(
            f"{mark['presence']}, {_signed(mark['marked_at'], mark['by'])}"
            for mark in person["register"]
            if not mark["withdrawn_at"]
        ),
        _join(
            f"{check['document']}, {check['outcome']},"
            f" {_signed(check['checked_at'], check['by'])}"
            for check in person["identity"]
            if not check["withdrawn_at"]
        ),
        _join(
            _signed(entry["let_in_at"], entry["let_in_by"])
            for entry in person["entries"]
            if entry["let_in_at"]
        ),
    ]


def _attempt(person: Pack, attempt: Pack) -> dict[str, Any]:
    return {
        "name": person["name"],
        "facts": _facts(attempt),
        "changes": [
            [
                _clock(change["made_at"]),
                change["kind"],
                str(change["seconds"]),
                _join([change["reason_words"], change["note"] or ""]),
                change["by"] or "By rule",
            ]
            for change in attempt["time_changes"]
        ],
        "requests": [
            [
                _clock(request["asked_at"]),
                request["action"],
                _join([request["reason_words"], request["note"] or ""]),
                request["by"],
                _decision(request),
            ]
            for request in attempt["requests"]
        ],
        "silences": [
            [_clock(gap["from"]), _clock(gap["to"]), "Yes" if gap["given_back"] else ""]
            for gap in attempt["silences"]
        ],
        "events": [[_clock(one["at"]), _event(one)] for one in attempt["events"]],
        "answers": [_answer(answer) for answer in attempt["answers"]],
        "late": [
            [_clock(late["received_at"]), str(late["n"]), late["option"] or ""]
            for late in attempt["late_answers"]
        ],
    }


def _facts(attempt: Pack) -> list[Line]:
    journal = attempt["journal"]
    result = (
        f"{attempt['score']} of {attempt['out_of']}, {attempt['pass_mark']} to pass"
    )
    matches = {
        True: "Matches the digest kept at the end",
        False: "DOES NOT MATCH the digest kept at the end",
        None: "Not finished, so nothing to compare",
    }
    return [
        ["Attempt", attempt["ref"]],
        ["Started", _clock(attempt["started_at"])],
        ["Time", f"{attempt['minutes']} minutes, {attempt['time_percent']} %"],
        ["Deadline", _clock(attempt["deadline_at"])],
        ["Finished", _clock(attempt["finished_at"])],
        ["Ended by", ENDINGS.get(attempt["ending"], attempt["ending"] or "")],
        ["Result", result if attempt["finished_at"] else ""],
        ["Passed", {True: "Yes", False: "No", None: ""}[attempt["passed"]]],
        ["Voided", _signed(attempt["voided_at"], attempt["voided_by"])],
        ["Journal", f"{journal['lines']} answers. {matches[journal['matches']]}."],
        ["SHA-256", journal["digest"]],
    ]


def _event(event: Pack) -> str:
    words = EVENTS.get(event["what"], str(event["what"]))
    return f"{words}: {event['seconds']} seconds" if "seconds" in event else words


def _answer(answer: Pack) -> Line:
    remarks = (
        "flagged" if answer["flagged"] else "",
        "late" if answer["late"] else "",
        f"device {answer['device']}" if answer["device"] > 1 else "",
    )
    return [
        _clock(answer["at"], day=False),
        str(answer["n"]),
        f"{answer['item']} r{answer['revision']}",
        answer["option"].upper() if answer["option"] else "",
        _join(remarks),
    ]


def _decision(request: Pack) -> str:
    if request["withdrawn_at"]:
        return f"Taken back {_clock(request['withdrawn_at'])}"
    if request["decided_at"] is None:
        return "Waits"
    word = "Confirmed" if request["confirmed"] else "Declined"
    return f"{word} {_signed(request['decided_at'], request['decided_by'])}"


def _join(words: Iterable[str]) -> str:
    return "; ".join(filter(None, words))


def _signed(at: str | None, by: str | None) -> str:
    return ", ".join(filter(None, (_clock(at), by)))


def _clock(at: str | None, *, day: bool = True) -> str:
    """Word an instant to the second, in London time: 2 Mar 2026 09:31:05."""
    if at is None:
        return ""
    local = datetime.fromisoformat(at).astimezone(LONDON)
    return f"{local.day} {local:%b %Y %H:%M:%S}" if day else f"{local:%H:%M:%S}"
