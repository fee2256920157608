"""Decides in every frame who is the lifter among the people in the picture."""
