"""Analyses thousands of recordings, and summarises the results.

The room also has the home page's queue of films. Only `cli` imports the room. Each process that the room starts is a
`livecoach.cli.analyst`, which runs the command `analyze` for a series of recordings.
"""
