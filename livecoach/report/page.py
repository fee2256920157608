"""Makes the report of a stored session: one HTML page, in the order in which a coach reads it.

A session of several exercises has a part for each, with its own model, reference and faults.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from livecoach import assembly
from livecoach.assembly import Coach
from livecoach.charts import template
from livecoach.documents.session import RecordedSource
from livecoach.errors import ConfigError, ModelError
from livecoach.language import clock
from livecoach.plot import inline_script
from livecoach.rep.tempo import TYPICAL_HEIGHT_CM
from livecoach.report import visibility, words
from livecoach.report.content import ReportContent, gather
from livecoach.report.exercise_part import ReportInput, exercise_part
from livecoach.report.forms import RUNNING, Place, report_forms
from livecoach.report.pictures import ReportPictures
from livecoach.report.words import rep_and_set_counts
from livecoach.session import layout
from livecoach.session.metrics import too_slow_words
from livecoach.session.stored import Session, open_session
from livecoach.types.callbacks import ignore
from livecoach.types.message import Message, capital, counted, joined, same_text

UNKNOWN = "No exercise"
"""Title of a session in which no exercise was recognised."""
COUNTS = ("good", "to look at", "not judged")
"""Labels of the numbers of good, anomalous and unsure reps."""
MOST_CAMERAS = 64
"""Cameras numbered from here on keep the name that was stored; our choice."""
MARKER = '<meta name="generator" content="livecoach report">'
"""Line near the top of a page that identifies it as a report."""
TEMPLATE = Path(__file__).with_name("report.html.j2")


def header(session: Session, content: ReportContent, exercises: Sequence[str]) -> dict[str, Any]:
    """Return what the header shows. exercises: their titles, in order."""
    about, reps = session.about, content.reps
    verdicts = [entry.rep.verdict for entry in reps]
    who = "" if about.profile is None else Message("{name}", name=about.profile)
    what = rep_and_set_counts(len(reps), len(content.sets))
    said = sum(entry.judged is not None for entry in (*reps, *content.not_counted))
    corrected = counted(said, "1 corrected by you", "{n} corrected by you") if said else ""
    badges: list[str] = []
    if about.source.synthetic:
        badges.append("synthetic lifter: nobody was filmed")
    if layout.is_recording(session.folder):
        badges.append("still being recorded")
    elif session.cut_off:
        badges.append("cut off early: the recording has no end")
    too_slow = too_slow_words(content.slow, content.frames.read, content.frames.dropped)
    if too_slow is not None:
        badges.append(too_slow)
    numbers = verdicts.count("good"), verdicts.count("anomalous"), verdicts.count("unsure")
    counts = tuple(zip(("good", "wrong", "unsure"), numbers, COUNTS, strict=True))
    return {
        "title": joined(", ", *exercises) or UNKNOWN,
        "when": day_and_time(session.started, "%A", "%B"),
        "line": joined(" · ", who, what, corrected, Message("{time} long", time=clock(content.duration_s))),
        "badges": tuple(map(capital, badges)),
        "counts": tuple(count for count in counts if count[1]),
    }


def session_facts(session: Session, content: ReportContent) -> Sequence[tuple[str, str]]:
    about, frames = session.about, content.frames
    source = about.source
    digest = "" if about.pose_sha256 is None else Message("digest {name}", name=about.pose_sha256)
    lines = [
        ("Session", session.folder.name),
        (
            "Recorded",
            Message(
                "{name}, {time} long",
                name=f"{session.started:%Y-%m-%d %H:%M:%S %z}",
                time=clock(content.duration_s),
            ),
        ),
        ("Source", _source(source)),
        (
            "Frames",
            Message(
                "{n} analysed, a person in {n2}; {n3} dropped",
                n=frames.read,
                n2=frames.with_pose,
                n3=frames.dropped,
            ),
        ),
        ("Video", _video(session)),
        *_models(session),
        ("Pose", joined(", ", Message("{name}", name=about.model.pose), digest)),
        ("Good reps known at the start", str(len(about.reference))),
        ("Settings", _settings(about.settings.false_alarms, about.settings.height_cm, learn=about.settings.learn)),
        ("livecoach", about.livecoach),
    ]
    if about.end is not None and about.end.stopped:
        lines.insert(5, ("Recording", about.end.stopped))
    return lines


def _models(session: Session) -> Sequence[tuple[str, str]]:
    """Return the models that recognised and judged the reps, with their digests."""
    about = session.about
    used = {one.name: one.model for one in about.recognisable}
    judges = [used[name] for name in session.exercises if name in used]
    named = [("Recognised by" if used else "Judged by", about.model), *(("Judged by", model) for model in judges)]
    facts = []
    for what, model in named:
        trained = "trained on synthetic motion only" if model.synthetic else ""
        name = Message("{name}", name=f"{model.name} {model.version}")
        facts += [(what, joined(", ", name, trained)), ("Model digest", model.sha256)]
    return facts


def day_and_time(started: datetime, weekday: str, month: str) -> Message:
    """Return a date and time in words: "Monday, 1 June 2026, 18:00". weekday, month: as in strftime."""
    return Message(
        "{text}, {n} {text2} {name}, {time}",
        text=f"{started:{weekday}}",
        n=started.day,
        text2=f"{started:{month}}",
        name=f"{started:%Y}",
        time=f"{started:%H:%M}",
    )


def _source(source: RecordedSource) -> str:
    """Return the name, the size and the frame rate of a source."""
    fps = "" if source.fps is None else Message("{n} frames per second", n=f"{source.fps:.3g}")
    name = same_text(source.name, (Message("camera {n}", n=number) for number in range(MOST_CAMERAS)))
    if not isinstance(name, Message):
        name = Message("{name}", name=name)
    if source.synthetic:
        name = Message("{text} (synthetic lifter)", text=name)
    return joined(", ", name, Message("{name}×{name2}", name=source.width, name2=source.height), fps)


def _settings(false_alarms: float, height_cm: float | None, *, learn: bool) -> str:
    length = Message("{n} cm", n=f"{TYPICAL_HEIGHT_CM if height_cm is None else height_cm:g}")
    known = "height not given: distances are estimates for {text}" if height_cm is None else "{text} tall"
    learning = "learns from your good reps" if learn else "does not learn"
    alarms = Message("{n} % of good reps may raise a false alarm", n=f"{100 * false_alarms:g}")
    return joined("; ", alarms, Message(known, text=length), learning)


def _video(session: Session) -> str:
    if session.video is None:
        return Message("none: drawn figures replace it")
    end = session.about.end
    if end is None or end.video is None:
        return Message("yes")
    left_out = end.video.left_out
    return joined(
        "; ",
        Message("{n} frames", n=end.video.frames),
        Message("{n} skipped, as encoding fell behind", n=left_out) if left_out else "",
        "" if session.video_damage is None else "damaged since",
    )


def make_report(
    folder: Path,
    say: Callable[[str], object],
    *,
    blur_faces: bool = False,
    served: Place | None = None,
    progress: Callable[[str, float], object] = ignore,
) -> str:
    """Return the report of a session as HTML.

    say: called with a line about each damaged part, which the report lists too. served: where the page is served, with
    forms that change the session unless it is being recorded; None for a page in a file. progress: called with the
    current task and its progress, 0…1. Raises SessionError if the folder contains no readable session, ConfigError or
    ModelError if one of its exercises can't be loaded.
    """
    damage: list[str] = []

    def report_damage(line: str) -> None:
        say(line)
        damage.append(line)

    session = open_session(folder, report_damage)
    coaches = {name: _coach(session, name) for name in session.exercises}
    if session.video_damage is not None:
        report_damage(f"the video is damaged: {session.video_damage}")
    with ReportPictures(session, without_faces=blur_faces) as pictures:
        progress("reading", 0.0)
        content = gather(session)
        done = count(1)
        report = ReportInput(
            session=session,
            coaches=coaches,
            content=content,
            pictures=pictures,
            damage=damage,
            rep_done=lambda: progress("drawing the reps", next(done) / len(content.reps)),
        )
        return render_page(report, served)


def _coach(session: Session, exercise: str) -> Coach:
    """Return the coach of one of the session's exercises. Raises ConfigError or ModelError, which names the session."""
    try:
        return assembly.load(exercise, session.about.settings.false_alarms)
    except (ConfigError, ModelError) as err:
        raise type(err)(f"session {session.name}: {err}") from err


def render_page(report: ReportInput, served: Place | None = None) -> str:
    """Return the HTML of a report. served: as for `make_report`."""
    content = report.content
    running = layout.is_recording(report.session.folder)
    parts = [exercise_part(report, name) for name in report.coaches]
    fields = {
        "session": report.session.name,
        "served": served,
        "commands": served is None and layout.is_listed(report.session.folder),
        "running": RUNNING if served and running else None,
        "forms": report_forms(report.session) if served and not running else None,
        "top": header(report.session, content, [part["title"] for part in parts]),
        "parts": parts,
        "partials": [] if parts else [words.partial_words(one, None) for one in content.partials],
        "warnings": visibility.warnings(report.session.events),
        "filmed": any(part["duo"] is not None and part["duo"].filmed for part in parts),
        "script": inline_script(),
        "about": session_facts(report.session, content),
        # Without the folder's path: pages are passed on to other people.
        "damage": list(dict.fromkeys(line.replace(f"{report.session.folder}/", "") for line in report.damage)),
    }
    return template(TEMPLATE).render(fields)
