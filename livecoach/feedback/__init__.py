"""Turns steps into what the lifter sees and hears: overlay, window, sound and voice.

`run` feeds it; `pages`, `phone` and `lab` use its pictures. It imports `decisions`, but no records.
"""
