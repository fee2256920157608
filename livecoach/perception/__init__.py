"""Turns pictures into observations: poses, the lifter among several people, the bar, and the body in one frame.

`decisions` and the rooms above import this room; `lab` trains its networks.
"""
