"""Shows the history of all recorded sessions, as figures and as a page.

`reading` reads the sessions, `figures` computes documents from them, `words` formats the documents as text, and `page`
renders them with plots.
"""
