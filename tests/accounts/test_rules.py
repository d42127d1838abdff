import pytest

from ecs_training.accounts.rules import (
    LONGEST_PASSWORD,
    MOST_FROM_ONE_ADDRESS,
    MOST_WRONG_GUESSES,
    PasswordProblem,
    SignInRefusal,
    what_is_wrong_with,
    why_not_sign_in,
)

ALICE = {"email": "alice.kowalczyk@example.org", "full_name": "Alice Kowalczyk"}


@pytest.mark.parametrize(
    "password",
    [
        "copper lamp!",  # 12
        "correct horse battery staple",
        "x7" * (LONGEST_PASSWORD // 2 - 10) + "-many-more-words-xyz",
        "demo-only-password",
        "пароль из трёх слов",
    ],
)
def test_a_long_password_is_fine_whatever_it_is_made_of(password: str) -> None:
    assert what_is_wrong_with(password, **ALICE) is None


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("copper lamp", PasswordProblem.TOO_SHORT),  # 11
        ("x" * 90 + "y" * 111, PasswordProblem.TOO_LONG),
        ("abababababababab", PasswordProblem.TOO_PLAIN),
        ("abcdefghijklmnop", PasswordProblem.TOO_PLAIN),
        ("987654321098765", PasswordProblem.TOO_PLAIN),
        ("alice.kowalczyk", PasswordProblem.ABOUT_YOU),
        ("Alice Kowalczyk", PasswordProblem.ABOUT_YOU),
        ("ALICE.KOWALCZYK@example.org", PasswordProblem.ABOUT_YOU),
    ],
)
def test_what_a_guesser_tries_first_is_refused(
    password: str, problem: PasswordProblem
) -> None:
    assert what_is_wrong_with(password, **ALICE) is problem


@pytest.mark.parametrize(
    ("right", "wrong", "from_address", "refusal"),
    [
        (True, 0, 0, None),
        (True, MOST_WRONG_GUESSES - 1, MOST_FROM_ONE_ADDRESS - 1, None),
        (False, 0, 0, SignInRefusal.WRONG),
        (True, MOST_WRONG_GUESSES, 0, SignInRefusal.TOO_MANY),
        (True, 0, MOST_FROM_ONE_ADDRESS, SignInRefusal.TOO_MANY),
        (False, MOST_WRONG_GUESSES, 0, SignInRefusal.TOO_MANY),
    ],
)
def test_too_many_guesses_refuse_the_right_password_too(
    right: bool, wrong: int, from_address: int, refusal: SignInRefusal | None
) -> None:
    told = why_not_sign_in(
        password_right=right, wrong_guesses=wrong, wrong_from_address=from_address
    )
    assert told is refusal
