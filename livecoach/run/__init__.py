"""The loops that run a source through pose estimation and pipeline: live, in batch, and to an annotated video."""
