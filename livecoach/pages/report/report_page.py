"""Makes the report of a lifter's session, as an HTML page in the order in which a coach reads it.

A session with several lifters has a page for each. Each exercise has a part of the page, with its model, reference and
faults. A served page has forms: this module fills them, and parses the fields that they send. The parsing functions
raise ConfigError for a value that is not valid.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from livecoach.core import language
from livecoach.core.charts import load_template
from livecoach.core.config import load_settings
from livecoach.core.errors import ConfigError, ModelError
from livecoach.core.language import format_duration
from livecoach.core.loads import UNIT, from_kg, parse_load, parse_rpe
from livecoach.core.step import RepCompleted
from livecoach.core.types import Correction, Rep, SetLog, ignore
from livecoach.core.types.bounds import NO_PROFILE, lifter_suffix
from livecoach.core.types.message import Message, capitalise, escape_input, join_texts, quantity_words
from livecoach.decisions import assembly
from livecoach.decisions.assembly import TrainedExercise
from livecoach.decisions.coaching.rep_figures import REP_LABELS, count_forms, label_counts
from livecoach.decisions.judging.primary import shortcomings
from livecoach.decisions.judging.wording import fault_cue, fault_words
from livecoach.decisions.rep.measures import load_faults
from livecoach.feedback.two_reps import RepComparer
from livecoach.pages import offered
from livecoach.pages.addresses import report_link
from livecoach.pages.history import history_words as figures
from livecoach.pages.history.history_figures import returned_fault_notes_in_session
from livecoach.pages.history.session_index import load_parts_before
from livecoach.pages.plot import inline_script
from livecoach.pages.report import report_words, visibility_words
from livecoach.pages.report.content import ReportContent, read_report_content
from livecoach.pages.report.overview import Overview, SessionFault, make_overview, undetected_faults_words
from livecoach.pages.report.plots import draw_curves, draw_rep_plots
from livecoach.pages.report.report_pictures import Comparisons, LifterFigure, ReportPictures
from livecoach.pages.report.report_words import rep_and_set_counts
from livecoach.pages.report.set_sections import load_facts, set_section
from livecoach.records.session import layout
from livecoach.records.session.amending import LABEL_WORDS, UNDO_WORD, find_fault, parse_note, parse_optional
from livecoach.records.session.metrics import slowness_message
from livecoach.records.session.opening import open_session, select_lifter
from livecoach.records.session.session_set import last_plan, plan_from_sets
from livecoach.records.session.stored import Session

SCRIPT = Path(__file__).parents[1] / "forms.js"  # Script of pages with forms
PageServer = Literal["home", "phone"]
"""Server of a page: "home" is `livecoach home`; "phone" is a run that serves a phone, and lets nothing be deleted."""
RUNNING = Message(
    "This session is still running. Correct its last rep and log its last set in the window or on the remote. Change "
    "everything else with livecoach home, once the session is over."
)
"""Replaces the forms in the report of a session that is being recorded."""
ANALYSED = Message("This film is still being analysed. Load the page again when that is done.")
T = TypeVar("T")
Sent = Mapping[str, object]  # Fields that a form sent. The forms of these pages send only texts.


def _report_forms(session: Session, others: Iterable[str] = ()) -> dict[str, Any]:
    lifter, numbers = session.profile or NO_PROFILE, {event.rep.set for event in session.rep_events}
    reps_of: dict[int, list[Rep]] = {}
    for event in session.corrected_reps:
        reps_of.setdefault(event.rep.set, []).append(event.rep)
    return {
        "corrected": {number: report_words.correction_form(reps) for number, reps in reps_of.items()},
        "all_corrected": report_words.correction_form(event.rep for event in session.corrected_reps),
        "reps": {event.rep.index: event.rep for event in session.corrected_reps},
        "sets": {number: _set_form(session.set_logs.get(number, SetLog())) for number in numbers},
        "faults": {
            exercise: {name: about.words for name, about in load_faults(exercise).faults.items()}
            for exercise in session.exercises
        },
        "exercises": offered.exercise_choices(),
        "unit": UNIT[language.unit_system()],
        "lifter": lifter,
        "lifters": {name: report_words.lifter_name(name) for name in _lifters([lifter, *others])},
    }


def _lifters(profiles: Iterable[str | None]) -> list[str]:
    """Return the names of all profiles, of given lifters (None for no profile) and of the lifter in the settings."""
    names = {name or NO_PROFILE for name in profiles}
    return [*names & {NO_PROFILE}, *offered.profile_choices(load_settings({}), names)]


def _set_form(log: SetLog) -> dict[str, str]:
    """Return the log of a set as a user would type it; empty texts for missing values."""
    load_kg = None if log.load_kg is None else from_kg(log.load_kg, language.unit_system())
    return {"load": _number(load_kg), "rpe": _number(log.rpe), "note": log.note or ""}


def _number(value: float | None) -> str:
    """Format a number to a tenth, with the decimal mark of the language; empty for None."""
    return "" if value is None else language.translate(Message("{n}", n=f"{value:.1f}".removesuffix(".0")))


def parse_sent_correction(sent: Sent, exercise: str) -> Correction | None:
    """Parse a correction from a form; None if the form undoes the last correction. Raises ConfigError if invalid."""
    label, fault = sent_text(sent, "label"), sent_text(sent, "fault")
    if label == UNDO_WORD:
        return None
    if label not in LABEL_WORDS:
        raise ConfigError(f"{label!r}: not one of {', '.join(LABEL_WORDS)}.")
    return Correction(label=LABEL_WORDS[label], fault=find_fault(exercise, fault) if fault and label == "bad" else None)


def parse_sent_log(sent: Sent, before: SetLog) -> SetLog:
    """Parse the log of a set from a form. Raises ConfigError for a wrong field.

    Args:
        before: Stored log, from which unchanged fields take their values: the page may be old, and shows only tenths.
    """

    def entered(name: str, stored: T | None, parse: Callable[[str], T]) -> T | None:
        text = sent_text(sent, name)
        return stored if text == sent.get(f"{name}-was") else parse_optional(text, parse)

    units, group_mark = language.unit_system(), language.group_mark()
    try:
        return SetLog(
            load_kg=entered("load", before.load_kg, lambda text: parse_load(text, units, group_mark)),
            rpe=entered("rpe", before.rpe, parse_rpe),
            note=entered("note", before.note, parse_note),
        )
    except ValueError as err:
        raise ConfigError(*err.args) from err


def parse_sent_start(sent: Sent, session: Session) -> datetime:
    """Parse a session's new start, in its time zone, from a form. Raises ConfigError for a wrong or future time."""
    text = sent_text(sent, "started")
    try:
        started = datetime.fromisoformat(text).replace(tzinfo=session.start_time.tzinfo)
        start = layout.parse_start(started.isoformat())
    except ValueError as err:
        raise ConfigError(Message("'{name}' is not a day. Write it as 2026-11-23.", name=escape_input(text))) from err
    offered.check_past(start)
    return start


def parse_sent_profile(sent: Sent, session: Session) -> str | None:
    """Return the profile to which a form moves a set; None for no profile. Raises ConfigError for a wrong profile."""
    lifters = _lifters(session.profiles)
    fields = {field: sent_text(sent, field) for field in ("profile", "new")}
    name = offered.chosen_profile(fields, lifters)
    if not fields["new"].strip() and name not in lifters:
        raise ConfigError(offered.CHOICE_GONE)
    return None if name == NO_PROFILE else name


def sent_text(sent: Sent, name: str) -> str:
    """Return the text of a field that a form sent; empty if the field is missing or contains no text."""
    value = sent.get(name)
    return value if isinstance(value, str) else ""


def _exercise_part(
    content: ReportContent,
    trained: TrainedExercise,
    pictures: ReportPictures,
    rep_done: Callable[[], object],
    back: Sequence[str] = (),
) -> dict[str, Any]:
    session, part = content.session, content.session.select_exercise(trained.exercise.name)
    sets = part.counted_sets
    set_numbers = {str(session_set.number): session_set.lifter_set_number for session_set in session.sets}
    moved = session.reassigned_sets - {event.rep.set for event in session.rejudged_reps} - session.recounted_sets
    model, table = trained.scorer.faults, trained.scorer.faults.table
    comparer = RepComparer(table, trained.exercise.turn, session.height_of(session.profile))
    compared = Comparisons(content.attempts, comparer, pictures)
    summary = make_overview(content, table, comparer.key_moment)

    def rep_card(entry: RepCompleted) -> dict[str, Any]:
        is_telling = entry.counted.verdict == "anomalous" or shortcomings(entry.counted)
        drawn = draw_rep_plots(comparer, entry)
        card = {"seen": entry, "plots": drawn, "duo": compared.pair_with_typical(entry) if is_telling else None}
        rep_done()
        return card

    blocks = _blocks(content, summary, compared, comparer)
    cards = [rep_card(entry) for entry in content.reps]
    own = {card["seen"]: card["duo"].first for card in cards if card["duo"] is not None}
    for block in blocks:  # after the cards, whose larger figures get the stills first
        block["others"] = [_thumbnail(entry, block["fault"], own.get(entry), compared) for entry in block["others"]]
    return {
        "name": trained.exercise.name,
        "title": trained.exercise.title,
        "content": content,
        "overview": summary,
        "headline": Message("“{text}”", text=summary.headline) if summary.kind == "fault" else summary.headline,
        "blocks": blocks,
        "back": back,
        "counts": label_counts(count_forms([seen.counted for seen in content.reps])),
        "sets": [
            {
                **set_section(session_set, session.events, listed=layout.is_in_sessions_folder(session.folder)),
                "judged": report_words.describe_reference(
                    [entry for entry in content.reps if entry.counted.set == session_set.number],
                    session.profile,
                    set_numbers,
                    moved=session_set.number in moved,
                ),
            }
            for session_set in sets
        ],
        "planned": figures.planned_and_done_words(last_plan(sets), plan_from_sets(sets)),
        "loads": load_facts(part),
        "reps": cards,
        "moment": comparer.key_moment,
        "not_judged": visibility_words.describe_unjudged_reps(content.reps),
        "clean": undetected_faults_words(content, table),
        "hidden": visibility_words.describe_unchecked_faults(content.reps, model),
        "camera": visibility_words.camera_fields(
            [entry.view for entry in content.reps if entry.view is not None],
            model,
            [fault.name for fault in summary.faults],
        ),
    }


def _blocks(
    content: ReportContent, summary: Overview, compared: Comparisons, comparer: RepComparer
) -> list[dict[str, Any]]:
    """Return a block for each fault or, without faults, for the anomalous reps. The first block has a clip."""
    unlike = [entry for entry in content.reps if entry.counted.verdict == "anomalous"]
    blocks = []
    for place, fault in enumerate(summary.faults or (None,)):
        at_worst, having = (None, unlike) if fault is None else (fault.worst_measured, fault.reps)
        later = fault if place else None
        duo = compared.pair_with_typical(later.worst, at_worst) if later else compared.priority_pair(summary)
        others = [entry for entry in having if entry.counted.counts and (duo is None or entry is not duo.first_rep)]
        blocks.append(
            {
                "fault": fault,
                "duo": duo,
                "plots": () if duo is None else draw_curves(comparer, duo.first_rep, 0, at_worst),
                "others": others,
            }
        )
    return blocks


def _thumbnail(
    entry: RepCompleted, fault: SessionFault | None, own: LifterFigure | None, compared: Comparisons
) -> tuple[LifterFigure | None, Rep, bool]:
    """Return a figure of a rep at the moment of a fault, the rep, and whether the figure is the rep's `own`."""
    measured = None if fault is None else fault.measured_in(entry)
    if measured is None or measured in shortcomings(entry.counted)[:1]:
        return own, entry.counted, True
    return compared.draw_thumbnail(entry, measured), entry.counted, False


UNKNOWN = "No exercise"  # Title of a session in which no exercise was recognised
MARKER = '<meta name="generator" content="livecoach report">'
"""Line near the top of a page by which livecoach recognises its reports."""
TEMPLATE = Path(__file__).with_name("report.html.j2")


def _header(content: ReportContent, exercises: Sequence[str], running: str) -> dict[str, Any]:
    session, reps, metrics = content.session, content.reps, content.metrics
    about = session.about
    what = rep_and_set_counts(len(reps), len({entry.counted.set for entry in reps}))
    overruled = sum(entry.rep.is_overruled for entry in content.completed)
    corrected = quantity_words(overruled, "1 corrected by you", "{n} corrected by you") if overruled else ""
    badges: list[str] = []
    if about.source.synthetic:
        badges.append("synthetic lifter: nobody was filmed")
    if running:
        badges += [running] if exercises else []
    elif session.is_cut_off:
        badges.append("cut off early: the recording has no end")
    elif about.end is not None and about.end.stopped:
        badges.append(about.end.stopped)
    too_slow = slowness_message(metrics.slow.spans, metrics.t_s, [entry.counted for entry in content.completed])
    if too_slow is not None:
        badges.append(too_slow)
    return {
        "title": join_texts(", ", *exercises) or capitalise(running) or UNKNOWN,
        "when": day_and_time(session.start_time, "%A", "%B"),
        "line": join_texts(
            " · ",
            report_words.profile_label(session.profile),
            report_words.film_name(about.session, is_live=session.is_live),
            what if exercises or not running else "",
            corrected,
            Message("{time} long", time=format_duration(round(metrics.t_s))),
        ),
        "badges": tuple(map(capitalise, badges)),
    }


def day_and_time(started: datetime, weekday: str, month: str) -> Message:
    """Return a time, such as "Monday, 1 June 2026, 18:00". `weekday` and `month` are strftime's formats, like "%A"."""
    return Message(
        "{text}, {n} {text2} {name}, {time}",
        text=f"{started:{weekday}}",
        n=started.day,
        text2=f"{started:{month}}",
        name=f"{started:%Y}",
        time=f"{started:%H:%M}",
    )


def make_report(
    folder: Path,
    say: Callable[[str], object],
    *,
    lifter: str | None = None,
    blur_faces: bool = False,
    served: PageServer | None = None,
    progress: Callable[[str, float], object] = ignore,
) -> str:
    """Return the report of a lifter's session as HTML.

    Args:
        say: Called with a line about each damaged part, which the report lists too.
        lifter: Profile of the lifter, or NO_PROFILE; None for the only lifter. On a served page, None, or a lifter
            without a set, stands for the first lifter.
        served: Server of the page, which then has links to the reports of the other lifters, and forms, unless the
            session is still being recorded or analysed. None for a page in a file.
        progress: Called with the current task and its progress, 0…1.

    Raises:
        SessionError: The folder contains no readable session, the lifter has no set in it, or `lifter` is None in a
            session with several lifters.
        ConfigError, ModelError: An exercise of the session can't be loaded.
    """
    damage: list[str] = []

    def report_damage(line: str) -> None:
        say(line)
        damage.append(line)

    whole = open_session(folder, report_damage)
    lifters = {profile or NO_PROFILE: profile for profile in whole.profiles}
    if served is not None:
        lifter = lifter if lifter in lifters else next(iter(lifters))
    session = select_lifter(whole, lifter)
    is_analysed = served is not None and not session.is_live and layout.is_recording(folder)
    exercises = {name: _trained(session, name) for name in ([] if is_analysed else session.exercises)}
    if session.video_damage is not None:
        report_damage(Message("the video is damaged: {text}", text=session.video_damage))
    with ReportPictures(session, blur_faces=blur_faces) as pictures:
        progress("reading", 0.0)
        content = read_report_content(session)
        done, total = count(1), len(content.reps)
        return render_report(
            content,
            exercises,
            pictures,
            damage,
            served,
            others={
                name: report_link(whole.name, of)
                for name, of in lifters.items()
                if served is not None and of != session.profile
            },
            rep_done=lambda: progress("drawing the reps", next(done) / total),
            back=_returned_faults(session) if layout.is_in_sessions_folder(folder) else {},
        )


def _returned_faults(session: Session) -> dict[str, Sequence[str]]:
    """Return sentences about old faults of the lifter that are back in a session, by exercise."""
    before = load_parts_before(session)
    return {
        part.exercise: returned_fault_notes_in_session(
            [of.fault_counts for of in before if (of.exercise, of.profile) == (part.exercise, part.profile)], part
        )
        for part in session.parts
    }


def _trained(session: Session, exercise: str) -> TrainedExercise:
    """Load an exercise of a session. Raises ConfigError or ModelError, with the session's name, if that fails."""
    try:
        return assembly.load_exercise(exercise, session.about.settings.false_alarms)
    except (ConfigError, ModelError) as err:
        raise type(err)(f"session {session.name}: {err}") from err


def render_report(
    content: ReportContent,
    exercises: Mapping[str, TrainedExercise],
    pictures: ReportPictures,
    damage: Sequence[str] = (),
    served: PageServer | None = None,
    others: Mapping[str, str] = MappingProxyType({}),
    rep_done: Callable[[], object] = ignore,
    back: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> str:
    """Return the HTML of a report.

    Args:
        exercises: Exercises that have a part of the report, by name, in order.
        damage: A line about each damaged part of the session.
        served: Server of the page; None for a page in a file.
        others: Links to the reports of the session's other lifters, by name.
        rep_done: Called after each rep, since drawing a rep takes long.
        back: Sentences about old faults that are back, by exercise.
    """
    session = content.session
    running = report_words.running_words(session)
    parts = [
        _exercise_part(content.part_of_exercise(name), trained, pictures, rep_done, back.get(name, ()))
        for name, trained in exercises.items()
    ]
    fields = {
        "session": session.name,
        "profile": session.profile,
        "served": served,
        "commands": served is None and layout.is_in_sessions_folder(session.folder),
        # Follows the name of a rep in a command.
        "at_lifter": lifter_suffix(session.profile, is_shared=session.is_shared),
        "running": (RUNNING if session.is_live else ANALYSED) if served and running else None,
        "forms": _report_forms(session, others) if served and not running else None,
        "others": {report_words.lifter_name(name): link for name, link in others.items()},
        "top": _header(content, [part["title"] for part in parts], running),
        "parts": parts,
        "labels": [label for label in REP_LABELS if any(label in part["counts"] for part in parts)],
        # Each set then has a number.
        "several_sets": len(session.counted_sets) > 1,
        "warnings": visibility_words.describe_warnings(session.events),
        "filmed": any(
            block["duo"] is not None and block["duo"].first.picture for part in parts for block in part["blocks"]
        ),
        "has_video": (session.folder / layout.VIDEO).exists(),
        "script": inline_script(),
        "content": content,
        "words": report_words,
        "clock": format_duration,
        "fault_words": fault_words,
        "fault_cue": fault_cue,
        # The path of the folder is removed, because pages are passed on to other people.
        "damage": list(dict.fromkeys(layout.strip_folder(line, session.folder) for line in damage)),
    }
    return load_template(TEMPLATE).render(fields)
