"""Cards of stored certificates."""
