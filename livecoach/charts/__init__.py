"""Helpers for charts and pages: axis ticks, confidence intervals of proportions, and HTML templates."""
