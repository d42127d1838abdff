"""What the boards show, each in a number of queries that does not grow with its rows."""
