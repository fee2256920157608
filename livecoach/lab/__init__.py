"""Making and judging models: data sets, training, evaluation; the synthetic and the dissertation's own."""
