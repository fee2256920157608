"""Runs a source through pose and decisions into its sinks: live, with every frame, or into an annotated video.

`api`, `batch`, `lab` and `cli` import it; it connects `capture`, `perception`, `decisions`, `records`, `feedback`,
`pages` and `phone`.
"""
