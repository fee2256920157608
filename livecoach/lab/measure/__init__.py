"""What `livecoach measure` runs: figures of counting, of the verdict and of what both rest on, as tables."""
