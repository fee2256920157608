"""What all recorded sessions tell together: read from their folders, kept in an index, told as figures and as a page.

`index` finds what has changed in the folders, `reading` reads one of them, `figures` makes documents of them with
`weeks`, `bests` and `moved`, and `page` draws those. Nothing here needs the pictures, or the index: it can be deleted.
"""
