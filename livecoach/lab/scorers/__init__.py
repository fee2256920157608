"""Scorers of reps that are trained on good reps only, and the protocol that compares them."""
