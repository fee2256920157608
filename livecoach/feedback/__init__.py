"""Turns steps into pictures and sounds for the lifter: overlay, window, sound and voice.

`run` feeds it; `pages`, `phone` and `lab` use its pictures. It imports `decisions`, but not `records`. A canvas is the
picture that is drawn on: (height, width, 3) uint8 BGR.
"""
