"""Feedback for the lifter: pictures and sound."""
