"""What is seen in a picture: the pose, who of several people lifts, the bar, and the lifter's body in one frame.

`decisions` and the rooms above import it; `lab` trains its networks.
"""
