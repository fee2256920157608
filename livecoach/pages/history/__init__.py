"""Shows the history of all recorded sessions, as figures and as a page.

`reading` reads the sessions, `history_figures` computes documents from them, `history_words` formats the documents as
text, and `history_page` renders them with plots. `session_index` keeps figures of each session in a file, and
`last_sessions` finds a lifter's last session with each exercise.
"""
