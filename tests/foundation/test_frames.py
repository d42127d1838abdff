import pytest
from flask import Flask, render_template_string
from markupsafe import Markup

from ecs_training.foundation.frames import Frame, mark

PAGE = '<a href="/attempts/{{ ref }}/1" title="{{ stem }}">{{ stem }}</a>{{ tail }}'


def test_a_filled_frame_is_what_the_template_would_have_rendered() -> None:
    app = Flask(__name__)
    values = {
        "ref": "7K2M",
        "stem": "Is 1 < 2 & \"two\" 'enough'?",
        "tail": Markup("<b>end</b>"),
    }
    with app.app_context():
        frame = Frame(
            render_template_string(PAGE, **{name: mark(name) for name in values})
        )
        assert frame.fill(values) == render_template_string(PAGE, **values)
    assert frame.names == set(values)


def test_what_a_reader_wrote_is_never_taken_for_a_mark() -> None:
    frame = Frame(f"<p>{mark('stem')}</p><p>{mark('secret')}</p>")
    shown = frame.fill({"stem": str(mark("secret")), "secret": "hidden"})
    assert shown == f"<p>{mark('secret')}</p><p>hidden</p>"


def test_a_mark_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        Frame(mark("stem")).fill({})
