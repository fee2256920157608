"""The command about a lifter's plan."""

from collections.abc import Iterator
from datetime import timedelta

import click

from livecoach.cli import options
from livecoach.cli.options import complete_profile
from livecoach.cli.output import echo
from livecoach.core.config import Settings, local_time
from livecoach.core.language import clock, translate
from livecoach.core.types.message import in_words
from livecoach.decisions.coaching.set_progress import plan_words
from livecoach.records.plan import Plan, plan_file, read_plan
from livecoach.records.profile import Profile
from livecoach.run.process import say


@click.command()
@click.option("--profile", metavar="P", shell_complete=complete_profile, help="Whose plan; by default yours.")
def plan(profile: str | None) -> None:
    """Show the plan of a profile, and check it.

    It is a file of the profile, plan.yaml: sets, reps, loads and rests, by week. The page that `livecoach home` opens
    fills it in. The window shows what comes next before each set; report and history show what was done beside it.

    Example: livecoach config plan --profile anna
    """
    settings = options.settings()
    name = Profile(profile or settings.profile, say).name
    planned = read_plan(name)
    if not planned.sets:
        echo(f"{name} has no plan yet: `livecoach home` has a page for it. It goes into {plan_file(name)}.")
        return
    echo("\n".join([*_lines(planned, settings), str(plan_file(name))]))


def _lines(plan: Plan, settings: Settings) -> Iterator[str]:
    today = local_time.now().date()
    for week in sorted({one.week for one in plan.sets}):
        began = None if plan.begins is None else plan.begins + timedelta(weeks=week - 1)
        since = " (every week)" if began is None else f" from {began.isoformat()}"
        yield f"week {week}{since}{', this week' if began is not None and week == plan.week(today) else ''}"
        for name, sets in plan.on(began or today, settings.units).items():
            rests = ", ".join(dict.fromkeys(clock(one.rest_s) for one in sets if one.rest_s is not None))
            words = translate(plan_words(sets, settings.units))
            yield f"  {in_words(name)}: {words}{f', rest {rests}' if rests else ''}"
