"""Stores sessions and profiles on disk: records, reads, corrects, exports and deletes them.

The rooms `pages` and `run`, and the rooms above them, import this room. It stores what `decisions` computes.
"""
