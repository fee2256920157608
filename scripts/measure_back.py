"""How well the back's edge in the person mask tells a rounded back and a tucked pelvis, on rendered sets, as Markdown.

    python scripts/measure_back.py deadlift --cache DIR
    python scripts/measure_back.py deadlift --cache DIR --bodies judging --seed 2 --views 60 75 90 --spread 0.006

One set a body and azimuth, of four good reps and two or three with faults, 640x480 at 15 frames a second; of what is
not measured every eighth frame is drawn. DIR keeps what the pose estimator (lite) saw. Phases are the truth's, so that
the edge alone is judged. Truth severities are measured on the mesh: twice the margin is .5.
"""

import argparse
import math
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from livecoach.documents import codec
from livecoach.errors import LivecoachError
from livecoach.frame.posture import torso_px
from livecoach.pose.blazepose import BlazePose
from livecoach.pose.observer import Observer
from livecoach.rep.measures import MEASURES, DorsalProfile, Rep, RepMotion, load_faults
from livecoach.rep.measures.rep import phases_of
from livecoach.synth.clip import Clip, make_clip
from livecoach.synth.figure.body import JUDGING, TRAINING
from livecoach.synth.motion.tokens import parse
from livecoach.synth.true_severity import torso_length_m
from livecoach.synth.truth import TrueRep
from livecoach.synth.variety import random_clip_settings
from livecoach.types import Frame, Observation

FPS, SIZE_PX, SPARSE = 15.0, (640, 480), 8
VIEWS_DEG = (0, 15, 30, 45, 60, 75, 90)
BODIES = {"training": TRAINING, "judging": JUDGING}
BODY_STEP = 5
"""From one set's body to the next one's: has no divisor in common with how many there are."""
FAULT = {"deadlift": "rounded_back", "squat": "butt_wink"}
MEASURE = {"deadlift": "dorsal_sagitta", "squat": "pelvic_tuck"}
FRONT_DEG, OTHERS_DEG = 15, (60, 75)
"""Up to FRONT_DEG the back is hardly in the picture, and a set has one fault; faults of another kind are drawn at
OTHERS_DEG only."""
ROUNDED = ("head_up", "lower", "head_down", "upper")
KNOBS = {"lower": (0.8, 1.0)}
"""Of the first and the second fault of a set, so that severities are around .5; USUAL_KNOBS elsewhere."""
USUAL_KNOBS = (0.5, 0.75)
OTHERS = {"deadlift": ("hips_early:0.75", "bar_drift:0.75"), "squat": ("forward_lean:0.75", "shallow:0.6")}
STANDING_PERCENTILE = 92
"""Of the torso's length in the frames drawn, of which few show a lifter who stands."""
SPREADS, OWN = 3.0, 3
"""Margin in spreads, and how many other good reps of the set a rep is held against."""
SHOWN = (0.02, 0.99)
"""Severities that tell how large a fault truly is; others are at an end of the scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One rep."""

    set_name: str
    view_deg: int
    fault: str
    way: str
    severity: float
    """NaN where the truth has none: not visible on the mesh."""
    value: float
    """NaN where the edge was not seen."""


def items(exercise: str, number: int, view_deg: int) -> str:
    """The set in words; good reps are around the others, as a set's last reps differ from its first."""
    other = f",{OTHERS[exercise][number // 2 % 2]}" if view_deg in OTHERS_DEG and number % 2 == 0 else ""
    if exercise == "squat":
        first, second = USUAL_KNOBS if number % 2 == 0 else USUAL_KNOBS[::-1]
        if view_deg <= FRONT_DEG:
            return "good*2,butt_wink:0.75"
        return f"good*2,butt_wink.at_bottom:{first},good,butt_wink.early:{second},good{other}"
    ways = ROUNDED[number % 4], ROUNDED[(number + 1) % 4]
    one, two = (f"rounded_back.{way}:{KNOBS.get(way, USUAL_KNOBS)[i]}" for i, way in enumerate(ways))
    return f"good*2,{two}" if view_deg <= FRONT_DEG else f"good*2,{one},good,{two},good{other}"


def made(exercise: str, bodies: str, seed: int, number: int, view_deg: int) -> Clip:
    """Set `number` at a view; the camera is on the lifter's left and right in turn."""
    names = BODIES[bodies]
    settings = random_clip_settings(
        [seed, number, view_deg],
        exercise,
        parse(items(exercise, number, view_deg), exercise),
        view_deg=float(view_deg if (number + view_deg) % 2 else -view_deg),
        bodies=(names[(number * BODY_STEP + seed) % len(names)],),
        size_px=SIZE_PX,
        fps=FPS,
    )
    return make_clip(replace(settings, lost=0.0, late_s=0.0))


def drawn_frames(clip: Clip) -> np.ndarray:
    """Those that are measured, and enough of the others for the estimator not to lose the lifter."""
    draw = np.zeros(clip.frames, bool)
    draw[::SPARSE] = True
    for rep in clip.movement.reps:
        start, turn = rep.start_frame, rep.turn_frame
        if clip.settings.exercise == "deadlift":
            draw[max(start - 4, 0) : start : 2] = True
            draw[start : start + int(0.6 * (turn - start))] = True
            draw[turn] = True
        else:
            draw[start:turn:3] = True
            draw[start + int(0.35 * (turn - start)) : start + int(0.7 * (turn - start))] = True
            draw[turn - 3 : turn + 3] = True
    return np.flatnonzero(draw)


def seen(clip: Clip, path: Path, drawn: np.ndarray) -> list[Observation]:
    """What is seen in the frames `drawn`, from `path` if it is there."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(b"".join(codec.record(codec.encode(one)) for one in _looked_at(clip, drawn)))
        part.rename(path)
    with path.open("rb") as file:
        return [codec.decode(payload) for payload in codec.read_records(file)]


def _looked_at(clip: Clip, drawn: np.ndarray) -> Iterator[Observation]:
    estimator = BlazePose("lite")
    try:
        observer = Observer(estimator)
        with clip.renderer() as renderer:
            for i in map(int, drawn):
                yield observer.observe(Frame(index=i, t_s=i / FPS, picture=renderer.draw(i)))
    finally:
        estimator.close()


def profile_of(observations: Sequence[Observation], first: int) -> DorsalProfile:
    """The observed edge by frame, `first` being frame 0; in standing torsos as they are seen."""
    lengths = [torso_px(one) for one in observations if one.landmarks is not None]
    torso = float(np.percentile(lengths, STANDING_PERCENTILE)) if lengths else math.nan
    edges = {one.index: one.back * one.height_px / torso for one in observations if one.back is not None}
    unknown = np.full(19, np.nan)
    return lambda frames: np.array([edges.get(first + int(frame), unknown) for frame in frames])


def measured_reps(clip: Clip, observations: Sequence[Observation], name: str, view_deg: int) -> Iterator[Measured]:
    """Each rep's measure, on the phases of the true landmarks."""
    exercise = clip.settings.exercise
    points, table = clip.landmarks(), load_faults(exercise)
    for rep in clip.movement.reps:
        first, last = max(rep.start_frame - int(FPS), 0), min(rep.end_frame + 1 + int(FPS), clip.frames)
        motion = RepMotion(
            points=points[first:last],
            t_s=np.arange(last - first) / FPS,
            torso=torso_length_m(clip.body),
            start=rep.start_frame - first,
            end=rep.end_frame + 1 - first,
        )
        phases = phases_of(motion, table)
        if phases is not None:
            shown = Rep(motion=motion, phases=phases, previous=None, back=profile_of(observations, first))
            yield _told(rep, name, view_deg, exercise, MEASURES[MEASURE[exercise]].take(shown))


def _told(rep: TrueRep, name: str, view_deg: int, exercise: str, value: float) -> Measured:
    fault = rep.faults[0] if rep.faults else None
    severity: float | None = rep.severities.get(FAULT[exercise], 0.0)
    if fault is not None and fault.name == FAULT[exercise]:
        severity = fault.severity
    return Measured(
        set_name=name,
        view_deg=view_deg,
        fault="good" if fault is None else fault.name,
        way="" if fault is None else fault.way,
        severity=math.nan if severity is None else severity,
        value=value,
    )


def goods(reps: Sequence[Measured]) -> dict[str, np.ndarray]:
    """Set → values of its good reps that were seen; sets with two or more."""
    by_set = defaultdict(list)
    for rep in reps:
        if rep.fault == "good" and math.isfinite(rep.value):
            by_set[rep.set_name].append(rep.value)
    return {name: np.array(values) for name, values in by_set.items() if len(values) > 1}


def within(groups: dict[str, np.ndarray]) -> float:
    """Spread of good reps within a set, pooled; NaN without any."""
    freedom = sum(len(values) - 1 for values in groups.values())
    return math.sqrt(sum(((v - v.mean()) ** 2).sum() for v in groups.values()) / freedom) if freedom else math.nan


def differences(reps: Sequence[Measured], groups: dict[str, np.ndarray], fault: str, way: str | None) -> np.ndarray:
    """(n, 2) of each rep with the fault: from the median of its set's good reps, and its truth severity."""
    chosen = [rep for rep in reps if rep.fault == fault and rep.set_name in groups and way in (None, rep.way)]
    found = [(rep.value - float(np.median(groups[rep.set_name])), rep.severity) for rep in chosen]
    return np.array([pair for pair in found if math.isfinite(pair[0])]).reshape(-1, 2)


def half_severe(pairs: np.ndarray) -> tuple[float, int]:
    """Difference at truth severity .5, and of how many reps: a difference is in proportion to 1 + 2 severity."""
    shown = pairs[(pairs[:, 1] > SHOWN[0]) & (pairs[:, 1] < SHOWN[1])]
    return (2 * float(np.median(shown[:, 0] / (1 + 2 * shown[:, 1]))), len(shown)) if len(shown) else (math.nan, 0)


def effect_rows(reps: Sequence[Measured], exercise: str) -> Iterator[str]:
    """One row an azimuth: the good reps, and each way's difference at severity .5 in spreads (reps)."""
    fault = FAULT[exercise]
    ways = sorted({rep.way for rep in reps if rep.fault == fault})
    others = sorted({rep.fault for rep in reps} - {fault, "good"})
    yield f"| azimuth | sets | seen | good reps | within | {fault} | {' | '.join(ways + others)} |"
    yield "| --- |" + " ---: |" * (5 + len(ways) + len(others))
    for view in sorted({rep.view_deg for rep in reps}):
        here = [rep for rep in reps if rep.view_deg == view]
        groups = goods(here)
        spread, middles = within(groups), [np.median(values) for values in groups.values()]
        cells = [f"{len({rep.set_name for rep in here})}", f"{np.mean([math.isfinite(r.value) for r in here]):.0%}"]
        cells += [f"{np.median(middles):.3f} ± {np.std(middles, ddof=1):.3f}" if len(middles) > 1 else "–"]
        cells += [f"{spread:.4f}"]
        for way in (None, *ways):
            value, count = half_severe(differences(here, groups, fault, way))
            cells.append(f"{value / spread:.1f} ({count})" if count else "–")
        for other in others:
            pairs = differences(here, groups, other, None)
            cells.append(f"{np.median(pairs[:, 0]) / spread:.1f} ({len(pairs)})" if len(pairs) else "–")
        yield f"| {view}° | {' | '.join(cells)} |"


def alarm_rows(reps: Sequence[Measured], exercise: str, spread: float | None) -> Iterator[str]:
    """One row an azimuth: how many reps are past the margin, against three other good reps of the set."""
    fault = FAULT[exercise]
    smallest = next(s.smallest for s in load_faults(exercise).faults[fault].signs if s.measure == MEASURE[exercise])
    yield "| azimuth | margin | found at severity .5 and more | under .5 | good reps told | other faults told |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for view in sorted({rep.view_deg for rep in reps}):
        here = [rep for rep in reps if rep.view_deg == view]
        margin = max(smallest, SPREADS * (within(goods(here)) if spread is None else spread))
        told: dict[str, list[bool]] = defaultdict(list)
        for rep in here:
            past = _past(
                rep, [r.value for r in here if r.set_name == rep.set_name and r.fault == "good" and r is not rep]
            )
            if past is not None and not math.isnan(rep.severity):
                what = ("severe" if rep.severity >= 0.5 else "slight") if rep.fault == fault else rep.fault
                told[what if what in ("severe", "slight", "good") else "other"].append(past > margin)
        cells = [f"{sum(told[what])} of {len(told[what])}" for what in ("severe", "slight", "good", "other")]
        yield f"| {view}° | {margin:.3f} | {' | '.join(cells)} |"


def _past(rep: Measured, good: Sequence[float]) -> float | None:
    """How much more than the first three of the set's other good reps; None where that can't be said."""
    own = [value for value in good if math.isfinite(value)][:OWN]
    return rep.value - float(np.median(own)) if len(own) == OWN and math.isfinite(rep.value) else None


def all_reps(given: argparse.Namespace) -> Iterator[Measured]:
    """The reps of all sets, which are drawn where they are not there yet."""
    for view in given.views:
        for number in range(given.sets):
            name = f"{given.exercise}_{given.bodies}_{given.seed}_{view}_{number}"
            clip = made(given.exercise, given.bodies, given.seed, number, view)
            observations = seen(clip, given.cache / f"{name}.obs", drawn_frames(clip))
            yield from measured_reps(clip, observations, name, view)


def main() -> int:
    """Print the tables; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exercise", choices=FAULT)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--bodies", choices=BODIES, default="training")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sets", type=int, default=10, help="at each azimuth")
    parser.add_argument("--views", type=int, nargs="+", default=VIEWS_DEG)
    parser.add_argument("--spread", type=float, help="of good reps, to judge by; else what these sets have")
    given = parser.parse_args()
    try:
        reps = list(all_reps(given))
    except LivecoachError as err:
        print(f"error: {err}", file=sys.stderr)
        return err.exit_code
    print("\n".join((*effect_rows(reps, given.exercise), "", *alarm_rows(reps, given.exercise, given.spread))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
