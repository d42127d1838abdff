from flask import Blueprint, render_template

from ecs_training.accounts.access import sign_in_required

bp = Blueprint("portal", __name__)


def _page() -> str:
    return render_template("errors/not_found.html")


for endpoint, path in {
    "show_home": "/",
    "show_about": "/about-the-ecs",
    "show_cards": "/card-families",
    "show_why": "/why-train-with-us",
    "show_questions": "/questions",
    "show_terms": "/terms",
    "show_privacy": "/privacy",
    "show_accessibility": "/accessibility",
}.items():
    bp.add_url_rule(path, endpoint, _page)
for endpoint, path in {
    "show_start": "/start",
    "show_account": "/account",
    "show_company": "/company",
    "show_trainer": "/trainer",
    "show_staff": "/staff",
    "show_booking": "/bookings/<ref>",
}.items():
    bp.add_url_rule(path, endpoint, sign_in_required(lambda **_: _page()))
