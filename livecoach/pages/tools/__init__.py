"""Makes the pages of `livecoach home` about files, settings and livecoach; imports files and changes settings."""

from pathlib import Path

TEMPLATES = Path(__file__).parent
