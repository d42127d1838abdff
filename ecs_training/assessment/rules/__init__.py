"""Marking, time, writing, starting and sittings: what the assessment allows. Pure."""
