"""What a route needs from the running app. The only module that touches the cookie."""

import re
from contextlib import AbstractContextManager
from copy import deepcopy
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any, cast

from flask import Flask, Response, current_app, request
from flask import session as cookie
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session

from ecs_training.foundation.clock import Clock, utc_now
from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # `no-referrer` would make Flask-WTF refuse every POST over https.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HTTPS_ONLY = "max-age=31536000; includeSubDomains"


def database() -> Database:
    return cast(Database, current_app.extensions["database"])


def transaction() -> AbstractContextManager[Session]:
    return database().transaction()


def rehearsal() -> AbstractContextManager[Session]:
    return database().rehearsal()


def reading() -> AbstractContextManager[Session]:
    return database().reading()


def settings() -> Settings:
    return cast(Settings, current_app.extensions["settings"])


def now() -> datetime:
    return cast(Clock, current_app.extensions["clock"])()


def client_address() -> str:
    return request.remote_addr or "unknown"


def wants_json() -> bool:
    kinds = ["text/html", "application/json"]  # the first wins a tie
    return request.is_json or request.accept_mimetypes.best_match(kinds) == kinds[1]


def path_on_this_site(target: str | None) -> str | None:
    """Return `target` if it cannot lead elsewhere, as //evil.example would."""
    if target and re.fullmatch(r"/(?![/\\])[!-\[\]-~]*", target):
        return target
    return None


def cookie_value(name: str) -> str | None:
    value = cookie.get(name)
    return value if isinstance(value, str) else None


def empty_cookie() -> None:
    cookie.clear()


def csrf_token() -> str:
    """Return the token that a form of this person's carries; the same one each time.

    For the pages of the test, where making it anew costs as much as filling the page in.
    """
    secret = cookie_value("csrf_token")
    return _csrf_token_for(secret) if secret else str(generate_csrf())


@lru_cache(maxsize=5000)
def _csrf_token_for(_secret: str) -> str:
    return str(generate_csrf())


class Cookies(SecureCookieSessionInterface):
    """Flask's own cookies, but a process that has verified one knows it when it comes again."""

    def __init__(self, app: Flask) -> None:
        self._serializer = _Remembering(super().get_signing_serializer(app))

    # Any: the type is of a library that is Flask's affair, not ours.
    def get_signing_serializer(self, app: Flask) -> Any:  # noqa: ARG002
        return self._serializer


class _Remembering:
    """What signs and verifies cookies; whatever is read of one is a copy."""

    def __init__(self, serializer: Any) -> None:
        self.dumps, self._loads = serializer.dumps, serializer.loads
        self._verify = lru_cache(maxsize=2000)(
            partial(serializer.loads, return_timestamp=True)
        )

    def loads(self, value: str, max_age: int) -> dict[str, Any]:
        """Raise BadSignature for one that is not ours, or older than `max_age` seconds."""
        facts, signed_at = self._verify(value)
        if utc_now() - signed_at >= timedelta(seconds=max_age):
            self._loads(value, max_age=max_age)  # words the refusal
        return deepcopy(facts)


def send_picture(content: bytes, *, media_type: str) -> Response:
    """Send a picture that can do nothing but be seen, even when opened by itself."""
    response = Response(content, mimetype=media_type)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def protect_responses(app: Flask) -> None:
    """Put the security headers on every response, error pages included."""
    for_static = list(HEADERS.items())
    if app.extensions["settings"].base_url.startswith("https://"):
        for_static.append(("Strict-Transport-Security", HTTPS_ONLY))
    # A shared phone's back button must not show the last person's pages.
    for_pages = [*for_static, ("Cache-Control", "no-store")]

    def add_headers(response: Response) -> Response:
        wanted = for_static if request.endpoint == "static" else for_pages
        given = set(response.headers.keys(lower=True))
        for name, value in wanted:
            if name.lower() not in given:
                response.headers.add(name, value)
        return response

    app.after_request(add_headers)
