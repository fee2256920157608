"""Run one endless set, and watch memory, frames and latency.

    python scripts/soak.py --minutes 60 --picture docs/soak.svg

The set lasts as long as you say, in real time, with window and sound where the machine has them. The exit status is 1
if memory grows by more than 50 MiB after it has settled, more than 1 % of the frames are dropped, the 95th percentile
of the latency is above 50 ms, or fewer than 95 % of the reps are counted. Do not use the machine meanwhile. Needs
Linux.
"""

import argparse
import sys
from pathlib import Path

from rich.console import Console

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from live_trials import soak_report
from live_trials.soak import lift


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0, help="length of the set")
    parser.add_argument("--fps", type=float, default=30.0, help="frames per second of the camera")
    parser.add_argument("--picture", type=Path, help="draw memory, frames and latency, as SVG")
    given = parser.parse_args()
    trace = lift(given.minutes, fps=given.fps, say=lambda line: print(line, file=sys.stderr))
    document = soak_report.document(trace, minutes=given.minutes, fps=given.fps)
    Console(highlight=False).print(soak_report.table(document))
    if given.picture is not None:
        given.picture.write_text(soak_report.picture(document) + "\n", encoding="utf-8")
    sys.exit(any(one.held is False for one in document.figures))


if __name__ == "__main__":
    main()
