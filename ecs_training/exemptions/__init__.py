"""Recognised qualifications that stand in for a pass."""
