"""Analyses thousands of recordings, one process each, on this machine or on a cluster, and summarises the results."""
