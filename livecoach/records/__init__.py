"""Stores sessions and profiles on disk: records, reads, corrects, exports and deletes sessions and profiles.

`pages`, `run` and later rooms import this room. It stores the results of `decisions`.
"""
