"""`ecs-training audit`: whether the record is what it was, and the key that signs."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from ecs_training.assessment.models import Attempt
from ecs_training.assessment.queries.record import digest_journal
from ecs_training.cli.opening import open_product
from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.chain import (
    Fault,
    Finding,
    Walk,
    count_unsealed,
    walk_chain,
)
from ecs_training.foundation.database import Database
from ecs_training.foundation.signing import rotate_key

FINISHED = "attempt finished"  # what assessment records with the digest of a journal
ATTEMPTS = 50  # read at a time, of 50 to 200 lines each


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What one look at the record found."""

    walk: Walk
    unsealed: int
    journals: int
    findings: list[Finding]

    @property
    def spoken(self) -> str:
        """One line a finding, then the figures, then the head to note."""
        lines = [f"{found.fault}: {found.message}" for found in self.findings]
        figures = (
            f"{self.walk.sealed} rows sealed, {self.unsealed} waiting for their seal,"
            f" {self.journals} journals compared, {len(self.findings)} findings."
        )
        head = f"Head of the chain: {self.walk.digest}"
        return "\n".join([*lines, figures, head])

    def as_json(self) -> str:
        return json.dumps(
            {
                "ok": not self.findings,
                "sealed": self.walk.sealed,
                "unsealed": self.unsealed,
                "journals": self.journals,
                "head": {"seal": self.walk.seal, "digest": self.walk.digest},
                "findings": [
                    {
                        "rule": found.fault,
                        "entry": found.entry,
                        "seal": found.seal,
                        "message": found.message,
                    }
                    for found in self.findings
                ],
            }
        )


@click.group()
def audit() -> None:
    """Look after the record of decisions."""


@audit.command("verify")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON instead.")
@click.option("--head", help="A head noted earlier, which must still be in the chain.")
def verify(head: str | None, *, as_json: bool) -> None:
    """Walk the chain over the audit rows and compare the journals of finished attempts.

    Names every row that was changed, removed or never sealed; exit 1 if there is one.
    Note the head that is printed, elsewhere: a chain that was cut off or made anew as a
    whole shows only in that.
    """
    _, database, clock = open_product()
    verified = verify_record(database, head=head, now=clock())
    click.echo(verified.as_json() if as_json else verified.spoken)
    sys.exit(1 if verified.findings else 0)


def verify_record(database: Database, *, head: str | None, now: datetime) -> Verified:
    walk = walk_chain(database, head=head)
    with database.reading() as db:
        unsealed, forgotten = count_unsealed(db, now=now)
    journals = list(compare_journals(database))
    return Verified(
        walk=walk,
        unsealed=unsealed,
        journals=len(journals),
        findings=[
            *walk.findings,
            *([forgotten] if forgotten else []),
            *(found for found in journals if found),
        ],
    )


def compare_journals(database: Database) -> Iterator[Finding | None]:
    """Compare each finished attempt's journal with the digest that was put on record.

    One answer an attempt: None where the journal is what it was.
    """
    last = 0
    while True:
        with database.reading() as db:
            entries = _list_finished(db, after=last)
            compared = [_compare(db, entry) for entry in entries]
        if not entries:
            return
        yield from compared
        last = entries[-1].id


def _list_finished(db: Session, *, after: int) -> Sequence[AuditEntry]:
    return db.scalars(
        select(AuditEntry)
        .where(AuditEntry.action == FINISHED, AuditEntry.id > after)
        .order_by(AuditEntry.id)
        .limit(ATTEMPTS)
    ).all()


def _compare(db: Session, entry: AuditEntry) -> Finding | None:
    ref = entry.subject.partition("/")[2]
    attempt_id = db.scalar(select(Attempt.id).where(Attempt.ref == ref))
    if attempt_id is None:
        return Finding(
            fault=Fault.ATTEMPT_GONE,
            message=f"{entry.subject} of audit row {entry.id} is gone",
            entry=entry.id,
        )
    digest, lines = digest_journal(db, attempt_id=attempt_id)
    if digest == entry.details.get("journal"):
        return None
    was = entry.details.get("lines")
    return Finding(
        fault=Fault.JOURNAL_CHANGED,
        message=f"the journal of {entry.subject} is not what audit row {entry.id}"
        f" recorded: {was} lines then, {lines} now",
        entry=entry.id,
    )


@audit.command("rotate-key")
def rotate() -> None:
    """Let a new key sign receipts from now on; the old ones go on vouching for theirs."""
    _, database, clock = open_product()
    with database.transaction() as db:
        kid = rotate_key(db, now=clock())
    click.echo(f"Key {kid} signs from now on.")
