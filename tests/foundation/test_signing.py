"""What we signed can be checked by anybody; nothing else passes for it."""

import base64
import json
import string
import time
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from ecs_training.foundation.audit import AuditEntry
from ecs_training.foundation.database import Database
from ecs_training.foundation.signing import (
    LONGEST,
    SigningKey,
    can_sign,
    check,
    public_keys,
    rotate_key,
    sign,
)
from tests.assessment.exam import together
from tests.conftest import NOW, MovableClock
from tests.racing import take_locks_away

PAYLOAD = {"who": "Zoë O'Hara", "score": 46, "passed": True}
LETTERS = string.ascii_letters + string.digits + "-_"


def encode(part: object) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_header(token: str) -> dict[str, Any]:
    part = token.partition(".")[0]
    header: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return header


def with_our_signature(db: Session, header: object, payload: object) -> str:
    """Sign with our own key, past the code that is to be tested."""
    key: Any = OKPKey.import_key(
        db.scalars(select(SigningKey)).one().private_key
    ).private_key
    signed = f"{encode(header)}.{encode(payload)}"
    return f"{signed}.{encode(bytes(key.sign(signed.encode())))}"


def test_what_was_signed_comes_back_whole(db: Session) -> None:
    token = sign(db, PAYLOAD, now=NOW)
    assert check(db, token) == PAYLOAD
    assert sign(db, PAYLOAD, now=NOW + timedelta(days=1)) == token
    header = read_header(token)
    assert header == {"alg": "Ed25519", "typ": "record+jws", "kid": header["kid"]}


def test_a_stranger_needs_only_the_public_keys(db: Session) -> None:
    token = sign(db, PAYLOAD, now=NOW)
    published = json.loads(json.dumps(public_keys(db)))
    theirs = KeySet.import_key_set(published)
    told = jws.deserialize_compact(token, theirs, ["Ed25519"])
    assert json.loads(told.payload) == PAYLOAD


def test_the_private_half_is_never_among_the_public_keys(db: Session) -> None:
    sign(db, PAYLOAD, now=NOW)
    (key,) = public_keys(db)["keys"]
    assert set(key) == {"kty", "crv", "x", "kid", "alg", "use"}
    secret = db.scalars(select(SigningKey)).one()
    assert secret.private_key["d"] not in json.dumps(public_keys(db)) + repr(secret)
    assert key["kid"] == OKPKey.import_key(key).thumbprint() == secret.kid


def test_before_the_first_signature_there_is_no_key(db: Session) -> None:
    assert public_keys(db) == {"keys": []}
    assert not can_sign(db)
    sign(db, PAYLOAD, now=NOW)
    assert can_sign(db)


def test_a_kind_is_never_taken_for_another(db: Session) -> None:
    token = sign(db, PAYLOAD, now=NOW, kind="receipt")
    assert check(db, token, kind="receipt") == PAYLOAD
    assert check(db, token) is None
    assert check(db, token, kind="pass") is None


def test_with_a_key_signing_needs_no_right_to_write(database: Database) -> None:
    with database.transaction() as db:
        token = sign(db, PAYLOAD, now=NOW)
    with database.reading() as db:
        assert sign(db, PAYLOAD, now=NOW) == token
        assert check(db, token) == PAYLOAD


def test_a_retired_key_goes_on_vouching(db: Session) -> None:
    old = sign(db, PAYLOAD, now=NOW)
    kid = rotate_key(db, now=NOW + timedelta(days=1))
    new = sign(db, PAYLOAD, now=NOW + timedelta(days=2))
    assert read_header(new)["kid"] == kid != read_header(old)["kid"]
    assert check(db, old) == check(db, new) == PAYLOAD
    listed = [key["kid"] for key in public_keys(db)["keys"]]
    assert listed == [read_header(old)["kid"], kid]


def test_making_and_retiring_a_key_are_on_record(db: Session) -> None:
    first = read_header(sign(db, PAYLOAD, now=NOW))["kid"]
    second = rotate_key(db, now=NOW)
    db.flush()
    told = db.execute(select(AuditEntry.action, AuditEntry.subject, AuditEntry.details))
    assert [tuple(row) for row in told] == [
        ("made signing key", f"signing-key/{first}", {}),
        ("retired signing key", f"signing-key/{first}", {}),
        ("made signing key", f"signing-key/{second}", {}),
    ]


def test_a_key_may_be_made_by_rotating(db: Session) -> None:
    kid = rotate_key(db, now=NOW)
    assert read_header(sign(db, PAYLOAD, now=NOW))["kid"] == kid


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_every_changed_character_fails(db: Session) -> None:
    """Each place of a token, with each letter of its alphabet and some of none."""
    token = sign(db, {"n": 1}, now=NOW)
    for place, kept in enumerate(token):
        others = LETTERS if place > len(token) - 3 else "AQz_"
        for other in others + ". =\n\x00é":
            if other != kept:
                changed = token[:place] + other + token[place + 1 :]
                assert check(db, changed) is None, (place, other)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_every_flipped_bit_of_the_bytes_fails(db: Session) -> None:
    token = sign(db, {"n": 1}, now=NOW)
    parts = [base64.urlsafe_b64decode(part + "==") for part in token.split(".")]
    for which, part in enumerate(parts):
        for bit in range(len(part) * 8):
            flipped = bytearray(part)
            flipped[bit // 8] ^= 1 << bit % 8
            changed = [*parts[:which], bytes(flipped), *parts[which + 1 :]]
            assert check(db, ".".join(encode(one) for one in changed)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "EdDSA"},
        {"alg": "HS256"},
        {"alg": "ES256"},
        {"alg": None},
        {"kid": "A" * 43},
        {"kid": None},
        {"kid": ["x"]},
        {"kid": 1},
        {"typ": "JWT"},
        {"crit": ["exp"], "exp": 1},
        {"b64": False, "crit": ["b64"]},
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43}},
        {"jku": "https://evil.example/jwks.json"},
    ],
)
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_no_other_header_is_believed_even_over_a_true_signature(
    db: Session, change: dict[str, Any]
) -> None:
    """The bytes are signed with our own key, whatever the header says of them."""
    header = read_header(sign(db, PAYLOAD, now=NOW)) | change
    assert check(db, with_our_signature(db, header, PAYLOAD)) is None


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_same_forgery_with_our_own_header_is_believed(db: Session) -> None:
    """So that the test above can fail."""
    header = read_header(sign(db, PAYLOAD, now=NOW))
    assert check(db, with_our_signature(db, header, PAYLOAD)) == PAYLOAD


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_other_keys_under_our_name_sign_nothing(db: Session) -> None:
    header = read_header(sign(db, PAYLOAD, now=NOW))
    body = json.dumps(PAYLOAD).encode()
    (published,) = public_keys(db)["keys"]
    forgeries = [
        jws.serialize_compact(
            header, body, OKPKey.generate_key("Ed25519"), ["Ed25519"]
        ),
        # The public key, which everybody has, taken for a shared secret.
        jws.serialize_compact(
            header | {"alg": "HS256"},
            body,
            OctKey.import_key(published["x"]),
            ["HS256"],
        ),
        jws.serialize_compact(
            header | {"alg": "ES256"}, body, ECKey.generate_key("P-256"), ["ES256"]
        ),
        f"{encode(header | {'alg': 'none'})}.{encode(body)}.",
    ]
    assert [check(db, forged) for forged in forgeries] == [None] * 4


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_any_text_at_all_is_an_answer_and_no_error(db: Session) -> None:
    token = sign(db, PAYLOAD, now=NOW)
    signature = token.rpartition(".")[2]
    header = read_header(token)
    parts = st.one_of(
        st.text(LETTERS, max_size=60),
        st.binary(max_size=60).map(encode),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
            max_leaves=5,
        ).map(encode),
        st.sampled_from([*token.split("."), encode(header | {"kid": 2**70}), ""]),
    )

    @given(st.one_of(st.text(), st.tuples(parts, parts, parts | st.just(signature))))
    @hypothesis_settings(deadline=None, max_examples=150)
    def try_it(given: str | tuple[str, str, str]) -> None:
        text = given if isinstance(given, str) else ".".join(given)
        assert check(db, text) is None or text == token

    try_it()
    deep = encode(b"[" * 4000)
    assert check(db, f"{deep}.e30.{signature}") is None
    assert check(db, f"{'A' * LONGEST}{token}") is None


MAKERS = 4


def _race(database: Database) -> list[str]:
    """Let four sign at once where there is no key, dawdling before one is written."""
    event.listen(database.engine, "before_cursor_execute", _dawdle)

    def sign_it() -> str:
        with database.transaction() as db:
            return sign(db, PAYLOAD, now=NOW)

    tokens = together(*[sign_it for _ in range(MAKERS)])
    event.remove(database.engine, "before_cursor_execute", _dawdle)
    return tokens


def _dawdle(_c: object, _cursor: object, sql: str, *_rest: object) -> None:
    if sql.startswith("INSERT INTO signing_keys"):
        time.sleep(0.1)


@pytest.mark.heavy
def test_of_many_that_need_the_first_key_one_makes_it(database: Database) -> None:
    tokens = _race(database)
    assert len(set(tokens)) == 1
    with database.reading() as db:
        assert len(db.scalars(select(SigningKey)).all()) == 1
        assert check(db, tokens[0]) == PAYLOAD


@pytest.mark.heavy
def test_without_the_lock_there_are_several_first_keys(database: Database) -> None:
    take_locks_away(database)
    _race(database)
    with database.reading() as db:
        assert len(db.scalars(select(SigningKey)).all()) > 1


def test_of_two_keys_of_one_moment_always_the_same_signs(
    db: Session, clock: MovableClock
) -> None:
    for _ in range(3):
        pair = OKPKey.generate_key("Ed25519")
        db.add(
            SigningKey(
                kid=pair.thumbprint(),
                private_key=pair.as_dict(private=True),
                made_at=clock(),
            )
        )
    db.flush()
    first = min(db.scalars(select(SigningKey.kid)))
    assert read_header(sign(db, PAYLOAD, now=NOW))["kid"] == first
