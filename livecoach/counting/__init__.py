"""From body measures to counted reps: stages, movements, the evidence that they are lifts, and sets."""
