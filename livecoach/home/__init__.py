"""The home page: sessions, trends and profiles at a glance, with links to the reports. Static HTML, no server."""
