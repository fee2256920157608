"""Turns pictures into observations (pose, lifter, bar), and observations into the body, its view and warnings.

`decisions` and later rooms import this room; `lab` trains its networks.
"""
