"""Seeing what a change to a published date would do, and then doing exactly that."""
