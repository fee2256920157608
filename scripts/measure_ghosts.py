"""Ghost reps: what is counted where there is no rep. Every figure should be 0.

    python scripts/measure_ghosts.py --motion 300                              # synthetic motion, by kind of event
    python scripts/measure_ghosts.py --hard                                    # 30 minutes of what is most like a rep
    python scripts/measure_ghosts.py --clips DIR --cache /tmp/observed         # rendered clips, livecoach synth render
    python scripts/measure_ghosts.py --real --cache /tmp/observed              # empty rooms, walks: LIVECOACH_DATA

Motion: sets of judging bodies with nothing but what is no rep (5 to 10 items of the generator's list, OTHERS), each
counted as every exercise. `--hard MINUTES`: as long, of lists of which most items are of HARD_OTHERS, and a fifth are
done two or three times in a row. `--clips`: as many minutes as are there. A bar that is dropped from the top was
lifted: counted or not, it is no ghost.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from ghost_pictures import Ghost, ghost, write
from real_reps import IDLE, _intervals, data_folder, observations

from livecoach.config import exercise as exercises
from livecoach.lab.counting import Found, account, count, shipped
from livecoach.lab.intervals import wilson
from livecoach.synth.motion.faults import EXERCISES
from livecoach.synth.motion.random_tokens import random_no_reps
from livecoach.synth.motion.tokens import OTHERS, Token
from livecoach.synth.sets import SyntheticSet, Wanted, random_set
from livecoach.synth.truth import Event

ITEMS = (5, 11)
"""At least, and fewer than."""


def no_reps(seed: int, number: int) -> SyntheticSet:
    """A set of judging bodies without a rep."""
    rng = np.random.default_rng((seed, number))
    names = [OTHERS[i] for i in rng.integers(len(OTHERS), size=int(rng.integers(*ITEMS)))]
    tokens = tuple(Token("idle" if k == 0 and name == "hold" else name) for k, name in enumerate(names))
    exercise = EXERCISES[number % len(EXERCISES)]
    return random_set((seed, number), Wanted(exercise=exercise, bodies="judging", tokens=tokens))


def hard_sets(seed: int, minutes: float) -> list[SyntheticSet]:
    """As many as last `minutes`, of judging bodies, without a rep but with much that is like one."""
    made: list[SyntheticSet] = []
    left_s = 60 * minutes
    while left_s > 0:
        number = len(made)
        exercise = EXERCISES[number % len(EXERCISES)]
        tokens = random_no_reps(np.random.default_rng((seed, number)), exercise, hard=True)
        made.append(random_set((seed, number), Wanted(exercise=exercise, bodies="judging", tokens=tokens)))
        left_s -= made[-1].observations[-1].t_s
    return made


def show(title: str, ghosts: Counter[str], sets: int, with_ghosts: int, minutes: float, drops: int) -> None:
    """One line, and one for each kind of event that was taken for a rep."""
    low, high = wilson(sets - with_ghosts, sets)
    print(
        f"{title}: {sum(ghosts.values())} ghost reps in {minutes:.1f} minutes, {with_ghosts} of {sets} clips with one "
        f"(clips without: {low:.0%}–{high:.0%}); dropped bars counted: {drops}"
    )
    for kind, number in ghosts.most_common():
        print(f"    {number:3} {kind}")


def motion(title: str, made: list[SyntheticSet]) -> list[Ghost]:
    """Synthetic motion, as every exercise; the ghosts."""
    drawn: list[Ghost] = []
    minutes = sum(one.observations[-1].t_s for one in made) / 60
    for name in exercises.names():
        rules, model = shipped(name)
        ghosts: Counter[str] = Counter()
        with_ghosts = drops = 0
        for one in made:
            result = account(count(one.observations, rules, model), (), one.events)
            ghosts.update(kind for _, kind in result.ghosts)
            with_ghosts += bool(result.ghosts)
            drops += result.drops
            drawn += [ghost(name, kind, rep, one.observations) for rep, kind in result.ghosts]
        show(f"{title} as {name}", ghosts, len(made), with_ghosts, minutes, drops)
    return drawn


def rendered(folder: Path, cache: Path, pose: str) -> list[Ghost]:
    """Clips without a rep, as every exercise; the ghosts."""
    drawn: list[Ghost] = []
    clips = sorted(path for path in folder.glob("*.mp4") if not _truth(path)["reps"])
    for name in exercises.names():
        rules, model = shipped(name)
        ghosts: Counter[str] = Counter()
        with_ghosts = drops = 0
        minutes = 0.0
        for path in clips:
            seen = observations(path, cache, pose)
            events = [Event(**event) for event in _truth(path)["events"]]
            result = account(count(seen, rules, model), (), events)
            ghosts.update(kind for _, kind in result.ghosts)
            with_ghosts += bool(result.ghosts)
            drops += result.drops
            minutes += seen[-1].t_s / 60
            drawn += [ghost(name, kind, rep, seen) for rep, kind in result.ghosts]
        show(f"rendered as {name}", ghosts, len(clips), with_ghosts, minutes, drops)
    return drawn


def _truth(clip: Path) -> dict[str, list[dict[str, object]]]:
    return json.loads(clip.with_suffix(".json").read_text(encoding="utf-8"))


def real(cache: Path, pose: str) -> None:
    """Empty rooms as every exercise, and the stretches of the squat clips in which nobody squats."""
    for path in sorted(data_folder().glob("none*.mp4")):
        for name in exercises.names():
            rules, model = shipped(name)
            print(f"{path.name} as {name}: {len(count(observations(path, cache, pose), rules, model))} ghost reps")
    rules, model = shipped("squat")
    for path in sorted(data_folder().glob("po_squat*.mp4")):
        reps = count(observations(path, cache, pose), rules, model)
        idle = idle_stretches(path.name)
        ghosts = [rep for rep in reps if any(_mostly_in(rep, stretch) for stretch in idle)]
        print(f"{path.name}: {len(ghosts)} ghost reps while idle, {len(reps)} reps in all")


def idle_stretches(clip: str) -> list[tuple[float, float]]:
    """From, until: where the labels say that nobody squats."""
    stretches = _intervals(data_folder() / "squat_intervals.csv").get(clip, [])
    return [(begins_s, until_s) for begins_s, until_s, letters in stretches if letters == IDLE]


def _mostly_in(rep: Found, stretch: tuple[float, float]) -> bool:
    inside_s = min(rep.end_s, stretch[1]) - max(rep.start_s, stretch[0])
    return inside_s > 0.5 * (rep.end_s - rep.start_s)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--motion", type=int, default=0, help="sets of motion")
    parser.add_argument(
        "--hard", type=float, nargs="?", const=30.0, default=0.0, metavar="MINUTES", help="of hard motion (30)"
    )
    parser.add_argument("--seed", type=int, default=4200)
    parser.add_argument("--clips", type=Path, help="folder of rendered clips; those without a rep are looked at")
    parser.add_argument("--real", action="store_true", help="the real clips")
    parser.add_argument("--cache", type=Path, help="folder for what pose saw")
    parser.add_argument("--pose", default="lite", choices=("lite", "full"))
    parser.add_argument("--picture", type=Path, help="PNG to draw the ghosts on")
    arguments = parser.parse_args()
    drawn: list[Ghost] = []
    if (arguments.clips or arguments.real) and arguments.cache is None:
        parser.error("--clips and --real need --cache")
    if arguments.motion:
        drawn += motion("motion", [no_reps(arguments.seed, number) for number in range(arguments.motion)])
    if arguments.hard:
        drawn += motion("hard motion", hard_sets(arguments.seed, arguments.hard))
    if arguments.clips:
        drawn += rendered(arguments.clips, arguments.cache, arguments.pose)
    if arguments.real:
        real(arguments.cache, arguments.pose)
    if arguments.picture and drawn:
        write(arguments.picture, drawn)
    return 0


if __name__ == "__main__":
    sys.exit(main())
