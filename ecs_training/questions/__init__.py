"""The question bank in the database: items and their immutable revisions."""
