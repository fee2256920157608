"""Runs a source through pose and decisions into its sinks: live, every frame, to an annotated video.

`batch`, `lab` and `cli` import it; it joins `capture`, `perception`, `decisions`, `records`, `feedback` and `phone`.
"""
