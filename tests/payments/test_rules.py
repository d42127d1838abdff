import pytest

from ecs_training.payments.rules import Series, billed_to, word_number


@pytest.mark.parametrize(
    ("series", "n", "worded"),
    [
        (Series.INVOICE, 1, "INV-000001"),
        (Series.INVOICE, 123, "INV-000123"),
        (Series.CREDIT_NOTE, 45, "CN-000045"),
        (Series.INVOICE, 999_999, "INV-999999"),
        (Series.INVOICE, 1_000_000, "INV-1000000"),
    ],
)
def test_numbers_are_worded_in_their_series(
    series: Series, n: int, worded: str
) -> None:
    assert word_number(series, n) == worded


def test_a_company_is_billed_at_its_address_and_a_person_by_name_and_mail() -> None:
    person = {"full_name": "Alice", "email": "alice@example.org"}
    assert billed_to(company=None, **person) == "Alice\nalice@example.org"
    company = ("Northgate Power Ltd", "1 Cable Street\nLeeds")
    assert (
        billed_to(company=company, **person)
        == "Northgate Power Ltd\n1 Cable Street\nLeeds"
    )
