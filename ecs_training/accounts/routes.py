from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ecs_training.accounts.access import (
    forget_signed_in,
    sign_in_required,
    start_signed_in,
    who,
    who_is_there,
)
from ecs_training.accounts.forms import (
    ChangePasswordForm,
    ChoosePasswordForm,
    CompanyForm,
    EmailForm,
    NameForm,
    RegisterForm,
    SignInForm,
)
from ecs_training.accounts.queries import find_live_link, find_person, get_person
from ecs_training.accounts.rules import (
    GUESSES_COUNT_FOR,
    LinkPurpose,
    LinkRefusal,
    SignInRefusal,
)
from ecs_training.accounts.services.hashing import hash_password, is_password_right
from ecs_training.accounts.services.links import LinkSpent
from ecs_training.accounts.services.passwords import (
    change_password,
    request_password_reset,
    set_password,
)
from ecs_training.accounts.services.people import (
    confirm_email,
    register,
    rename,
    set_up_company,
)
from ecs_training.accounts.services.signing_in import (
    end_sign_in,
    record_sign_in,
    start_sign_in,
)
from ecs_training.foundation.web import (
    client_address,
    now,
    path_on_this_site,
    reading,
    transaction,
)

bp = Blueprint("accounts", __name__)

CHOOSING = [LinkPurpose.RESET_PASSWORD, LinkPurpose.INVITATION]


@bp.get("/sign-in")
def show_sign_in() -> ResponseReturnValue:
    if who_is_there():
        return redirect(_next_path(), 303)
    return render_template("accounts/sign_in.html", form=SignInForm())


def _next_path() -> str:
    return path_on_this_site(request.args.get("next")) or url_for("portal.show_start")


@bp.post("/sign-in")
def sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate():
        return render_template("accounts/sign_in.html", form=form), 422
    email = form.email.data
    with reading() as db:
        person = find_person(db, email=email)
    right = is_password_right(
        person.password_hash if person else None, form.password.data
    )
    with transaction() as db:
        refusal, token = record_sign_in(
            db,
            email=email,
            address=client_address(),
            person=person,
            password_right=right,
            now=now(),
        )
    if token:
        start_signed_in(token)
        return redirect(_next_path(), 303)
    page = render_template("accounts/sign_in.html", form=form, refusal=refusal)
    if refusal is SignInRefusal.TOO_MANY:
        return page, 429, {"Retry-After": str(GUESSES_COUNT_FOR.seconds)}
    return page, 422


@bp.post("/sign-out")
@sign_in_required
def sign_out() -> ResponseReturnValue:
    with transaction() as db:
        end_sign_in(db, sign_in_id=who().sign_in_id, now=now())
    forget_signed_in()
    home = redirect(url_for("portal.show_home"), 303)
    home.headers["Clear-Site-Data"] = '"cache", "storage"'
    return home


@bp.get("/register")
def show_register() -> ResponseReturnValue:
    form = RegisterForm(next=path_on_this_site(request.args.get("next")))
    return render_template("accounts/register.html", form=form)


@bp.post("/register")
def create_account() -> ResponseReturnValue:
    form = RegisterForm()
    if not form.validate():
        return render_template("accounts/register.html", form=form), 422
    password_hash = hash_password(form.password.data)
    with transaction() as db:
        register(
            db,
            full_name=form.full_name.data,
            email=form.email.data,
            password_hash=password_hash,
            next_path=path_on_this_site(form.next.data),
            now=now(),
        )
    return redirect(url_for("accounts.show_check_your_mail"), 303)


@bp.get("/check-your-mail")
def show_check_your_mail() -> str:
    return render_template("accounts/check_your_mail.html")


@bp.get("/confirm-email/<token>")
def show_confirm_email(token: str) -> ResponseReturnValue:
    # Reading changes nothing: mail scanners open every link before its owner does.
    with reading() as db:
        link = find_live_link(
            db, token=token, purposes=[LinkPurpose.CONFIRM_EMAIL], now=now()
        )
    if link is None:
        return _link_spent(LinkRefusal.SPENT)
    return render_template("accounts/confirm_email.html", person=link.person)


@bp.post("/confirm-email/<token>")
def use_confirm_email(token: str) -> ResponseReturnValue:
    try:
        with transaction() as db:
            link = confirm_email(db, token=token, now=now())
    except LinkSpent as spent:
        return _link_spent(spent.reason)
    return redirect(
        url_for("accounts.show_sign_in", next=link.next_path, confirmed="yes"), 303
    )


def _link_spent(reason: LinkRefusal) -> ResponseReturnValue:
    return render_template("accounts/link_spent.html", refusal=reason), 409


@bp.get("/forgotten-password")
def show_forgotten_password() -> str:
    return render_template("accounts/forgotten_password.html", form=EmailForm())


@bp.post("/forgotten-password")
def ask_for_reset() -> ResponseReturnValue:
    form = EmailForm()
    if not form.validate():
        return render_template("accounts/forgotten_password.html", form=form), 422
    with transaction() as db:
        request_password_reset(db, email=form.email.data, now=now())
    return redirect(url_for("accounts.show_check_your_mail"), 303)


@bp.route("/choose-password/<token>", methods=["GET", "POST"])
def choose_password(token: str) -> ResponseReturnValue:
    with reading() as db:
        link = find_live_link(db, token=token, purposes=CHOOSING, now=now())
    if link is None:
        return _link_spent(LinkRefusal.SPENT)
    person = link.person
    form = ChoosePasswordForm(email=person.email, full_name=person.full_name)
    if request.method == "GET" or not form.validate():
        page = render_template("accounts/choose_password.html", form=form, link=link)
        return page, 422 if form.errors else 200
    password_hash = hash_password(form.password.data)
    try:
        with transaction() as db:
            set_password(db, token=token, password_hash=password_hash, now=now())
            sign_in_token = start_sign_in(db, person_id=person.id, now=now())
    except LinkSpent as spent:
        return _link_spent(spent.reason)
    start_signed_in(sign_in_token)
    return redirect(link.next_path or url_for("portal.show_start"), 303)


@bp.route("/account/password", methods=["GET", "POST"])
@sign_in_required
def edit_password() -> ResponseReturnValue:
    identity = who()
    form = ChangePasswordForm(email=identity.email, full_name=identity.full_name)
    if request.method == "GET" or not form.validate():
        page = render_template("accounts/change_password.html", form=form)
        return page, 422 if form.errors else 200
    with reading() as db:
        person = get_person(db, person_id=identity.person_id)
    if not is_password_right(person.password_hash, form.old_password.data):
        form.old_password.errors = ["That is not the password you use now."]
        return render_template("accounts/change_password.html", form=form), 422
    password_hash = hash_password(form.password.data)
    with transaction() as db:
        change_password(
            db,
            person_id=identity.person_id,
            password_hash=password_hash,
            now=now(),
        )
        token = start_sign_in(db, person_id=identity.person_id, now=now())
    start_signed_in(token)
    return redirect(url_for("portal.show_account"), 303)


@bp.route("/account/name", methods=["GET", "POST"])
@sign_in_required
def edit_name() -> ResponseReturnValue:
    form = NameForm(full_name=who().full_name)
    if request.method == "GET" or not form.validate():
        page = render_template("accounts/change_name.html", form=form)
        return page, 422 if form.errors else 200
    with transaction() as db:
        rename(db, person_id=who().person_id, full_name=form.full_name.data, now=now())
    return redirect(url_for("portal.show_account"), 303)


@bp.route("/company/set-up", methods=["GET", "POST"])
@sign_in_required
def edit_company() -> ResponseReturnValue:
    """Set up the company that somebody books for; whoever has one is led to its page."""
    if who().company_id:
        return redirect(url_for("portal.show_company"), 303)
    form = CompanyForm()
    if request.method == "GET" or not form.validate():
        page = render_template("accounts/company.html", form=form)
        return page, 422 if form.errors else 200
    with transaction() as db:
        set_up_company(
            db,
            person_id=who().person_id,
            name=form.name.data,
            invoice_address=form.invoice_address.data,
            now=now(),
        )
    back = path_on_this_site(request.args.get("next"))
    return redirect(back or url_for("portal.show_company"), 303)
