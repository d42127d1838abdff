"""Signatures that anybody can check with a public key of ours."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from ecs_training.foundation.database import Base


class SigningKey(Base):
    """A pair of keys as a JSON Web Key. The newest one that is not retired signs.

    It lives in the database so that one backup holds all: what was signed before a restore
    can be checked after it.
    """

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(
        String(43), primary_key=True
    )  # RFC 7638 thumbprint
    private_key: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
