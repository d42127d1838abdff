"""Each fault is planted in a copy of the real scheme.yaml."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecs_training.catalogue.queries import HERE, SchemeError, read_scheme, scheme

REAL = (HERE / "scheme.yaml").read_text(encoding="utf-8")
RAW = yaml.safe_load(REAL)


def read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "scheme.yaml"
    path.write_text(text, encoding="utf-8")
    read_scheme(path)


def plant(change: Callable[[Any], object]) -> str:
    raw = copy.deepcopy(RAW)
    change(raw)
    return yaml.safe_dump(raw, allow_unicode=True)


def test_the_copy_without_a_fault_is_read(tmp_path: Path) -> None:
    path = tmp_path / "scheme.yaml"
    path.write_text(plant(lambda raw: raw.pop("shared")), encoding="utf-8")
    assert read_scheme(path) == scheme()


MISTYPED: list[tuple[Callable[[Any], object], str]] = [
    (
        lambda raw: raw.update(version=2026.1),
        "scheme.version: must be text, not 2026.1",
    ),
    (
        lambda raw: raw.update(checked_on="22 November 2026"),
        "scheme.checked_on: must be a date",
    ),
    (
        lambda raw: raw.update(pass_valid_months="24"),
        "scheme.pass_valid_months: must be a whole number",
    ),
    (lambda raw: raw.pop("families"), "scheme: 'families' is missing"),
    (lambda raw: raw.update(rolls=[]), "scheme: 'rolls' is not a field here"),
    (lambda raw: raw.update(roles={}), "scheme.roles: must be a list"),
    (
        lambda raw: raw["roles"][2].pop("lead"),
        r"scheme.roles\[2\]: 'lead' is missing",
    ),
    (
        lambda raw: raw["roles"][2].update(lead=""),
        r"scheme.roles\[2\].lead: is empty",
    ),
    (
        lambda raw: raw["roles"][2].update(name=" FESS Labourer"),
        r"scheme.roles\[2\].name: is empty, or has space around it",
    ),
    (
        lambda raw: raw["roles"][2]["for_you"].append(None),
        r"scheme.roles\[2\].for_you\[3\]: must be text, not None",
    ),
    (
        lambda raw: raw["roles"][0].update(weekly="yes"),
        r"scheme.roles\[0\].weekly: must be true or false",
    ),
    (
        lambda raw: raw["roles"][0]["lines"][0].update(mandatory=1),
        r"scheme.roles\[0\].lines\[0\].mandatory: must be true or false",
    ),
    (
        lambda raw: raw["roles"][0]["lines"][0].pop("valid_months"),
        r"scheme.roles\[0\].lines\[0\]: 'valid_months' is missing",
    ),
    (
        lambda raw: raw["roles"][0]["lines"][0].update(kind="document"),
        "'document' is none of hse, evidence, confirmation",
    ),
    (
        lambda raw: raw["roles"][0]["lines"][0].update(regions=["wales"]),
        r"lines\[0\].regions\[0\]: 'wales' is none of england-wales-ni, scotland",
    ),
    (
        lambda raw: raw["roles"][0]["lines"][0].update(source="ecscard.org.uk"),
        r"lines\[0\].source: must be a group of named fields",
    ),
    (
        lambda raw: raw["roles"][0]["lines"][0]["source"].pop("checked_on"),
        r"lines\[0\].source: 'checked_on' is missing",
    ),
]
BROKEN_PROMISES: list[tuple[Callable[[Any], object], str]] = [
    (lambda raw: raw.update(roles=[]), "roles: there are none"),
    (
        lambda raw: raw["roles"].append(raw["roles"][3]),
        "roles: 'labourer' stands twice",
    ),
    (
        lambda raw: raw["families"][0].update(slug="Electricians"),
        "families: 'Electricians' is not lower-case words",
    ),
    (
        lambda raw: raw.update(pass_valid_months=0),
        "pass_valid_months: must be at least 1",
    ),
    (
        lambda raw: raw["roles"][3].update(lines=[]),
        "role 'labourer': its first line, and no other, must be the hse line",
    ),
    (
        lambda raw: raw["roles"][3]["lines"].reverse(),
        "role 'labourer': its first line",
    ),
    (
        lambda raw: raw["roles"][3]["lines"].append(raw["roles"][3]["lines"][0]),
        "role 'labourer': its first line, and no other",
    ),
    (
        lambda raw: raw["roles"][3]["lines"].append(raw["roles"][3]["lines"][1]),
        "role 'labourer', lines: 'photo' stands twice",
    ),
    (
        lambda raw: raw["roles"][3]["lines"][0].update(mandatory=False),
        "role 'labourer', line 'hse': the hse line is always mandatory",
    ),
    (
        lambda raw: raw["roles"][3]["lines"][2].update(valid_months=0),
        "role 'labourer', line 'engagement': valid_months must be at least 1, or null",
    ),
    (
        lambda raw: raw["roles"][3]["lines"][2].update(regions=[]),
        "line 'engagement': must name each of its regions once",
    ),
    (
        lambda raw: raw["roles"][3]["lines"][2].update(regions=["scotland"] * 2),
        "line 'engagement': must name each of its regions once",
    ),
    (
        lambda raw: raw["roles"][3]["choose_another"][0].update(role_slug="labourer"),
        "role 'labourer': 'labourer' is no other role to choose",
    ),
    (
        lambda raw: raw["roles"][3]["choose_another"][0].update(role_slug="rigger"),
        "role 'labourer': 'rigger' is no other role to choose",
    ),
    (
        lambda raw: raw["qualifications"][0].update(valid_months=0),
        "qualification 'spa-core-day': valid_months must be at least 1",
    ),
    (
        lambda raw: raw["qualifications"][0]["roles"].append("rigger"),
        "qualification 'spa-core-day': 'rigger' is no known role",
    ),
    (
        lambda raw: raw["qualifications"][0].update(roles=[]),
        "qualification 'spa-core-day': must name each of its roles once",
    ),
    (
        lambda raw: raw["roles"][0]["lines"][0]["source"].update(url="ecscard.org.uk"),
        "'ecscard.org.uk' is no https address",
    ),
    (
        lambda raw: raw.update(checked_on=raw["checked_on"].replace(day=23)),
        "was last checked before the scheme's checked_on",
    ),
]


@pytest.mark.parametrize(("change", "complaint"), MISTYPED + BROKEN_PROMISES)
def test_a_fault_is_refused_by_file_place_and_reason(
    tmp_path: Path, change: Callable[[Any], object], complaint: str
) -> None:
    with pytest.raises(SchemeError, match=f"^scheme.yaml: .*{complaint}"):
        read(tmp_path, plant(change))


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        (
            "slug: labourer\n",
            "slug: labourer\n    name: Labourer\n",
            "'name' stands twice",
        ),
        ("source: *ready-page", "source: *unknown-page", "not YAML: .*unknown-page"),
        ("\nroles:\n", "\nroles: [\n", "not YAML"),
        ("effective_from: 2026-01-01", "effective_from: 2026-02-30", "not YAML: day"),
        ('version: "2026.1"', "version: 2026.1", "must be text, not 2026.1"),
    ],
)
def test_a_slip_of_the_pen_is_refused(
    tmp_path: Path, before: str, after: str, complaint: str
) -> None:
    assert REAL.count(before) == 1
    with pytest.raises(SchemeError, match=f"(?s)^scheme.yaml: .*{complaint}"):
        read(tmp_path, REAL.replace(before, after))


def test_one_month_is_the_shortest_validity(tmp_path: Path) -> None:
    def shortest(raw: Any) -> None:
        raw["pass_valid_months"] = 1
        raw["qualifications"][0]["valid_months"] = 1
        raw["roles"][3]["lines"][2]["valid_months"] = 1

    read(tmp_path, plant(shortest))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemeError, match="must be a group of named fields, not None"):
        read(tmp_path, "")
