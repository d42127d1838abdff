"""What we offer and what each card asks: roles, prices and exemptions, all as data."""
