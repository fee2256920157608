"""Checks and measurements of the machine, which coaching does not need: doctor, bench, soak, fault injection."""
