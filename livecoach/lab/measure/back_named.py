"""How often a rounded back is named, and good reps are not: rendered sets through the whole pipeline.

The lifter is seen from the side; every frame is drawn and looked at (lite, with the mask), as `livecoach analyze` does
without a profile: the first good reps of a set are what the later ones are judged by.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from livecoach import assembly
from livecoach.lab.measure.back_sets import BODIES, BODY_STEP, FAULT, FPS, observed, rounded_items
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.matching import rep_of
from livecoach.lab.measure.table import Cell, Progress, Share, Table
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
COLUMNS = (
    "azimuth",
    "reps",
    "counted",
    "judged",
    "back looked at",
    "named at severity .5 and more",
    "under it",
    "good reps",
    "good reps that raise an alarm",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRep:
    """One true rep with its verdict."""

    view_deg: int
    true: TrueRep
    rep: Rep | None
    """None where it was not counted."""

    @property
    def kind(self) -> str:
        """good; severe or slight, by its back; other where it is bad in another way alone."""
        back = self.true.severities.get(FAULT[EXERCISE]) or 0.0
        if back > 0 or self.true.faults:
            return "severe" if back >= BAD else "slight"
        return "other" if any((severity or 0.0) > 0 for severity in self.true.severities.values()) else "good"

    @property
    def is_judged(self) -> bool:
        """Whether there is a verdict."""
        return self.rep is not None and self.rep.verdict != "unsure"

    @property
    def is_looked_at(self) -> bool:
        """Whether it was judged, and the back could be seen."""
        if self.rep is None or not self.is_judged:
            return False
        return all(fault.name != FAULT[EXERCISE] for fault in self.rep.not_visible)

    @property
    def is_named(self) -> bool:
        """Whether its back is called rounded."""
        return self.rep is not None and any(fault.name == FAULT[EXERCISE] for fault in self.rep.faults)

    @property
    def alarms(self) -> bool:
        """Whether it is called anomalous."""
        return self.rep is not None and self.rep.verdict == "anomalous"


def measure(
    bodies: str, seed: int, sets: int, views_deg: Sequence[int], cache: Cache, progress: Progress
) -> list[Table]:
    """Measure so many sets at each azimuth."""
    reps: list[NamedRep] = []
    for number in range(sets):
        for i, view_deg in enumerate(views_deg):
            progress(f"set {number}, {view_deg}°", (number + i / len(views_deg)) / sets)
            name = f"named_{bodies}_{seed}_{view_deg}_{number}"
            reps += named_reps(_clip(bodies, seed, number, view_deg), name, view_deg, cache)
    groups = {f"{view}°": [rep for rep in reps if rep.view_deg == view] for view in sorted(set(views_deg))}
    rows = tuple((where, *_figures(some)) for where, some in (groups | {"all": reps}).items())
    return [Table(title="Rounded backs through the pipeline", columns=COLUMNS, rows=rows), _reasons(reps)]


def named_reps(clip: Clip, name: str, view_deg: int, cache: Cache) -> Iterator[NamedRep]:
    """Yield each true rep of a clip with what the pipeline makes of it."""
    pipeline = assembly.load(EXERCISE).pipeline(pose="lite")
    observations = observed(clip, name, range(clip.frames), cache)
    reps = [step.rep for step in steps(pipeline, observations) if step.rep is not None]
    for true in clip.movement.reps:
        yield NamedRep(view_deg=view_deg, true=true, rep=rep_of(true, reps))


def _clip(bodies: str, seed: int, number: int, view_deg: int) -> Clip:
    """Return set `number` at a view: four good reps, two rounded ones, good ones after them."""
    one, two = rounded_items(number)
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


def _figures(reps: Sequence[NamedRep]) -> tuple[Cell, ...]:
    judged = [rep for rep in reps if rep.is_judged]
    looked_at = [rep for rep in judged if rep.is_looked_at]
    named = [[rep.is_named for rep in looked_at if rep.kind == kind] for kind in ("severe", "slight", "good")]
    alarms = [rep.alarms for rep in judged if rep.kind == "good"]
    counted = sum(rep.rep is not None for rep in reps)
    shares = [Share(sum(flags), len(flags)) for flags in (*named, alarms)]
    return len(reps), counted, len(judged), len(looked_at), *shares


def _reasons(reps: Sequence[NamedRep]) -> Table:
    """Why the back was not looked at, why a rep was not judged, and what was named."""
    counted = [rep for rep in reps if rep.rep is not None]
    counts = {
        "back not looked at": Counter(
            fault.reason for rep in counted if rep.rep for fault in rep.rep.not_visible if fault.name == FAULT[EXERCISE]
        ),
        "not judged": Counter(rep.rep.unsure for rep in counted if rep.rep and rep.rep.unsure),
        "named": Counter(f"{rep.kind}: {fault.name}" for rep in counted if rep.rep for fault in rep.rep.faults),
    }
    rows: list[tuple[Cell, ...]] = [
        (what, str(why), number) for what, of_kind in counts.items() for why, number in of_kind.items()
    ]
    return Table(title="What was said of these reps", columns=("", "what", "reps"), rows=tuple(rows))
