"""Decides, frame after frame, which of the people in the picture is the lifter."""
