"""Computes the motion of the lifter: lifts, faults, and movements between reps."""
