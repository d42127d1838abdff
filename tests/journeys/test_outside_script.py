"""What a script from outside does with the demo, over a real socket."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import icalendar
import pytest
from flask import Flask
from werkzeug.serving import make_server

from ecs_training.demo.data import set_up
from ecs_training.foundation.database import Database
from ecs_training.foundation.settings import Settings
from tests.conftest import MovableClock
from tests.journeys.outside import Client, read_bank, sit, sit_by_forms


@pytest.fixture
def facts(
    app: Flask, database: Database, clock: MovableClock, settings: Settings
) -> Iterator[dict[str, Any]]:
    told: dict[str, Any] = set_up(database, clock, settings)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield {**told, "base_url": f"http://127.0.0.1:{server.server_port}"}
    server.shutdown()
    thread.join()


def test_an_outside_script_gets_all_the_way(facts: dict[str, Any]) -> None:
    base_url, password = facts["base_url"], facts["password"]
    bank = read_bank(Path("question_bank"))
    for email in facts["people"].values():
        signed_in = Client(base_url)
        signed_in.sign_in(email, password)
        assert signed_in.get("/account").url == f"{base_url}/account"

    candidate = Client(base_url)
    candidate.sign_in(facts["people"]["candidate"], password)
    passed = sit(candidate, facts["sitting"], bank, right=43)
    assert (passed["score"], passed["out_of"], passed["passed"]) == (43, 50, True)
    assert sum(topic["right"] for topic in passed["topics"]) == 43
    assert sum(topic["of"] for topic in passed["topics"]) == 50

    unlucky = Client(base_url)
    unlucky.sign_in(facts["candidates"][0], password)
    failed = sit(unlucky, facts["sitting"], bank, right=42)
    assert (failed["passed"], failed["pass_token"]) == (False, None)

    by_forms = Client(base_url)
    by_forms.sign_in(facts["candidates"][1], password)
    assert sit_by_forms(by_forms, facts["sitting"], bank, right=44)["score"] == 44

    stranger = Client(base_url)
    tokens = {**facts["passes"], "VALID": passed["pass_token"]}
    for state, token in tokens.items():
        assert stranger.get(f"/v/{token}.json").json()["status"] == state.upper()
    assert stranger.get("/v/NOBODYSTOKEN").status == 404


def test_every_feed_is_read_and_a_revoked_one_is_gone(facts: dict[str, Any]) -> None:
    base_url = facts["base_url"]
    stranger = Client(base_url)
    feeds = [*facts["feeds"].pop("roles").values(), *facts["feeds"].values()]
    for path in feeds:
        first = stranger.get(path)
        assert icalendar.Calendar.from_ical(first.text)["VERSION"] == "2.0"
        again = stranger.get(path, **{"If-None-Match": first.headers["ETag"]})
        assert (again.status, again.text) == (304, "")
    candidate = Client(base_url)
    candidate.sign_in(facts["people"]["candidate"], facts["password"])
    candidate.get("/account")
    candidate.post("/account/calendar-feeds/candidate/revocation")
    assert stranger.get(facts["feeds"]["candidate"]).status == 404
    assert stranger.get(facts["feeds"]["trainer"]).status == 200


def test_booking_asks_only_the_fields_that_are_named(facts: dict[str, Any]) -> None:
    client = Client(facts["base_url"])
    client.sign_in(facts["candidates"][2], facts["password"])
    wanted = {"buyer": "self", "payment": "invoice", "terms": "yes"}

    def book(name: str, **fields: str) -> tuple[int, str]:
        client.get(f"/course-sessions/{facts[name]}")
        answer = client.post(f"/course-sessions/{facts[name]}/bookings", **fields)
        return answer.status, answer.text

    status, page = book("full_session", **wanted)
    assert (status, 'data-refusal="full"' in page) == (409, True)
    status, page = book("one_seat_session", buyer="self", payment="invoice")
    assert (status, 'role="alert"' in page, 'aria-invalid="true"' in page) == (
        422,
        True,
        True,
    )
    assert book("one_seat_session", **wanted)[0] == 200
    assert book("one_seat_session", **wanted)[0] == 409
    company = Client(facts["base_url"])
    company.sign_in(facts["people"]["company"], facts["password"])
    company.get(f"/course-sessions/{facts['bookable_session']}")
    answer = company.post(
        f"/course-sessions/{facts['bookable_session']}/bookings",
        buyer="company",
        payment="invoice",
        terms="yes",
        delegate_name="Zofia Maj",
        delegate_email="zofia@example.org",
    )
    assert (answer.status, "/bookings/" in answer.url) == (200, True)
