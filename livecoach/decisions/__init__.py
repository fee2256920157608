"""Makes all decisions from successive observations: stage → reps → verdict → sets → cue.

This room imports `core` and `perception`. It has no threads, clocks or pixels, and reads files only to load models and
tables before the first observation: the same observations give the same steps, to the byte.
"""
