"""The dissertation's rep images: drawn, read from folders, and scored."""
