"""Who may open a page. The only module that knows flask-login.

Its remember-me cookie and its guess at stolen cookies are not used: the cookie names a
row of sign_ins, and ending that row ends the sign-in everywhere.
"""

from collections.abc import Callable
from functools import wraps
from typing import NoReturn, ParamSpec, TypeVar

from flask import Flask, abort, redirect, request, url_for
from flask_login import LoginManager, current_user, login_user, logout_user

from ecs_training.accounts.queries import Identity, find_identity
from ecs_training.accounts.rules import Role
from ecs_training.foundation.errors import NotFound
from ecs_training.foundation.references import hash_token
from ecs_training.foundation.web import (
    cookie_value,
    empty_cookie,
    now,
    reading,
    wants_json,
)

P = ParamSpec("P")
R = TypeVar("R")


class SignedIn:
    """What flask-login asks of a user, and the identity behind it."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, token: str, identity: Identity | None) -> None:
        self.token = token
        self.identity = identity

    def get_id(self) -> str:
        return self.token


def set_up_sign_in(app: Flask) -> None:
    # Not LoginManager(app): that reads the cookie after every request, for its remember-me,
    # and so marks every answer, feeds and style sheets too, with `Vary: Cookie`.
    manager = LoginManager()
    app.login_manager = manager  # type: ignore[attr-defined]
    manager.session_protection = None
    manager.user_loader(_load)


def _load(token: str) -> SignedIn | None:
    with reading() as db:
        identity = find_identity(db, token_hash=hash_token(token), now=now())
    return SignedIn(token, identity) if identity else None


def start_signed_in(token: str) -> None:
    """Put a new sign-in in a new cookie, so that one planted before is worth nothing."""
    empty_cookie()
    login_user(SignedIn(token, None))


def forget_signed_in() -> None:
    logout_user()
    empty_cookie()


def sign_in_token_hash() -> str | None:
    """Return what names the sign-in in the database, without asking the database."""
    token = cookie_value("_user_id")
    return hash_token(token) if token else None


def who_is_there() -> Identity | None:
    """Return who is signed in, or None."""
    return current_user.identity if current_user.is_authenticated else None


def who() -> Identity:
    """Return who is signed in; for views behind one of the guards below."""
    identity = who_is_there()
    if identity is None:
        ask_to_sign_in()
    return identity


def current_company_id() -> int:
    """Return the company that the person books for; NotFound if they book for none."""
    company_id = who().company_id
    if company_id is None:
        raise NotFound
    return company_id


def sign_in_required(view: Callable[P, R]) -> Callable[P, R]:
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        who()
        return view(*args, **kwargs)

    return guarded


def _one_of(*roles: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    def guard(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if who().roles.isdisjoint(roles):
                raise NotFound  # to everybody else these pages do not exist
            return view(*args, **kwargs)

        return guarded

    return guard


staff_required = _one_of(Role.STAFF)
trainer_required = _one_of(Role.TRAINER, Role.STAFF)  # staff stand in for any trainer


def company_required(view: Callable[P, R]) -> Callable[P, R]:
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        current_company_id()
        return view(*args, **kwargs)

    return guarded


def ask_to_sign_in() -> NoReturn:
    """Send people to the sign-in page and back again; tell programs 401."""
    if wants_json():
        abort(401)
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    abort(redirect(url_for("accounts.show_sign_in", next=back), 303))
