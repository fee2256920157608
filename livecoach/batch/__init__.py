"""Analyses thousands of recordings on this machine or on a cluster, and summarises the results.

It also has the home page's queue of films.

Only `cli` imports this room. Each process that it starts is a `livecoach.cli.analyst`, which runs the command `analyze`
for a series of recordings.
"""
