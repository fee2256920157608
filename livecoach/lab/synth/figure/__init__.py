"""The body: its shape, its joints, and how a posture places them."""
