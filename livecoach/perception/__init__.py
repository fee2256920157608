"""The room perception."""
