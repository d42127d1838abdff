"""The pages on which staff see how the test and its questions behave."""

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask

from ecs_training.accounts.rules import Role
from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings
from ecs_training.questions.models import Item, ItemRevision
from ecs_training.reporting.jobs import count_statistics
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import make_person
from tests.portal.counting import counted
from tests.reporting.hall import Chooses, Hall, make_hall, right, right_of_first, wrong

TEST = "/staff/statistics"
ITEMS = "/staff/statistics/items"
BAD = "ppe-001"


@pytest.fixture
def staff(app: Flask, database: Database, clock: MovableClock) -> Visitor:
    with database.transaction() as db:
        make_person(db, "staff", now=clock(), role=Role.STAFF)
    visitor = Visitor(app)
    visitor.sign_in("staff@example.org")
    return visitor


def mixed(hall: Hall, n: int) -> Chooses:
    """Write paper `n`: the later the weaker, but on BAD, which only the weak get right."""
    others = right_of_first(50 - n // 2)

    def chooses(revision: ItemRevision) -> str:
        usual = str(others(revision))
        if hall.codes[revision.id] == BAD:
            return wrong(revision) if n < 16 else right(revision)
        return usual

    return chooses


def fill(
    database: Database, clock: MovableClock, settings: Settings, *, papers: int = 32
) -> None:
    """Let `papers` people sit 50 of 100 questions, and count."""
    with database.transaction() as db:
        hall = make_hall(db, now=clock(), times=2)
        for n in range(papers):
            hall.sit(mixed(hall, n), journal=True, at=clock() - timedelta(hours=n + 1))
    clock.advance(minutes=30)
    count_statistics(database, clock, settings)


@pytest.mark.parametrize("role", [None, Role.TRAINER])
@pytest.mark.parametrize("path", [TEST, ITEMS, f"{ITEMS}/{BAD}"])
def test_the_figures_are_for_staff(
    app: Flask, database: Database, clock: MovableClock, path: str, role: Role | None
) -> None:
    with database.transaction() as db:
        make_hall(db, now=clock())
        make_person(db, "other", now=clock(), role=role)
    visitor = Visitor(app)
    assert visitor.client.get(path).headers["Location"].startswith("/sign-in")
    visitor.sign_in("other@example.org")
    assert visitor.open(path).status_code == 404


@pytest.mark.parametrize("path", [TEST, ITEMS])
def test_before_the_first_count_the_pages_say_so(staff: Visitor, path: str) -> None:
    page = staff.open(path)
    assert page.status_code == 200
    assert "Nothing is counted yet" in page.text


def test_the_desk_leads_to_the_statistics(staff: Visitor) -> None:
    assert f'href="{TEST}"' in staff.open("/staff").text


def test_the_test_page_shows_every_figure_with_its_range(
    staff: Visitor, database: Database, clock: MovableClock, settings: Settings
) -> None:
    fill(database, clock, settings)
    text = words(staff.open(TEST).text)

    assert "First attempts, Sun 1 March 2026 to Mon 2 March 2026" in text
    assert "Counted Monday 2 March 2026, 9:30am" in text
    assert re.search(r"First attempts 32 and 0 resits", text)
    assert re.search(r"Passed 44% 28% to 61%", text)
    assert re.search(r"Average score \d\d\.\d \d\d\.\d to \d\d\.\d, of 50", text)
    assert "Passed at a resit Too few" in text
    for name in ("Reliability", "Reliability (KR-21)"):
        assert re.search(rf"{re.escape(name)} 0\.\d\d 0\.\d\d to 0\.\d\d ", text)
    assert "Error of a score at the pass mark 2.5 38 to 48" in text
    for name in (
        "Same result again",
        "Right result",
        "Passed wrongly",
        "Failed wrongly",
    ):
        assert re.search(rf"{name} \d+\.\d% \d+\.\d% to \d+\.\d%", text), name
    assert "are within one error (2.5 marks) of 43" in text
    assert "Mar 26" in text


def words(html: str) -> str:
    """Return what a page says, tags and spaces tidied away."""
    text = re.sub(r"<[^>]+>", " ", html)
    return re.sub(r"\s+", " ", text).replace("\u2212", "-")


def test_under_30_papers_nothing_is_shown(
    staff: Visitor, database: Database, clock: MovableClock, settings: Settings
) -> None:
    fill(database, clock, settings, papers=29)
    test = words(staff.open(TEST).text)
    assert "29 first attempts have ended" in test
    assert "Passed Too few" in test
    assert "%" not in test.partition("How the test behaves")[2].partition("Near")[0]
    items = words(staff.open(ITEMS).text)
    assert "%" not in items.partition("The questions")[2].partition("Talk to")[0]
    assert "29 first attempts have had this wording" in words(
        staff.open(f"{ITEMS}/{BAD}").text
    )


def test_a_second_test_has_its_own_figures(
    staff: Visitor, database: Database, clock: MovableClock, settings: Settings
) -> None:
    with database.transaction() as db:
        hall = make_hall(db, now=clock())
        hall.sit(right)
        hall.sit(right)
        hall.sit(right, blueprint="short", paper=hall.paper()[:10], pass_mark=8)
    count_statistics(database, clock, settings)

    assert "HSE, 43 of 50" in staff.open(TEST).text
    assert "First attempts 2 and" in words(staff.open(TEST).text)
    assert "First attempts 2 and" in words(staff.open(f"{TEST}?test=unknown").text)
    assert "First attempts 1 and" in words(
        staff.open(f"{TEST}?test=short-8-of-10").text
    )


def codes(html: str) -> list[str]:
    return re.findall(rf'href="{ITEMS}/([\w-]+)"', html)


def test_the_worst_question_comes_first_and_is_one_click_from_its_suspension(
    staff: Visitor, database: Database, clock: MovableClock, settings: Settings
) -> None:
    fill(database, clock, settings)
    page = staff.open(ITEMS).text

    assert codes(page)[0] == BAD
    first = page.partition(f'href="{ITEMS}/{BAD}"')[2].partition("</tr>")[0]
    assert "Key may be wrong" in first
    assert f'href="/staff/questions/{BAD}/suspension"' in first
    assert "50 live ones not yet" in page

    item = staff.open(f"{ITEMS}/{BAD}").text
    assert item.count("btn--go") == 1
    assert f'href="/staff/questions/{BAD}/suspension"' in item
    staff.open(f"/staff/questions/{BAD}/suspension")
    staff.send(to="", reason="The strong get it wrong")
    assert "btn--go" not in staff.open(f"{ITEMS}/{BAD}").text
    assert "Suspended" in staff.open(f"{ITEMS}?show=look").text


def test_the_list_is_sorted_by_link_and_kept_to_a_topic(
    staff: Visitor, database: Database, clock: MovableClock, settings: Settings
) -> None:
    fill(database, clock, settings)
    page = staff.open(ITEMS).text
    for words_, sort in (
        ("Fewest right", "facility"),
        ("Tells least apart", "telling"),
    ):
        link = re.search(rf'href="([^"]*sort={sort}[^"]*)">{words_}</a>', page)
        assert link
        assert (
            staff.open(link[1].replace("&amp;", "&").partition("#")[0]).status_code
            == 200
        )

    by_name = codes(staff.open(f"{ITEMS}?sort=code").text)
    assert by_name == sorted(by_name)
    assert len(by_name) == 50
    fewest = staff.open(f"{ITEMS}?sort=facility").text
    shown = [
        int(share)
        for share in re.findall(
            r"<strong>(\d+)%</strong><small>\d+% to \d+%</small></span></td>\s*<td role=\"cell\" class=\"n\" data-label=\"Tells",
            fewest,
        )
    ]
    assert len(shown) == 50
    assert shown == sorted(shown)
    ppe = staff.open(f"{ITEMS}?topic=ppe&sort=code")
    assert codes(ppe.text) == [f"ppe-00{n}" for n in range(4)]
    assert re.search(r'name="sort" value="code"', ppe.text)
    look = codes(staff.open(f"{ITEMS}?show=look").text)
    assert BAD in look
    assert len(look) < 50
    assert "No question was found" in staff.open(f"{ITEMS}?topic=nothing").text
    assert staff.open(f"{ITEMS}?sort=nothing&page=x").status_code == 200


def test_a_question_shows_its_options_beside_its_key(
    staff: Visitor, database: Database, clock: MovableClock, settings: Settings
) -> None:
    fill(database, clock, settings)
    text = words(staff.open(f"{ITEMS}/{BAD}").text)

    assert "Stem of ppe-001?" in text
    assert "Right 50% 34% to 66%, of 32; 80% expected" in text
    assert re.search(r"Tells apart -0\.\d\d -0\.\d\d to -0\.\d\d", text)
    assert "Time 20 s half took longer; 20 to 20 s" in text
    assert "No answer 0% 0% to 11%" in text
    assert "Seen 100% of the papers of the last 90 days; 89% to 100%" in text
    # The key of ppe-001 is b; the strong chose a.
    assert re.search(
        r"A The strong choose it more often than the weak ppe-001 says aaa", text
    )
    assert re.search(r"B Key ppe-001 says bbb 16 34% to 66%", text)
    assert re.search(r"C Nobody chose it ppe-001 says ccc 0 0% to 11%", text)
    assert "Too few answers to compare: each side needs 30." in text
    assert "At resits: 0 answers, too few to say anything." in text


def test_who_may_still_read_a_wording_blind_is_not_shown_its_options(
    staff: Visitor, database: Database, clock: MovableClock, settings: Settings
) -> None:
    """A wording that waits can have been asked: one that was live and came back."""
    fill(database, clock, settings)
    with database.transaction() as db:
        author = make_person(db, "author", now=clock())
        item = db.query(Item).filter_by(code=BAD).one()
        revision = db.query(ItemRevision).filter_by(item_id=item.id).one()
        item.live_revision = None
        revision.written_by_id = author.id
        revision.submitted_at = clock()
    page = staff.open(f"{ITEMS}/{BAD}")

    assert page.status_code == 200
    assert "its options are not shown" in page.text
    for secret in ("says aaa", "says bbb", "Key<", "(key)", "Stem of"):
        assert secret not in page.text


def test_a_reworded_question_is_shown_by_its_older_wording_until_the_new_is_asked(
    staff: Visitor, database: Database, clock: MovableClock, settings: Settings
) -> None:
    fill(database, clock, settings, papers=1)
    with database.transaction() as db:
        item = db.query(Item).filter_by(code=BAD).one()
        old = db.query(ItemRevision).filter_by(item_id=item.id).one()
        db.add(reworded(old, now=clock()))
        item.live_revision = 2
    assert "revision 1, reworded since" in words(staff.open(f"{ITEMS}/{BAD}").text)
    listed = words(staff.open(f"{ITEMS}?topic=ppe").text)
    assert listed.count("Reworded since") == 1


def reworded(old: ItemRevision, *, now: datetime) -> ItemRevision:
    kept = ("item_id", "options", "key", "rationale", "source", "clause", "checked_on")
    facts = {name: getattr(old, name) for name in kept}
    return ItemRevision(
        **facts,
        revision=2,
        content_hash="new",
        stem="Another stem?",
        jurisdiction="gb",
        enemies=[],
        added_at=now,
    )


def test_an_unknown_question_has_no_page_and_one_that_was_not_asked_an_empty_one(
    staff: Visitor, database: Database, clock: MovableClock, settings: Settings
) -> None:
    fill(database, clock, settings, papers=1)

    assert staff.open(f"{ITEMS}/nothing-001").status_code == 404
    page = staff.open(f"{ITEMS}/ppe-007")  # drawn by nobody
    assert page.status_code == 200
    assert "Nothing is counted yet" in page.text


def test_a_page_asks_the_database_a_few_times_and_its_charts_have_tables(
    staff: Visitor, database: Database, clock: MovableClock, settings: Settings
) -> None:
    fill(database, clock, settings)
    for path, most in ((TEST, 3), (ITEMS, 6), (f"{ITEMS}/{BAD}", 9)):
        with counted(database) as sent:
            page = staff.open(path)
        assert page.status_code == 200
        assert len(sent) <= most, sent
        _check_charts(page.text)


def _check_charts(page: str) -> None:
    charts = re.findall(r"<svg viewBox=[^>]* role=.img.*?</svg>", page, re.DOTALL)
    assert len(charts) in {1, 2}
    for chart in charts:
        assert re.search(r'aria-labelledby="([\w-]+)"><title id="\1">', chart)
    for figure in re.findall("<figure.*?</figure>", page, re.DOTALL):
        has_table = '<table class="mini">' in figure
        assert has_table or "The same figures are in the" in figure
    assert "style=" not in page
    assert "<script>" not in page
