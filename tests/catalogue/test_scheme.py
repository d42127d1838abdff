from datetime import date

import pytest
import yaml

from ecs_training.catalogue.queries import HERE, card_role, scheme
from ecs_training.catalogue.rules import LineKind, Region
from ecs_training.foundation.errors import NotFound

ROLES = {
    "site-support": "Site Support",
    "lv-jointer": "LV Jointer",
    "fess-labourer": "FESS Labourer",
    "labourer": "Labourer",
    "cable-installer": "Cable Installer / Cable Layer",
}
EVERY_ROLE = set(ROLES)


def test_the_five_roles_stand_in_the_agreed_order() -> None:
    assert [(r.slug, r.name) for r in scheme().roles] == list(ROLES.items())
    assert all(role.weekly for role in scheme().roles)


@pytest.mark.parametrize("slug", ROLES)
def test_a_role_is_found_by_its_slug(slug: str) -> None:
    assert card_role(slug) is scheme().role(slug)
    assert card_role(slug).slug == slug


@pytest.mark.parametrize("slug", ["", "Labourer", "electrician", "site_support"])
def test_a_role_we_do_not_teach_is_not_found(slug: str) -> None:
    assert scheme().role(slug) is None
    with pytest.raises(NotFound):
        card_role(slug)


@pytest.mark.parametrize("slug", ROLES)
def test_every_role_says_who_it_is_for_and_where_else_to_go(slug: str) -> None:
    role = card_role(slug)
    assert role.lead
    assert role.for_you
    assert role.choose_another


@pytest.mark.parametrize(
    ("slug", "own_line"),
    [
        ("site-support", "engagement"),
        ("lv-jointer", "competence"),
        ("fess-labourer", "engagement"),
        ("labourer", "engagement"),
        ("cable-installer", "engagement"),
    ],
)
def test_every_role_needs_hse_a_photo_its_own_proof_and_the_right_name(
    slug: str, own_line: str
) -> None:
    assert [(line.id, line.kind, line.mandatory) for line in card_role(slug).lines] == [
        ("hse", LineKind.HSE, True),
        ("photo", LineKind.EVIDENCE, True),
        (own_line, LineKind.EVIDENCE, True),
        ("identity-name", LineKind.CONFIRMATION, True),
    ]


def test_every_line_holds_in_both_regions() -> None:
    for role in scheme().roles:
        for line in role.lines:
            assert set(line.regions) == set(Region)


@pytest.mark.parametrize("slug", ["labourer", "site-support"])
def test_the_reviewer_is_warned_of_the_scottish_rule(slug: str) -> None:
    caution = card_role(slug).lines[0].caution
    assert caution is not None
    assert "Scotland" in caution.text
    assert "sjib.org.uk" in caution.source.url


@pytest.mark.parametrize("slug", ROLES)
def test_the_reviewer_of_every_role_is_warned_of_exams_over_video(slug: str) -> None:
    assert any("video" in caution.text for caution in card_role(slug).cautions)


@pytest.mark.parametrize(
    ("slug", "roles", "months"),
    [
        ("spa-core-day", EVERY_ROLE - {"lv-jointer"}, 36),
        ("iosh-managing-safely", EVERY_ROLE, 36),
        ("nebosh-general-certificate", EVERY_ROLE, 36),
        ("ccnsg-safety-passport", EVERY_ROLE, 36),
        ("citb-hse-test", EVERY_ROLE, 24),
        ("site-safety-plus-awareness", EVERY_ROLE, 36),
    ],
)
def test_the_exemptions_are_those_of_the_brief(
    slug: str, roles: set[str], months: int
) -> None:
    qualification = scheme().qualification(slug)
    assert qualification is not None
    assert set(qualification.roles) == roles
    assert qualification.valid_months == months


def test_no_other_exemption_is_accepted() -> None:
    assert len(scheme().qualifications) == 6
    assert scheme().qualification("iosh-working-safely") is None
    assert len(scheme().qualifications_for("labourer")) == 6
    assert len(scheme().qualifications_for("lv-jointer")) == 5
    assert scheme().qualifications_for("electrician") == ()


def test_where_the_scheme_says_otherwise_the_reviewer_is_told() -> None:
    warned = {q.slug for q in scheme().qualifications if q.caution}
    assert warned >= {
        "citb-hse-test",
        "iosh-managing-safely",
        "nebosh-general-certificate",
    }


def test_every_qualification_names_known_roles() -> None:
    for qualification in scheme().qualifications:
        assert set(qualification.roles) <= EVERY_ROLE


def test_every_source_has_an_address_and_the_day_it_was_read() -> None:
    for source in scheme().sources():
        assert source.url.startswith("https://")
        assert source.checked_on >= scheme().checked_on == date(2026, 11, 22)


def test_every_shared_source_is_cited() -> None:
    raw = yaml.safe_load((HERE / "scheme.yaml").read_text(encoding="utf-8"))
    listed = {source["url"] for source in raw["shared"]["sources"]}
    assert listed == {source.url for source in scheme().sources()}


def test_a_pass_counts_for_two_years() -> None:
    assert scheme().pass_valid_months == 24


def test_the_other_card_families_of_the_brief_are_listed() -> None:
    families = scheme().families
    assert [family.slug for family in families] == [
        "electricians",
        "mates-and-trainees",
        "fire-detection-and-alarm",
        "network-infrastructure",
        "audio-visual",
        "building-controls",
        "renewable-energy",
        "managers-and-professionals",
    ]
    assert all("ECS HS&E Assessment" in f.hse_requirement for f in families)


def test_our_assessment_is_never_called_the_ecs_test() -> None:
    for role in scheme().roles:
        assert "not the ECS's own test" in role.lines[0].explains
        assert "unlock" not in f"{role} {scheme().families}".lower()


def test_the_files_are_read_once() -> None:
    assert scheme() is scheme()
