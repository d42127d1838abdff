"""A company's sites and calendars, each with its own address and privacy."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import company_required, current_company_id, who
from ecs_training.accounts.queries import (
    get_company,
    get_open_site,
    list_open_sites,
)
from ecs_training.accounts.services.sites import (
    SiteRefused,
    add_site,
    rename_site,
)
from ecs_training.calendar_feeds.forms import PrivacyForm, SiteForm
from ecs_training.calendar_feeds.queries import (
    get_feed_of_company,
    list_feeds_of_company,
)
from ecs_training.calendar_feeds.routes.blueprint import bp
from ecs_training.calendar_feeds.routes.own import address_page
from ecs_training.calendar_feeds.rules.feeds import FeedKind, FeedPrivacy
from ecs_training.calendar_feeds.services import (
    choose_privacy,
    close_site,
    revoke_feed,
)
from ecs_training.calendar_feeds.services import make_site_feed as make_feed
from ecs_training.foundation.web import now, reading, transaction


@bp.get("/company/calendar-feeds")
@company_required
def show_company_feeds() -> str:
    return _page(SiteForm(formdata=None))


def _page(form: SiteForm, refused: SiteRefused | None = None) -> str:
    company_id = current_company_id()
    with reading() as db:
        company = get_company(db, company_id=company_id)
        sites = list_open_sites(db, company_id=company_id)
        feeds = list_feeds_of_company(db, company_id=company_id)
    return render_template(
        "calendar_feeds/company.html",
        company=company,
        sites=sites,
        feeds={feed.site_id: feed for feed in feeds},
        form=form,
        refused=refused,
    )


@bp.post("/company/sites")
@company_required
def add_company_site() -> ResponseReturnValue:
    form = SiteForm()
    if not form.validate():
        return _page(form), 422
    try:
        with transaction() as db:
            add_site(
                db,
                company_id=current_company_id(),
                name=form.name.data,
                by_id=who().person_id,
                now=now(),
            )
    except SiteRefused as refused:
        return _page(form, refused), 409
    return redirect(url_for(".show_company_feeds"), 303)


@bp.get("/company/sites/<ref>")
@company_required
def show_company_site(ref: str) -> str:
    return _site_page(ref)


@bp.post("/company/sites/<ref>/name")
@company_required
def rename_company_site(ref: str) -> ResponseReturnValue:
    form = SiteForm()
    if not form.validate():
        return _site_page(ref, form), 422
    try:
        with transaction() as db:
            rename_site(
                db,
                ref=ref,
                company_id=current_company_id(),
                name=form.name.data,
                by_id=who().person_id,
                now=now(),
            )
    except SiteRefused as refused:
        return _site_page(ref, form, refused), 409
    return redirect(url_for(".show_company_feeds"), 303)


def _site_page(
    ref: str, form: SiteForm | None = None, refused: SiteRefused | None = None
) -> str:
    with reading() as db:
        site = get_open_site(db, ref=ref, company_id=current_company_id())
    form = form or SiteForm(formdata=None, name=site.name)
    return render_template(
        "calendar_feeds/site.html", site=site, form=form, refused=refused
    )


@bp.post("/company/sites/<ref>/closure")
@company_required
def close_company_site(ref: str) -> ResponseReturnValue:
    with transaction() as db:
        close_site(
            db,
            ref=ref,
            company_id=current_company_id(),
            by_id=who().person_id,
            now=now(),
        )
    return redirect(url_for(".show_company_feeds"), 303)


@bp.post("/company/sites/<ref>/calendar-feed")
@company_required
def make_site_feed(ref: str) -> ResponseReturnValue:
    with transaction() as db:
        site, token = make_feed(
            db,
            ref=ref,
            company_id=current_company_id(),
            by_id=who().person_id,
            now=now(),
        )
    return address_page(token, kind=FeedKind.COMPANY, site=site.name)


@bp.post("/company/sites/<ref>/calendar-feed/revocation")
@company_required
def revoke_site_feed(ref: str) -> ResponseReturnValue:
    with transaction() as db:
        site = get_open_site(db, ref=ref, company_id=current_company_id())
        revoke_feed(
            db,
            kind=FeedKind.COMPANY,
            company_id=site.company_id,
            site_id=site.id,
            revoked_by_id=who().person_id,
            now=now(),
        )
    return redirect(url_for(".show_company_feeds"), 303)


@bp.get("/company/calendar-feeds/<ref>/privacy")
@company_required
def show_privacy(ref: str) -> str:
    return _privacy_page(ref)


@bp.post("/company/calendar-feeds/<ref>/privacy", endpoint="choose_privacy")
@company_required
def choose_feed_privacy(ref: str) -> ResponseReturnValue:
    form = PrivacyForm()
    if not form.validate():
        return _privacy_page(ref, form), 422
    with transaction() as db:
        choose_privacy(
            db,
            ref=ref,
            company_id=current_company_id(),
            privacy=FeedPrivacy(form.privacy.data),
            by_id=who().person_id,
            now=now(),
        )
    return redirect(url_for(".show_company_feeds"), 303)


def _privacy_page(ref: str, form: PrivacyForm | None = None) -> str:
    with reading() as db:
        feed = get_feed_of_company(db, ref=ref, company_id=current_company_id())
    form = form or PrivacyForm(formdata=None, privacy=feed.privacy.value)
    return render_template("calendar_feeds/privacy.html", feed=feed, form=form)
