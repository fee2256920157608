"""The command `clip`: writes a video of one rep, to share."""

from pathlib import Path

import click

from livecoach.cli import options
from livecoach.cli.arguments import files_in
from livecoach.cli.output import check_apart, check_writable, echo
from livecoach.cli.rep_address import RepAddress, open_rep, rep_argument
from livecoach.cli.share_bar import bar

OPTION = "--out"


@click.command()
@rep_argument
@click.option(
    OPTION,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="MP4 file to write; by default SESSION-2-4.mp4 in this folder.",
)
@click.option("--speed", type=click.FloatRange(0.1, 1), default=0.5, metavar="X", help="Speed; 1 is as fast as it was.")
@click.option("--blur-faces", is_flag=True, help="Make the lifter's face unrecognisable.")
@options.language_of("the captions")
def clip(rep: RepAddress, out: Path | None, speed: float, blur_faces: bool, language: str | None) -> None:
    """Write a video of a rep in slow motion beside your typical one.

    last:2/4 is rep 4 of set 2 of the last session, as the report names it. Both reps are shown at the same moment, and
    the video pauses where the rep differs most. A session without video gives drawn figures. The face is not blurred
    unless you ask for it, and faces in the background never are.

    Example: livecoach clip last:2/4 --out rep.mp4 --blur-faces
    """
    from livecoach import assembly
    from livecoach.report.rep_clip import write_clip

    options.settings(language=language)
    session, event = open_rep(rep)
    of_set, number = event.rep.place
    path = out or Path(f"{session.name}-{of_set}-{number}.mp4")
    check_apart(path, files_in((session.folder,)), OPTION)
    check_writable(path, OPTION)
    coach = assembly.load(session.exercise_of(event.rep), session.about.settings.false_alarms)
    with bar() as progress:
        made = write_clip(session, event.rep, coach, path, speed=speed, without_faces=blur_faces, progress=progress)
    if made.beside is None:
        options.say(
            f"{session.name}:{event.rep.name}: shown alone, because there is no good rep of this view to compare with"
        )
    if not made.filmed:
        options.say("drawn figures: the session has no video. `livecoach live --record` keeps it.")
    echo(path)
