"""Makes all decisions from successive observations: stage → reps → verdict → sets → cue.

This room imports `core` and `perception`. It is pure: without threads, clocks, pixels and I/O, the same observations
give the same steps, to the byte.
"""
