from flask import Blueprint

bp = Blueprint("questions_staff", __name__)
