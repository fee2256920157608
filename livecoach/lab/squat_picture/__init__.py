"""Good or bad from one picture of a squat's pose, as a published network does it: drawn, trained and judged."""
