import re

import pytest
from flask import Flask

from ecs_training.app import create_app
from ecs_training.catalogue.queries import scheme
from ecs_training.foundation.settings import Settings
from tests.browsing import Visitor

PAGES = {
    "/": "ECS health and safety courses on Teams",
    "/about-the-ecs": "About the ECS",
    "/card-families": "ECS card families",
    "/why-train-with-us": "Why train with us",
    "/questions": "Questions and contact",
    "/terms": "Terms and refunds",
    "/privacy": "Privacy",
    "/accessibility": "Accessibility",
}


@pytest.mark.parametrize(("path", "title"), PAGES.items())
def test_everybody_may_read_the_public_pages(app: Flask, path: str, title: str) -> None:
    page = Visitor(app).open(path)

    assert page.status_code == 200
    assert page.request.path == path
    assert f"<title>{title} – ECS Training</title>" in page.text  # noqa: RUF001
    assert page.text.count("<h1") == 1


def test_no_public_page_calls_our_assessment_the_schemes_own(app: Flask) -> None:
    for path in PAGES:
        text = re.sub(r"<[^>]+>", " ", Visitor(app).open(path).text)
        assert not re.search(
            r"our (ECS|HS&amp;E) (test|assessment)", text, re.IGNORECASE
        ), path
        assert "get your ECS card" not in text


def test_every_link_of_the_public_pages_leads_somewhere(app: Flask) -> None:
    visitor, seen = Visitor(app), set()
    for path in PAGES:
        seen |= set(re.findall(r'href="(/(?!static)[^"#]*)', visitor.open(path).text))
    broken = [path for path in sorted(seen) if visitor.open(path).status_code != 200]
    assert broken == []
    assert len(seen) > len(PAGES)


def test_the_families_show_our_roles_and_what_the_others_ask(app: Flask) -> None:
    page = Visitor(app).open("/card-families").text
    for role in scheme().roles:
        assert f'href="/courses/{role.slug}"' in page
    for family in scheme().families:
        assert family.name in page.replace("&#39;", "'")
        assert f"/courses/{family.slug}" not in page


def test_the_terms_name_the_version_that_bookings_keep(app: Flask) -> None:
    assert "Version 2026-1." in Visitor(app).open("/terms").text


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_style_guide_is_there_only_where_a_setting_asks_for_it(
    app: Flask, settings: Settings
) -> None:
    shown = create_app(settings.model_copy(update={"style_guide": True}))

    assert Visitor(app).open("/style-guide").status_code == 404
    assert "Every part, every state" in Visitor(shown).open("/style-guide").text
    shown.extensions["database"].engine.dispose()
