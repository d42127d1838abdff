"""What is done in a room, one verb after another. Callers own the transaction."""
