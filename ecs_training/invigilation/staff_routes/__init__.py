"""The pages of the room, of its record, and of appeals."""
