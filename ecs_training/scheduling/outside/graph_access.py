"""Signing in to Microsoft Graph as an app, and asking it one thing.

No user is there: client credentials, by a secret or, better, by a certificate
(https://learn.microsoft.com/entra/identity-platform/certificate-credentials).
"""

import base64
import hashlib
import json
import re
import ssl
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from ecs_training.foundation.clock import Clock
from ecs_training.foundation.settings import Settings

LARGEST_ANSWER = 5 * 1024 * 1024  # bytes
RENEW_BEFORE = timedelta(minutes=5)  # a token's end
ASSERTION_LASTS = timedelta(minutes=10)
LONGEST_WORDS = 150  # characters of what Microsoft says
UNAUTHORISED, FORBIDDEN, NOT_FOUND, TOO_MANY, BAD = 401, 403, 404, 429, 400
BUSY = {TOO_MANY, 503, 504}
NO_POLICY = (
    "Microsoft lets the app make no meetings for this organiser: an administrator must"
    " grant it an application access policy (it takes up to 30 minutes to apply)."
)


class GraphFailed(Exception):
    """Microsoft did not do it; the message is worded for staff.

    `retry_after` is the header as it came. `busy`: Microsoft asks everybody to wait.
    """

    def __init__(
        self, problem: str, *, retry_after: str | None = None, busy: bool = False
    ) -> None:
        super().__init__(problem)
        self.retry_after = retry_after
        self.busy = busy


class GraphNotThere(GraphFailed):
    """Microsoft knows no such meeting (any more)."""


@dataclass(frozen=True, kw_only=True)
class GraphAccess:
    """Whom we are to Microsoft, and where it is. Never printed."""

    tenant: str
    client_id: str
    secret: str = field(repr=False)
    certificate: str
    organiser: str
    url: str
    login_url: str
    seconds: int


@dataclass(frozen=True, kw_only=True)
class _Token:
    value: str = field(repr=False)
    until: datetime


@dataclass(frozen=True, kw_only=True)
class _Answer:
    status: int
    retry_after: str | None
    content: bytes

    def read(self) -> dict[str, Any]:
        """Raise GraphFailed for anything but a JSON object; nothing at all is an empty one."""
        try:
            found = json.loads(self.content or b"{}")
        except ValueError as error:
            raise GraphFailed("Microsoft's answer could not be read.") from error
        if not isinstance(found, dict):
            raise GraphFailed("Microsoft's answer could not be read.")
        return found


_tokens: dict[GraphAccess, _Token] = {}  # of this process


def access_of(settings: Settings) -> GraphAccess:
    return GraphAccess(
        tenant=settings.graph_tenant,
        client_id=settings.graph_client_id,
        secret=settings.graph_client_secret,
        certificate=settings.graph_certificate,
        organiser=settings.graph_organiser,
        url=settings.graph_url.rstrip("/"),
        login_url=settings.graph_login_url.rstrip("/"),
        seconds=settings.graph_seconds,
    )


def ask_graph(
    access: GraphAccess,
    clock: Clock,
    method: str,
    url: str,
    body: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Ask one thing of Graph and return its answer, or raise GraphFailed.

    A token that Microsoft no longer takes is renewed once. An address elsewhere than Graph's
    is refused: the token would go there.
    """
    if not url.startswith(f"{access.url}/"):
        raise GraphFailed(
            "Microsoft's answer points elsewhere than to Microsoft Graph."
        )
    content = None if body is None else json.dumps(body).encode()
    answer = _send(access, method, url, content, _token(access, clock))
    if answer.status == UNAUTHORISED:
        _tokens.pop(access, None)
        answer = _send(access, method, url, content, _token(access, clock))
    _refuse(answer)
    return answer.read()


def _refuse(answer: _Answer) -> None:
    if answer.status < BAD:
        return
    code, words = _why(answer)
    if answer.status in BUSY:
        raise GraphFailed(
            f"Microsoft is busy ({answer.status}) and asks us to wait.",
            retry_after=answer.retry_after,
            busy=True,
        )
    if answer.status == NOT_FOUND:
        raise GraphNotThere("Microsoft knows no such meeting.")
    if answer.status == FORBIDDEN and "application access policy" in words.lower():
        raise GraphFailed(NO_POLICY)
    raise GraphFailed(f"Microsoft says no ({answer.status} {code}): {words}")


def _why(answer: _Answer) -> tuple[str, str]:
    """Return the code and the words of an error as Graph gives it; empty where it does not."""
    try:
        error = answer.read().get("error")
    except GraphFailed:
        error = None
    if not isinstance(error, dict):
        return "", ""
    return str(error.get("code", ""))[:60], str(error.get("message", ""))[
        :LONGEST_WORDS
    ]


def _token(access: GraphAccess, clock: Clock) -> str:
    held = _tokens.get(access)
    if held and clock() < held.until - RENEW_BEFORE:
        return held.value
    url = f"{access.login_url}/{access.tenant}/oauth2/v2.0/token"
    form = {
        "client_id": access.client_id,
        "grant_type": "client_credentials",
        "scope": "https://graph.microsoft.com/.default",
        **_credentials(access, url, clock()),
    }
    answer = _send(access, "POST", url, urlencode(form).encode(), None)
    given = answer.read()
    if answer.status >= BAD or not isinstance(given.get("access_token"), str):
        # Only the code: the words may name what we sent.
        raise GraphFailed(
            f"Microsoft refused to sign the app in ({str(given.get('error', ''))[:60]}).",
            retry_after=answer.retry_after,
            busy=answer.status in BUSY,
        )
    lasts = timedelta(seconds=int(given.get("expires_in", 0)))
    _tokens[access] = _Token(value=given["access_token"], until=clock() + lasts)
    return _tokens[access].value


def _credentials(access: GraphAccess, audience: str, now: datetime) -> dict[str, str]:
    if access.secret:
        return {"client_secret": access.secret}
    return {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": _assertion(access, audience, now),
    }


def _assertion(access: GraphAccess, audience: str, now: datetime) -> str:
    """Sign that we are the app, with the key whose certificate Microsoft knows."""
    try:
        pem = Path(access.certificate).read_text()
        key = RSAKey.import_key(_block(pem, "PRIVATE KEY"))
        der = ssl.PEM_cert_to_DER_cert(_block(pem, "CERTIFICATE"))
        print_ = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=")
        header = {"alg": "PS256", "typ": "JWT", "x5t#S256": print_.decode()}
        claims = {
            "aud": audience,
            "iss": access.client_id,
            "sub": access.client_id,
            "jti": str(uuid.uuid4()),
            "nbf": int(now.timestamp()),
            "exp": int((now + ASSERTION_LASTS).timestamp()),
        }
        return jwt.encode(header, claims, key, algorithms=["PS256"])
    except (OSError, ValueError, JoseError) as error:
        raise GraphFailed("The certificate for Microsoft cannot be used.") from error


def _block(pem: str, kind: str) -> str:
    """Return the first block of that kind in a PEM file, or raise ValueError."""
    found = re.search(
        rf"-----BEGIN (?:[A-Z]+ )?{kind}-----.+?-----END [A-Z ]+-----", pem, re.DOTALL
    )
    if found is None:
        raise ValueError(kind)
    return f"{found[0]}\n"


def _send(
    access: GraphAccess, method: str, url: str, content: bytes | None, token: str | None
) -> _Answer:
    """Speak HTTP once; no redirect is followed. Raise GraphFailed if no answer came."""
    parts = urlsplit(url)
    headers = {"Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if content is not None:
        kind = "json" if token else "x-www-form-urlencoded"
        headers["Content-Type"] = f"application/{kind}"
    make = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = make(parts.hostname or "", parts.port, timeout=access.seconds)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    try:
        connection.request(method, target, body=content, headers=headers)
        response = connection.getresponse()
        found = response.read(LARGEST_ANSWER)
        after = response.getheader("Retry-After")
        return _Answer(status=response.status, retry_after=after, content=found)
    except (OSError, HTTPException) as error:
        raise GraphFailed("No answer came from Microsoft.") from error
    finally:
        connection.close()
