"""What happens in an assessment, one verb after another. Callers own the transaction."""
