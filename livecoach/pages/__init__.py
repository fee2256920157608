"""Makes the pages that are read after a session: report, history and home. They load nothing from a network.

The rooms `run`, `phone`, `batch`, `lab` and `cli` import this room, which reads `records`.
"""
