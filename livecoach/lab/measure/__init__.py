"""The measurements of `livecoach lab measure`, as tables: counts, verdicts and recognition."""
