"""All decisions, one observation at a time: stage → reps → verdict → sets → cue.

It imports `core` and `perception`; records, feedback and all above take what it decides.

Pure: no thread, no clock, no pixels, no I/O. The same observations give the same steps, to the byte.
"""

from livecoach.decisions.exercise_run import ExerciseParts
from livecoach.decisions.given import Pipeline
from livecoach.decisions.recognised import AutoPipeline
