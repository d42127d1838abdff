"""Accounts, passwords and signing in. Callers own the transaction."""
