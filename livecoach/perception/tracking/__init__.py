"""Decides in every frame which of the people in the picture is the lifter."""
