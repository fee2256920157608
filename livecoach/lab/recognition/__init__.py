"""Train and measure the recognition of exercises."""
