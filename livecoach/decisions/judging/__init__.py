"""The verdict on a rep: whether it can be judged, against whose reference, and which faults it shows."""
