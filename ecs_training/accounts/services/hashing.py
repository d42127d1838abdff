"""Passwords as hashes. Slow on purpose, so call it outside any transaction."""

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ecs_training.foundation.references import new_token

# OWASP's profile: 19 MiB, two passes, one lane. At most four at once in a process, so that
# a rush of sign-ins cannot take all its memory and processor.
HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_hashing = BoundedSemaphore(4)


def hash_password(password: str) -> str:
    with _hashing:
        return HASHER.hash(password)


NOBODYS_HASH = hash_password(new_token())


def is_password_right(password_hash: str | None, password: str) -> bool:
    """Compare in the same time for an unknown address, and for one that has no password yet."""
    with _hashing:
        try:
            HASHER.verify(password_hash or NOBODYS_HASH, password)
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None
