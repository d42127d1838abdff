"""What people are told: e-mails, queued in the transaction that gives the occasion."""

from ecs_training.notifications.services.letters import queue_letter

__all__ = ["queue_letter"]
