"""What all rooms share: values, errors, landmarks, settings, exercises, documents, model files and paths.

Every room imports this package, and it imports no room.
"""
