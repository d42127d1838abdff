"""What a card role still needs, and the application for it."""
