"""The pictures of what a lifter sees, drawn for the documents."""
