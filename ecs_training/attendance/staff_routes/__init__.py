"""Pages of trainers and staff about a day: its register, and the reports of its meeting."""
