"""The whole way, through HTTP only, with the clock moved by hand.

Staff plan a week; a candidate registers, books, cancels, books again, comes, sits the
assessment, passes, applies for a card and is accepted; a stranger checks the pass.
"""

import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import icalendar
import yaml
from flask import Flask
from PIL import Image

from ecs_training.accounts.rules import Role
from ecs_training.demo.mailbox import Shown, read_folder
from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings
from ecs_training.questions.services import load_bank
from ecs_training.recurring_jobs import RECURRING_JOBS, run_once
from tests.browsing import Visitor
from tests.conftest import MovableClock
from tests.factories import PASSWORD, make_person

ALICE = "alice@example.org"


class World:
    """Everybody in the story, and what runs by itself."""

    def __init__(
        self, app: Flask, database: Database, clock: MovableClock, settings: Settings
    ) -> None:
        self.app, self.database = app, database
        self.clock, self.settings = clock, settings
        with database.transaction() as db:
            make_person(db, "staff", now=clock(), role=Role.STAFF)
            make_person(db, "trainer", now=clock(), role=Role.TRAINER)
            load_bank(db, folder=settings.question_bank, now=clock())
        self.staff, self.trainer = Visitor(app), Visitor(app)
        self.alice, self.stranger = Visitor(app), Visitor(app)
        self.staff.sign_in("staff@example.org")
        self.trainer.sign_in("trainer@example.org")

    def let_jobs_run(self) -> None:
        for job in RECURRING_JOBS:
            run_once(job, self.database, self.clock, self.settings)

    def mail(self) -> list[Shown]:
        """Return what reached Alice, newest first."""
        self.let_jobs_run()
        folder = Path(self.settings.mail_url.removeprefix("folder:"))
        return [letter for letter in read_folder(folder) if letter["to"] == ALICE]


def entry(letter: Shown) -> Any:
    assert letter["ics"], letter["subject"]
    calendar = icalendar.Calendar.from_ical(letter["ics"])
    (event,) = calendar.walk("VEVENT")
    event["METHOD"] = calendar["METHOD"]
    return event


def link_in(letter: Shown) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/\S+)", letter["text"])
    assert found, letter["text"]
    return found[1]


def plan_a_week(world: World) -> None:
    world.staff.open("/staff/weekly-plans/new")
    first_on: dict[str, Any] = {
        "first_on-day": "2",
        "first_on-month": "3",
        "first_on-year": "2026",
    }
    page = world.staff.send(
        card_role="labourer",
        weekday="2",
        starts="09:00",
        ends="16:30",
        capacity="12",
        **first_on,
    )
    assert "What this publishes" in page.text
    page = world.staff.send(publish="yes")
    assert page.status_code == 200, page.text
    world.let_jobs_run()


def register_and_confirm(world: World) -> None:
    alice = world.alice
    alice.open("/register")
    alice.send(full_name="Alice Smith", email=ALICE, password=PASSWORD)
    alice.open(link_in(world.mail()[0]))
    alice.send()
    alice.send(email=ALICE, password=PASSWORD)


def book(world: World) -> str:
    """Book the first date on the public page; return the booking's path."""
    page = world.alice.open("/courses/labourer")
    found = re.search(r'href="(/course-sessions/\w+)"', page.text)
    assert found
    world.alice.open(found[1])
    page = world.alice.send(
        to="/bookings", buyer="self", payment="invoice", terms="yes"
    )
    assert page.request.path.startswith("/bookings/")
    return page.request.path


def read_invitation_and_cancellation(world: World) -> None:
    booking = book(world)
    request = entry(world.mail()[0])
    world.alice.open(f"{booking}/cancellation")
    world.alice.send(to="/cancellation")
    cancel = entry(world.mail()[0])

    assert (request["METHOD"], cancel["METHOD"]) == ("REQUEST", "CANCEL")
    assert request["UID"] == cancel["UID"]
    assert cancel["SEQUENCE"] > request["SEQUENCE"]
    assert str(request["DTSTART"].dt) == "2026-03-04 09:00:00+00:00"


def hold_the_day(world: World, booking_page: str) -> str:
    """Let the trainer mark, check and open; return the sitting's path."""
    booking = booking_page.rsplit("/", 1)[-1]
    home = world.trainer.open("/trainer")
    found = re.search(r'href="(/trainer/course-sessions/[0-9A-Z]{12})"', home.text)
    assert found
    register = found[1]
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("attendance", {"presence": "attended"}),
        ("identity", {"document": "passport", "outcome": "matched"}),
    )
    for what, fields in steps:
        world.trainer.open(register)
        page = world.trainer.send(to=f"{booking}/{what}", **fields)
        assert page.status_code == 200
    world.trainer.open(register)
    world.trainer.send(to="/sitting", declaration="yes")
    page = world.alice.open(booking_page)
    sitting = re.search(r'href="(/sittings/\w+)"', page.text)
    assert sitting
    return sitting[1]


def right_answers() -> dict[str, str]:
    return {
        item["stem"]: item["options"][item["key"]]
        for path in Path("question_bank/topics").glob("*.yaml")
        for item in yaml.safe_load(path.read_text())["items"]
    }


def sit(world: World, sitting: str, *, right: int) -> str:
    """Answer over the API, `right` of them rightly; return the attempt's path."""
    alice = world.alice
    alice.open(sitting)
    page = alice.send(to="/attempts")
    attempt = page.request.path.partition("/questions")[0]
    lease = re.search(r'data-lease="(\w+)"', page.text)
    assert lease
    known = right_answers()
    for item in alice.client.get(f"{attempt}/paper").get_json()["questions"]:
        letters = sorted(
            item["options"],
            key=lambda letter: item["options"][letter] != known[item["stem"]],
        )
        answer = alice.client.put(
            f"{attempt}/responses/{item['n']}",
            json={
                "option": letters[0 if item["n"] <= right else 1],
                "flagged": False,
                "seq": item["n"],
                "lease": lease[1],
                "age_ms": 0,
            },
            headers={"X-CSRFToken": alice.token()},
        )
        assert answer.status_code == 200, answer.text
    world.clock.advance(minutes=20)
    alice.open(f"{attempt}/review")
    alice.send(to="/completion")
    return attempt


def apply_for_the_card(world: World) -> None:
    alice, staff = world.alice, world.staff
    alice.open("/card-applications/labourer")
    page = alice.send(region="england-wales-ni")
    picture = io.BytesIO()
    Image.new("RGB", (400, 500), "grey").save(picture, "JPEG")
    for line in ("photo", "engagement"):
        alice.open(f"/card-applications/labourer/lines/{line}/evidence")
        alice.send(evidence=(io.BytesIO(picture.getvalue()), "evidence.jpg"))
    alice.open("/card-applications/labourer/lines/identity-name/confirmation")
    page = alice.send(confirmed="yes")
    assert "Ready to submit" in page.text
    alice.send(to="/submission")

    listed = staff.open("/staff/card-applications")
    waiting = re.search(r'href="(/staff/card-applications/\w+)"', listed.text)
    assert waiting
    staff.open(waiting[1])
    staff.send(decision="accept", reason="All there.")
    staff.open(waiting[1])
    expires_on: dict[str, Any] = {
        "expires_on-day": "1",
        "expires_on-month": "4",
        "expires_on-year": "2029",
    }
    page = staff.send(card_number="EL123456", **expires_on)
    assert page.status_code == 200
    assert "EL123456" in alice.open("/card-applications/labourer").text


def make_read_and_revoke_a_feed(world: World) -> None:
    alice = world.alice
    alice.open("/account")
    page = alice.send(to="/calendar-feeds/candidate")
    found = re.search(r"/calendars/(\w+)\.ics", page.text)
    assert found
    feed = f"/calendars/{found[1]}.ics"
    calendar = icalendar.Calendar.from_ical(world.stranger.open(feed).data)
    assert [str(event["STATUS"]) for event in calendar.walk("VEVENT")].count(
        "CONFIRMED"
    ) == 1
    alice.open("/account")
    alice.send(to="/candidate/revocation")
    assert world.stranger.open(feed).status_code == 404


def test_from_a_weekly_plan_to_an_accepted_application(
    app: Flask, database: Database, clock: MovableClock, settings: Settings
) -> None:
    world = World(app, database, clock, settings)
    plan_a_week(world)
    register_and_confirm(world)
    read_invitation_and_cancellation(world)
    booking = book(world)
    clock.advance(days=2)  # Wednesday 4 March, 9am: the day of the course
    world.trainer.sign_in("trainer@example.org")
    world.alice.sign_in(ALICE)

    sitting = hold_the_day(world, booking)
    attempt = sit(world, sitting, right=43)

    result = world.alice.client.get(f"{attempt}/result.json").get_json()
    assert (result["score"], result["out_of"], result["passed"]) == (43, 50, True)
    told = world.stranger.open(f"/v/{result['pass_token']}.json").get_json()
    assert (told["status"], told["name"]) == ("VALID", "Alice Smith")
    assert told["awarded_on"] == date(2026, 3, 4).isoformat()
    assert told["valid_until"] == date(2028, 3, 3).isoformat()
    assert "result" not in told["what"].lower()
    certificate = world.alice.open(f"/certificates/{result['pass_token']}")
    assert "Alice Smith" in certificate.text

    world.staff.sign_in("staff@example.org")
    apply_for_the_card(world)
    make_read_and_revoke_a_feed(world)


def test_forty_two_is_not_enough(
    app: Flask, database: Database, clock: MovableClock, settings: Settings
) -> None:
    world = World(app, database, clock, settings)
    plan_a_week(world)
    register_and_confirm(world)
    booking = book(world)
    clock.advance(days=2)
    world.trainer.sign_in("trainer@example.org")
    world.alice.sign_in(ALICE)

    attempt = sit(world, hold_the_day(world, booking), right=42)

    result = world.alice.client.get(f"{attempt}/result.json").get_json()
    assert (result["score"], result["passed"]) == (42, False)
    assert result["pass_token"] is None
    refused = world.alice.post("/card-applications/labourer", region="england-wales-ni")
    assert refused.status_code == 409
