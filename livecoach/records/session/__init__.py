"""Recording, reading, exporting and deleting sessions: observations, events and video."""
