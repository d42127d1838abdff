"""What the invigilator may do in a room, and for which reasons. Pure."""

from ecs_training.invigilation.rules.actions import RoomAction
from ecs_training.invigilation.rules.appeals import AppealOutcome

__all__ = ["AppealOutcome", "RoomAction"]
