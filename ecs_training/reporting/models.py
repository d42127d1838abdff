from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ecs_training.foundation.database import Base


class StatisticsSnapshot(Base):
    """Figures of the test or of its items, as a job counted them. The newest of a kind is shown."""

    __tablename__ = "statistics_snapshots"
    __table_args__ = (Index(None, "kind", "counted_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    counted_at: Mapped[datetime]
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
