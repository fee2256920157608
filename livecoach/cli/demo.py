"""The command `livecoach demo`, which runs the shipped synthetic clip, describes it, and shows its report."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from livecoach.cli import options
from livecoach.cli.output import check_writable, echo, open_page
from livecoach.core.config.paths import assets_dir, user_cache_dir
from livecoach.core.errors import LivecoachError
from livecoach.core.language import translate
from livecoach.core.types.message import Message, join_texts, quantity_words
from livecoach.decisions.judging.wording import fault_words
from livecoach.feedback.window import Window
from livecoach.lab.truth import BAD, TrueRep, read_truth
from livecoach.run.process import say, suspend_garbage_collection

CLIP = "demo.mp4"
STAYS_S = 20.0
"""Seconds for which the clip's last picture stays in the window. 10 s after the last rep, the loop of the three reps
to confirm begins; it plays four times."""
PAGE = "demo.html"  # Name of the report, which replaces the report of the previous demo


def truth_line(reps: Sequence[TrueRep]) -> str:
    """Describe rendered deadlifts in a line, such as "5 reps; rep 4 is bad (hitch); all others are good"."""
    shown = {
        number: [fault_words(name, "deadlift") for name, size in rep.severities.items() if size >= BAD]
        for number, rep in enumerate(reps, 1)
    }
    bad = [
        Message("rep {n} is bad ({text})", n=number, text=join_texts(", ", *faults))
        for number, faults in shown.items()
        if faults
    ]
    good = ["all others are good" if bad else "all are good"] if len(bad) < len(reps) else []
    return join_texts("; ", quantity_words(len(reps), "1 rep", "{n} reps"), *bad, *good)


@click.command()
@options.pose
@options.output_options
def demo(no_window: bool, events: str | None, verbose: bool, **overrides: object) -> None:
    """Play the demo clip as if live.

    The demo needs no camera, screen or sound, and uses them where it can. The clip is synthetic: a rendered lifter does
    three good deadlifts, a bad one and a good one. Then the window shows the summary of the set, and asks about a loop
    of three reps whether these are your good reps. At the end, the demo prints which reps the clip contains, and opens
    the report in the browser. The set does not appear among your sessions.

    Example: livecoach demo
    """
    settings = options.use_settings(exercise="deadlift", **overrides)
    check_writable(events, "--events", apart_from=(assets_dir() / CLIP,))
    window = None if no_window else Window()
    with suspend_garbage_collection():
        from livecoach.run.replay import RunEvents, replay_file
        from livecoach.run.run_options import RunOptions
    run_events = RunEvents()
    with tempfile.TemporaryDirectory(prefix="livecoach-demo-", ignore_cleanup_errors=True) as above:
        how = RunOptions(
            settings=replace(settings, mirror=False),
            records=True,
            sessions_in=Path(above),
            synthetic=True,
            window=window,
            events=events,
            on_event=run_events.add,
            verbose=verbose,
        )
        replay_file(assets_dir() / CLIP, how, None, speed=1.0, stays_s=STAYS_S)
        if window is not None:
            window.hide()
        shown = [rep for rep in read_truth(assets_dir() / CLIP).reps if rep.end_s <= run_events.last_t_s]
        if shown:
            line = translate(Message("What the clip holds: {text}.", text=truth_line(shown)))
            click.echo(f"\n{line}", err=events == "-")
        session = max(Path(above).iterdir(), default=None)
        if session is not None and run_events.reps:
            _report(session, opens=not no_window, to_stderr=events == "-")


def _report(session: Path, *, opens: bool, to_stderr: bool) -> None:
    from livecoach.cli.progress import progress_bar
    from livecoach.core.config.files import write_private_text
    from livecoach.pages.report.report_page import make_report

    try:
        path = user_cache_dir() / PAGE
        with progress_bar() as progress:
            page = make_report(session, say, progress=progress)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private_text(path, page)
    except OSError as err:
        say(f"no report of the demo: {err.filename or session} can't be written ({err.strerror}).")
        return
    except LivecoachError as err:
        say(f"no report of the demo: {err}")
        return
    line = "Its report: {name} (not among your sessions; the next demo replaces it)"
    echo(Message(line, name=str(path)), err=to_stderr)
    if opens:
        open_page(path, print_place=False)
