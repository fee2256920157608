"""Train and measure the recognition of exercises.

The kinds of networks and rivals stand here by name, so that nothing that trains them has to be loaded.
"""

SHIPPED = "tcn"
"""The kind whose network a model folder holds."""
STREAMING_NAMES = (SHIPPED, "lstm")
"""Kinds that give a posterior with each tick, from windows in seconds."""
RIVAL_NAMES = (
    "paper-lstm",
    "paper-lstm-padded",
    "paper-cnn-lstm",
    "paper-cnn-lstm-padded",
    "vitpose-tcn",
    "cnn-lstm",
    "cnn-lstm-pictures",
    "cnn-lstm-landmarks",
    "dtw",
    "forest",
)
"""Kinds that take whole clips."""
KIND_NAMES = (*STREAMING_NAMES, *RIVAL_NAMES)
