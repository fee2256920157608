"""A session in a window, as it was live, at any place of it and at any speed."""
