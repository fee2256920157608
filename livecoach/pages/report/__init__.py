"""The report of a session and the home page that links reports: self-contained HTML pages."""
