"""Reading a room: who is there, what was asked for, what was lost, and its whole record."""
