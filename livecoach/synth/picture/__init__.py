"""What the camera shows: room, barbell, bodies, drawn without a window."""
