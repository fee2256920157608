"""Compares the verdicts and cues of a replay with those of the live session."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from rich.console import Console

from livecoach import __version__, assembly, documents
from livecoach.config import exercise
from livecoach.documents import AUTO, CueEvent, Event, ModelDocument, RepEvent, UsedExercise
from livecoach.model_files import model_folder
from livecoach.session.stored import Session
from livecoach.types import Rep

LOST_S = 1.0
"""Time at the end of a session that a kill may have lost."""


@dataclass
class ReplayedEvents:
    """Reps and cues of a replay."""

    reps: list[RepEvent] = field(default_factory=list)
    cues: list[CueEvent] = field(default_factory=list)
    last_t_s: float = 0.0
    """Time of the last event."""

    def event(self, event: Event) -> None:
        """Take an event."""
        self.last_t_s = event.t_s
        if isinstance(event, RepEvent):
            self.reps.append(event)
        elif isinstance(event, CueEvent):
            self.cues.append(event)


def print_comparison(
    session: Session, now: ReplayedEvents, given: Sequence[str], *, whole: bool, to_stderr: bool
) -> None:
    """Print whether the replay equals the live session; with `whole`, also each difference.

    given: options that override the session's own settings.
    """
    console = Console(stderr=to_stderr, highlight=False)
    changed = differences(session, now)
    told = f"{_count(len(session.reps), 'rep')}, {_count(len(session.cues), 'cue')}"
    other = ", ".join([*changed_versions(session), *given])
    if not changed:
        though = f", although {other}" if other else ""
        console.print(f"identical to the live session, byte for byte: {told}{though}", soft_wrap=True)
        return
    because = other or "model, exercise and version are unchanged"
    more = "" if whole else " `--compare` lists them."
    console.print(f"{_count(len(changed), 'difference')} from the live session ({because}).{more}", soft_wrap=True)
    if whole:
        for line in changed:
            console.print(f"  {line}", soft_wrap=True, markup=False)


def changed_versions(session: Session) -> list[str]:
    """Return what has changed since the recording: models, exercises, version."""
    about, found = session.about, []
    given = UsedExercise(name=about.exercise, exercise_sha256=about.exercise_sha256, model=about.model)
    used = {then.name: then for then in about.recognisable} or {given.name: given}
    if about.exercise == AUTO:
        found += _changed(about.model, assembly.recognition_model(about.model.pose))
    for then in (used[name] for name in session.exercises if name in used):
        found += _changed(then.model, assembly.load(then.name).model(about.model.pose))
        rules = model_folder.sha256(exercise.folder() / f"{then.name}.yaml")
        if then.exercise_sha256 not in {rules, ""}:  # not known of a session whose session.json is damaged
            found.append(f"{then.name}.yaml has changed")
    if __version__ != about.livecoach:
        found.append(f"livecoach {about.livecoach} then")
    return found


def _changed(then: ModelDocument, now: ModelDocument) -> list[str]:
    return [] if now.sha256 == then.sha256 else [f"model {then.version} then, {now.version} now"]


def differences(session: Session, now: ReplayedEvents) -> list[str]:
    """Return a line for each rep and cue that is not byte-identical."""
    # A session that was cut off, or not recorded to its end, lacks its last events; its last second is incomplete.
    end = session.about.end
    torn = end is None or end.early or end.stopped is not None
    until_s = now.last_t_s - LOST_S if torn else float("inf")
    reps = ([one.rep for one in told if one.t_s <= until_s] for told in (session.reps, now.reps))
    cues = ([one for one in told if one.t_s <= until_s] for told in (session.cues, now.cues))
    return [*_reps(*reps), *_cues(*cues)]


def _reps(then: Sequence[Rep], now: Sequence[Rep]) -> Iterator[str]:
    """Match reps by time, because one rep more or less changes the numbers of all that follow."""
    left = list(now)
    for rep in then:
        same = next((other for other in left if other.start_s <= rep.turn_s <= other.end_s), None)
        if same is None:
            yield f"rep {rep.name} at {rep.start_s:.1f} s: {_verdict(rep)} then, not counted now"
            continue
        left.remove(same)
        if _bytes(rep) != _bytes(same):
            yield f"rep {rep.name} at {rep.start_s:.1f} s: {_what(rep, same)}"
    for rep in left:
        yield f"rep at {rep.start_s:.1f} s: not counted then, {_verdict(rep)} now"


def _what(then: Rep, now: Rep) -> str:
    before, after = _verdict(then), _verdict(now)
    if before != after:
        return f"{before} then, {after} now"
    names = [name for name in documents.plain(then) if documents.plain(then)[name] != documents.plain(now)[name]]
    return f"{before} both times; {', '.join(names)} differ{'s' if len(names) == 1 else ''}"


def _verdict(rep: Rep) -> str:
    """ "anomalous (.93: hips early)"."""
    score = [] if rep.score is None else [f"{rep.score:.2f}"]
    told = ", ".join([*score, *(fault.name.replace("_", " ") for fault in rep.faults)])
    return f"{rep.verdict} ({told})" if told else rep.verdict


def _cues(then: Sequence[CueEvent], now: Sequence[CueEvent]) -> Iterator[str]:
    before, after = ({_bytes(cue): cue for cue in cues} for cues in (then, now))
    gone = [(cue.t_s, f"“{cue.text}” then, not now") for key, cue in before.items() if key not in after]
    new = [(cue.t_s, f"“{cue.text}” now, not then") for key, cue in after.items() if key not in before]
    for t_s, what in sorted(gone + new):
        yield f"cue at {t_s:.1f} s: {what}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _bytes(told: Rep | CueEvent) -> str:
    """Return the JSON of a rep or cue, without its latency."""
    return documents.to_json(replace(told, latency_ms=None) if isinstance(told, CueEvent) else told)
