"""What staff type about questions."""
