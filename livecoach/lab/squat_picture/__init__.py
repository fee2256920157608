"""A published network that judges a squat from one picture of its pose: drawing, training and evaluation."""
