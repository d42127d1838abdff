"""A log never holds an address that is a key by itself."""

import io
import logging
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from gunicorn.config import Config
from werkzeug.test import EnvironBuilder

from ecs_training.calendar_feeds.routes import feeds
from ecs_training.cli import gunicorn_arguments
from ecs_training.foundation.access_log import MaskingLogger
from ecs_training.foundation.references import mask_secrets, new_reference, new_token
from ecs_training.foundation.settings import Settings


def test_gunicorn_is_told_to_write_its_log_with_ours(settings: Settings) -> None:
    arguments = gunicorn_arguments(settings)
    named = arguments[arguments.index("--logger-class") + 1]
    assert named == f"{MaskingLogger.__module__}.{MaskingLogger.__name__}"


@pytest.mark.parametrize(
    "wording",
    ["%(h)s %(r)s %(s)s", "%(U)s %(q)s", "%({raw_uri}e)s", "%(f)s %({referer}i)s"],
)
def test_an_access_log_that_is_turned_on_masks_the_token(wording: str) -> None:
    token = new_token()
    path = f"/calendars/{token}.ics"
    written = io.StringIO()
    settings = Config()
    settings.set("accesslog", "-")
    settings.set("access_log_format", wording)
    logger = MaskingLogger(settings)
    logger.access_log.handlers = [logging.StreamHandler(written)]
    environ = {**EnvironBuilder(path=path).get_environ(), "RAW_URI": path}
    answer = SimpleNamespace(status="200 OK", sent=1, headers=[], response_length=1)
    request = SimpleNamespace(headers=[("REFERER", f"http://x{path}")])
    logger.access(answer, request, environ, timedelta(milliseconds=1))
    assert "[secret]" in written.getvalue()
    assert token not in written.getvalue()


def test_a_reference_and_a_word_stay_readable() -> None:
    told = f"/bookings/{new_reference()} CANCELLED-0123456789ABCDEFGHJKMNPQRST"
    assert mask_secrets(told) == told


def test_a_broken_feed_is_logged_without_its_token(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(feeds, "find_feed_by_token", broken)
    token = new_token()
    answer = app.test_client().get(f"/calendars/{token}.ics")
    assert answer.status_code == 500
    (said,) = [each for each in caplog.records if "incident" in each.message]
    assert "/calendars/[secret].ics" in said.message
    assert token not in said.message
