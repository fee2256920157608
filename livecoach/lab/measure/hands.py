"""Answers by a raised hand: how soon hands that answer are understood, and how often others are taken for an answer.

A question stands all the time. Synthetic lifters move as the noise model's pose estimator sees them; a few are rendered
and seen by the lite BlazePose. Observations are looked at as rarely as a live run does between sets.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import NamedTuple

import numpy as np

from livecoach.core import landmark
from livecoach.core.types import Observation, Step
from livecoach.decisions.coaching.raised_hand import RaisedHand
from livecoach.lab.measure.cache import Cache, rendered
from livecoach.lab.measure.real_clips import RealClip
from livecoach.lab.measure.table import Cell, Rounded, SeveralNumbers, Share, Table
from livecoach.lab.processes import ReportProgress
from livecoach.lab.synth.motion.ranges import pick
from livecoach.lab.synth.motion.tokens import ANSWERS, HARD_OTHERS, IN_REST, OTHERS, Token
from livecoach.lab.synth.sets import PARTS, SetRequest, random_set, random_settings
from livecoach.lab.synth.synthetic_set import SyntheticSet, make_set
from livecoach.perception.body.body import body
from livecoach.run.feed import RestingRate

SAYS = dict(zip(ANSWERS, ("no", "yes"), strict=True))
ARMS_UP = (
    *("lateral_raises", "triceps_extensions", "pulldowns", "pull_ups", "arm_circles", "boxing", "side_bends"),
    *("jumping_jacks", "sit_ups"),
)
"""Exercises of tokens.EXERCISE_LIKE with hands near the head or above it."""
RESTS = {IN_REST: 0.65, (*OTHERS, *HARD_OTHERS): 0.25, ARMS_UP: 0.1}
"""What lifters do in a rest, and its share. Our choice: most of it is what might be taken for an answer."""
ITEMS = 12  # of one rest
NEVER = ("hold", "walkout", "let_go")  # what makes no sense in the middle of it
LIFTS = ("deadlift", "squat", "overhead_press")
DISTANCES_M, HALF_HEIGHTS_M = (2.0, 4.0), (1.2, 1.7)
"""Of tries: of the camera, and half the picture's height at the lifter, so that a raised hand is in the picture."""
VIEWS_DEG, ASIDE_DEG = (-40.0, 40.0), (40.0, 70.0)
"""Azimuths of tries: who answers a question reads it on the screen, so faces the camera. Those on either side are for
information."""
ASIDE_ONE_IN = 6  # tries, and not fewer than a pair
SIZES_PX = ((640, 480), (1280, 720), (480, 640), (720, 1280))
NEAR_TOP_M = 0.05  # the hold begins as soon as the wrist is as near to its highest place
FOLDER = "hands"  # folder of the cache
FPS, REST_FPS = 30.0, 8.0  # of a camera, and the setting capture.rest_fps as shipped
DRAWN_FPS = {"tries": 15.0, "rests": 10.0}
"""Of rendered clips: a live run looks at eight a second in a rest, and at all while somebody moves."""
IN_TIME_S = 1.5  # longest time from there to the answer


class Given(NamedTuple):
    """An answer that was understood."""

    t_s: float
    says: str


def as_live(observations: Iterable[Observation]) -> Iterator[Observation]:
    """Yield the observations that a live run looks at in a rest."""
    resting = RestingRate(fps=REST_FPS)
    for one in observations:
        if resting.looks(one.t_s):
            resting.step(Step(observation=one, stage=None, view=None, progress=None, count=0, notices=(), warning=None))
            yield one


def answers(observations: Iterable[Observation]) -> Iterator[Given]:
    """Yield what is understood while a question stands all the time."""
    hand = RaisedHand()
    for one in observations:
        answer = hand.step(one, body(one))
        if answer.says is not None and answer.held == 1:
            yield Given(one.t_s, answer.says)


def real(clips: Sequence[RealClip], cache: Cache, progress: ReportProgress) -> list[Table]:
    """Look for answers in real clips, in each of their frames and as in a rest: nobody answers in any of them."""
    rows: list[tuple[Cell, ...]] = []
    seconds, with_any, understood = 0.0, 0, 0
    for number, clip in enumerate(clips):
        progress(f"looking at {clip.path.name}", number / len(clips))
        seen = cache.observed(clip.path)
        seconds += seen[-1].t_s - seen[0].t_s if seen else 0.0
        found = {way: [*answers(some)] for way, some in (("all", seen), ("rest", as_live(seen)))}
        rows += [(clip.path.name, way, one.says, Rounded(one.t_s, 1)) for way, some in found.items() for one in some]
        with_any += any(found.values())
        understood += len(found["all"])
    total = (len(clips), Rounded(seconds / 60, 1), Share(with_any, len(clips)), understood)
    columns = ("clips", "minutes", "clips with an answer", "answers")
    return [
        Table(title="Real clips: answers that nobody gave", columns=columns, rows=(total,)),
        Table(title="These are", columns=("clip", "frames", "answer", "s"), rows=tuple(rows)),
    ]


def rests(minutes: float, bodies: str, seed: int, progress: ReportProgress, drawn: Cache | None = None) -> list[Table]:
    """Look for answers in synthetic rests in which nobody answers. drawn: keeps the observations of rendered rests;
    None for the noise model's."""
    done_s, number, given, times = 0.0, 0, Counter[str](), Counter[str]()
    while done_s < 60 * minutes:
        progress("looking at rests", done_s / (60 * minutes))
        made = a_rest(bodies, (seed, number), is_drawn=drawn is not None)
        seen: Sequence[Observation] = made.observations
        if drawn is not None:
            seen = drawn.kept(f"{FOLDER}/rest_{bodies}_{seed}_{number:03d}.obs", partial(rendered, made, "lite"))
        done_s, number = done_s + made.observations[-1].t_s, number + 1
        times.update(kind for kind, _ in groupby(event.kind for event in made.events))
        for one in answers(as_live(seen)):
            given[next((e.kind for e in made.events if e.start_s <= one.t_s <= e.end_s), "")] += 1
    total = (number, Rounded(done_s / 60, 1), given.total())
    title = f"{_way(drawn)} rests, {bodies} bodies, seed {seed}"
    columns = ("rests", "minutes", "answers")
    return [
        Table(title=f"{title}: answers that nobody gave", columns=columns, rows=(total,)),
        Table(
            title=f"{title}: by what was done",
            columns=("kind", "times", "answers"),
            rows=tuple((kind, count, given[kind]) for kind, count in sorted(times.items())),
        ),
    ]


def _way(drawn: Cache | None) -> str:
    return "Synthetic" if drawn is None else "Rendered"


def a_rest(bodies: str, seed: tuple[int, int], *, is_drawn: bool = False) -> SyntheticSet:
    """is_drawn: it is to be rendered: without errors of an estimator, and no more frames than a rest needs."""
    rng = np.random.default_rng((*seed, 91))
    groups = [pick(rng, RESTS) for _ in range(ITEMS)]
    lift = pick(rng, LIFTS)
    names = [[name for name in group if name not in NEVER] for group in groups]
    tokens = (Token("idle", seconds=1.0), *(Token(pick(rng, some)) for some in names))
    wanted = SetRequest(exercise=lift, bodies=bodies, tokens=tokens, loaded=True, graded=False)
    return random_set(seed, replace(wanted, fps=DRAWN_FPS["rests"], noise=0.0, lost=0.0) if is_drawn else wanted)


class _Try(NamedTuple):
    says: str
    distance_m: float
    view_deg: float
    held_s: float  # when the hold begins
    found: list[Given]

    @property
    def is_right(self) -> bool:
        return [one.says for one in self.found] == [self.says] and self.found[0].t_s - self.held_s <= IN_TIME_S

    @property
    def is_wrong(self) -> bool:
        return any(one.says != self.says for one in self.found) or len(self.found) > 1


def tries(count: int, bodies: str, seed: int, progress: ReportProgress, drawn: Cache | None = None) -> list[Table]:
    """Raise hands that answer, right and left in turn, facing the camera; a few more are seen from the side. drawn: as
    for `rests`."""
    wanted = [*((number, False) for number in range(count)), *((n, True) for n in range(max(2, count // ASIDE_ONE_IN)))]
    done = []
    for place, (number, aside) in enumerate(wanted):
        progress("raising hands", place / len(wanted))
        made = a_try(bodies, (seed, number), FPS if drawn is None else DRAWN_FPS["tries"], aside=aside)
        if drawn is None:
            seen: Sequence[Observation] = made.with_noise(np.random.default_rng((seed, number, 93))).observations
        else:
            name = f"{FOLDER}/{bodies}_{seed}_{'aside_' * aside}{number:03d}.obs"
            seen = drawn.kept(name, partial(rendered, made, "lite"))
        done.append(_tried(made, seen))
    return _table(f"{_way(drawn)} tries, {bodies} bodies, seed {seed}", done)


def a_try(bodies: str, seed: tuple[int, int], fps: float, *, aside: bool = False) -> SyntheticSet:
    """Return somebody who stands and raises one hand, without errors of a pose estimator. aside: seen from the side,
    from the right and from the left in turn by pairs."""
    rng = np.random.default_rng((*seed, 92))
    tokens = (Token("idle", seconds=1.5), Token(ANSWERS[seed[1] % 2]), Token("idle", seconds=1.0))
    size = pick(rng, SIZES_PX)
    low, high = ASIDE_DEG if aside else VIEWS_DEG
    views = (-high, -low) if aside and seed[1] % 4 < 2 else (low, high)
    settings = random_settings(
        (*seed, 92), "deadlift", tokens, view_deg=views, bodies=PARTS[bodies], size_px=size, fps=fps
    )
    distance_m, reach_m = rng.uniform(*DISTANCES_M), rng.uniform(*HALF_HEIGHTS_M)
    fov_deg = math.degrees(2 * math.atan(reach_m / distance_m))
    x_m, y_m, _ = settings.camera.target
    aim = (x_m, y_m, 1.05 + rng.uniform(-0.4, 0.4) * (reach_m - 1.15))
    camera = replace(settings.camera, distance_m=float(distance_m), fov_deg=fov_deg, distortion=0.0, target=aim)
    return make_set(replace(settings, camera=camera, lost=0.0, late_s=0.0))


def _tried(made: SyntheticSet, seen: Sequence[Observation]) -> _Try:
    event = max((one for one in made.events if one.kind in SAYS), key=lambda one: one.end_frame - one.start_frame)
    side = landmark.WRISTS[SAYS[event.kind] == "yes"]
    height_m = made.movement.landmarks[event.start_frame : event.end_frame + 1, side, 2]
    begins = event.start_frame + int(np.argmax(height_m > height_m.max() - NEAR_TOP_M))
    camera = made.settings.camera
    found = list(answers(as_live(seen)))
    return _Try(SAYS[event.kind], camera.distance_m, camera.azimuth_deg, begins / camera.fps, found)


def _table(title: str, done: Sequence[_Try]) -> list[Table]:
    facing = [one for one in done if abs(one.view_deg) <= VIEWS_DEG[1]]
    groups = {
        "within 40°": facing,
        "yes": [one for one in facing if one.says == "yes"],
        "no": [one for one in facing if one.says == "no"],
        "nearer than 3 m": [one for one in facing if one.distance_m < 3],
        "farther": [one for one in facing if one.distance_m >= 3],
        "apart: 40° to 70°": [one for one in done if abs(one.view_deg) > VIEWS_DEG[1]],
    }
    rows: list[tuple[Cell, ...]] = []
    for name, some in groups.items():
        after_s = [one.found[0].t_s - one.held_s for one in some if one.found]
        late_s = SeveralNumbers(tuple(np.percentile(after_s, (50, 95)).tolist()) if after_s else (), 2)
        right, wrong = Share(sum(one.is_right for one in some), len(some)), sum(one.is_wrong for one in some)
        rows.append((name, right, wrong, sum(not one.found for one in some), late_s))
    columns = ("tries", f"right within {IN_TIME_S} s", "wrong", "not understood", "after the hold began, s")
    return [Table(title=title, columns=columns, rows=tuple(rows), notes=("Times: percentiles 50 and 95.",))]
