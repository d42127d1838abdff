"""The list of the bank: what is found, in which state, and how often the database is asked."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from sqlalchemy import select

from ecs_training.questions.models import Item, ItemRevision, ItemStatistics
from ecs_training.questions.queries import search
from ecs_training.questions.queries.search import (
    BankPage,
    BankSearch,
    count_waiting,
    list_sources,
    list_topics,
    search_bank,
)
from ecs_training.questions.rules.standing import Figures, ItemState, figures_of
from ecs_training.questions.services import load_bank
from tests.portal.counting import counted
from tests.questions.desk import BOOTS, GLOVES, Desk
from tests.questions.test_reviewing import give_back
from tests.questions.test_suspending import take_out


def find(desk: Desk, *, page: int = 1, **asked: object) -> BankPage:
    with desk.database.reading() as db:
        return search_bank(db, search=BankSearch(**asked), page=page)  # type: ignore[arg-type]


def codes(found: BankPage) -> list[str]:
    return [row.code for row in found.rows]


def count_answers(desk: Desk, code: str, *, shown: int, correct: int) -> None:
    """Say how candidates fared with the live wording of an item."""
    with desk.database.transaction() as db:
        query = (
            select(ItemRevision.id)
            .join(Item, Item.id == ItemRevision.item_id)
            .where(Item.code == code, ItemRevision.revision == Item.live_revision)
        )
        db.add(
            ItemStatistics(
                revision_id=db.scalars(query).one(),
                shown=shown,
                correct=correct,
                counted_at=desk.now,
            )
        )


def test_everything_is_found_by_code(desk: Desk) -> None:
    found = find(desk)
    assert codes(found) == [
        f"{topic}-00{n}" for topic in ("elec", "fire") for n in (1, 2, 3)
    ]
    assert (found.total, found.page, found.pages) == (6, 1, 1)
    first = found.rows[0]
    assert (first.topic, first.source) == ("electrical", "eawr-1989")
    assert (first.state, first.progress) == (ItemState.LIVE, None)
    assert first.stem == "What comes first in elec-001?"
    assert (first.shown, first.facility) == (0, None)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("boots", ["fire-4"]),
        ("BOOTS sole", ["fire-4"]),
        ("socks", ["fire-4"]),  # of an option
        ("boots isolator", []),  # every word is wanted
        ("ire-00", ["fire-001", "fire-002", "fire-003"]),
        ("100%", []),
        ("_", []),
        ("5°C", ["elec-001"]),
        ('"hot"', ["elec-001"]),
        ("first elec-001", []),  # the old wording is neither live nor the newest
    ],
)
def test_words_are_looked_for_in_stems_options_and_codes(
    desk: Desk, words: str, found: list[str]
) -> None:
    desk.put_live()
    options = {
        "a": 'It is "hot" above 5°C',
        "b": "Throw both of them away",
        "c": "Sew the seam up today",
        "d": "Use a bit of sticky tape",
    }
    desk.reword("elec-001", options=options)
    desk.read("elec-001", 2)
    desk.approve("elec-001", 2)
    assert codes(find(desk, words=words)) == found


def test_a_draft_is_found_by_its_own_words_and_by_those_that_are_live(
    desk: Desk,
) -> None:
    desk.reword("elec-001", submit=False)
    for words in ("gloves", "first elec-001"):
        (row,) = find(desk, words=words).rows
        assert row.stem == "What comes first in elec-001?"
        assert row.progress is ItemState.DRAFT


def test_the_list_is_narrowed_by_topic_and_source(desk: Desk) -> None:
    desk.reword("elec-002", source="guide-2020")
    assert codes(find(desk, topic="fire")) == ["fire-001", "fire-002", "fire-003"]
    assert codes(find(desk, source="guide-2020")) == ["elec-002"]
    assert "elec-002" in codes(find(desk, source="eawr-1989"))  # its live wording
    with desk.database.reading() as db:
        assert list_topics(db) == ["electrical", "fire"]
        assert list_sources(db) == ["eawr-1989", "guide-2020"]


def make_every_state(
    desk: Desk,
) -> dict[str, tuple[ItemState | None, ItemState | None]]:
    """Bring items into every state; return (state, progress) by code."""
    states: dict[str, tuple[ItemState | None, ItemState | None]] = {}
    stems = iter(f"What is question {n} of the many about?" for n in range(20))

    def write(*, submit: bool = True) -> str:
        return desk.write(replace(BOOTS, stem=next(stems)), submit=submit)

    states[write(submit=False)] = (None, ItemState.DRAFT)
    states[write()] = (None, ItemState.WAITING)
    read = write()
    desk.read(read)
    states[read] = (None, ItemState.WAITING)
    disagreed = write()
    desk.read(disagreed, picked="c")
    states[disagreed] = (None, ItemState.SENT_BACK)
    agreed = write()
    desk.read(agreed)
    give_back(desk, agreed, by=desk.ben)
    states[agreed] = (None, ItemState.SENT_BACK)
    dropped = write()
    take_out(desk, dropped, "retire")
    states[dropped] = (ItemState.RETIRED, None)
    desk.clock.advance(hours=1)
    take_out(desk, "fire-001", "retire")
    states["fire-001"] = (ItemState.RETIRED, None)
    take_out(desk, "fire-002")
    desk.reword("fire-002")
    states["fire-002"] = (ItemState.SUSPENDED, ItemState.WAITING)
    states["fire-003"] = (ItemState.LIVE, None)
    desk.reword("elec-001", submit=False)
    states["elec-001"] = (ItemState.LIVE, ItemState.DRAFT)
    desk.reword("elec-002")
    desk.read("elec-002", 2, picked="a")
    states["elec-002"] = (ItemState.LIVE, ItemState.SENT_BACK)
    take_out(desk, "elec-003", "retire")
    desk.clock.advance(hours=1)
    desk.reword("elec-003")
    desk.read("elec-003", 2, picked="a")
    states["elec-003"] = (ItemState.RETIRED, ItemState.SENT_BACK)
    return states


def test_each_state_finds_its_items_and_no_others(desk: Desk) -> None:
    """What the query finds is what the rules say of each row."""
    states = make_every_state(desk)
    rows = {row.code: (row.state, row.progress) for row in find(desk).rows}
    assert rows == states
    for state in ItemState:
        expected = sorted(code for code, both in states.items() if state in both)
        assert codes(find(desk, state=state)) == expected
        assert expected
    with desk.database.reading() as db:
        assert count_waiting(db) == 3


@pytest.mark.parametrize("figures", Figures)
def test_figures_find_what_the_rule_says(desk: Desk, figures: Figures) -> None:
    answers = {
        "elec-001": (29, 0),
        "elec-002": (30, 11),
        "elec-003": (100, 40),
        "fire-001": (100, 98),
        "fire-002": (100, 99),
        "fire-003": (0, 0),
    }
    for code, (shown, correct) in answers.items():
        count_answers(desk, code, shown=shown, correct=correct)
    desk.write(GLOVES)  # nobody has had it
    found = codes(find(desk, figures=figures))
    expected = [
        code
        for code, (shown, correct) in answers.items()
        if figures_of(shown=shown, correct=correct) is figures
    ]
    assert found == expected + ["fire-4"] * (figures is Figures.FEW)


def test_numbers_are_hidden_under_thirty_answers(desk: Desk) -> None:
    count_answers(desk, "elec-001", shown=29, correct=29)
    count_answers(desk, "elec-002", shown=30, correct=15)
    rows = {row.code: (row.shown, row.facility) for row in find(desk).rows}
    assert rows["elec-001"] == (29, None)
    assert rows["elec-002"] == (30, 0.5)


def test_figures_are_those_of_the_live_wording(desk: Desk) -> None:
    count_answers(desk, "elec-001", shown=40, correct=10)
    desk.reword("elec-001")
    (row,) = find(desk, words="elec-001").rows
    assert row.facility == 0.25


def test_pages_are_cut_and_a_page_too_far_is_the_last(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PAGE", 4)
    assert codes(find(desk)) == ["elec-001", "elec-002", "elec-003", "fire-001"]
    assert codes(find(desk, page=2)) == ["fire-002", "fire-003"]
    for page, shown in ((3, 2), (99, 2), (0, 1), (-1, 1)):
        assert find(desk, page=page).page == shown
    empty = find(desk, words="zzz", page=2)
    assert (empty.total, empty.page, empty.pages, list(empty.rows)) == (0, 1, 1, [])


def test_an_item_of_the_files_that_never_was_live_is_not_listed(desk: Desk) -> None:
    path = desk.folder / "topics/fire.yaml"
    text = path.read_text(encoding="utf-8")
    more = text.partition("items:\n")[2].replace("fire-00", "fire-10")
    path.write_text(text + more.replace("live", "draft"), encoding="utf-8")
    with desk.database.transaction() as db:
        load_bank(db, folder=desk.folder, now=desk.now)
    with desk.database.reading() as db:
        assert len(db.scalars(select(Item.id)).all()) == 9
    assert len(codes(find(desk))) == 6


def test_the_list_asks_as_often_for_many_rows_as_for_few(desk: Desk) -> None:
    def ask() -> int:
        with counted(desk.database) as sent:
            find(desk)
        return len(sent)

    before = ask()
    make_many(desk, range(20))
    assert len(find(desk).rows) == 26
    assert ask() == before == 2


def make_many(desk: Desk, numbers: Iterable[int]) -> None:
    for n in numbers:
        code = desk.write(replace(BOOTS, stem=f"What is question {n} about?"))
        desk.read(code, picked="c")
