"""The commands that show how livecoach works here: doctor, bench."""

import click

from livecoach.cli.bench import bench


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


COMMANDS = (doctor, bench)
