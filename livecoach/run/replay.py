"""Replays files and sessions, at a speed or with every frame, and compares the result with the live session."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from livecoach import __version__
from livecoach.capture.file import VideoFile
from livecoach.capture.stored_observations import StoredObservations
from livecoach.core import documents
from livecoach.core.language import translate
from livecoach.core.types import Rep
from livecoach.core.types.message import Message, join_texts, quantity_words
from livecoach.decisions import assembly
from livecoach.decisions.coaching.rep_figures import FORMS
from livecoach.decisions.judging.wording import fault_words
from livecoach.pages.report.report_words import rep_name
from livecoach.records.knowledge import LifterReferences
from livecoach.records.profile import Profile, identify_recording
from livecoach.records.session.lifter_events import remove_withdrawn
from livecoach.records.session.stored import Session
from livecoach.run import wiring
from livecoach.run.end_screen import HomeProcess
from livecoach.run.feed import recorded_feed_opener
from livecoach.run.opened_recording import check_loss, find_filming_time, open_recording
from livecoach.run.parts import Lifter, lifter_of_profile, lifter_of_session
from livecoach.run.process import line_printer, say
from livecoach.run.run_options import RunOptions
from livecoach.run.session_recording import rules_sha256

LOST_S = 1.0  # Longest end of a session, in seconds, that is lost if its process is killed
STANDARDS = ("depth", "count")  # Options that choose standards


@dataclass
class RunEvents:
    """The cues and reps of a run, without withdrawn reps, as its events report them."""

    reps: list[documents.RepEvent] = field(default_factory=list)
    cues: list[documents.CueEvent] = field(default_factory=list)
    last_t_s: float = 0.0  # Time of the last event

    def add(self, event: documents.Event) -> None:
        """Add an event of the run."""
        self.last_t_s = event.t_s
        if isinstance(event, documents.RepEvent | documents.WithdrawnEvent):
            self.reps = remove_withdrawn([*self.reps, event])
        elif isinstance(event, documents.CueEvent):
            self.cues.append(event)


def replay_file(
    file: Path,
    options: RunOptions,
    profile: Profile | None,
    *,
    speed: float | None,
    stays_s: float = 0.0,
    filmed_at_fps: float | None = None,
) -> None:
    """Replay a file like a live run, or every frame of it as fast as possible, and show the end screen.

    Args:
        file: Path of a video or of stored observations.
        profile: Profile with the good reps that judge the recording; None for no profile.
        speed: Speed relative to the timestamps; None for every frame, as fast as possible.
        stays_s: Time for which the last picture stays in the window.
        filmed_at_fps: Frame rate of the camera; None for the rate in the file.

    Raises:
        LivecoachError: The file can't be read, the run can't continue, or, after the run, some frames were damaged.
    """
    window = options.window

    def shown_s() -> float:
        return stays_s if window is not None and window.failure_reason() is None else 0.0

    with ExitStack() as unused:
        # Opened first, so that a wrong path is reported at once.
        source = unused.enter_context(closing(open_recording(file, filmed_at_fps)))
        header = source.header if isinstance(source, StoredObservations) else None
        session = identify_recording(file, source.info.name)
        synthetic = options.synthetic or (header is not None and header.synthetic)
        if profile is not None and options.settings.learn and not options.records:
            line = "profile {name} learns nothing from this run: --record keeps a session, which teaches."
            say(Message(line, name=profile.name))
        knowledge = None if profile is None else LifterReferences(profile, say, find_filming_time(source), session)
        lifter = Lifter() if knowledge is None else lifter_of_profile(knowledge)
        wiring.run(
            replace(options, lifter=lifter, session=session, synthetic=synthetic, silent=speed is None),
            recorded_feed_opener(unused, source, options.settings, speed, shown_s),
            header or (partial(VideoFile, file, filmed_at_fps) if speed is None else None),
        )
    check_loss(file, source)
    _show_end(options)


def replay_session(
    session: Session,
    options: RunOptions,
    profile: Profile | None,
    overriding: Mapping[str, object],
    *,
    speed: float | None,
    compare: bool,
) -> None:
    """Replay a session like a live run, or all its frames as fast as possible, and show the end screen.

    After a replay of every frame, print whether its reps and cues equal the reps and cues of the live session.

    Args:
        profile: Profile with the good reps that judge the session; None for the reps that judged the live session.
        overriding: Values of the command-line options that affect verdicts, by their names.
        speed: Speed relative to the timestamps; None for every frame, as fast as possible.
        compare: Whether to list each difference from the live session, too.

    Raises:
        LivecoachError: The replay can't continue.
    """
    lifter = lifter_of_session(session)
    if profile is not None:
        of_profile = lifter_of_profile(LifterReferences(profile, say, session.start_time, session.about.session))
        lifter = replace(of_profile, events=lifter.events)
    if any(name in overriding for name in STANDARDS):
        lifter = replace(
            lifter, events=[event for event in lifter.events if not isinstance(event, documents.StandardsEvent)]
        )
    options = replace(
        options,
        lifter=lifter,
        session=session.about.session,
        synthetic=session.about.source.synthetic,
        silent=speed is None,
        replays=session if profile is None and "exercise" not in overriding else None,
    )
    shows_video = options.video or options.window is not None
    if shows_video and session.video_damage is not None:
        say(session.video_damage)
    replayed = RunEvents()
    with ExitStack() as unused:
        source = unused.enter_context(closing(session.open_frames(pictures=shows_video)))
        wiring.run(
            replace(options, on_event=replayed.add),
            recorded_feed_opener(unused, source, options.settings, speed),
            source.header,
        )
    if speed is None:
        over = [f"{name} {value} now" for name, value in overriding.items()]
        _print_comparison(session, replayed, over, whole=compare, to_stderr=options.events == "-")
    _show_end(options)


def _show_end(options: RunOptions) -> None:
    if options.end is not None and options.end.can_be_shown:
        options.end.show(HomeProcess().open)


def _print_comparison(
    session: Session, replayed: RunEvents, overriding: Sequence[str], *, whole: bool, to_stderr: bool
) -> None:
    """Print whether reps and cues equal the live session's; otherwise, `overriding` options are possible reasons."""
    print_line = line_printer(to_stderr=to_stderr)
    changed = compare_replay(session, replayed)
    reps = quantity_words(len(session.run_reps), "1 rep", "{n} reps")
    cues = quantity_words(len(session.cues), "1 cue", "{n} cues")
    other = ", ".join([*changed_versions(session), *overriding])
    if not changed:
        though = Message("although {name}", name=other) if other else ""
        same = Message("identical to the live session, byte for byte: {text}", text=join_texts(", ", reps, cues))
        print_line(translate(join_texts(", ", same, though)))
        return
    because = Message("{name}", name=other) if other else "model, exercise and version are unchanged"
    count = quantity_words(len(changed), "1 difference", "{n} differences")
    unlike = Message("{text} from the live session ({text2}).", text=count, text2=because)
    print_line(translate(join_texts(" ", unlike, "" if whole else "`--compare` lists them.")))
    if whole:
        for line in changed:
            print_line(f"  {line}")


def changed_versions(session: Session) -> list[str]:
    """Return a text for each change since a session was recorded: of a model, an exercise or livecoach itself.

    Raises:
        ConfigError: An exercise of the session is not installed any more.
        ModelError: The model of an exercise can't be used.
    """
    about, changed, used = session.about, list[str](), session.used_exercises
    if about.exercise == documents.AUTO:
        changed += _changed(about.model, assembly.recognition_model_document(about.model.pose))
    for then in (used[name] for name in session.exercises if name in used):
        changed += _changed(then.model, assembly.load_exercise(then.name).model_document(about.model.pose))
        if then.exercise_sha256 not in {rules_sha256(then.name), ""}:  # empty if session.json is damaged
            changed.append(f"{then.name}.yaml has changed")
    if __version__ != about.livecoach:
        changed.append(f"livecoach {about.livecoach} then")
    return changed


def _changed(then: documents.ModelDocument, now: documents.ModelDocument) -> list[str]:
    return [] if now.version == then.version else [f"model {then.version} then, {now.version} now"]


def compare_replay(session: Session, replayed: RunEvents) -> list[str]:
    """Compare a session with its replay, and return a line for each rep and cue that is not byte-identical.

    Latencies are not compared, nor is the last second of a session whose recording was cut off or has stopped.
    """
    # A session without a recorded end lacks its last events; its last second is incomplete.
    torn = session.is_cut_off or session.ending.stopped is not None
    until_s = replayed.last_t_s - LOST_S if torn else float("inf")
    both = session.run_reps, replayed.reps
    reps = ([event.rep for event in events if event.t_s <= until_s] for events in both)
    cues = ([event for event in events if event.t_s <= until_s] for events in (session.cues, replayed.cues))
    return [*_rep_differences(*reps), *_cue_differences(*cues)]


def _rep_differences(then: Sequence[Rep], now: Sequence[Rep]) -> Iterator[str]:
    """Yield a line for each difference. Reps are matched by time, since an extra rep changes all later numbers."""
    left = list(now)
    for rep in then:
        same = next((other for other in left if other.start_s <= rep.turn_s <= other.end_s), None)
        if same is None:
            yield f"{rep_name(rep)} at {rep.start_s:.1f} s: {_verdict(rep)} then, not counted now"
            continue
        left.remove(same)
        if _bytes(rep) != _bytes(same):
            yield f"{rep_name(rep)} at {rep.start_s:.1f} s: {_difference_words(rep, same)}"
    for rep in left:
        yield f"rep at {rep.start_s:.1f} s: not counted then, {_verdict(rep)} now"


def _difference_words(then: Rep, now: Rep) -> str:
    before, after = _verdict(then), _verdict(now)
    if before != after:
        return f"{before} then, {after} now"
    names = [
        name for name in documents.to_plain(then) if documents.to_plain(then)[name] != documents.to_plain(now)[name]
    ]
    return f"{before} both times; {', '.join(names)} differ{'s' if len(names) == 1 else ''}"


def _verdict(rep: Rep) -> str:
    """Describe the verdict of a rep, such as "to check (0.93, hips rose first)"."""
    score = [] if rep.score is None else [f"{rep.score:.2f}"]
    reasons = ", ".join([*score, *(fault_words(fault.name, rep.exercise) for fault in rep.faults)])
    label = FORMS[rep.verdict]
    return f"{label} ({reasons})" if reasons else label


def _cue_differences(then: Sequence[documents.CueEvent], now: Sequence[documents.CueEvent]) -> Iterator[str]:
    before, after = ({_bytes(cue): cue for cue in cues} for cues in (then, now))
    missing = [(cue.t_s, f"“{cue.text}” then, not now") for key, cue in before.items() if key not in after]
    new = [(cue.t_s, f"“{cue.text}” now, not then") for key, cue in after.items() if key not in before]
    for t_s, what in sorted(missing + new):
        yield f"cue at {t_s:.1f} s: {what}"


def _bytes(value: Rep | documents.CueEvent) -> str:
    """Return the JSON of a rep or cue, without its latency."""
    return documents.to_json(replace(value, latency_ms=None) if isinstance(value, documents.CueEvent) else value)
