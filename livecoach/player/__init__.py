"""Plays a session in a window as it was live, from any point and at any speed."""
