"""Whatever is changed behind our back, the walk names that row and vouches for the rest."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text

from ecs_training.foundation import chain
from ecs_training.foundation.audit import AuditEntry, record
from ecs_training.foundation.chain import (
    Fault,
    Finding,
    Link,
    Walk,
    count_unsealed,
    walk_chain,
)
from ecs_training.foundation.database import Database
from ecs_training.foundation.sealing import BEGINNING, digest_link, seal_audit
from ecs_training.foundation.settings import Settings
from tests.conftest import NOW, MovableClock

ROWS = 6
CHANGED_SEAL = "UPDATE audit_seals SET digest = 'ffff' WHERE id = :n"
TRIGGERS = {
    "sqlite": [
        "DROP TRIGGER audit_entries_no_update",
        "DROP TRIGGER audit_entries_no_delete",
        "DROP TRIGGER audit_seals_no_update",
        "DROP TRIGGER audit_seals_no_delete",
    ],
    "postgresql": [
        "DROP TRIGGER audit_entries_append_only ON audit_entries",
        "DROP TRIGGER audit_seals_append_only ON audit_seals",
    ],
}


def tamper(database: Database, *statements: str, **values: object) -> None:
    """Do what only the owner of the database can do."""
    with database.transaction() as db:
        for statement in [*TRIGGERS[database.engine.dialect.name], *statements]:
            db.execute(text(statement), values)


@pytest.fixture
def sealed(database: Database, clock: MovableClock, settings: Settings) -> Database:
    """Six rows with their seals; row n has seal n."""
    with database.transaction() as db:
        for number in range(1, ROWS + 1):
            record(
                db,
                actor_id=number,
                action="did",
                subject=f"thing/{number}",
                now=clock(),
                note=f"note {number}",
            )
            db.flush()
    seal_audit(database, clock, settings)
    assert walk_chain(database).findings == []
    return database


def named(database: Database) -> list[tuple[str, int | None, int | None]]:
    found = walk_chain(database).findings
    return [(one.fault.value, one.entry, one.seal) for one in found]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_entries SET actor_id = 99 WHERE id = :n",
        "UPDATE audit_entries SET actor_id = NULL WHERE id = :n",
        "UPDATE audit_entries SET action = 'did not' WHERE id = :n",
        "UPDATE audit_entries SET subject = 'thing/5' WHERE id = :n",
        "UPDATE audit_entries SET details = '[]' WHERE id = :n",
        "UPDATE audit_entries SET recorded_at = '2026-03-02 09:00:01' WHERE id = :n",
    ],
)
@pytest.mark.parametrize("number", [1, 4])
def test_a_changed_row_is_named(sealed: Database, change: str, number: int) -> None:
    tamper(sealed, change, n=number)
    assert named(sealed) == [("row-changed", number, number)]


def test_writing_the_same_again_is_no_change(sealed: Database) -> None:
    tamper(sealed, "UPDATE audit_entries SET subject = 'thing/4' WHERE id = 4")
    assert named(sealed) == []


@pytest.mark.parametrize("number", [1, 4, ROWS])
def test_a_row_that_is_gone_is_named(sealed: Database, number: int) -> None:
    tamper(sealed, "DELETE FROM audit_entries WHERE id = :n", n=number)
    assert named(sealed) == [("row-gone", number, number)]


@pytest.mark.parametrize("number", [1, 4, ROWS - 1])
def test_a_changed_seal_is_named(sealed: Database, number: int) -> None:
    tamper(sealed, CHANGED_SEAL, n=number)
    assert named(sealed) == [("seal-changed", number, number)]


@pytest.mark.parametrize(
    "change",
    [
        CHANGED_SEAL,
        "UPDATE audit_entries SET actor_id = 99 WHERE id = :n",
    ],
)
def test_at_the_end_it_cannot_be_told_which_half_was_changed(
    sealed: Database, change: str
) -> None:
    tamper(sealed, change, n=ROWS)
    assert named(sealed) == [("link-broken", ROWS, ROWS)]


@pytest.mark.parametrize("number", [1, 4])
def test_a_seal_that_is_gone_is_named(sealed: Database, number: int) -> None:
    tamper(sealed, "DELETE FROM audit_seals WHERE id = :n", n=number)
    (found,) = walk_chain(sealed).findings
    assert (found.fault, found.seal) == (Fault.SEAL_GONE, number + 1)
    assert found.message.startswith(f"seals {number} to {number} are gone")
    with sealed.reading() as db:
        assert count_unsealed(db, now=NOW)[0] == 1


def test_a_row_that_goes_with_its_seal_leaves_a_hole(sealed: Database) -> None:
    tamper(
        sealed,
        "DELETE FROM audit_seals WHERE id IN (3, 4)",
        "DELETE FROM audit_entries WHERE id IN (3, 4)",
    )
    (found,) = walk_chain(sealed).findings
    assert found.fault is Fault.SEAL_GONE
    assert found.message.startswith("seals 3 to 4 are gone")


def test_rows_that_change_places_are_both_named(sealed: Database) -> None:
    tamper(
        sealed,
        "UPDATE audit_entries SET subject = 'thing/5' WHERE id = 2",
        "UPDATE audit_entries SET subject = 'thing/2' WHERE id = 5",
    )
    assert named(sealed) == [("row-changed", 2, 2), ("row-changed", 5, 5)]


def test_neighbours_are_both_named(sealed: Database) -> None:
    tamper(sealed, "UPDATE audit_entries SET actor_id = 99 WHERE id IN (3, 4)")
    assert named(sealed) == [("link-broken", 3, 3), ("row-changed", 4, 4)]


def test_a_head_noted_earlier_shows_a_chain_made_anew(
    sealed: Database, clock: MovableClock, settings: Settings
) -> None:
    before = walk_chain(sealed)
    assert (before.sealed, before.seal) == (ROWS, ROWS)
    assert walk_chain(sealed, head=before.digest).findings == []
    tamper(
        sealed,
        "DELETE FROM audit_seals",
        "UPDATE audit_entries SET actor_id = 99 WHERE id = 3",
    )
    if sealed.engine.dialect.name == "postgresql":
        with sealed.transaction() as db:
            db.execute(text("ALTER SEQUENCE audit_seals_id_seq RESTART"))
    seal_audit(sealed, clock, settings)

    assert walk_chain(sealed).findings == []  # by itself it looks perfectly well
    (found,) = walk_chain(sealed, head=before.digest).findings
    assert found.fault is Fault.HEAD_GONE


def test_an_early_head_is_still_in_a_longer_chain(
    sealed: Database, clock: MovableClock, settings: Settings
) -> None:
    early = walk_chain(sealed).digest
    with sealed.transaction() as db:
        record(db, actor_id=1, action="did", subject="later", now=clock())
    seal_audit(sealed, clock, settings)
    assert walk_chain(sealed, head=early).findings == []


def test_pages_are_one_walk(sealed: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = walk_chain(sealed).digest
    for page in (1, 2, 4, ROWS, ROWS + 1):
        monkeypatch.setattr(chain, "PAGE", page)
        walk = walk_chain(sealed)
        assert (walk.sealed, walk.digest, walk.findings) == (ROWS, whole, [])
    monkeypatch.setattr(chain, "PAGE", 2)
    tamper(sealed, "UPDATE audit_entries SET actor_id = 99 WHERE id = 2")
    assert named(sealed) == [("row-changed", 2, 2)]  # judged by the next page


def test_an_empty_chain_is_fine(database: Database) -> None:
    walk = walk_chain(database)
    assert (walk.sealed, walk.digest, walk.findings) == (0, BEGINNING, [])


def test_waiting_five_minutes_for_a_seal_is_fine_and_longer_is_not(
    sealed: Database, clock: MovableClock
) -> None:
    with sealed.transaction() as db:
        record(db, actor_id=1, action="did", subject="new", now=clock())
        record(
            db,
            actor_id=1,
            action="did",
            subject="newer",
            now=clock() + timedelta(minutes=2),
        )
    limit = clock() + timedelta(minutes=5)
    with sealed.reading() as db:
        assert count_unsealed(db, now=limit) == (2, None)
        waiting, found = count_unsealed(db, now=limit + timedelta(microseconds=1))
    assert waiting == 2
    assert isinstance(found, Finding)
    assert (found.fault, found.entry) == (Fault.UNSEALED, ROWS + 1)


def _make_chain(length: int) -> list[Link]:
    digest, links = BEGINNING, []
    for number in range(1, length + 1):
        entry = AuditEntry(
            id=number,
            recorded_at=NOW,
            actor_id=1,
            action="did",
            subject=f"thing/{number}",
            details={},
        )
        digest = digest_link(digest, entry)
        links.append(Link(seal=number, entry_id=number, digest=digest, entry=entry))
    return links


@given(st.integers(2, 40), st.data())
@hypothesis_settings(
    deadline=None,
    max_examples=200,
    suppress_health_check=[HealthCheck.too_slow],
)
def test_of_any_chain_exactly_the_changed_links_are_named(
    length: int, data: st.DataObject
) -> None:
    """Any set of changed rows and seals, but for links whose neighbours hide them."""
    links = _make_chain(length)
    chosen = data.draw(st.sets(st.integers(1, length), max_size=5))
    for number in chosen:
        link = links[number - 1]
        assert link.entry
        if data.draw(st.booleans()):
            link.entry.subject += " changed"
        else:
            flipped = "0" if link.digest[0] != "0" else "1"
            links[number - 1] = Link(
                seal=number,
                entry_id=number,
                digest=flipped + link.digest[1:],
                entry=link.entry,
            )
    walk = Walk()
    walk.go(links)
    found = {finding.entry for finding in walk.findings}
    # After a changed seal that nothing vouches for, its neighbour is doubted too.
    assert chosen <= found
    assert found <= chosen | {number + 1 for number in chosen}
    if all(number + 1 not in chosen and number < length for number in chosen):
        assert found == chosen
