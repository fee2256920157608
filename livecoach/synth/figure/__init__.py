"""The body: its shapes, its joints, and how a posture puts them."""
