"""What is kept on disk: sessions and profiles, as they are recorded, read, corrected, exported and deleted.

`pages`, `run` and the rooms above import it; what it keeps is made in `decisions`.
"""
