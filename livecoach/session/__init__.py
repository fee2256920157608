"""What is kept of a set: observations, events, annotated videos."""
