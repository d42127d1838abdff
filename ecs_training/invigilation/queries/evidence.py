"""The record of a sitting as one document of plain values, from which it can be replayed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt, Entry, Sitting
from ecs_training.assessment.queries.record import digest_lines
from ecs_training.assessment.rules.writing import to_shown_letter
from ecs_training.booking.models import Booking
from ecs_training.foundation.audit import AuditEntry
from ecs_training.invigilation.queries.evidence_rows import Rows, load_rows
from ecs_training.invigilation.rules.actions import word_reason

FORMAT = "ecs-training evidence 1"
SEALED = "attempt finished"  # the audit row that holds the digest of a journal
Pack = dict[str, Any]


def read_evidence(
    db: Session, *, sitting: Sitting, made_for: str, now: datetime
) -> Pack:
    """Return all that is known of a sitting, for JSON: instants as ISO 8601 in UTC.

    Answers stand as the letters shown on that paper, in the order in which they were
    accepted, so that the last one of each question is what counted. Never a key, and
    never whether an answer was right. Leases are secrets: `device` counts them.
    """
    rows = load_rows(db, sitting=sitting)
    return {
        "format": FORMAT,
        "made_at": _iso(now),
        "made_for": made_for,
        "sitting": _sitting(sitting, rows),
        "people": [_person(booking, sitting, rows) for booking in rows.bookings],
        "audit": [_audit(entry, rows) for entry in rows.audit],
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _sitting(sitting: Sitting, rows: Rows) -> Pack:
    date = sitting.course_session
    return {
        "ref": sitting.ref,
        "course_session": date.ref,
        "card_role": date.card_role,
        "local_date": date.local_date.isoformat(),
        "trainer": date.trainer.full_name,
        "blueprint": f"{sitting.blueprint} {sitting.blueprint_version}",
        "invigilator": sitting.invigilator.full_name,
        "opened_at": _iso(sitting.opened_at),
        "opening_declaration": sitting.opening_declaration,
        "door_shut_at": _iso(sitting.gated_at),
        "all_let_in_at": _iso(sitting.released_at),
        "closes_at": _iso(sitting.closes_at),
        "closed_at": _iso(sitting.closed_at),
        "closed_by": rows.name(sitting.closed_by_id),
        "closing_declaration": sitting.closing_declaration,
    }


def _person(booking: Booking, sitting: Sitting, rows: Rows) -> Pack:
    entries = rows.entries.get(booking.id, [])
    sat = [rows.attempts[one.id] for one in entries if one.id in rows.attempts]
    return {
        "booking": booking.ref,
        "name": booking.candidate.full_name,
        "sits_again": booking.course_session_id != sitting.course_session_id,
        "cancelled_at": _iso(booking.cancelled_at),
        "register": [
            {
                "presence": mark.presence.value,
                "marked_at": _iso(mark.marked_at),
                "by": rows.name(mark.marked_by_id),
                "withdrawn_at": _iso(mark.withdrawn_at),
            }
            for mark in rows.marks.get(booking.id, [])
        ],
        "identity": [
            {
                "document": check.document.value,
                "outcome": check.outcome.value,
                "checked_at": _iso(check.checked_at),
                "by": rows.name(check.checked_by_id),
                "withdrawn_at": _iso(check.withdrawn_at),
            }
            for check in rows.checks.get(booking.id, [])
        ],
        "entries": [_entry(entry, rows) for entry in entries],
        "attempts": [_attempt(attempt, rows) for attempt in sat],
    }


def _entry(entry: Entry, rows: Rows) -> Pack:
    return {
        "granted_at": _iso(entry.granted_at),
        "withdrawn_at": _iso(entry.withdrawn_at),
        "spent_at": _iso(entry.spent_at),
        "let_in_at": _iso(entry.released_at),
        "let_in_by": rows.name(entry.released_by_id),
        "let_in_reason": entry.release_reason,
    }


def _attempt(attempt: Attempt, rows: Rows) -> Pack:
    return {
        "ref": attempt.ref,
        "started_at": _iso(attempt.started_at),
        "minutes": attempt.minutes,
        "time_percent": attempt.time_percent,
        "rest_seconds": attempt.rest_seconds,
        "rest_used_seconds": attempt.rest_used_seconds,
        "deadline_at": _iso(attempt.deadline),
        "finished_at": _iso(attempt.finished_at),
        "closed_at": _iso(attempt.closed_at),
        "ending": attempt.ending.value if attempt.ending else None,
        "score": attempt.score,
        "out_of": attempt.out_of,
        "pass_mark": attempt.pass_mark,
        "passed": attempt.passed,
        "voided_at": _iso(attempt.voided_at),
        "voided_by": rows.name(attempt.voided_by_id),
        "void_reason": attempt.void_reason,
        "journal": _seal(attempt, rows),
        "time_changes": _time_changes(attempt.id, rows),
        "requests": _requests(attempt.id, rows),
        "silences": [
            {
                "from": _iso(gap.began_at),
                "to": _iso(gap.ended_at),
                "given_back": gap.credited_by_id is not None,
            }
            for gap in rows.outages.get(attempt.id, [])
        ],
        "events": [
            {"at": _iso(event.happened_at), "what": event.kind.value, **event.details}
            for event in rows.events.get(attempt.id, [])
        ],
        **_answers(attempt.id, rows),
    }


def _seal(attempt: Attempt, rows: Rows) -> Pack:
    """Compare the journal with the digest that its end put into the audit.

    `matches` is None while the attempt is open, and while no digest was kept.
    """
    lines = rows.journal.get(attempt.id, [])
    sealed = _last_seal(rows.audit, attempt) if attempt.finished_at else None
    digest = digest_lines(lines)
    kept = sealed.details if sealed else {}
    return {
        "digest": digest,
        "lines": len(lines),
        "sealed_digest": kept.get("journal"),
        "sealed_lines": kept.get("lines"),
        "sealed_at": _iso(sealed.recorded_at) if sealed else None,
        "matches": (kept.get("journal"), kept.get("lines")) == (digest, len(lines))
        if sealed
        else None,
    }


def _last_seal(audit: Sequence[AuditEntry], attempt: Attempt) -> AuditEntry | None:
    """Return the latest: an attempt that was opened again is sealed again."""
    subject = f"attempt/{attempt.ref}"
    seals = (row for row in audit if (row.subject, row.action) == (subject, SEALED))
    return max(seals, key=lambda row: row.id, default=None)


def _time_changes(attempt_id: int, rows: Rows) -> list[Pack]:
    return [
        {
            "made_at": _iso(change.made_at),
            "kind": change.kind.value,
            "seconds": change.seconds,
            "reason": change.reason,
            "reason_words": word_reason(change.reason),
            "note": change.note,
            "evidence": change.evidence,
            "by": rows.name(change.made_by_id),
        }
        for change in rows.changes.get(attempt_id, [])
    ]


def _requests(attempt_id: int, rows: Rows) -> list[Pack]:
    return [
        {
            "action": request.action.value,
            "reason": request.reason,
            "reason_words": word_reason(request.reason),
            "note": request.note,
            "asked_at": _iso(request.asked_at),
            "by": rows.name(request.asked_by_id),
            "confirmed": request.confirmed,
            "decided_at": _iso(request.decided_at),
            "decided_by": rows.name(request.decided_by_id),
            "withdrawn_at": _iso(request.withdrawn_at),
        }
        for request in rows.requests.get(attempt_id, [])
    ]


def _answers(attempt_id: int, rows: Rows) -> Pack:
    """Return the paper as drawn, every accepted answer in order, and those too late."""
    paper = {asked.n: asked for asked in rows.paper.get(attempt_id, [])}
    devices: dict[str, int] = {}
    answers = [
        {
            "n": line.n,
            "item": paper[line.n].code,
            "revision": paper[line.n].revision,
            "option": to_shown_letter(line.chosen, paper[line.n].option_order),
            "flagged": line.flagged,
            "device": devices.setdefault(line.lease, len(devices) + 1),
            "seq": line.seq,
            "at": _iso(line.answered_at),
            "late": line.late,
        }
        for line in rows.journal.get(attempt_id, [])
    ]
    return {
        "paper": [
            {"n": asked.n, "item": asked.code, "revision": asked.revision}
            for asked in paper.values()
        ],
        "answers": answers,
        "late_answers": [
            {
                "n": late.n,
                "option": late.option,
                "flagged": late.flagged,
                "received_at": _iso(late.received_at),
                "age_ms": late.age_ms,
            }
            for late in rows.late.get(attempt_id, [])
        ],
    }


def _audit(entry: AuditEntry, rows: Rows) -> Pack:
    return {
        "id": entry.id,
        "recorded_at": _iso(entry.recorded_at),
        "by": rows.name(entry.actor_id),
        "action": entry.action,
        "subject": entry.subject,
        "details": entry.details,
    }
