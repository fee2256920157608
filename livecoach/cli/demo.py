"""The command `livecoach demo`: runs the shipped synthetic clip, says what the run found, and shows its report."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from livecoach.cli import options
from livecoach.cli.output import check_writable, echo, open_page
from livecoach.core.config.paths import assets_dir, user_cache_dir
from livecoach.core.errors import LivecoachError
from livecoach.core.language import english
from livecoach.core.types import Rep
from livecoach.core.types.message import number_of
from livecoach.decisions.judging.wording import fault_words
from livecoach.feedback.window import Window
from livecoach.lab.truth import BAD, TrueRep, read_truth
from livecoach.run.process import say, without_collection

CLIP = "demo.mp4"
STAYS_S = 20.0
"""How long the clip's last picture stays in the window: until the set is over, and 10 s after its last rep its two reps
are shown, four times."""
PAGE = "demo.html"  # name of the report, which replaces that of the demo before


def lines_on(true: Sequence[TrueRep], counted: Sequence[Rep]) -> list[str]:
    """Return lines on what the clip shows by its own truth, what the run found of it, and what it could not see or
    missed; none without a rep in the clip."""
    from livecoach.pages.report.words import hidden_by  # the run has imported both by now
    from livecoach.run.summary import hidden_faults

    if not true:
        return []
    shown = [[name for name, size in rep.severities.items() if size >= BAD] for rep in true]
    bad = [f"rep {number} is bad ({', '.join(map(_called, names))})" for number, names in enumerate(shown, 1) if names]
    hidden = [f"{', '.join(names)} ({_clause(why)})" for why, names in hidden_faults(counted).items()]
    others = "good" if any(rep.form == "good" for rep in counted) else "alike"
    odd = [_found(rep) for rep in counted if rep.verdict != "good"]
    missed = []
    for number, (rep, names) in enumerate(zip(true, shown, strict=True), 1):
        found = next((one for one in counted if one.start_s <= rep.turn_s <= one.end_s), None)
        unseen = (
            {} if found is None else {one.name: f" ({_clause(hidden_by(one.reason))})" for one in found.not_visible}
        )
        known = () if found is None else found.fault_names
        missed += [f"{_called(name)} in rep {number}{unseen.get(name, '')}" for name in names if name not in known]
    lines = [
        f"What the clip holds: {_reps(len(true), bad)}.",
        f"What livecoach found: {_reps(len(counted), odd, others)}.",
    ]
    lines += [f"What it could not see: {'; '.join(hidden)}."] if hidden else []
    return [*lines, *([f"What it missed: {'; '.join(missed)}."] if missed else [])]


def _reps(count: int, bad: Sequence[str], others: str = "good") -> str:
    """Reps in words: "5 reps; rep 4 is bad (hitch); all others are good". bad: on each that is not good. others: what
    the other reps are."""
    good = [f"all others are {others}" if bad else f"all {others}"] if len(bad) < count else []
    return "; ".join([number_of(count, "rep"), *bad, *good])


def _found(rep: Rep) -> str:
    name = f"rep {rep.number}"
    if rep.verdict == "unsure":
        return f"{name} could not be judged"
    faults = (english(one.text) if one.text else _called(one.name) for one in rep.faults)
    return f"{name} is {'bad' if rep.has_reference else 'different'}: {', '.join(faults) or rep.unlike}"


def _clause(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _called(fault: str) -> str:
    return fault_words(fault, "deadlift")


@click.command()
@options.pose
@options.output_options
def demo(no_window: bool, events: str | None, verbose: bool, **given: object) -> None:
    """Run the shipped clip as if live. Needs no camera, screen or sound; shows and speaks where it can.

    The clip is synthetic: a rendered lifter does four good deadlifts and, before the last one, a bad one. In the
    window its rest follows: the summary of the set, and the bad rep beside a good one. The demo ends with what
    livecoach found and could not see, and with the report in the browser. Nothing of it is among your sessions.

    Example: livecoach demo
    """
    settings = options.settings(exercise="deadlift", **given)
    check_writable(events, "--events", apart_from=(assets_dir() / CLIP,))
    window = None if no_window else Window()
    with without_collection():
        from livecoach.run.options import RunOptions
        from livecoach.run.replay import RunEvents, replay_file
    told = RunEvents()
    with tempfile.TemporaryDirectory(prefix="livecoach-demo-", ignore_cleanup_errors=True) as above:
        how = RunOptions(
            settings=replace(settings, mirror=False),
            records=True,
            sessions_in=Path(above),
            synthetic=True,
            window=window,
            events=events,
            on_event=told.event,
            verbose=verbose,
        )
        replay_file(assets_dir() / CLIP, how, None, speed=1.0, stays_s=STAYS_S)
        if window is not None:
            window.hide()
        lines = lines_on(
            [rep for rep in read_truth(assets_dir() / CLIP).reps if rep.end_s <= told.last_t_s],
            [one.rep for one in told.reps],
        )
        if lines:
            click.echo("\n".join(["", *lines]), err=events == "-")
        session = max(Path(above).iterdir(), default=None)
        if session is not None and told.reps:
            _report(session, opens=not no_window, to_stderr=events == "-")


def _report(session: Path, *, opens: bool, to_stderr: bool) -> None:
    """Write the report of a session, and say where it lies. opens: also open it in the browser."""
    from livecoach.cli.progress import bar
    from livecoach.core.config.files import replace_private
    from livecoach.pages.report.page import make_report

    try:
        path = user_cache_dir() / PAGE
        with bar() as progress:
            page = make_report(session, say, progress=progress)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_private(path, page)
    except OSError as err:
        say(f"no report of the demo: {err.filename or session} can't be written ({err.strerror}).")
        return
    except LivecoachError as err:
        say(f"no report of the demo: {err}")
        return
    echo(f"Its report: {path} (not among your sessions; the next demo replaces it)", err=to_stderr)
    if opens:
        open_page(path, shown=False)
