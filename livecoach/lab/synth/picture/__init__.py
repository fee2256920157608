"""Renders the room, the barbell and the bodies off-screen."""
