"""Speaking with foreign systems: no database; tests stand in for the other side."""
