"""What is asked of the tables of the assessment."""
