"""What a process remembers of cookies and tokens changes nothing of what they are worth."""

import pytest
from flask import Flask
from flask import session as cookie  # noqa: TID251 - it is what is tested
from flask_wtf.csrf import validate_csrf
from itsdangerous import BadSignature, SignatureExpired

from ecs_training.foundation.web import Cookies, csrf_token


@pytest.fixture
def bare() -> Flask:
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "only-for-tests-" * 3
    app.session_interface = Cookies(app)
    return app


def test_a_cookie_that_was_verified_once_still_grows_old(bare: Flask) -> None:
    serializer = Cookies(bare).get_signing_serializer(bare)
    value = serializer.dumps({"name": "alice"})
    assert serializer.loads(value, max_age=60) == {"name": "alice"}
    with pytest.raises(SignatureExpired):
        serializer.loads(value, max_age=-1)


def test_what_one_request_does_to_it_stays_with_that_request(bare: Flask) -> None:
    serializer = Cookies(bare).get_signing_serializer(bare)
    value = serializer.dumps({"seen": ["a"]})
    serializer.loads(value, max_age=60)["seen"].append("b")
    assert serializer.loads(value, max_age=60) == {"seen": ["a"]}


def test_a_forged_cookie_is_refused_each_time(bare: Flask) -> None:
    serializer = Cookies(bare).get_signing_serializer(bare)
    forged = serializer.dumps({"name": "alice"})[:-2] + "xx"
    for _ in range(2):
        with pytest.raises(BadSignature):
            serializer.loads(forged, max_age=60)


def test_a_sessions_token_stays_the_same_and_serves_no_other(bare: Flask) -> None:
    tokens = []
    for secret in ("1" * 40, "2" * 40):
        for _ in range(2):
            with bare.test_request_context():
                cookie["csrf_token"] = secret
                tokens.append(csrf_token())
                validate_csrf(tokens[-1])
    assert tokens[0] == tokens[1] != tokens[2] == tokens[3]
    with bare.test_request_context():
        cookie["csrf_token"] = "2" * 40
        with pytest.raises(Exception, match="do not match"):
            validate_csrf(tokens[0])


def test_whoever_has_no_session_yet_gets_one_with_the_token(bare: Flask) -> None:
    with bare.test_request_context():
        token = csrf_token()
        assert cookie["csrf_token"]
        validate_csrf(token)
