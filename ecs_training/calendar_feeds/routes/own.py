"""Making and revoking one's own feeds: a candidate's, a trainer's, a company's."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import sign_in_required, who
from ecs_training.calendar_feeds.access import feed_owner
from ecs_training.calendar_feeds.routes.blueprint import bp
from ecs_training.calendar_feeds.rules.feeds import FeedKind, feed_links, feed_name
from ecs_training.calendar_feeds.services import make_feed as make
from ecs_training.calendar_feeds.services import revoke_feed as revoke
from ecs_training.foundation.web import now, settings, transaction

HOMES = {
    FeedKind.CANDIDATE: "portal.show_account",
    FeedKind.TRAINER: "portal.show_trainer",
    FeedKind.COMPANY: "calendar_feeds.show_company_feeds",
}


@bp.post("/account/calendar-feeds/<kind>")
@sign_in_required
def make_feed(kind: str) -> ResponseReturnValue:
    owner = feed_owner(kind)
    with transaction() as db:
        token = make(
            db,
            kind=owner.kind,
            person_id=owner.person_id,
            company_id=owner.company_id,
            made_by_id=who().person_id,
            now=now(),
        )
    return address_page(token, kind=owner.kind)


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
            revoked_by_id=who().person_id,
            now=now(),
        )
    return redirect(url_for(HOMES[owner.kind]), 303)


def address_page(token: str, *, kind: FeedKind, site: str | None = None) -> str:
    """Answer with the new address itself: it is kept only as a hash, so never shown again."""
    path = url_for("calendar_feeds.show_private_feed", token=token)
    name = feed_name(kind, site=site)
    return render_template(
        "calendar_feeds/new_feed.html",
        kind=kind.value,
        site=site,
        home=url_for(HOMES[kind]),
        links=feed_links(settings().base_url + path, name=name),
        path=path,
    )
