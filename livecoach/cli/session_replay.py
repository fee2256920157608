"""Replays a session: in a window as it was live, or every frame of it, with a comparison to the live verdicts."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console

from livecoach import __version__
from livecoach.cli import options, wiring
from livecoach.cli.arguments import files_in, open_profile, session_named
from livecoach.cli.options import say
from livecoach.cli.output import check_writable, number_of
from livecoach.cli.run import FileReplay
from livecoach.cli.session_recording import PoseModelId, RecordingRequest, open_event_lines, rules_sha256
from livecoach.cli.wiring import RunLifter, lifter_of_profile, lifter_of_session
from livecoach.core import documents
from livecoach.core.config import Settings
from livecoach.core.documents import (
    AUTO,
    CueEvent,
    Event,
    ModelDocument,
    RepEvent,
    StandardsEvent,
    UsedExercise,
    WithdrawnEvent,
)
from livecoach.core.errors import SessionError, SourceError
from livecoach.core.loads import load_words
from livecoach.core.types import Rep, Step
from livecoach.core.types.message import in_words
from livecoach.decisions import assembly
from livecoach.decisions.rep.depth import BOTTOM_S
from livecoach.feedback.depth_line import depth_line
from livecoach.feedback.display_state import PlaybackMark
from livecoach.feedback.window import Window
from livecoach.records.session.amending import Corrector
from livecoach.records.session.events import EventStream
from livecoach.records.session.lifter_events import RecordedChoices, RecordedCorrections
from livecoach.records.session.metrics import RunMetrics
from livecoach.records.session.rep_choice import standing
from livecoach.records.session.stored import Session, open_session
from livecoach.records.session.video import SessionPictures
from livecoach.run.feed import deferred_feed
from livecoach.run.player import Player, StepCache
from livecoach.run.rest_replay import RestReplay

LOST_S = 1.0  # how much of the end of a session may be lost when its process is killed
LOST = "the screen is gone or does not answer: the replay ends here"
OVER = ("exercise", "profile", "learn", "height", "depth", "count")  # options that affect verdicts


@dataclass
class ReplayedEvents:
    """Reps and cues of a replay."""

    reps: list[RepEvent] = field(default_factory=list)
    cues: list[CueEvent] = field(default_factory=list)
    last_t_s: float = 0.0

    def event(self, event: Event) -> None:
        self.last_t_s = event.t_s
        if isinstance(event, RepEvent | WithdrawnEvent):
            self.reps = standing([*self.reps, event])
        elif isinstance(event, CueEvent):
            self.cues.append(event)


def open_if_session(given: Path) -> Session | None:
    """Open the session that the argument names; None if it names a file. Raises SessionError."""
    if os.path.isfile(given):
        return None
    folder = given if os.path.isdir(given) else session_named(given)
    return None if folder is None else open_session(folder, say)


def replay_settings(session: Session, given: dict[str, object]) -> Settings:
    """Return the settings that judged the session, overridden by the given options."""
    about = session.about
    then = options.settings(**{"exercise": about.exercise, **{k: v for k, v in given.items() if v is not None}})
    learn = about.settings.learn if given.get("learn") is None else then.learn
    height_cm = about.settings.height_cm if given.get("height") is None else then.height_cm
    return replace(
        then,
        false_alarms=about.settings.false_alarms,
        height_cm=height_cm,
        learn=learn,
        standards=then.standards if chooses_standards(given) else about.settings.standards,
    )


def chooses_standards(given: dict[str, object]) -> bool:
    return any(given.get(name) is not None for name in ("depth", "count"))


def replay(session: Session, how: FileReplay, given: dict[str, object], *, loop: bool, compare: bool) -> None:
    """Replay a session. given: options of the command line that override its settings. loop: begin again at the end.
    compare: list each difference from the live session."""
    settings = replay_settings(session, given)
    check_writable(how.events, "--events", apart_from=files_in((session.folder,)))
    lifter = lifter_of_session(session)
    if given.get("profile") is not None:
        profile = open_profile(settings.profile)
        of_profile = lifter_of_profile(profile, session.about.session)
        lifter = replace(
            of_profile, keeper=None, corrections=lifter.corrections, events=lifter.events, logged=lifter.logged
        )
    if chooses_standards(given):
        lifter = replace(lifter, events=[one for one in lifter.events if not isinstance(one, StandardsEvent)])
    window = Window() if how.window and how.speed is not None else None
    showing = wiring.DisplayOptions(
        window=window,
        mirror=how.mirror,
        plan=how.plan,
        synthetic=session.about.source.synthetic,
        silent=how.speed is None,
        verbose=how.verbose,
    )
    if how.speed is not None and not how.record and _played(session, how, settings, lifter, showing, loop=loop):
        return
    replayed = ReplayedEvents()
    _run(session, how, settings, lifter, replace(showing, window=window if how.record else None), replayed)
    if how.speed is None:
        over = [f"{name} {value} now" for name, value in given.items() if name in OVER and value is not None]
        print_comparison(session, replayed, over, whole=compare, to_stderr=how.events == "-")


def _run(
    session: Session,
    how: FileReplay,
    settings: Settings,
    lifter: RunLifter,
    showing: wiring.DisplayOptions,
    replayed: ReplayedEvents,
) -> None:
    """Run the session as if live, through the capture, or every frame of it."""
    about = session.about
    with ExitStack() as unused:
        source = unused.enter_context(closing(session.frames(pictures=how.record)))
        wiring.LiveSession(
            settings=settings,
            open_feed=deferred_feed(unused, source, settings, how.speed),
            events=how.events,
            lifter=lifter,
            showing=showing,
            pose_of=_pose_model(session),
            recording=RecordingRequest(session=about.session, video=True, synthetic=about.source.synthetic)
            if how.record
            else None,
            on_event=replayed.event,
        ).run()


def _played(
    session: Session,
    how: FileReplay,
    settings: Settings,
    lifter: RunLifter,
    showing: wiring.DisplayOptions,
    *,
    loop: bool,
) -> bool:
    """Play the session in a window. Returns False if no window can be opened, or none is wanted."""
    with ExitStack() as stack:
        coach = assembly.load_run(settings.exercise, settings.false_alarms)
        screen = wiring.open_screen(stack, coach, settings, showing, LOST)
        if screen is None:
            return False
        sound = stack.enter_context(closing(wiring.make_sound(settings, showing.silent)))
        sound.start()
        start = wiring.session_start(coach, session.about.source.name, lifter, _pose_model(session))
        events = EventStream(open_event_lines(stack, how.events), start)
        tally = RunMetrics()

        def on_step(step: Step) -> None:
            tally.add(step.observation)
            events.step(step, None)

        frames = stack.enter_context(closing(session.frames()))
        reference = [rep for _, rep in lifter.reference(coach.coaches, session.about.model.pose)]
        pipeline = coach.pipeline(
            reference,
            learn=settings.learn,
            height_cm=settings.height_cm,
            standards=settings.standards,
            pose=session.about.model.pose,
        )
        steps = StepCache(
            frames.payloads(),
            pipeline,
            on_step,
            RecordedCorrections(lifter.corrections),
            RecordedChoices(lifter.events),
            wiring.rested_plan(showing.plan, settings),
            RestReplay(coach.coaches),
            settings.standards,
        )
        if not len(steps):
            raise SessionError(f"{session.folder}: contains no observations, so there is nothing to replay.")
        pictures = _pictures(stack, session)
        marks = tuple(_mark(event.rep, steps, session) for event in session.corrected_reps)
        stack.callback(lambda: events.end(tally))
        Player(
            steps,
            marks,
            pictures,
            screen=screen,
            sound=sound,
            say=say,
            speed=how.speed or 1.0,
            loop=loop,
            correct=Corrector(session).keyed,
            profile=lifter.name,
            loads={
                number: load_words(log.load_kg, settings.units)
                for number, log in session.set_logs.items()
                if log.load_kg is not None
            },
        ).run()
    return True


def _mark(rep: Rep, steps: StepCache, session: Session) -> PlaybackMark:
    line = depth_line(rep, steps.seen(rep.turn_s - BOTTOM_S, rep.turn_s + BOTTOM_S), session.standards_of(rep))
    return PlaybackMark(rep.start_s, rep.end_s, rep.standing_verdict if rep.counts else None, line)


def _pictures(stack: ExitStack, session: Session) -> SessionPictures | None:
    """Open the session's video; None without one. If it can't be read, report that and return None."""
    if session.video is None:
        return None
    if session.video_damage is not None:
        say(session.video_damage)
    try:
        return stack.enter_context(closing(SessionPictures(session.video)))
    except SourceError as err:
        say(f"{err} The session is shown without pictures.")
        return None


def _pose_model(session: Session) -> PoseModelId:
    return PoseModelId(name=session.about.model.pose, sha256=session.about.pose_sha256)


def print_comparison(
    session: Session, now: ReplayedEvents, given: Sequence[str], *, whole: bool, to_stderr: bool
) -> None:
    """Print whether the replay equals the live session; `whole`: each difference. given: options that override it."""
    console = Console(stderr=to_stderr, highlight=False)
    changed = differences(session, now)
    counts = f"{number_of(len(session.reps), 'rep')}, {number_of(len(session.cues), 'cue')}"
    other = ", ".join([*changed_versions(session), *given])
    if not changed:
        though = f", although {other}" if other else ""
        console.print(f"identical to the live session, byte for byte: {counts}{though}", soft_wrap=True)
        return
    because = other or "model, exercise and version are unchanged"
    more = "" if whole else " `--compare` lists them."
    console.print(f"{number_of(len(changed), 'difference')} from the live session ({because}).{more}", soft_wrap=True)
    if whole:
        for line in changed:
            console.print(f"  {line}", soft_wrap=True, markup=False)


def changed_versions(session: Session) -> list[str]:
    about, changed = session.about, []
    given = UsedExercise(name=about.exercise, exercise_sha256=about.exercise_sha256, model=about.model)
    used = {then.name: then for then in about.recognisable} or {given.name: given}
    if about.exercise == AUTO:
        changed += _changed(about.model, assembly.recognition_model(about.model.pose))
    for then in (used[name] for name in session.exercises if name in used):
        changed += _changed(then.model, assembly.load(then.name).model(about.model.pose))
        if then.exercise_sha256 not in {rules_sha256(then.name), ""}:  # empty if session.json is damaged
            changed.append(f"{then.name}.yaml has changed")
    if __version__ != about.livecoach:
        changed.append(f"livecoach {about.livecoach} then")
    return changed


def _changed(then: ModelDocument, now: ModelDocument) -> list[str]:
    return [] if now.sha256 == then.sha256 else [f"model {then.version} then, {now.version} now"]


def differences(session: Session, now: ReplayedEvents) -> list[str]:
    """Return a line for each rep and cue that is not byte-identical."""
    # A session without a recorded end lacks its last events; its last second is incomplete.
    torn = session.cut_off or session.ending.stopped is not None
    until_s = now.last_t_s - LOST_S if torn else float("inf")
    reps = ([one.rep for one in events if one.t_s <= until_s] for events in (session.reps, now.reps))
    cues = ([one for one in events if one.t_s <= until_s] for events in (session.cues, now.cues))
    return [*_rep_differences(*reps), *_cue_differences(*cues)]


def _rep_differences(then: Sequence[Rep], now: Sequence[Rep]) -> Iterator[str]:
    """Match reps by time, because an extra or missing rep changes the numbers of all later ones."""
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
    reasons = ", ".join([*score, *(in_words(fault.name) for fault in rep.faults)])
    return f"{rep.verdict} ({reasons})" if reasons else rep.verdict


def _cue_differences(then: Sequence[CueEvent], now: Sequence[CueEvent]) -> Iterator[str]:
    before, after = ({_bytes(cue): cue for cue in cues} for cues in (then, now))
    gone = [(cue.t_s, f"“{cue.text}” then, not now") for key, cue in before.items() if key not in after]
    new = [(cue.t_s, f"“{cue.text}” now, not then") for key, cue in after.items() if key not in before]
    for t_s, what in sorted(gone + new):
        yield f"cue at {t_s:.1f} s: {what}"


def _bytes(value: Rep | CueEvent) -> str:
    """Return the JSON of a rep or cue, without its latency."""
    return documents.to_json(replace(value, latency_ms=None) if isinstance(value, CueEvent) else value)
