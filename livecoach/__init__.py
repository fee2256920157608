"""livecoach: watches a lifter's set live, counts the reps and flags the ones that are unlike good ones."""

import sys

__version__ = "0.1.0"

# MediaPipe imports sounddevice, and that import asks the sound server for its devices: where the server hangs, the
# pictures would wait two minutes for sound. MediaPipe needs it to record sound only, and does without where it can't be
# imported. livecoach.feedback.portaudio loads a sounddevice of its own.
sys.modules.setdefault("sounddevice", None)  # type: ignore[arg-type]
