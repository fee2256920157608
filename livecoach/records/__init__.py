"""The room records."""
