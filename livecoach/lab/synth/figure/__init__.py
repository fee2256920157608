"""Models the lifter's body: its shape, its joints, and the places of the joints in a posture."""
