"""Pages that show several slices: home, account, trainer, company, staff."""
