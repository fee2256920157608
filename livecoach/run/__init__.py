"""The loops that run a source through pose and pipeline: live, in batch, and onto an annotated video."""
