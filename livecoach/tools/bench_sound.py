"""Measures whether and when the cues of a run came out of the null sink's monitor."""

from collections.abc import Sequence

from livecoach.errors import OutputError
from livecoach.feedback.announce import SoundStyle, announce
from livecoach.feedback.voice import load_voice
from livecoach.tools.bench_figures import MeasuredValue, not_measured, spread_of_reps
from livecoach.tools.bench_trace import CueTrace
from livecoach.tools.null_sink import MonitorRecording

LIKENESS = 0.9
"""Normalised cross-correlation from which a cue counts as heard; wrong matches reach at most 0.6."""
EARLY_S = 0.05
"""Start of the search before the event: the sound is submitted just before the event is written."""
WITHIN_S = 0.5


def cue_to_heard(recording: MonitorRecording, cues: Sequence[CueTrace]) -> MeasuredValue:
    """Return the 95th percentile from event to first sample over rep cues; an unheard cue misses the target."""
    voice, style = load_voice(), SoundStyle()
    found_ms, unheard = [], []
    for traced in cues:
        announcement = announce(traced.cue, voice, style)
        if traced.rep is None or announcement is None:
            continue
        try:
            heard = recording.find(announcement.samples, from_s=traced.event_s - EARLY_S, within_s=WITHIN_S)
        except OutputError as err:
            return not_measured(str(err))
        if heard.likeness < LIKENESS:
            unheard.append(str(traced.rep))
        else:
            found_ms.append((heard.at_s - traced.event_s) * 1000)
    lost = f"not heard within {1000 * WITHIN_S:.0f} ms: the cue of rep {', '.join(unheard)}" if unheard else None
    return spread_of_reps(found_ms, lost)
