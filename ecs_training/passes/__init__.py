"""Evidence that somebody passed, and until when."""
