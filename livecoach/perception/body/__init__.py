"""Derives the body, its visibility, the view and the camera's roll from observations."""
