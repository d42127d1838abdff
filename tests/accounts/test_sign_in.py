from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from ecs_training.accounts.models import FailedSignIn, SignIn
from ecs_training.accounts.queries import find_identity, find_person
from ecs_training.accounts.rules import (
    MOST_WRONG_GUESSES,
    SIGNED_IN_FOR,
    Role,
    SignInRefusal,
)
from ecs_training.accounts.services.hashing import hash_password, is_password_right
from ecs_training.accounts.services.passwords import change_password
from ecs_training.accounts.services.people import grant_role, set_up_company
from ecs_training.accounts.services.signing_in import (
    end_sign_in,
    record_sign_in,
    start_sign_in,
)
from ecs_training.foundation.database import Database
from ecs_training.foundation.references import hash_token
from ecs_training.foundation.web import path_on_this_site
from tests.factories import PASSWORD, make_person

ALICE = "alice@example.org"
FIVE_MINUTES = timedelta(minutes=5)


def guess(
    database: Database, at: datetime, *, right: bool, email: str = ALICE
) -> SignInRefusal | None:
    with database.transaction() as db:
        refusal, token = record_sign_in(
            db,
            email=email,
            address="192.0.2.1",
            person=find_person(db, email=email),
            password_right=right,
            now=at,
        )
    assert (refusal is None) == (token is not None)
    return refusal


def test_wrong_guesses_count_although_each_was_refused(
    database: Database, now: datetime
) -> None:
    with database.transaction() as db:
        make_person(db, "alice", now=now)
    for _ in range(MOST_WRONG_GUESSES - 1):
        assert guess(database, now, right=False) is SignInRefusal.WRONG
    assert guess(database, now, right=True) is None
    assert guess(database, now, right=False) is SignInRefusal.WRONG

    assert guess(database, now, right=True) is SignInRefusal.TOO_MANY
    almost = now + FIVE_MINUTES - timedelta(seconds=1)
    assert guess(database, almost, right=True) is SignInRefusal.TOO_MANY
    assert guess(database, now + FIVE_MINUTES, right=True) is None


def test_guesses_at_a_stranger_look_and_count_the_same(
    database: Database, now: datetime
) -> None:
    for _ in range(MOST_WRONG_GUESSES):
        told = guess(database, now, right=False, email="nobody@example.org")
        assert told is SignInRefusal.WRONG
    told = guess(database, now, right=False, email="nobody@example.org")
    assert told is SignInRefusal.TOO_MANY
    with database.reading() as db:
        assert len(db.scalars(select(FailedSignIn)).all()) == MOST_WRONG_GUESSES


def test_an_invited_person_without_a_password_cannot_be_guessed() -> None:
    assert not is_password_right(None, "")
    assert not is_password_right(None, PASSWORD)
    assert is_password_right(hash_password(PASSWORD), PASSWORD)
    assert not is_password_right(hash_password(PASSWORD), PASSWORD + " ")


def test_a_sign_in_ends_by_itself_and_for_good(
    database: Database, now: datetime
) -> None:
    with database.transaction() as db:
        alice = make_person(db, "alice", now=now)
        token = start_sign_in(db, person_id=alice.id, now=now)
        other = start_sign_in(db, person_id=alice.id, now=now)

    def is_live(secret: str, at: datetime) -> bool:
        with database.reading() as db:
            return find_identity(db, token_hash=hash_token(secret), now=at) is not None

    last_second = now + SIGNED_IN_FOR - timedelta(seconds=1)
    assert is_live(token, last_second)
    assert not is_live(token, now + SIGNED_IN_FOR)
    assert not is_live("guessed", now)
    with database.transaction() as db:
        sign_in = db.scalars(
            select(SignIn).where(SignIn.token_hash == hash_token(token))
        ).one()
        end_sign_in(db, sign_in_id=sign_in.id, now=now)
    assert not is_live(token, now)
    assert is_live(other, now)


def test_a_new_password_ends_every_sign_in(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        alice, bob = (make_person(db, name, now=now) for name in ("alice", "bob"))
        alices = [start_sign_in(db, person_id=alice.id, now=now) for _ in range(2)]
        bobs = start_sign_in(db, person_id=bob.id, now=now)
        change_password(db, person_id=alice.id, password_hash="-", now=now)
    with database.reading() as db:
        live = [
            token
            for token in (*alices, bobs)
            if find_identity(db, token_hash=hash_token(token), now=now)
        ]
    assert live == [bobs]


def test_an_identity_knows_roles_and_company(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        alice = make_person(db, "alice", now=now)
        for role in (Role.TRAINER, Role.STAFF, Role.STAFF):
            grant_role(
                db,
                email=alice.email,
                full_name="",
                role=role,
                granted_by_id=None,
                now=now,
            )
        company = set_up_company(
            db, person_id=alice.id, name="Northgate", invoice_address="Leeds", now=now
        )
        token = start_sign_in(db, person_id=alice.id, now=now)
    with database.reading() as db:
        identity = find_identity(db, token_hash=hash_token(token), now=now)
    assert identity
    assert identity.roles == {Role.TRAINER, Role.STAFF}
    assert (identity.person_id, identity.company_id) == (alice.id, company.id)


@pytest.mark.parametrize("target", ["/", "/bookings/7K3M", "/verify?ref=7K3M"])
def test_a_path_on_this_site_is_safe_to_go_to(target: str) -> None:
    assert path_on_this_site(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "bookings",
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example/",
        "/x\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
    ],
)
def test_anything_else_is_not(target: str | None) -> None:
    assert path_on_this_site(target) is None
