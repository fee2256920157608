"""What `analyze` writes: its results, and which files there are then."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from livecoach.cli.annotated_output import OutputPaths
from livecoach.cli.options import say
from livecoach.cli.output import json_output
from livecoach.errors import LivecoachError

if TYPE_CHECKING:
    from livecoach.documents import Analysis


def write(
    videos: tuple[Path, ...],
    results: dict[Path, "Analysis"],
    errors: dict[Path, LivecoachError],
    json_file: str | None,
    *,
    verbose: bool,
) -> None:
    """Print the results, or write them as JSON. Raises OutputError."""
    from livecoach import documents
    from livecoach.cli.end_summary import print_analysis

    if json_file != "-":
        for video in videos:
            if video in results:
                print_analysis(results[video], verbose=verbose)
    if json_file is None or (len(videos) == 1 and errors):
        return
    document: object = results.get(videos[0])
    if len(videos) > 1:
        document = documents.Analyses(
            results=tuple(results[v] for v in videos if v in results),
            errors=tuple(documents.FailedSource(source=str(v), error=str(errors[v])) for v in videos if v in errors),
        )
    json_output(documents.to_json(document), json_file)


def say_written(outs: Iterable[OutputPaths], json_file: str | None) -> None:
    """Tell which files there are now: in a terminal, nothing else does."""
    for out in outs:
        if out.annotated is not None:
            say(f"{out.annotated}: written")
        if out.pictures is not None:
            count = sum(1 for _ in out.pictures.glob("*.png"))
            say(f"{out.pictures}: {count} picture{'' if count == 1 else 's'} written")
    if json_file not in {None, "-"}:
        say(f"{json_file}: written")
