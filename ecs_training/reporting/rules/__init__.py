"""What can be worked out from answers and scores. Pure: no database, no web, no clock."""
