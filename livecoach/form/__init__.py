"""What is seen of a person, in numbers that do not depend on the framing. Pure: no pixels, files, clocks."""
