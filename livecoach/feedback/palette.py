"""Colours, BGR. Okabe and Ito's set (jfly.uni-koeln.de/color), which is distinct with any kind of colour blindness."""

Colour = tuple[int, int, int]

GOOD: Colour = (115, 158, 0)
"""Bluish green."""
ALARM: Colour = (0, 94, 213)
"""Vermilion."""
LEFT: Colour = (233, 180, 86)
"""Sky blue: the lifter's left."""
RIGHT: Colour = (66, 228, 240)
"""Yellow: the lifter's right."""
MIDDLE: Colour = (255, 255, 255)
GREY: Colour = (175, 175, 175)
DIM: Colour = (96, 96, 96)
INK: Colour = (255, 255, 255)
NIGHT: Colour = (22, 20, 18)
"""Plates behind text."""
DUSK: Colour = (58, 53, 48)
"""Canvas without a picture."""
