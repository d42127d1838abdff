"""The numbers that answers carry: each lease counts its own, and they only rise."""

from typing import Any, cast

from sqlalchemy import ScalarSelect, Table, func, select

from ecs_training.assessment.models import Response

_others = cast(Table, Response.__table__).alias("others")


def highest_seq(attempt_id: Any, lease: Any) -> ScalarSelect[int]:
    """Return the highest number accepted under a lease, 0 before the first."""
    return (
        select(func.coalesce(func.max(_others.c.seq), 0))
        .where(_others.c.attempt_id == attempt_id, _others.c.lease == lease)
        .scalar_subquery()
    )
