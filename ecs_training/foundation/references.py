"""The names that things have in addresses and e-mails, and the secrets that open them."""

import hashlib
import re
import secrets
from typing import Annotated

from sqlalchemy import String
from sqlalchemy.orm import mapped_column

LENGTH = 12
TOKEN_LENGTH = 26  # 130 bits: the address itself is the key
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O or U to mistake
_SECRET = re.compile(f"(?<![0-9A-Za-z])[{ALPHABET}]{{{TOKEN_LENGTH}}}(?![0-9A-Za-z])")
MISTAKES = str.maketrans("ILO", "110")


def new_reference() -> str:
    """Sixty random bits: nobody guesses one, and it can be read out over the telephone."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def new_token() -> str:
    """Return a secret that opens something by itself: a feed, a one-time link, a sign-in."""
    return "".join(secrets.choice(ALPHABET) for _ in range(TOKEN_LENGTH))


def hash_token(token: str) -> str:
    """Return what is stored of a secret: whoever reads the database cannot use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def mask_secrets(text: str) -> str:
    """Return a text for a log: an address that is a key by itself does not stand in it."""
    return _SECRET.sub("[secret]", text)


def as_typed(text: str) -> str:
    """Forgive what people do to a reference or token when they copy it by hand."""
    kept = "".join(character for character in text.upper() if character.isalnum())
    return kept.translate(MISTAKES)


Reference = Annotated[
    str, mapped_column(String(LENGTH), unique=True, default=new_reference)
]
TokenHash = Annotated[str, mapped_column(String(64), unique=True)]
