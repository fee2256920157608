"""Describes a rep: its observations, its motion turned to a common view, its phases, tempo and measures."""
