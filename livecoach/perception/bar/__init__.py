"""Finds the barbell in pictures: two small networks detect its nearer plate, and optical flow follows the plate."""
