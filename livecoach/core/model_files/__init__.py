"""Reads and checks the files of a model folder, and runs their networks."""
