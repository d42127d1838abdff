"""The room console: admit, hold, extend, end; the evidence of what happened; appeals."""
