"""Makes the report of a session as a self-contained HTML page, and the pages of comparisons, plans and known reps."""
