"""Loads on the bar, in kilograms and pounds."""
