"""The feeds themselves, as calendar programs ask for them."""

import logging
from datetime import datetime
from typing import Any

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import Headers
from werkzeug.http import http_date, quote_etag

from ecs_training.calendar_feeds.queries import (
    FeedState,
    KeptFeed,
    ask_feed_version,
    etag_of_state,
    feed_of_role,
    find_feed_by_token,
    find_feed_state,
    private_feed,
    read_feed,
)
from ecs_training.calendar_feeds.routes.blueprint import bp
from ecs_training.calendar_feeds.rules.clients import client_family
from ecs_training.calendar_feeds.rules.entries import publisher_of
from ecs_training.calendar_feeds.rules.feeds import (
    FeedLinks,
    changed_at,
    feed_links,
    is_worth_noting,
    public_changed_at,
)
from ecs_training.calendar_feeds.rules.rendering import render_feed
from ecs_training.calendar_feeds.services import note_use
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.london import london_date
from ecs_training.foundation.web import database, now, reading, settings, transaction

SECONDS_GOOD = 300
PUBLIC, PRIVATE = f"public, max-age={SECONDS_GOOD}", f"private, max-age={SECONDS_GOOD}"
NOT_MODIFIED = 304

log = logging.getLogger(__name__)


class FeedResponse(Response):
    """An answer that no cookie has a part in, so that it may be cached and compared."""

    default_mimetype = "text/calendar"

    def get_wsgi_headers(self, environ: dict[str, Any]) -> Headers:
        if self.status_code == NOT_MODIFIED:
            return self.headers  # werkzeug would leave Last-Modified out
        headers = super().get_wsgi_headers(environ)
        headers.remove("Vary")
        headers.remove("Set-Cookie")
        return headers


@bp.get("/calendars/roles/<role>.ics")
def show_role_feed(role: str) -> ResponseReturnValue:
    today, publisher = london_date(now()), publisher_of(settings())
    try:
        feed = feed_of_role(role, today=today, publisher=publisher)
    except NotFound:
        return _no_such_feed()
    if _is_conditional():
        known = ask_feed_version(database(), feed)
        since = public_changed_at(revised_at=known.revised_at, today=today)
        if _has_it(known.etag, since):
            return _unchanged(known.etag, since, PUBLIC)
    with reading() as db:
        version, entries = read_feed(db, feed)
    address = settings().base_url + request.path
    body = render_feed(
        entries, name=feed.name, publisher=feed.publisher, address=address
    )
    since = public_changed_at(revised_at=version.revised_at, today=today)
    return _whole(body, version.etag, since, PUBLIC)


@bp.get("/calendars/<token>.ics")
def show_private_feed(token: str) -> ResponseReturnValue:
    today, publisher = london_date(now()), publisher_of(settings())
    if _is_conditional():
        state = find_feed_state(database(), token=token, today=today)
        if state is None:
            return _no_such_feed()
        etag = etag_of_state(state, publisher=publisher)
        since = _since(etag, state)
        if _has_it(etag, since):
            _note(state, etag, since)
            return _unchanged(etag, since, PRIVATE)
    with reading() as db:
        kept = find_feed_by_token(db, token=token)
        if kept is None:
            return _no_such_feed()
        feed = private_feed(kept, today=today, publisher=publisher)
        version, entries = read_feed(db, feed)
    body = render_feed(entries, name=feed.name, publisher=feed.publisher)
    since = _since(version.etag, kept)
    _note(kept, version.etag, since)
    return _whole(body, version.etag, since, PRIVATE)


def _is_conditional() -> bool:
    return "If-None-Match" in request.headers or "If-Modified-Since" in request.headers


def _has_it(etag: str, since: datetime) -> bool:
    """Compare names where the program sent any, else times; a date that is none is ignored."""
    if "If-None-Match" in request.headers:
        return request.if_none_match.contains_weak(etag)
    had = request.if_modified_since
    return had is not None and had >= since


def _since(etag: str, known: KeptFeed | FeedState) -> datetime:
    return changed_at(
        etag=etag,
        known_etag=known.last_etag,
        known_since=known.changed_at,
        now=now(),
    )


def _unchanged(etag: str, since: datetime, caching: str) -> Response:
    headers = [*_headers(etag, since), ("Cache-Control", caching)]
    return FeedResponse(status=NOT_MODIFIED, headers=headers)


def _whole(body: bytes, etag: str, since: datetime, caching: str) -> Response:
    how = "attachment" if "snapshot" in request.args else "inline"
    headers = [
        *_headers(etag, since),
        ("Cache-Control", caching),
        ("Content-Disposition", f'{how}; filename="courses.ics"'),
    ]
    return FeedResponse(body, headers=headers)


def _headers(etag: str, since: datetime) -> list[tuple[str, str]]:
    return [
        ("ETag", quote_etag(etag)),
        ("Last-Modified", http_date(since)),
        ("X-Robots-Tag", "noindex"),
        ("Referrer-Policy", "no-referrer"),
    ]


def _note(known: KeptFeed | FeedState, etag: str, since: datetime) -> None:
    """Keep what is new about a feed's use. Nobody waits for their calendar because of it."""
    if request.method == "HEAD" or not is_worth_noting(
        etag=etag, known_etag=known.last_etag, used_at=known.last_used_at, now=now()
    ):
        return
    try:
        with transaction() as db:
            note_use(
                db,
                ref=known.ref,
                etag=etag,
                client=client_family(request.user_agent.string),
                changed_at=since,
                now=now(),
            )
    except OperationalError:
        log.warning("the use of calendar feed %s was not noted: busy", known.ref)


def _no_such_feed() -> Response:
    """Say the same of an unknown address and of a revoked one."""
    response = FeedResponse("Not found\n", 404, mimetype="text/plain")
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@bp.app_template_global()
def role_feed_links(role: str) -> FeedLinks:
    """Let any page offer the public feed of a card role, as _subscribe_links.html does."""
    path = url_for("calendar_feeds.show_role_feed", role=role)
    return feed_links(settings().base_url + path, name=card_role(role).course_title)
