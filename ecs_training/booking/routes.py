from flask import Blueprint, render_template

bp = Blueprint("booking", __name__)
bp.add_url_rule(
    "/courses/<role>",
    "show_course",
    lambda **_: render_template("errors/not_found.html"),
)
