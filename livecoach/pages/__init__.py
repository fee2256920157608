"""What is looked at afterwards: report, history and home, as pages that load nothing from a network.

`run`, `phone`, `batch`, `lab` and `cli` import it; it reads `records`.
"""
