"""Makes the pages of `livecoach home` that are about several sessions: today, the lifters, and the search."""
