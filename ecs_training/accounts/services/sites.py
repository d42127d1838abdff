"""The sites of a company, for which people are booked. Callers own the transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from ecs_training.accounts.models import CompanySite
from ecs_training.accounts.queries import (
    get_open_site,
    list_open_sites,
    lock_company,
)
from ecs_training.accounts.rules import SiteRefusal, why_not_name_site
from ecs_training.foundation.audit import record
from ecs_training.foundation.errors import Refused


class SiteRefused(Refused):
    reason: SiteRefusal


def add_site(
    db: Session, *, company_id: int, name: str, by_id: int, now: datetime
) -> CompanySite:
    """Add a site, or raise SiteRefused for a name in use or one too many."""
    lock_company(db, company_id=company_id)
    names = [site.name for site in list_open_sites(db, company_id=company_id)]
    if refusal := why_not_name_site(name, others=names, adds=True):
        raise SiteRefused(refusal)
    site = CompanySite(company_id=company_id, name=name, created_at=now)
    db.add(site)
    db.flush()
    _audit(db, "added company site", site, by_id, now, name=name)
    return site


def rename_site(
    db: Session, *, ref: str, company_id: int, name: str, by_id: int, now: datetime
) -> CompanySite:
    """Rename a company's own open site; raise NotFound, or SiteRefused for a name in use."""
    lock_company(db, company_id=company_id)
    site = get_open_site(db, ref=ref, company_id=company_id)
    others = [
        other.name
        for other in list_open_sites(db, company_id=company_id)
        if other.id != site.id
    ]
    if refusal := why_not_name_site(name, others=others, adds=False):
        raise SiteRefused(refusal)
    before, site.name = site.name, name
    db.flush()
    _audit(db, "renamed company site", site, by_id, now, before=before, after=name)
    return site


def close_site(
    db: Session, *, ref: str, company_id: int, by_id: int, now: datetime
) -> CompanySite:
    """Close a company's own site, for which nobody is booked any more; or raise NotFound.

    Bookings that were made for it keep it.
    """
    lock_company(db, company_id=company_id)
    site = get_open_site(db, ref=ref, company_id=company_id)
    site.closed_at = now
    db.flush()
    _audit(db, "closed company site", site, by_id, now)
    return site


def _audit(
    db: Session,
    action: str,
    site: CompanySite,
    by_id: int,
    now: datetime,
    **details: str,
) -> None:
    subject = f"company-site/{site.ref}"
    record(db, actor_id=by_id, action=action, subject=subject, now=now, **details)
