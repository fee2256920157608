"""The commands that show how livecoach works here: doctor, bench."""

from pathlib import Path

import click

from livecoach.cli.options import say
from livecoach.errors import OutputError


@click.command()
def doctor() -> int:
    """Check what works here, and say how to fix what does not.

    Checks Python, packages, system libraries, models, settings, cameras, screen and sound. The exit status is 0 if
    `livecoach live` could run (a camera aside), 1 if something that it needs is broken.

    Example: livecoach doctor
    """
    from livecoach.tools.doctor import examine, print_findings, works

    findings = examine()
    print_findings(findings)
    return 0 if works(findings) else 1


@click.command()
@click.option(
    "--seconds",
    type=click.FloatRange(2, 3600),
    default=20.0,
    show_default=True,
    metavar="S",
    help="Length of each run; there are two for each pose model. The demo clip and its five reps take 20 s.",
)
@click.option(
    "--pose",
    type=click.Choice(["lite", "full", "movenet", "mediapipe-lite", "mediapipe-full"]),
    help="Pose model; lite and full by default.",
)
@click.option("--phone", is_flag=True, help="Measure a phone as camera and screen instead.")
@click.option("--json", "json_file", metavar="FILE", help="Write the figures as JSON; - for standard output.")
def bench(seconds: float, pose: str | None, phone: bool, json_file: str | None) -> None:
    """Measure the speed of livecoach on this machine.

    bench runs the demo clip as if live, and compares frame rate, latencies to screen and ear, CPU, memory and start-up
    with the promised figures. Do not use the machine meanwhile. The report says what can't be measured here; with Xvfb,
    pulseaudio and pulseaudio-utils it measures the most.

    --phone measures `livecoach live --phone` instead: a headless Chromium on this machine is the phone, and its camera
    shows the demo clip.

    Example: livecoach bench --pose lite --json bench.json
    """
    from livecoach import documents
    from livecoach.tools.bench import measure
    from livecoach.tools.bench_report import document, print_report

    if json_file is not None and json_file != "-" and not Path(json_file).absolute().parent.is_dir():
        raise OutputError(f"{json_file}: its folder does not exist. Choose another place with --json.")
    if phone:
        from livecoach.cli.phone import check_packages

        check_packages()
        from livecoach.tools.bench_phone import measure_phone

        report = measure_phone([pose or "lite"], seconds, lambda line: say(f"bench: {line}"))
    else:
        report = measure([pose] if pose else ["lite", "full"], seconds, lambda line: say(f"bench: {line}"))
    if json_file != "-":
        print_report(report)
    if json_file is None:
        return
    text = documents.to_json(document(report))
    if json_file == "-":
        click.echo(text)
        return
    try:
        Path(json_file).write_text(text + "\n", encoding="utf-8")
    except OSError as err:
        raise OutputError(f"{json_file}: can't be written ({err.strerror}). Choose another place with --json.") from err


COMMANDS = (doctor, bench)
