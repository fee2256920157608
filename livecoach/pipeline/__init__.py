"""All decisions, one observation at a time: stage → reps → verdict → sets → cue.

Pure: no thread, no clock, no pixels, no I/O. The same observations give the same steps, to the byte.
"""

from livecoach.pipeline.exercise_run import ExerciseParts
from livecoach.pipeline.given import Pipeline
from livecoach.pipeline.recognised import AutoPipeline
