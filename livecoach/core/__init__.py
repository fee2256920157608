"""What every room speaks of: values, errors, landmarks, settings, exercises, documents, model files and paths.

Every room imports it, and it imports none.
"""
