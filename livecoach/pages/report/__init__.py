"""Makes the report of a session, and the home page with links to reports, as self-contained HTML pages."""
