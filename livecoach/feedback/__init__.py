"""What the lifter gets: pictures and sound."""
