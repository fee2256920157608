"""Trains and evaluates the scorer of an exercise: encoder, density, limits and the amounts of faults."""
