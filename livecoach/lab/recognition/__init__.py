"""Train and measure the recognition of exercises.

This module names the kinds of networks and rivals, so that listing them loads no training code.
"""

SHIPPED = "tcn"
"""The kind of the network in a model folder."""
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
