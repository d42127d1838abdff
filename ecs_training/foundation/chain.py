"""Walking the chain over the audit rows, and naming where it is broken."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from ecs_training.foundation.audit import AuditEntry, AuditSeal
from ecs_training.foundation.database import Database
from ecs_training.foundation.sealing import BEGINNING, digest_link

PAGE = 500  # links read at a time: on SQLite a long reader may keep writers from committing
SEALED_WITHIN = timedelta(minutes=5)  # five runs of the job


class Fault(StrEnum):
    """What can be wrong with the record."""

    ROW_CHANGED = "row-changed"
    ROW_GONE = "row-gone"
    SEAL_CHANGED = "seal-changed"
    SEAL_GONE = "seal-gone"
    LINK_BROKEN = "link-broken"  # the row or its seal: nothing after it tells which
    UNSEALED = "unsealed"
    HEAD_GONE = "head-gone"
    JOURNAL_CHANGED = "journal-changed"
    ATTEMPT_GONE = "attempt-gone"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong. `entry` is the number of an audit row, `seal` of a link."""

    fault: Fault
    message: str
    entry: int | None = None
    seal: int | None = None


@dataclass(frozen=True, kw_only=True)
class Link:
    """A seal with the row it stands for, or None if that is gone."""

    seal: int
    entry_id: int
    digest: str
    entry: AuditEntry | None

    def follows(self, digest: str) -> bool:
        return self.entry is not None and digest_link(digest, self.entry) == self.digest


@dataclass(kw_only=True)
class Walk:
    """What a walk has seen so far: how many links, the last of them, what is wrong.

    `head` is a digest that was noted earlier and must still be in the chain.
    """

    head: str | None = None
    sealed: int = 0
    seal: int = 0
    digest: str = BEGINNING
    findings: list[Finding] = field(default_factory=list)
    _doubted: tuple[Link, str] | None = None  # with what its digest should have been

    def go(self, links: Iterable[Link]) -> None:
        """Follow the chain from its beginning to its end.

        Each link is compared with the stored digest of the one before, so that one
        change breaks one link, and all others can still be vouched for.
        """
        for link in links:
            if not self._settle_doubt(link):
                self._judge(link)
            self.sealed += 1
            self.seal, self.digest = link.seal, link.digest
            if link.digest == self.head:
                self.head = None
        self._settle_doubt(None)
        if self.head:
            self._find(Fault.HEAD_GONE, None, f"the chain has no link {self.head}")

    def _judge(self, link: Link) -> None:
        if link.entry is None:
            text = f"audit row {link.entry_id} is gone; seal {link.seal} stands"
            self._find(Fault.ROW_GONE, link, text)
        elif not link.follows(self.digest):
            self._doubt(link, link.entry)

    def _doubt(self, link: Link, entry: AuditEntry) -> None:
        if link.seal > self.seal + 1:
            missing = f"{self.seal + 1} to {link.seal - 1}"
            text = f"seals {missing} are gone, before that of audit row {entry.id}"
            self._find(Fault.SEAL_GONE, link, text)
        else:
            self._doubted = link, digest_link(self.digest, entry)

    def _settle_doubt(self, link: Link | None) -> bool:
        """Let the next link say which half of a broken one was changed.

        Return whether that vouches for the next link too.
        """
        if self._doubted is None:
            return False
        (doubted, computed), self._doubted = self._doubted, None
        row = f"audit row {doubted.entry_id}"
        if link and link.follows(doubted.digest):
            self._find(Fault.ROW_CHANGED, doubted, f"{row} is not what was sealed")
        elif link and link.follows(computed):
            text = f"seal {doubted.seal} of {row} was changed"
            self._find(Fault.SEAL_CHANGED, doubted, text)
            return True
        else:
            text = f"{row} or its seal {doubted.seal} was changed"
            self._find(Fault.LINK_BROKEN, doubted, text)
        return False

    def _find(self, fault: Fault, link: Link | None, message: str) -> None:
        self.findings.append(
            Finding(
                fault=fault,
                message=message,
                entry=link.entry_id if link else None,
                seal=link.seal if link else None,
            )
        )


def walk_chain(database: Database, *, head: str | None = None) -> Walk:
    """Look at every link of the chain; memory does not grow with its length."""
    walk = Walk(head=head)
    walk.go(_list_links(database))
    return walk


def _list_links(database: Database) -> Iterator[Link]:
    last = 0
    while True:
        with database.reading() as db:
            page = _read_page(db, after=last)
        if not page:
            return
        yield from page
        last = page[-1].seal


def _read_page(db: Session, *, after: int) -> list[Link]:
    rows = db.execute(
        select(AuditSeal.id, AuditSeal.entry_id, AuditSeal.digest, AuditEntry)
        .outerjoin(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
        .where(AuditSeal.id > after)
        .order_by(AuditSeal.id)
        .limit(PAGE)
    ).all()
    return [
        Link(seal=seal, entry_id=entry_id, digest=digest, entry=entry)
        for seal, entry_id, digest, entry in rows
    ]


def count_unsealed(db: Session, *, now: datetime) -> tuple[int, Finding | None]:
    """Return how many rows wait for their seal, and a finding if one waits too long."""
    has_seal = exists().where(AuditSeal.entry_id == AuditEntry.id)
    unsealed, first, oldest = db.execute(
        select(
            func.count(), func.min(AuditEntry.id), func.min(AuditEntry.recorded_at)
        ).where(~has_seal)
    ).one()
    if not unsealed or oldest >= now - SEALED_WITHIN:
        return unsealed, None
    text = (
        f"{unsealed} audit rows wait for a seal, the first is {first}; do the jobs run?"
    )
    return unsealed, Finding(fault=Fault.UNSEALED, message=text, entry=first)
