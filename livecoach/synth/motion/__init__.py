"""What the lifter does: lifts, faults, and everything that is no rep."""
