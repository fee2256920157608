"""Makes all decisions from successive observations: stage → reps → verdict → sets → cue.

This room imports `core` and `perception`; records, feedback and the rooms above use its decisions. It is pure: no
thread, no clock, no pixels, no I/O. The same observations give the same steps, to the byte.
"""
