from datetime import date
from pathlib import Path

import pytest

from ecs_training.catalogue.queries import SchemeError, prices, read_prices
from ecs_training.catalogue.rules import Price, price_on

NEW_YEAR = date(2026, 1, 1)
IN_APRIL = date(2026, 4, 1)
OLD = Price(from_on=NEW_YEAR, net_pence=14500, vat_percent=20)
NEW = Price(from_on=IN_APRIL, net_pence=15000, vat_percent=20)


def test_a_seat_costs_174_pounds_with_vat() -> None:
    (price,) = prices()
    assert price.from_on <= NEW_YEAR
    assert (price.net_pence, price.vat_pence, price.gross_pence) == (14500, 2900, 17400)


@pytest.mark.parametrize(
    ("net_pence", "vat_percent", "vat_pence"),
    [
        (2, 20, 0),  # 0.40
        (3, 20, 1),  # 0.60
        (49, 1, 0),  # 0.49
        (50, 1, 1),  # 0.50, up
        (250, 1, 3),  # 2.50, up: round() would give 2
        (350, 1, 4),
        (14500, 0, 0),
        (14500, 100, 14500),
    ],
)
def test_half_a_penny_of_vat_is_rounded_up(
    net_pence: int, vat_percent: int, vat_pence: int
) -> None:
    price = Price(from_on=NEW_YEAR, net_pence=net_pence, vat_percent=vat_percent)
    assert price.vat_pence == vat_pence
    assert price.gross_pence == net_pence + vat_pence


@pytest.mark.parametrize("listed", [(OLD, NEW), (NEW, OLD)])
@pytest.mark.parametrize(
    ("on", "price"),
    [
        (NEW_YEAR, OLD),
        (date(2026, 3, 31), OLD),
        (IN_APRIL, NEW),
        (date(2036, 1, 1), NEW),
    ],
)
def test_a_price_begins_on_its_day_and_ends_when_the_next_begins(
    listed: tuple[Price, ...], on: date, price: Price
) -> None:
    assert price_on(listed, on) is price


def test_no_price_is_guessed_for_a_day_before_the_first() -> None:
    with pytest.raises(LookupError, match="2025-12-31"):
        price_on((OLD, NEW), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[]", "prices.yaml: there is no price"),
        ("", r"prices.yaml: prices: must be a list, not None"),
        (
            "- {from_on: 2026-01-01, net_pence: 14500}",
            r"prices\[0\]: 'vat_percent' is missing",
        ),
        (
            "- {from_on: 2026-01-01, net_pence: 145.00, vat_percent: 20}",
            r"prices\[0\].net_pence: must be a whole number, not 145.0",
        ),
        (
            "- {from_on: 2026-01-01, net_pence: true, vat_percent: 20}",
            r"prices\[0\].net_pence: must be a whole number, not True",
        ),
        (
            "- {from_on: 2026-01-01, net_pence: 0, vat_percent: 20}",
            r"prices\[0\].net_pence: must be at least 1",
        ),
        (
            "- {from_on: 2026-01-01, net_pence: 1, vat_percent: -1}",
            r"prices\[0\].vat_percent: must be from 0 to 100",
        ),
        (
            "- {from_on: 2026-01-01, net_pence: 1, vat_percent: 101}",
            r"prices\[0\].vat_percent: must be from 0 to 100",
        ),
        (
            "- {from_on: 2026-01-01 09:00:00, net_pence: 1, vat_percent: 20}",
            r"prices\[0\].from_on: must be a date",
        ),
        (
            "- {from_on: 2026-02-30, net_pence: 1, vat_percent: 20}",
            "prices.yaml: not YAML: day",
        ),
        (
            "- {from_on: 2026-01-01, net_pence: 1, vat_percent: 20, net_pence: 2}",
            "prices.yaml: line 1: 'net_pence' stands twice",
        ),
        (
            "- {from_on: 2026-01-01, net_pence: 1, vat_percent: 20}\n" * 2,
            r"prices\[1\].from_on: must be later than the one before",
        ),
    ],
)
def test_a_bad_price_is_refused_by_file_place_and_reason(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SchemeError, match=complaint):
        read_prices(path)


@pytest.mark.parametrize(("net_pence", "vat_percent"), [(1, 0), (1, 100)])
def test_the_smallest_price_and_either_end_of_vat_are_read(
    tmp_path: Path, net_pence: int, vat_percent: int
) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text(
        f"- {{from_on: 2026-01-01, net_pence: {net_pence}, vat_percent: {vat_percent}}}",
        encoding="utf-8",
    )
    assert read_prices(path) == (
        Price(from_on=NEW_YEAR, net_pence=net_pence, vat_percent=vat_percent),
    )
