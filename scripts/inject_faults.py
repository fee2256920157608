"""Inject faults into live runs, and check the required behaviour.

    python scripts/inject_faults.py
    python scripts/inject_faults.py --only camera-dies --times 3

Each fault is injected into a `livecoach live` of its own, with a simulated camera and an empty home: the camera, the
sound server or the display dies or hangs, the disk fills or hangs, signals come at random moments. The table says what
held. A fault that can't be injected here is skipped, with the reason. The exit status is 1 if something did not hold.
Your sessions and settings are not touched. All faults take about four minutes on a quiet machine, and one with
--jobs 6. Needs Linux.
"""

import argparse
import sys
from pathlib import Path

from rich.console import Console

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from live_trials.fault_injection import FAULTS, inject, table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[], choices=list(FAULTS), help="this fault only")
    parser.add_argument("--times", type=int, default=1, help="inject each fault so often")
    parser.add_argument("--seed", type=int, default=0, help="of the random moments")
    parser.add_argument("--jobs", type=int, default=1, help="inject so many faults at once")
    given = parser.parse_args()
    results = []
    names = [name for name in FAULTS if not given.only or name in given.only]
    for result in inject(names, times=given.times, seed=given.seed, at_once=given.jobs):
        print(f"{result.fault.name}: {result.outcome}", file=sys.stderr)
        results.append(result)
    Console(highlight=False).print(table(results))
    sys.exit(any(result.outcome == "failed" for result in results))


if __name__ == "__main__":
    main()
