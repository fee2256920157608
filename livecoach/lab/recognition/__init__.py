"""Trains and measures the recognition of exercises."""
