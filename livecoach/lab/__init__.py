"""Makes and measures models: annotation, datasets, training, evaluation."""
