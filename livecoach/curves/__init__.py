"""The curves of a rep that the report and the history draw."""
