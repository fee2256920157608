"""Renders room, barbell and bodies off-screen."""
