"""The history of all recorded sessions: read from their folders, cached in an index, shown as figures and as a page.

`index` detects changed folders, `reading` reads one of them, `figures` turns them into documents, and `page` renders
those. The index is a cache: it can be deleted.
"""
