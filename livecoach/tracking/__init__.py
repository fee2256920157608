"""Who the lifter is, frame after frame, among all people in the picture."""
