"""The report of a session: one self-contained HTML page."""
