"""How often a rounded back is named, and good reps are not: rendered sets through the whole pipeline, as Markdown.

    python scripts/measure_back_named.py --cache DIR

Judging bodies, seen from the side (from 60 degrees on); every frame is drawn and looked at (lite, with the
mask), as `livecoach analyze` does without a profile: the first good reps of a set are what the later ones are judged
by. DIR keeps what was seen. A set's good reps are counted from the first one on.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from measure_back import BODIES, BODY_STEP, FAULT, FPS, KNOBS, ROUNDED, USUAL_KNOBS, seen

from livecoach import assembly
from livecoach.errors import LivecoachError
from livecoach.lab.intervals import wilson
from livecoach.lab.pipeline_reps import MATCH_S
from livecoach.run.stepping import steps
from livecoach.synth.clip import Clip, make_clip
from livecoach.synth.motion.tokens import parse
from livecoach.synth.truth import TrueRep
from livecoach.synth.variety import random_clip_settings
from livecoach.types import Rep

EXERCISE = "deadlift"
VIEWS_DEG = (66, 75, 90)
SIZE_PX = (480, 360)
"""The mask has 256 by 256 pixels of the lifter whatever the picture has; a smaller one is drawn faster."""
BAD = 0.5
"""Severity from which a fault is to be named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One true rep and what was said of it."""

    view_deg: int
    true: TrueRep
    rep: Rep | None
    """None where it was not counted."""

    @property
    def kind(self) -> str:
        """good; severe or slight, by its back; other: bad in another way alone."""
        back = self.true.severities.get(FAULT[EXERCISE]) or 0.0
        if back > 0 or self.true.faults:
            return "severe" if back >= BAD else "slight"
        return "other" if any((severity or 0.0) > 0 for severity in self.true.severities.values()) else "good"

    @property
    def looked_for(self) -> bool:
        """Was it judged, and the back looked at?"""
        return (
            self.rep is not None
            and self.rep.verdict != "unsure"
            and all(missing.name != FAULT[EXERCISE] for missing in self.rep.not_visible)
        )

    @property
    def named(self) -> bool:
        """Is the rep called rounded?"""
        return self.rep is not None and any(fault.name == FAULT[EXERCISE] for fault in self.rep.faults)


def made(bodies: str, seed: int, number: int, view_deg: int) -> Clip:
    """Set `number` at a view: four good reps, two rounded ones, good ones after them."""
    ways = ROUNDED[number % 4], ROUNDED[(number + 1) % 4]
    one, two = (f"rounded_back.{way}:{KNOBS.get(way, USUAL_KNOBS)[i]}" for i, way in enumerate(ways))
    names = BODIES[bodies]
    settings = random_clip_settings(
        [seed, number, view_deg],
        EXERCISE,
        parse(f"good*4,{one},good,{two},good,idle:0.5", EXERCISE),
        view_deg=float(view_deg if (number + view_deg) % 2 else -view_deg),
        bodies=(names[(number * BODY_STEP + seed + view_deg) % len(names)],),
        size_px=SIZE_PX,
        fps=FPS,
    )
    return make_clip(settings)


def rows_of(clip: Clip, cache: Path, name: str, view_deg: int) -> Iterator[Row]:
    """What the pipeline says of each rep of a clip."""
    pipeline = assembly.load(EXERCISE).pipeline(pose="lite")
    observations = seen(clip, cache / f"{name}.obs", np.arange(clip.frames))
    reps = [step.rep for step in steps(pipeline, observations) if step.rep is not None]
    for true in clip.movement.reps:
        start_s, end_s = true.start_frame / FPS - MATCH_S, true.end_frame / FPS + MATCH_S
        yield Row(view_deg=view_deg, true=true, rep=next((r for r in reps if start_s <= r.turn_s <= end_s), None))


def table(rows: list[Row]) -> Iterator[str]:
    """One row an azimuth, and one of all."""
    yield "| azimuth | reps | counted | judged | looked at | named, .5 and more | under .5 | good | good reps red |"
    yield "| --- | " + " | ".join(["---:"] * 8) + " |"
    views = sorted({row.view_deg for row in rows})
    for where, some in [*((f"{v}°", [r for r in rows if r.view_deg == v]) for v in views), ("all", rows)]:
        found = [row for row in some if row.rep is not None]
        judged = [row for row in found if row.rep is not None and row.rep.verdict != "unsure"]
        looked = [row for row in judged if row.looked_for]
        cells = [f"{len(group)}" for group in (some, found, judged, looked)]
        cells += [_share([row.named for row in looked if row.kind == kind]) for kind in ("severe", "slight", "good")]
        cells += [_share([bool(row.rep and row.rep.verdict == "anomalous") for row in judged if row.kind == "good"])]
        yield f"| {where} | {' | '.join(cells)} |"


def _share(flags: list[bool]) -> str:
    low, high = wilson(sum(flags), len(flags))
    return f"{sum(flags)} of {len(flags)} ({low:.0%}–{high:.0%})" if flags else "–"


def reasons(rows: list[Row]) -> Iterator[str]:
    """Why the back was not judged, and what else was named."""
    why = Counter(m.reason for row in rows if row.rep for m in row.rep.not_visible if m.name == FAULT[EXERCISE])
    unsure = Counter(row.rep.unsure for row in rows if row.rep and row.rep.unsure)
    others = Counter(f"{row.kind}: {fault.name}" for row in rows if row.rep for fault in row.rep.faults)
    yield f"\nNot looked at: {dict(why)}; not judged: {dict(unsure)}; named: {dict(others)}"


def main() -> int:
    """Print the tables; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--bodies", choices=BODIES, default="judging")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--sets", type=int, default=5, help="at each azimuth")
    parser.add_argument("--views", type=int, nargs="+", default=VIEWS_DEG)
    given = parser.parse_args()
    rows: list[Row] = []
    try:
        for number in range(given.sets):
            for view in given.views:
                name = f"named_{given.bodies}_{given.seed}_{view}_{number}"
                rows += rows_of(made(given.bodies, given.seed, number, view), given.cache, name, view)
    except LivecoachError as err:
        print(f"error: {err}", file=sys.stderr)
        return err.exit_code
    print("\n".join((*table(rows), *reasons(rows))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
