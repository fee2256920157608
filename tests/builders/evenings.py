"""Sessions of synthetic deadlifts that went through the real pipeline, written as the recorder writes them.

lifted = journal_bytes(a_journal(a_lifted_set(), (Mark(frame=200, rep=2, label="bad"),)))
write(sessions, lifted, began=at(2026, 3, 1), profile="anna")
what_is_known("anna")                               # every rep of anna's reference, to the byte
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from builders.observations import a_header
from builders.sessions import a_document, sessions_of
from livecoach.core.config.files import write_private_text
from livecoach.core.documents import codec, to_json
from livecoach.core.step import RepCompleted
from livecoach.core.types import Correction, Label, Observation
from livecoach.decisions import assembly
from livecoach.lab.synth.motion.tokens import parse_tokens
from livecoach.lab.synth.synthetic_sets import SetRequest, random_set
from livecoach.records.knowledge import LifterReferences
from livecoach.records.profile import Profile
from livecoach.records.session import layout
from livecoach.records.session.events import EventStream
from livecoach.records.session.metrics import RunMetrics
from livecoach.records.session.recorder import RecordedItem, file_contents
from livecoach.records.session.stored import Session
from livecoach.run.session_recording import make_session_start

FPS = 15
EXERCISE = "deadlift"
Observations = tuple[Observation, ...]


@dataclass(frozen=True)
class Mark:
    """The lifter corrects a rep while the session is recorded, after a frame, if the rep has counted by then."""

    frame: int
    rep: int
    label: Label | None


@cache
def a_lifted_set(seed: int = 4, tokens: str = "good*5") -> Observations:
    """Return what is seen of a lifter's deadlifts from 60 degrees: five good ones, unless `tokens` says otherwise."""
    wanted = parse_tokens(tokens, EXERCISE)
    request = SetRequest(exercise=EXERCISE, tokens=wanted, fps=FPS, view_deg=60, lost=0, lifter=seed, graded=False)
    return tuple(codec.round_observation(observation) for observation in random_set(seed, request).observations)


_coach = cache(assembly.load)


@cache
def a_journal(
    seen: Observations, marks: tuple[Mark, ...] = (), *, ends: bool = True, exercise: str = EXERCISE
) -> tuple[RecordedItem, ...]:
    """Return what a run hands to its recorder, in order. ends: whether the run came to its end."""
    items: list[RecordedItem] = []
    events = EventStream(items.append, make_session_start(a_document(exercise=exercise)))
    pipeline, metrics = _coach(exercise).make_pipeline(pose="lite"), RunMetrics()
    starts_s: list[float] = []
    for observation in seen:
        items.append(observation)
        metrics.add_observation(observation)
        step = pipeline.step(observation)
        events.send_step(step, None)
        starts_s += [judged.rep.start_s for judged in step.events_of(RepCompleted)]
        for mark in marks:
            if mark.frame == observation.index and mark.rep <= len(starts_s):
                correction = None if mark.label is None else Correction(label=mark.label)
                corrected = pipeline.correct(step, correction, starts_s[mark.rep - 1])
                if corrected is not None:
                    events.send_step(corrected, None)
    if ends:
        events.send_step(pipeline.finish(), None)
        events.send_end(metrics, pipeline.log.reps)
    return tuple(items)


def journal_bytes(items: Sequence[RecordedItem], cuts: Sequence[int] = ()) -> list[tuple[str, bytes]]:
    """Return what a recorder appends, in order: a file's name, and what is added to it. cuts: where its batches end."""
    header = codec.make_record(codec.encode_header(replace(a_header(), pose_model="lite")))
    places = [0, *sorted({cut % len(items) for cut in cuts} - {0}), len(items)]
    batches = (file_contents(items[first:last]) for first, last in pairwise(places))
    return [(layout.OBSERVATIONS, header), *(part for batch in batches for part in batch.items())]


def write(
    sessions: Path,
    appended: Sequence[tuple[str, bytes]],
    *,
    began: datetime,
    profile: str | None = "anna",
    ended: bool = True,
    exercise: str = EXERCISE,
) -> Session:
    """Write a session into the folder of sessions, and return it. ended: whether session.json says so."""
    about = a_document(
        started=began.isoformat(timespec="milliseconds"),
        exercise=exercise,
        profile=profile,
        session=f"{began.isoformat()}",
        model=replace(a_document().model, pose="lite"),
    )
    folder = sessions / f"{began.strftime(layout.START_FORMAT)}-{exercise}"
    folder.mkdir(mode=0o700)
    files = dict.fromkeys((layout.OBSERVATIONS, layout.REPS, layout.CUES, layout.EVENTS, layout.LOG), b"")
    for name, content in appended:
        files[name] = files.get(name, b"") + content
    for name, content in files.items():
        (folder / name).write_bytes(content)
    session = Session(folder=folder, about=about, say=print)
    if ended:
        about = replace(about, end=replace(session.ending, early=False))
    write_private_text(folder / layout.DOCUMENT, to_json(about) + "\n")
    return Session(folder=folder, about=about, say=print)


@contextmanager
def a_home() -> Iterator[Path]:
    """A data folder and a cache of its own. Yields the folder of sessions."""
    with TemporaryDirectory() as home:
        before = os.environ["LIVECOACH_HOME"]
        os.environ["LIVECOACH_HOME"] = home
        try:
            yield sessions_of(Path(home))
        finally:
            os.environ["LIVECOACH_HOME"] = before


def what_is_known(profile: str) -> list[tuple[object, ...]]:
    """Return every rep of a lifter's reference with all that it holds."""
    knowledge = LifterReferences(Profile(profile, print), print)
    return [
        (one.session, one.day, one.set, one.number, one.start_s, one.evidence, one.path.read_bytes())
        for one in knowledge.find_reference(EXERCISE, "lite")
    ]
