"""The history of all recorded sessions, as figures and as a page.

`reading` reads their folders, `figures` turns them into documents, `words` shows those, and `page` renders them
with their plots.
"""
