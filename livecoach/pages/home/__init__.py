"""Makes the pages of `livecoach home` that are about several sessions: today, and the search."""
