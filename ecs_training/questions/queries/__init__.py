"""What is asked of the bank: for drawing papers, for the list, for one item, for a recall."""

from ecs_training.questions.queries.live import live_items

__all__ = ["live_items"]
