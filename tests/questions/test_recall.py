"""A source has changed: what cites it goes out in one step, if papers can still be filled."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ecs_training.foundation.errors import NotFound
from ecs_training.questions.models import Recall
from ecs_training.questions.queries.recalls import (
    Fate,
    get_recall,
    last_recall_of,
    list_cited_sources,
    list_citing,
    list_recalled,
    list_recalls,
)
from ecs_training.questions.rules.recalls import RecallPlan
from ecs_training.questions.services.recalling import recall_source, rehearse_recall
from ecs_training.questions.services.reviewing import ReviewRefused
from ecs_training.questions.services.suspending import BankRefused
from ecs_training.questions.services.writing import WritingRefused
from tests.questions.desk import BOOTS, GLOVES, Desk
from tests.questions.test_suspending import put_back, take_out

LAW = "eawr-1989"
GUIDE = "guide-2020"
REASON = "Replaced on 1 March."


def cite(desk: Desk, *codes: str, source: str = GUIDE) -> None:
    """Let live items cite another source."""
    with desk.database.transaction() as db:
        for code in codes:
            db.merge(desk.revision(code)).source = source


def rehearse(desk: Desk, source: str = GUIDE) -> RecallPlan:
    with desk.database.reading() as db:
        return rehearse_recall(db, source=source, blueprints=desk.plan.blueprints)


def recall(desk: Desk, source: str = GUIDE, *, digest: str | None = None) -> Recall:
    digest = rehearse(desk, source).digest if digest is None else digest
    with desk.database.transaction() as db:
        return recall_source(
            db,
            source=source,
            reason=REASON,
            digest=digest,
            blueprints=desk.plan.blueprints,
            made_by_id=desk.ann,
            now=desk.now,
        )


def fates(desk: Desk, made: Recall) -> dict[str, Fate]:
    with desk.database.reading() as db:
        found = list_recalled(db, get_recall(db, ref=made.ref))
    return {each.item.code: each.fate for each in found}


def test_everything_live_that_cites_the_source_is_shown(desk: Desk) -> None:
    cite(desk, "fire-001", "fire-002", "elec-001", "elec-003")
    take_out(desk, "elec-003")  # is out already
    desk.write(replace(BOOTS, source=GUIDE))  # not live yet
    desk.reword("fire-003", source=GUIDE)  # its live wording cites the law
    with desk.database.reading() as db:
        citing = list_citing(db, source=GUIDE)
        offered = list_cited_sources(db)
    assert [(each.item.code, each.wording.clause) for each in citing] == [
        ("elec-001", "reg 13"),
        ("fire-001", "reg 13"),
        ("fire-002", "reg 13"),
    ]
    assert offered == {LAW: 2, GUIDE: 3}


def test_a_recall_takes_all_of_them_out_in_one_step(desk: Desk) -> None:
    cite(desk, "fire-001", "fire-002", "elec-001")
    made = recall(desk)
    assert (made.source, made.reason, made.made_by_id) == (GUIDE, REASON, desk.ann)
    assert desk.live() == {"fire-003", "elec-002", "elec-003"}
    for code in ("fire-001", "fire-002", "elec-001"):
        item = desk.item(code)
        assert (item.suspended_at, item.suspended_by_id) == (desk.now, desk.ann)
        assert (item.suspend_reason, item.recall_id) == (REASON, made.id)
    assert desk.item("fire-003").recall_id is None
    (entry,) = desk.audit(f"recall/{made.ref}")
    assert entry.actor_id == desk.ann
    assert entry.details == {
        "source": GUIDE,
        "reason": REASON,
        "codes": ["elec-001", "fire-001", "fire-002"],
    }


def test_it_is_refused_where_papers_need_them_and_says_how_many_more(
    desk: Desk,
) -> None:
    cite(desk, "elec-001", "elec-002", "fire-001")
    with pytest.raises(BankRefused) as refused:
        recall(desk)
    assert refused.value.slug == "too-few"
    assert refused.value.short == {"electrical": 1}
    assert len(desk.live()) == 6
    assert last_recall(desk) == []

    desk.put_live(BOOTS, topic="electrical")
    recall(desk)
    assert desk.live() == {"elec-003", "electrical-1", "fire-002", "fire-003"}


def last_recall(desk: Desk) -> list[str]:
    with desk.database.reading() as db:
        return [row.recall.ref for row in list_recalls(db)]


def test_all_topics_that_would_lack_some_are_named(desk: Desk) -> None:
    with pytest.raises(BankRefused) as refused:
        recall(desk, LAW)
    assert refused.value.short == {"electrical": 2, "fire": 1}


def test_a_recall_of_nothing_is_refused(desk: Desk) -> None:
    with pytest.raises(BankRefused) as refused:
        recall(desk, "nothing-cites-this")
    assert refused.value.slug == "nothing-cited"


def test_whoever_confirms_must_have_seen_the_list(desk: Desk) -> None:
    cite(desk, "fire-001")
    seen = rehearse(desk).digest
    cite(desk, "fire-002")
    for digest in (seen, ""):
        with pytest.raises(BankRefused) as refused:
            recall(desk, digest=digest)
        assert refused.value.slug == "list-changed"
    assert len(desk.live()) == 6


def test_rehearsing_changes_nothing(desk: Desk) -> None:
    cite(desk, "fire-001", "elec-001")
    plan = rehearse(desk)
    assert [(line.topic, line.left, line.needed) for line in plan.topics] == [
        ("electrical", 2, 2),
        ("fire", 2, 1),
    ]
    assert plan.short == {}
    assert len(desk.live()) == 6


def test_what_became_of_each_is_told(desk: Desk) -> None:
    cite(desk, "fire-001", "fire-002", "elec-001")
    put_live = desk.put_live(replace(GLOVES, source=GUIDE))
    made = recall(desk)
    desk.clock.advance(days=1)
    assert set(fates(desk, made).values()) == {Fate.SUSPENDED}

    put_back(desk, "fire-001")
    take_out(desk, "fire-002", "retire")
    desk.reword("elec-001", draft=BOOTS)
    desk.read("elec-001", 2)
    desk.approve("elec-001", 2)
    assert fates(desk, made) == {
        "elec-001": Fate.REWRITTEN,
        "fire-001": Fate.PUT_BACK,
        "fire-002": Fate.RETIRED,
        put_live: Fate.SUSPENDED,
    }
    with desk.database.reading() as db:
        (row,) = list_recalls(db)
    assert (row.recalled, row.suspended) == (4, 1)


def test_a_second_recall_leaves_the_first_ones_list_whole(desk: Desk) -> None:
    cite(desk, "fire-001", "fire-002")
    first = recall(desk)
    desk.clock.advance(days=1)
    put_back(desk, "fire-001", checked_on=desk.today())
    second = recall(desk)
    assert set(fates(desk, first)) == {"fire-001", "fire-002"}
    assert set(fates(desk, second)) == {"fire-001"}
    assert desk.item("fire-001").recall_id == second.id
    assert last_recall(desk) == [second.ref, first.ref]


def test_a_recalled_source_must_be_looked_up_again_before_it_is_read(
    desk: Desk,
) -> None:
    """A wording that cites what has changed since it was looked up is not read, nor live."""
    cite(desk, "fire-001")
    waiting = desk.write(replace(BOOTS, source=GUIDE))
    desk.read(waiting)
    desk.clock.advance(days=1)
    recall(desk)

    with pytest.raises(ReviewRefused) as refused:
        desk.approve(waiting)
    assert refused.value.slug == "facts-missing"
    today = desk.today()
    stale = replace(GLOVES, source=GUIDE, checked_on=today - timedelta(days=1))
    with pytest.raises(WritingRefused):
        desk.write(stale)
    desk.write(replace(stale, checked_on=today))
    desk.write(replace(stale, source=LAW, stem="May a torn glove be worn?"))


def test_the_last_recall_of_a_source_counts(desk: Desk) -> None:
    cite(desk, "fire-001")
    recall(desk)
    later = desk.clock.advance(days=9)
    put_back(desk, "fire-001", checked_on=desk.today())
    recall(desk)
    with desk.database.reading() as db:
        assert last_recall_of(db, source=GUIDE) == later
        assert last_recall_of(db, source=LAW) is None


def test_an_unknown_recall_is_not_found(desk: Desk) -> None:
    with desk.database.reading() as db, pytest.raises(NotFound):
        get_recall(db, ref="0" * 12)
