"""The home page's tools: films to analyse, files to bring in and take out, settings, a check, and what livecoach is."""

from pathlib import Path

TEMPLATES = Path(__file__).parent
