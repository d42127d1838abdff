"""Signatures that anybody can check with a public key of ours.

A compact JWS (RFC 7515) with Ed25519 under its own name (RFC 9864). Nothing else is
accepted: the header must be the one that we write, and nothing more.
"""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.util import urlsafe_b64decode
from sqlalchemy import JSON, String, exists, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from ecs_training.foundation.audit import record
from ecs_training.foundation.database import Base

ALGORITHM: Final = "Ed25519"
LONGEST = 8000  # characters of a token; ours have under 1,000
TOKEN = re.compile(
    r"[\w-]+\.[\w-]+\.[\w-]{85}[AQgw]", re.ASCII
)  # 64 bytes, one spelling


class SigningKey(Base):
    """A pair of keys as a JSON Web Key. The newest one that is not retired signs.

    It lives in the database so that one backup holds all: what was signed before a restore
    can be checked after it.
    """

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(
        String(43), primary_key=True
    )  # RFC 7638 thumbprint
    private_key: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


def sign(
    db: Session, payload: dict[str, Any], *, now: datetime, kind: str = "record"
) -> str:
    """Return the payload as a compact JWS; the same one again as long as the key is.

    `kind` stands in the header, so that what was signed as one thing is never taken for
    another. The first signature of all makes the key, which needs a writing transaction.
    """
    key = _find_key(db) or _make_first_key(db, now)
    body = json.dumps(payload, sort_keys=True, separators=(",", ":")).encode()
    pair = OKPKey.import_key(key.private_key)
    return jws.serialize_compact(_header(key.kid, kind), body, pair, [ALGORITHM])


def check(db: Session, token: str, *, kind: str = "record") -> dict[str, Any] | None:
    """Return what we signed, or None for anything else, changed or of another kind.

    A key that was retired still vouches for what it signed.
    """
    if len(token) > LONGEST or not TOKEN.fullmatch(token):
        return None
    try:
        header = json.loads(urlsafe_b64decode(token.partition(".")[0].encode()))
        key = _find_named(db, header)
        if key is None or header != _header(key.kid, kind):
            return None
        pair = OKPKey.import_key(key.private_key)
        signed = jws.deserialize_compact(token, pair, [ALGORITHM])
        payload: dict[str, Any] = json.loads(signed.payload)
    except (JoseError, ValueError, RecursionError):
        return None
    return payload


def public_keys(db: Session) -> dict[str, list[dict[str, Any]]]:
    """Return every public half, retired ones too, as a JWK set (RFC 7517), oldest first."""
    keys = db.scalars(select(SigningKey).order_by(SigningKey.made_at, SigningKey.kid))
    return {"keys": [_public_half(key) for key in keys]}


def can_sign(db: Session) -> bool:
    """Say whether there is a key, so that signing writes nothing."""
    return bool(db.scalar(select(exists().where(SigningKey.retired_at.is_(None)))))


def rotate_key(db: Session, *, now: datetime) -> str:
    """Let a new key sign from now on; return its name. The old ones go on vouching."""
    _let_no_other_make(db)
    for key in _list_active(db):
        key.retired_at = now
        _record(db, "retired signing key", key.kid, now)
    return _make_key(db, now).kid


def _header(kid: str, kind: str) -> dict[str, str]:
    return {"alg": ALGORITHM, "kid": kid, "typ": f"{kind}+jws"}


def _public_half(key: SigningKey) -> dict[str, Any]:
    public = OKPKey.import_key(key.private_key).as_dict(private=False)
    return {**public, "kid": key.kid, "alg": ALGORITHM, "use": "sig"}


def _list_active(db: Session) -> Sequence[SigningKey]:
    return db.scalars(
        select(SigningKey)
        .where(SigningKey.retired_at.is_(None))
        .order_by(SigningKey.made_at.desc(), SigningKey.kid)
    ).all()


def _find_key(db: Session) -> SigningKey | None:
    return next(iter(_list_active(db)), None)


def _find_named(db: Session, header: object) -> SigningKey | None:
    kid = header.get("kid") if isinstance(header, dict) else None
    return db.get(SigningKey, kid) if isinstance(kid, str) else None


def _make_first_key(db: Session, now: datetime) -> SigningKey:
    """Of two processes that both found none, one makes it and the other uses it."""
    _let_no_other_make(db)
    return _find_key(db) or _make_key(db, now)


def _make_key(db: Session, now: datetime) -> SigningKey:
    pair = OKPKey.generate_key(ALGORITHM)
    key = SigningKey(
        kid=pair.thumbprint(),
        private_key=pair.as_dict(private=True),
        made_at=now,
    )
    db.add(key)
    db.flush()
    _record(db, "made signing key", key.kid, now)
    return key


def _record(db: Session, action: str, kid: str, now: datetime) -> None:
    record(db, actor_id=None, action=action, subject=f"signing-key/{kid}", now=now)


def _let_no_other_make(db: Session) -> None:
    """On SQLite every writing transaction holds such a lock from its beginning."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE"))
