"""What a route needs from the running app. The only module that touches the cookie."""

import re
from contextlib import AbstractContextManager
from datetime import datetime
from typing import cast

from flask import Flask, Response, current_app, request
from flask import session as cookie
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from ecs_training.foundation.clock import Clock
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


def reading() -> AbstractContextManager[Session]:
    return database().reading()


def asking() -> AbstractContextManager[Connection]:
    return database().asking()


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
        given = {name.lower() for name in response.headers.keys()}  # noqa: SIM118
        wanted = for_static if request.endpoint == "static" else for_pages
        response.headers.extend(
            [(name, value) for name, value in wanted if name.lower() not in given]
        )
        return response

    app.after_request(add_headers)
