"""The pictures of the lifter's screen for the documents."""
