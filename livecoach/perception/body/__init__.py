"""What one frame shows of the body, the camera's position, and the visibility of the body."""
