"""Finished papers to count, and what was counted."""
