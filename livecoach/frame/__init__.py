"""What one frame says of the body, of the camera's place, and of what hides the body."""
