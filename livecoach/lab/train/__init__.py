"""Trains the parts of an exercise's model folder, and networks for barbells, world landmarks and squat pictures."""
