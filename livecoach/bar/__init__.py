"""The barbell in a picture: its nearer plate, found by two small networks and followed by optical flow."""
