"""Judges a rep: whether it can be judged, against which reference, and which faults it shows."""
