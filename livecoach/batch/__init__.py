"""Analyses thousands of recordings on this machine or on a cluster, and summarises the results.

`cli` alone imports it; each process it starts is a `livecoach.cli.analyst`, which runs one `analyze` after the other.
"""
