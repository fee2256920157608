"""Loads on the bar: units, and the one-repetition maximum that loads and speeds point to."""
