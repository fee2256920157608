"""Trains every shipped model: the parts of an exercise's model folder, and the networks that locate a barbell."""
