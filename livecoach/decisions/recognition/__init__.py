"""Recognises which exercise is being done, from the motion of twelve joints."""
