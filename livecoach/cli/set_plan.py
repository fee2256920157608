"""Options of what the lifter plans: sets and reps, rests, and the loss of speed that ends a set."""

import click

from livecoach.cli.options import combined_options
from livecoach.coaching.set_plan import SetPlan, parse_target


def _target(_: click.Context, __: click.Parameter, text: str | None) -> tuple[int | None, int] | None:
    try:
        return None if text is None else parse_target(text)
    except ValueError as err:
        raise click.BadParameter(str(err)) from err


planned = combined_options(
    click.option("--target", metavar="SETSxREPS", callback=_target, help="Sets and reps: 5x5, or 8 for reps alone."),
    click.option(
        "--rest",
        type=click.FloatRange(1, 3600),
        metavar="SECONDS",
        help="Rest between two sets, after which a soft tone sounds.",
    ),
    click.option(
        "--stop-at-loss",
        type=click.FloatRange(5, 90),
        metavar="PERCENT",
        help="Say stop when a rep is so much slower than the fastest of its set.",
    ),
)
"""Options of the commands with a window."""


def take_plan(given: dict[str, object]) -> SetPlan:
    """Return the plan of the given options, and remove them from the others."""
    target, rest_s, percent = given.pop("target"), given.pop("rest"), given.pop("stop_at_loss")
    sets, reps = target if isinstance(target, tuple) else (None, None)
    return SetPlan(
        sets=sets,
        reps=reps,
        rest_s=rest_s if isinstance(rest_s, float) else None,
        stop_at_loss=percent / 100 if isinstance(percent, float) else None,
    )
