"""The report of a session: one HTML page that needs nothing else, for whoever looks at it afterwards."""
