"""What is packed unpacks to what would have been sent, and only where it was asked for."""

import gzip

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ecs_training.foundation.packing import pack_replies, pack_reply

LONG = "Wear a hard hat. " * 200


@pytest.fixture
def client() -> FlaskClient:
    app = Flask(__name__)
    pack_replies(app)

    @app.get("/packed")
    def show_packed() -> str:
        pack_reply()
        return LONG

    @app.get("/plain")
    def show_plain() -> str:
        return LONG

    @app.get("/short")
    def show_short() -> str:
        pack_reply()
        return "yes"

    return app.test_client()


def test_a_packed_page_is_the_same_page(client: FlaskClient) -> None:
    answer = client.get("/packed", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data).decode() == LONG
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(LONG) / 10
    assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("path", "accepted"),
    [("/packed", ""), ("/packed", "br"), ("/plain", "gzip"), ("/short", "gzip")],
)
def test_anything_else_is_sent_as_it_is(
    client: FlaskClient, path: str, accepted: str
) -> None:
    answer = client.get(path, headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers
    assert answer.text in {LONG, "yes"}


def test_our_own_files_are_packed_and_asked_for_once(app: Flask) -> None:
    client, path = app.test_client(), "/static/css/components.css"
    first = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    with client.get(path) as plain:
        assert gzip.decompress(first.data) == plain.data
    known = {"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    with client.get(path, headers=known) as again:
        assert (again.status_code, again.data) == (304, b"")
