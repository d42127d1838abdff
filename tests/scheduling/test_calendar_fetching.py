"""Calendars are fetched from the public internet only, and nobody can make us wait for ever."""

from collections.abc import Sequence

import pytest

from ecs_training.foundation.clock import stopwatch
from ecs_training.scheduling.outside import fetching
from ecs_training.scheduling.outside.fetching import (
    MOST_BYTES,
    Web,
    fetch_calendar,
    is_public,
    why_not_fetch,
)
from ecs_training.scheduling.outside.problems import (
    CalendarProblem,
    CalendarUnreadable,
)
from tests.scheduling.internet import (
    ADDRESS,
    AS_CALENDAR,
    PUBLIC,
    calendar,
    elsewhere,
    http,
)

HOUR = "DTSTART:20260310T090000|DTEND:20260310T100000"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (ADDRESS, None),
        ("webcal://calendar.example/a.ics", None),
        ("https://calendar.example:443/a.ics", None),
        ("https://calendar.example/" + "a" * 975, None),
        ("https://calendar.example/" + "a" * 976, CalendarProblem.BAD_ADDRESS),
        ("http://calendar.example/a.ics", CalendarProblem.BAD_ADDRESS),
        ("file:///etc/passwd", CalendarProblem.BAD_ADDRESS),
        ("https://calendar.example:8443/", CalendarProblem.BAD_ADDRESS),
        ("https://me:word@calendar.example/", CalendarProblem.BAD_ADDRESS),
        ("https://[", CalendarProblem.BAD_ADDRESS),
        ("https://calendar.example/a b", CalendarProblem.BAD_ADDRESS),
        ("https://calendar.example/\r\nX: y", CalendarProblem.BAD_ADDRESS),
        ("https:///a.ics", CalendarProblem.BAD_ADDRESS),
    ],
)
def test_only_https_addresses_are_taken(
    address: str, expected: CalendarProblem | None
) -> None:
    assert why_not_fetch(address) is expected


@pytest.mark.parametrize(
    ("number", "public"),
    [
        (PUBLIC, True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("168.63.129.16", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - not bound to, refused
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("192.88.99.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00:ec2::254", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        (f"::ffff:{PUBLIC}", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("2001:0:7f00:1::", False),
        ("calendar.example", False),
    ],
)
def test_only_addresses_of_the_public_internet_are_spoken_to(
    number: str, public: bool
) -> None:
    assert is_public(number) is public


CALENDAR = calendar(HOUR)


def test_a_calendar_is_fetched_from_the_number_that_was_judged() -> None:
    with elsewhere(http(CALENDAR, AS_CALENDAR)) as (web, noted):
        assert fetch_calendar(ADDRESS, web=web) == CALENDAR
    assert noted == [PUBLIC, "GET /private/S3CR3T.ics HTTP/1.1"]


def test_the_content_may_speak_for_itself() -> None:
    with elsewhere(http(CALENDAR, "Content-Type: text/plain")) as (web, _):
        assert fetch_calendar(ADDRESS, web=web) == CALENDAR


def why_not(web: Web, address: str = ADDRESS) -> CalendarProblem:
    with pytest.raises(CalendarUnreadable) as unreadable:
        fetch_calendar(address, web=web)
    return unreadable.value.problem


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (http(b"", status="404 Not Found"), CalendarProblem.REFUSED),
        (http(b"", status="500 Oh"), CalendarProblem.REFUSED),
        (http(b"<html>", "Content-Type: text/html"), CalendarProblem.NOT_A_CALENDAR),
        (
            http(CALENDAR, AS_CALENDAR, "Content-Encoding: gzip"),
            CalendarProblem.NOT_A_CALENDAR,
        ),
        (http(b"B" * (MOST_BYTES + 1), AS_CALENDAR), CalendarProblem.TOO_LARGE),
        (http(CALENDAR, AS_CALENDAR)[:-20], CalendarProblem.NO_ANSWER),
        (b"", CalendarProblem.NO_ANSWER),
        (b"nonsense\r\n\r\n", CalendarProblem.NO_ANSWER),
        (
            b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
            CalendarProblem.NO_ANSWER,
        ),
    ],
)
def test_answers_that_are_no_calendar_are_refused(
    answer: bytes, expected: CalendarProblem
) -> None:
    with elsewhere(answer) as (web, _):
        assert why_not(web) is expected


def test_a_calendar_may_be_one_megabyte_and_no_larger() -> None:
    full = CALENDAR + b" " * (MOST_BYTES - len(CALENDAR))
    with elsewhere(http(full, AS_CALENDAR)) as (web, _):
        assert len(fetch_calendar(ADDRESS, web=web)) == MOST_BYTES


def test_without_a_length_the_size_is_counted() -> None:
    endless = http(b"", AS_CALENDAR).replace(b"Content-Length: 0\r\n", b"")
    with elsewhere(endless + b"B" * (MOST_BYTES + 1)) as (web, _):
        assert why_not(web) is CalendarProblem.TOO_LARGE


@pytest.mark.parametrize("where", ["head", "body"])
def test_a_slow_drip_is_broken_off_when_the_time_is_over(where: str) -> None:
    dripping = http(CALENDAR, AS_CALENDAR)
    if where == "head":
        dripping = b"HTTP/1.1 200 OK\r\nX: " + b"y" * 500
    began = stopwatch()
    with elsewhere(dripping, pause=0.02, seconds=0.5) as (web, _):
        assert why_not(web) is CalendarProblem.TOO_SLOW
        assert stopwatch() - began < 3


def to(location: str) -> bytes:
    return http(b"", f"Location: {location}", status="302 Found")


def test_three_redirects_are_followed_and_no_fourth() -> None:
    on = to("/next.ics")
    with elsewhere(on, on, on, http(CALENDAR, AS_CALENDAR)) as (web, noted):
        assert fetch_calendar(ADDRESS, web=web) == CALENDAR
        assert noted.count(PUBLIC) == 4
    with elsewhere(on, on, on, on) as (web, _):
        assert why_not(web) is CalendarProblem.REDIRECTS


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("http://calendar.example/a.ics", CalendarProblem.BAD_ADDRESS),
        ("file:///etc/passwd", CalendarProblem.BAD_ADDRESS),
        ("https://calendar.example:22/", CalendarProblem.BAD_ADDRESS),
        ("https://inside.example/a.ics", CalendarProblem.NOT_PUBLIC),
        ("https://169.254.169.254/latest/", CalendarProblem.NOT_PUBLIC),
    ],
)
def test_a_redirect_leads_to_no_place_that_nobody_may_name(
    location: str, expected: CalendarProblem
) -> None:
    numbers = {"inside.example": "10.0.0.5", "169.254.169.254": "169.254.169.254"}
    with elsewhere(to(location)) as (web, noted):
        judging = Web(
            resolve=lambda host: [numbers.get(host, PUBLIC)],
            connect=web.connect,
            secure=web.secure,
        )
        assert why_not(judging) is expected
        assert noted.count(PUBLIC) == 1  # the second was never connected to


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (["127.0.0.1"], CalendarProblem.NOT_PUBLIC),
        ([PUBLIC, "10.0.0.1"], CalendarProblem.NOT_PUBLIC),
        ([], CalendarProblem.NOT_FOUND),
    ],
)
def test_a_name_with_a_private_number_is_not_connected_to(
    numbers: Sequence[str], expected: CalendarProblem
) -> None:
    with elsewhere() as (web, noted):
        judging = Web(resolve=lambda _: numbers, connect=web.connect, secure=web.secure)
        assert why_not(judging) is expected
        assert noted == []


def test_a_name_is_asked_once_so_that_it_cannot_change_its_mind() -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    with elsewhere(http(CALENDAR, AS_CALENDAR)) as (web, noted):
        fickle = Web(
            resolve=lambda _: next(answers), connect=web.connect, secure=web.secure
        )
        assert fetch_calendar(ADDRESS, web=fickle) == CALENDAR
        assert noted[0] == PUBLIC
    assert next(answers) == ["127.0.0.1"]


def test_the_machine_itself_is_not_reached_over_the_real_internet_either() -> None:
    for host in ("localhost", "127.1", "2130706433", "[::1]", "0x7f.1"):
        assert why_not(fetching.INTERNET, f"https://{host}/") in {
            CalendarProblem.NOT_PUBLIC,
            CalendarProblem.NOT_FOUND,  # where such a spelling is no number
        }


def test_a_server_that_cannot_prove_who_it_is_is_not_read() -> None:
    with elsewhere(b"no TLS is spoken here") as (web, _):
        strict = Web(resolve=web.resolve, connect=web.connect, seconds=3)
        assert why_not(strict) is CalendarProblem.NO_ANSWER
