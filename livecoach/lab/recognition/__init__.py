"""Train and measure the recognition of exercises.

This module names the kinds of networks, so that listing them loads no training code.
"""

SHIPPED = "tcn"  # the kind of the network in a model folder
KIND_NAMES = (SHIPPED, "lstm", "cnn-lstm")
