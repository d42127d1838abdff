from flask import Blueprint, render_template

bp = Blueprint("verification", __name__)
bp.add_url_rule(
    "/verify", "show_verify", lambda **_: render_template("errors/not_found.html")
)
