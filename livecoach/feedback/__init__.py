"""What the lifter sees and hears: overlay, window, sound and voice, drawn from a step.

`run` feeds it; `pages`, `phone` and `lab` take pictures from it. It imports `decisions` and no records.
"""
