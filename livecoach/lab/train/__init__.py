"""Training of every model that ships: the parts of an exercise's model folder, and the networks that find a barbell."""
