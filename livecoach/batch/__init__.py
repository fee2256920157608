"""Analyses thousands of recordings, one process each, on this machine or on a cluster, and summarises the results.

`cli` alone imports it; each process it starts is a `livecoach analyze`.
"""
