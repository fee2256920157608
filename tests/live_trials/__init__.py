"""Trials of the whole program: faults that are injected into live runs."""
