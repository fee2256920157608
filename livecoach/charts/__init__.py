"""Helpers for charts: axis ticks, and confidence intervals of proportions."""
