"""Describes a rep: its motion in a common view, its phases, its tempo and its measures."""
