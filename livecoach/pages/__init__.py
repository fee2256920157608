"""Makes and serves the pages for a browser: reports, history and home. They load nothing from the internet.

The rooms `run`, `phone`, `batch`, `lab` and `cli` import this room, which reads `records`.
"""
