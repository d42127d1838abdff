"""When Microsoft is asked again; how the app proves who it is; what settings are refused."""

import base64
import hashlib
import json
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from ecs_training.foundation.errors import Misconfigured
from ecs_training.foundation.settings import read_settings, why_not_production
from ecs_training.scheduling.outside.graph import MeetingPlan, graph_for
from ecs_training.scheduling.outside.graph_access import GraphFailed
from ecs_training.scheduling.rules.meetings import (
    MeetingState,
    judge_meeting,
    next_check,
    next_reports,
    read_retry_after,
    wait_before_retry,
)
from tests.scheduling.graph_double import Fault, running_double

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PLAN = MeetingPlan(subject="Labourer", starts_at=NOW, ends_at=NOW + timedelta(hours=1))
GRAPH = {
    "TEAMS_MEETINGS": "graph",
    "GRAPH_TENANT": "t",
    "GRAPH_CLIENT_ID": "c",
    "GRAPH_CLIENT_SECRET": "s3cret-of-the-app",
    "GRAPH_ORGANISER": "o",
}


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("99999999999999999999", 86400),
        ("Mon, 02 Mar 2026 09:00:30 GMT", 30),
        ("Mon, 02 Mar 2026 08:00:00 GMT", 0),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(
    header: str | None, seconds: int | None
) -> None:
    wait = read_retry_after(header, now=NOW)
    assert wait == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("tries", "minutes"), [(0, 1), (1, 1), (2, 2), (6, 32), (7, 60), (99, 60)]
)
def test_waits_double_up_to_an_hour_and_jitter_adds_a_quarter_at_most(
    tries: int, minutes: int
) -> None:
    def wait(jitter: float) -> timedelta:
        return wait_before_retry(tries=tries, retry_after=None, now=NOW, jitter=jitter)

    assert wait(0) == timedelta(minutes=minutes)
    assert wait(1) == timedelta(minutes=minutes * 1.25)


def test_what_microsoft_asks_is_never_cut_short() -> None:
    wait = wait_before_retry(tries=1, retry_after="7200", now=NOW, jitter=0)
    assert wait == timedelta(hours=2)


def test_a_link_is_looked_at_the_day_before_if_there_is_one() -> None:
    starts_at = NOW + timedelta(days=1)
    just_before = NOW - timedelta(seconds=1)
    assert next_check(starts_at=starts_at, now=just_before) == NOW
    assert next_check(starts_at=starts_at, now=NOW) is None


def test_reports_are_asked_for_until_three_days_after_the_end() -> None:
    last = NOW + timedelta(hours=72)
    assert next_reports(ends_at=NOW, now=NOW) == NOW + timedelta(minutes=15)
    assert next_reports(ends_at=NOW, now=last - timedelta(seconds=1)) == last
    assert next_reports(ends_at=NOW, now=last) is None


def test_a_meetings_state_is_one_of_four() -> None:
    def state(*, up_to_date: bool, failing: bool, exists: bool) -> MeetingState:
        return judge_meeting(up_to_date=up_to_date, failing=failing, exists=exists)

    assert state(up_to_date=False, failing=True, exists=False) is MeetingState.FAILING
    assert state(up_to_date=False, failing=False, exists=True) is MeetingState.WAITING
    assert state(up_to_date=True, failing=False, exists=True) is MeetingState.MADE
    assert state(up_to_date=True, failing=False, exists=False) is MeetingState.REMOVED


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"GRAPH_TENANT": ""}, "GRAPH_TENANT"),
        ({"GRAPH_CLIENT_ID": ""}, "GRAPH_CLIENT_ID"),
        ({"GRAPH_ORGANISER": ""}, "GRAPH_ORGANISER"),
        ({"GRAPH_CLIENT_SECRET": ""}, "GRAPH_CLIENT_SECRET"),
        ({"GRAPH_CERTIFICATE": "/nowhere"}, "GRAPH_CLIENT_SECRET"),  # both
        (
            {"GRAPH_CLIENT_SECRET": "", "GRAPH_CERTIFICATE": "/nowhere"},
            "GRAPH_CERTIFICATE",
        ),
        ({"TEAMS_MEETINGS": "zoom"}, "TEAMS_MEETINGS"),
        ({"GRAPH_SECONDS": "0"}, "GRAPH_SECONDS"),
    ],
)
def test_settings_that_cannot_work_are_refused_in_one_line(
    change: dict[str, str], named: str
) -> None:
    assert read_settings(GRAPH).teams_meetings == "graph"
    with pytest.raises(Misconfigured, match=named) as refused:
        read_settings(GRAPH | change)
    assert "\n" not in str(refused.value)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("name", ["GRAPH_URL", "GRAPH_LOGIN_URL"])
def test_production_sends_no_secret_over_plain_http(name: str) -> None:
    good = {
        "SECRET_KEY": "9f8e7d6c5b4a39281706f5e4d3c2b1a0ffeeddcc",
        "BASE_URL": "https://training.example.org",
        "MAIL_URL": "smtp://mail.example.org:25",
        **GRAPH,
    }
    assert why_not_production(read_settings(good)) is None
    plain = read_settings(good | {name: "http://graph.example.org"})
    assert name in (why_not_production(plain) or "")
    assert "s3cret" not in repr(plain)


def _make_certificate(folder: Path) -> Path:
    pem = folder / "app.pem"
    places = ["-keyout", str(folder / "key"), "-out", str(folder / "cert")]
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=app"]
    subprocess.run(["openssl", *made, *places], check=True, capture_output=True)  # noqa: S607
    pem.write_text((folder / "cert").read_text() + (folder / "key").read_text())
    return pem


def test_a_certificate_signs_the_app_in_and_its_key_stays_here(tmp_path: Path) -> None:
    pem = _make_certificate(tmp_path)
    with running_double() as double:
        settings = read_settings(GRAPH).model_copy(
            update={
                **double.settings,
                "graph_client_secret": "",
                "graph_certificate": str(pem),
            }
        )
        graph_for(settings, lambda: NOW, organiser="o").create_or_get("1", PLAN)
    (form,) = double.forms
    assert "client_secret" not in form
    assert form["client_assertion_type"].endswith(":jwt-bearer")
    key = RSAKey.import_key((tmp_path / "key").read_text())
    signed = jwt.decode(form["client_assertion"], key, algorithms=["PS256"])
    assert signed.claims["iss"] == signed.claims["sub"] == "app-1"
    assert signed.claims["aud"] == f"{double.url}/{double.tenant}/oauth2/v2.0/token"
    assert signed.claims["exp"] - signed.claims["nbf"] == 600
    der = ssl.PEM_cert_to_DER_cert((tmp_path / "cert").read_text())
    thumbprint = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=")
    assert signed.header["x5t#S256"] == thumbprint.decode()
    assert "PRIVATE" not in json.dumps(double.forms)


def test_a_certificate_that_is_none_is_a_problem_for_staff(tmp_path: Path) -> None:
    pem = tmp_path / "app.pem"
    pem.write_text("nothing")
    with running_double() as double:
        settings = read_settings(GRAPH).model_copy(
            update={
                **double.settings,
                "graph_client_secret": "",
                "graph_certificate": str(pem),
            }
        )
        graph = graph_for(settings, lambda: NOW, organiser="o")
        with pytest.raises(GraphFailed, match="certificate"):
            graph.create_or_get("1", PLAN)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"id": "m", "joinWebUrl": "https://teams.example.com/1"},
        {"id": "m", "joinWebUrl": 7, "startDateTime": "x", "endDateTime": "y"},
    ],
)
def test_an_answer_without_what_we_need_is_a_problem(answer: dict[str, object]) -> None:
    with running_double() as double:
        settings = read_settings(GRAPH).model_copy(update=double.settings)
        graph = graph_for(settings, lambda: NOW, organiser="o")
        double.faults.append(Fault("createOrGet", status=200, body=answer))
        with pytest.raises(GraphFailed, match="has no"):
            graph.create_or_get("1", PLAN)


def test_a_next_page_elsewhere_is_not_sent_our_token() -> None:
    with running_double() as double, running_double() as stranger:
        settings = read_settings(GRAPH).model_copy(update=double.settings)
        graph = graph_for(settings, lambda: NOW, organiser="o")
        body = {"value": [], "@odata.nextLink": f"{stranger.url}/v1.0/users/o"}
        double.faults.append(Fault("attendanceReports", status=200, body=body))
        with pytest.raises(GraphFailed, match="points elsewhere"):
            graph.list_reports("m")
        assert stranger.asked == []
