"""Finds the barbell in a picture: two small networks detect its nearer plate, and optical flow follows it."""
