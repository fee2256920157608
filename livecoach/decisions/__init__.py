"""All decisions, one observation at a time: stage → reps → verdict → sets → cue.

It imports `core` and `perception`; records, feedback and all above take what it decides.

Pure: no thread, no clock, no pixels, no I/O. The same observations give the same steps, to the byte.
"""
