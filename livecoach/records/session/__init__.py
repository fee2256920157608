"""Records, reads, amends, exports, imports and deletes sessions: their observations, events and videos."""
