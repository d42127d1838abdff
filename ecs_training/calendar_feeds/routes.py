from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Headers

from ecs_training.accounts.access import sign_in_required
from ecs_training.calendar_feeds.access import feed_owner
from ecs_training.calendar_feeds.queries import (
    Feed,
    feed_etag,
    feed_of_role,
    find_feed_by_token,
    private_feed,
    read_feed,
)
from ecs_training.calendar_feeds.rules.entries import publisher_of
from ecs_training.calendar_feeds.rules.feeds import (
    FEED_NAMES,
    FeedKind,
    FeedLinks,
    feed_links,
)
from ecs_training.calendar_feeds.rules.rendering import render_feed
from ecs_training.calendar_feeds.services import make_feed as make
from ecs_training.calendar_feeds.services import revoke_feed as revoke
from ecs_training.catalogue.queries import card_role
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.london import london_date
from ecs_training.foundation.web import now, reading, settings, transaction

bp = Blueprint("calendar_feeds", __name__)

HOMES = {
    FeedKind.CANDIDATE: "portal.show_account",
    FeedKind.TRAINER: "portal.show_trainer",
    FeedKind.COMPANY: "portal.show_company",
}
SECONDS_GOOD = 300


class FeedResponse(Response):
    """An answer that no cookie has a part in, so that it may be cached and compared."""

    default_mimetype = "text/calendar"

    def get_wsgi_headers(self, environ: dict[str, Any]) -> Headers:
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
    return _answer(feed)


@bp.get("/calendars/<token>.ics")
def show_private_feed(token: str) -> ResponseReturnValue:
    today, publisher = london_date(now()), publisher_of(settings())
    with reading() as db:
        kept = find_feed_by_token(db, token=token)
    if kept is None:
        return _no_such_feed()
    return _answer(private_feed(kept, today=today, publisher=publisher))


def _answer(feed: Feed) -> Response:
    """Send the feed, or 304 to whoever has these bytes already."""
    if request.if_none_match:
        with reading() as db:
            etag = feed_etag(db, feed)
        if request.if_none_match.contains_weak(etag):
            return _headed(FeedResponse(status=304), feed, etag)
    with reading() as db:
        etag, entries = read_feed(db, feed)
    body = render_feed(entries, name=feed.name, publisher=feed.publisher)
    return _headed(FeedResponse(body), feed, etag)


def _headed(response: Response, feed: Feed, etag: str) -> Response:
    whose = "public" if feed.public else "private"
    response.set_etag(etag)
    response.headers["Cache-Control"] = f"{whose}, max-age={SECONDS_GOOD}"
    response.headers["Content-Disposition"] = 'inline; filename="courses.ics"'
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _no_such_feed() -> Response:
    """Say the same of an unknown address and of a revoked one."""
    response = FeedResponse("Not found\n", 404, mimetype="text/plain")
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@bp.post("/account/calendar-feeds/<kind>")
@sign_in_required
def make_feed(kind: str) -> ResponseReturnValue:
    """Answer with the new address itself: it is kept only as a hash, so never shown again."""
    owner = feed_owner(kind)
    with transaction() as db:
        token = make(
            db,
            kind=owner.kind,
            person_id=owner.person_id,
            company_id=owner.company_id,
            now=now(),
        )
    path = url_for(".show_private_feed", token=token)
    return render_template(
        "calendar_feeds/new_feed.html",
        kind=owner.kind.value,
        home=url_for(HOMES[owner.kind]),
        links=feed_links(settings().base_url + path, name=FEED_NAMES[owner.kind]),
        path=path,
    )


@bp.post("/account/calendar-feeds/<kind>/revocation")
@sign_in_required
def revoke_feed(kind: str) -> ResponseReturnValue:
    owner = feed_owner(kind)
    with transaction() as db:
        revoke(
            db,
            kind=owner.kind,
            person_id=owner.person_id,
            company_id=owner.company_id,
            now=now(),
        )
    return redirect(url_for(HOMES[owner.kind]), 303)


@bp.app_template_global()
def role_feed_links(role: str) -> FeedLinks:
    """Let any page offer the public feed of a card role, as _subscribe_links.html does."""
    path = url_for("calendar_feeds.show_role_feed", role=role)
    return feed_links(settings().base_url + path, name=card_role(role).course_title)
