"""Trains the classifier of lifts against other movements out and back: lift.json of an exercise.

Each movement that the state machine proposes in sets of training bodies is an example
(livecoach.lab.train.labelled_movements), and so are the movements of recorded people and of rendered sets. One forest
learns to recognise a single lift, another learns how much the reps of a set resemble each other. The constants that
weigh both are measured on held-out motion, except for the prior.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from livecoach.core.config.exercise import Exercise
from livecoach.core.errors import ConfigError
from livecoach.decisions.counting import evidence
from livecoach.decisions.counting.movement import OWN, MovementFeatures
from livecoach.decisions.counting.tuning import COMPARED, FORGOTTEN_S
from livecoach.lab.counting import compare_counts, find_reps, make_counter
from livecoach.lab.dataset import ArrayTable
from livecoach.lab.real_sets import JUDGING, TRAINING, film_real_set
from livecoach.lab.synth.motion.tokens import random_movements, random_tokens
from livecoach.lab.synth.synthetic_sets import SetRequest, random_set
from livecoach.lab.train.labelled_movements import (
    LabelledMovement,
    gather_rendered_movements,
    gather_synthetic_movements,
    label_movements,
)
from livecoach.lab.train.recipes import BuildContext, LiftRecipe

LEFT_OUT: dict[str, tuple[str, ...]] = {
    "squat": (
        *("start_level", "end_level", "hip_low", "knee_low", "lean_low", "elbow_low", "elbow_mid", "elbow_turn"),
        *("elbow_worst", "hands_low", "wrist_change", "path", "front_turn"),
    )
}
"""Lift → features that are hidden from the first forest, as more than a quarter of real squats lie outside the 3rd to
97th percentile of synthetic squats. Hiding the deadlift's features costs more in false lifts than it gains."""
COPIES = 3  # Number of copies of a set's differences, with the original
SCALE = 0.3
"""Standard deviation of the logarithm of the factor on a set's differences, in copies, since real sets scatter more or
less."""
RENDERED = 8.0
"""Weight of a movement of a rendered set. In cross-validation it raises the AUROC for deadlifts from .965 to .972, and
changes nothing for squats."""
FEWER = 4  # Divisor of the number of real sets, for judging
UNCLEAR = 0.3  # Weight of a movement that is a part of a true rep: no rep by itself, but close to a rep
MORE_SETS = "Raise --sets; 20 are usually enough for a try."
SPREAD_FLOOR = 1e-3  # Amount that is added to every spread, against division by 0
Sets = Sequence[Sequence[LabelledMovement]]  # Examples of each set
DEPTH, TREES = 5, 300  # Depth and number of the trees of the first forest
ALIKE_DEPTH, ALIKE_TREES = 3, 200  # Depth and number of the trees of the second forest
RATE = 0.06  # Learning rate of both forests
USUAL_LIMIT, LIMITS = 0.5, {"deadlift": 0.5, "squat": 1.0}
"""Log likelihood ratios from which a movement alone is a lift, chosen on left-out sets and checked on real clips."""
USUAL_IN_SET, IN_SET = 4.0, {"deadlift": 2.0, "squat": 4.0}
"""Prior log odds that a movement in a set under way is a rep, chosen like LIMITS; USUAL_IN_SET on 30 synthetic sets."""
LESS_WHERE_MORE = (
    *("feet_shift", "feet_wander", "ankle_range", "scale_change", "turned_by", "turning", "ends_apart", "lateral"),
    *("knees_differ", "hips_differ", "sway_top", "knee_apart", "hip_apart", "lean_apart", "gap"),
)
"""Features that may only lower the odds of a lift as they grow, so that chance teaches the forest nothing else."""
LESS_OF = {"lunge": ("turned_by", "turning", "lean_apart", "gap")}
"""Lift → features of LESS_WHERE_MORE that hold for it. The others are large in good reps: a lunge is a step."""


def _forest_arrays(forest: HistGradientBoostingClassifier, depth: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return feature and threshold at inner nodes, (trees, 2**depth - 1), and leaves, (trees, 2**depth).

    The leaves of the first tree include the prior. Shorter branches are filled up.
    """
    inner = 2**depth - 1
    feature, threshold = np.zeros((len(forest._predictors), inner), int), np.zeros((len(forest._predictors), inner))
    leaf = np.zeros((len(forest._predictors), 2**depth))

    def copy_node(tree: int, nodes: np.ndarray, node: int, place: int) -> None:
        """Copy a node, and the nodes below the node, to a place in a tree; 2 p + 1 and 2 p + 2 are below place p."""
        here = nodes[node]
        if place >= inner:
            leaf[tree, place - inner] = here["value"]
            return
        below = (node, node) if here["is_leaf"] else (int(here["left"]), int(here["right"]))
        if not here["is_leaf"]:
            feature[tree, place], threshold[tree, place] = here["feature_idx"], here["num_threshold"]
        for side, child in enumerate(below):
            copy_node(tree, nodes, child, 2 * place + 1 + side)

    for tree, (predictor,) in enumerate(forest._predictors):
        copy_node(tree, predictor.nodes, 0, 0)
    leaf[0] += float(np.ravel(forest._baseline_prediction)[0])
    return feature, threshold, leaf


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ForestTable(ArrayTable):
    """The training data of a forest of decision trees: a row of features, a label and a weight for each example.

    An example is a movement, or the comparison of a movement with earlier movements of its set.
    """

    rows: np.ndarray  # (n, features)
    labels: np.ndarray  # (n,) 1 for a rep, or for a rep that is compared with reps; otherwise 0
    weights: np.ndarray  # (n,)
    sets: np.ndarray  # (n,) index of the set, from 0


def _measure_spread(sets: Sets) -> MovementFeatures:
    """Measure how far each feature is from its set's median, in sets of three reps or more: the 68th percentile."""
    own, course = [], []
    for examples in sets:
        reps = [example.movement.features for example in examples if example.is_rep]
        if len(reps) >= 3:
            own += list(np.abs([rep.own - np.median([x.own for x in reps], 0) for rep in reps]))
            course += list(np.abs([rep.trajectory - np.median([x.trajectory for x in reps], 0) for rep in reps]))
    if not own:
        raise ConfigError(f"too few sets: none has three reps and more. {MORE_SETS}")
    return MovementFeatures(
        own=np.percentile(own, 68, axis=0) + SPREAD_FLOOR, trajectory=np.percentile(course, 68, axis=0) + SPREAD_FLOOR
    )


def _movement_table(sets: Sets, motion: str) -> ForestTable:
    """Return the features of single movements as a table; features in LEFT_OUT for the lift `motion` are 0."""
    used = np.array([name not in LEFT_OUT.get(motion, ()) for name in OWN])
    weights = {"part": UNCLEAR, "rep": 1.0, "other": 1.0}
    return _table(
        [
            (np.where(used, example.movement.features.own, 0.0), example.is_rep, weights[example.kind], number)
            for number, examples in enumerate(sets)
            for example in examples
        ]
    )


def _likeness_table(sets: Sets, spread: MovementFeatures, rng: np.random.Generator) -> ForestTable:
    """Return movements' differences from up to COMPARED earlier reps that ended within FORGOTTEN_S, and from others."""
    rows = []
    for number, examples in enumerate(sets):
        for k, example in enumerate(examples):
            for of_reps in (True, False):
                before = [
                    earlier.movement
                    for earlier in examples[:k]
                    if earlier.kind != "part"
                    and earlier.is_rep == of_reps
                    and example.movement.times.start_s - earlier.movement.times.end_s <= FORGOTTEN_S
                ]
                if before and example.kind != "part":
                    compared = before[-int(rng.integers(1, COMPARED + 1)) :]
                    both = example.is_rep and of_reps
                    rows.append((evidence.compare_movement(example.movement, compared, spread), both, 1.0, number))
    return _table(rows)


def _table(rows: Sequence[tuple[np.ndarray, bool, float, int]]) -> ForestTable:
    return ForestTable(
        rows=np.array([row for row, *_ in rows]),
        labels=np.array([int(label) for _, label, _, _ in rows]),
        weights=np.array([weight for *_, weight, _ in rows]),
        sets=np.array([number for *_, number in rows]),
    )


def _join_tables(motion: ForestTable, rendered: ForestTable) -> ForestTable:
    more = replace(rendered, weights=RENDERED * rendered.weights, sets=motion.sets.max() + 1 + rendered.sets)
    return ForestTable.join([motion, more])


def _add_scaled_copies(table: ForestTable, rng: np.random.Generator) -> ForestTable:
    """Return the table with copies of its rows, in which a random factor scales the differences of each set."""
    logs = np.array([name.startswith("log_") and name not in evidence.FREE for name in evidence.DIFFERENCES])
    fixed = np.array([name in {*evidence.FREE, "log_feet_shift", "log_scale"} for name in evidence.DIFFERENCES])
    copies = []
    for _ in range(COPIES - 1):
        factor = SCALE * rng.standard_normal(table.sets.max() + 1)[table.sets][:, None]
        grown = np.where(logs, table.rows + factor, np.minimum(table.rows * np.exp(factor), evidence.FARTHEST))
        copies.append(np.where(fixed, table.rows, grown))
    return ForestTable.join([table, *(replace(table, rows=rows) for rows in copies)])


def train(recipe: LiftRecipe, context: BuildContext, out: Path, training: dict[str, Any]) -> str:
    """Train the lift model, write it with `training` and further facts to lift.json, and return the accuracy in words.

    Raises:
        ConfigError: The sets are too few, or this machine can't draw the rendered sets.
        SourceError: The recorded movements can't be read.
        ModelError: An earlier part can't be read.
    """
    exercise = context.exercise
    drawn = gather_rendered_movements(recipe, context)
    sets = [*gather_synthetic_movements(recipe, context), *film_movements(recipe, context, TRAINING)]
    limit = LIMITS.get(exercise.motion, USUAL_LIMIT)
    context.runner.progress("trees", 0.0)
    model = _train_lift_model(sets, drawn, exercise.motion, limit)
    examples = [example for of_set in [*sets, *drawn] for example in of_set]
    training = training | {
        "synthetic": True,
        "sets": recipe.sets,
        "rendered": len(drawn),
        "real": 0 if recipe.motion is None else recipe.real,
        "lifts": sum(example.is_rep for example in examples),
        "others": sum(not example.is_rep for example in examples),
    }
    judged = _judge_lift_model(model, recipe, context)
    made = {"training": training, "judged": judged, **_model_content(model)}
    (out / "lift.json").write_text(json.dumps(made) + "\n", encoding="utf-8")
    return (
        f"of {judged['reps']:.0f} synthetic reps {judged['missed']:.0f} are missed; {judged['ghosts']:.0f} ghosts "
        f"beside them, {judged['ghosts_without_reps']:.0f} in {judged['minutes_without_reps']:.0f} minutes without reps"
    )


def film_movements(recipe: LiftRecipe, context: BuildContext, people: Sequence[str]) -> list[list[LabelledMovement]]:
    """Film recorded people, by name, with virtual cameras, if `recipe.motion` is set. Return each set's movements.

    Raises SourceError if the recordings can't be read, and ModelError if an earlier part can't be read.
    """
    if recipe.motion is None:
        return []
    work = partial(_examples_of_people, context.exercise, context.earlier_parts, recipe, people)
    return context.runner.map(work, range(recipe.real), "movements of people")


def _examples_of_people(
    exercise: Exercise, folder: Path, recipe: LiftRecipe, people: Sequence[str], number: int
) -> list[LabelledMovement]:
    assert recipe.motion is not None
    made = film_real_set(recipe.motion, recipe.seed, number, people)
    reps, seen = made.reps_of_lift(exercise.motion), made.seen.to_observations(made.t_s)
    return [] if reps is None else list(label_movements(seen, exercise, folder, reps, ()))


def _new_rep_classifier(motion: str) -> HistGradientBoostingClassifier:
    less = LESS_OF.get(motion, LESS_WHERE_MORE)
    return _trees(DEPTH, TREES, [-1 if name in less else 0 for name in OWN])


def new_likeness_classifier() -> HistGradientBoostingClassifier:
    """Return an untrained classifier that tells whether a movement is a rep by the differences from earlier movements.

    A larger difference may only lower the odds of a rep, except for the differences in `evidence.FREE`.
    """
    return _trees(ALIKE_DEPTH, ALIKE_TREES, [0 if name in evidence.FREE else -1 for name in evidence.DIFFERENCES])


def _trees(depth: int, count: int, monotonic: list[int]) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        max_iter=count,
        max_depth=depth,
        max_leaf_nodes=None,
        learning_rate=RATE,
        l2_regularization=5.0,
        min_samples_leaf=10,
        max_features=0.15,
        monotonic_cst=monotonic,
        class_weight="balanced",  # so that log odds are log likelihood ratios
        random_state=0,
        early_stopping=False,
    )


def measure_intraclass_correlation(trees: HistGradientBoostingClassifier, table: ForestTable) -> float:
    """Measure how alike the log likelihood ratios of reps of the same set are: their intraclass correlation.

    The untrained classifier is fitted, in place, to half of the sets. The other half gives the correlation, 0…1; a
    negative correlation counts as 0. Raises ConfigError if too few sets show several reps, or reps and other movements.
    """
    problem = ""
    for parity in (1, 0):  # if there are few sets, only one half may be suitable for measuring
        held_out = table.sets % 2 == parity
        learned, reps = table.labels[~held_out], held_out & (table.labels == 1)
        sets = table.sets[reps]
        with_several = [number for number, count in zip(*np.unique(sets, return_counts=True), strict=True) if count > 1]
        if len(np.unique(learned)) < 2:
            problem = problem or f"every other one shows {'only reps' if learned.any() else 'no rep'}"
        elif (count := len(with_several)) < 2:
            problem = problem or f"two of those held back must have several reps, and {count or 'none'} has"
        else:
            break
    else:
        raise ConfigError(f"too few sets: {problem}. {MORE_SETS}")
    trees.fit(table.rows[~held_out], learned, sample_weight=table.weights[~held_out])
    ratios = trees.decision_function(table.rows[reps])
    groups = [ratios[sets == number] for number in with_several]
    sizes = np.array([len(group) for group in groups])
    grand = np.concatenate(groups).mean()
    between = sum(len(group) * (group.mean() - grand) ** 2 for group in groups) / (len(groups) - 1)
    within = sum(((group - group.mean()) ** 2).sum() for group in groups) / (sizes.sum() - len(groups))
    size = (sizes.sum() - (sizes**2).sum() / sizes.sum()) / (len(groups) - 1)
    return float(np.clip((between - within) / (between + (size - 1) * within), 0.0, 1.0))


def _train_lift_model(motion: Sets, rendered: Sets, motion_name: str, limit: float) -> evidence.LiftModel:
    """Train a lift model; its rules are measured on the sets of motion alone."""
    rng, spread = np.random.default_rng(0), _measure_spread(motion)
    own, alike = _movement_table(motion, motion_name), _likeness_table(motion, spread, rng)
    rules = evidence.EvidenceRules(
        prior=-limit,
        in_set=IN_SET.get(motion_name, USUAL_IN_SET),
        own_correlation=measure_intraclass_correlation(_new_rep_classifier(motion_name), own),
        alike_correlation=measure_intraclass_correlation(new_likeness_classifier(), alike),
    )
    if rendered:
        own = _join_tables(own, _movement_table(rendered, motion_name))
        alike = _join_tables(alike, _likeness_table(rendered, spread, rng))
    forests = []
    for name, trees, table, depth in (
        ("own", _new_rep_classifier(motion_name), own, DEPTH),
        ("alike", new_likeness_classifier(), _add_scaled_copies(alike, rng), ALIKE_DEPTH),
    ):
        trees.fit(table.rows, table.labels, sample_weight=table.weights)
        feature, threshold, leaf = _forest_arrays(trees, depth)
        forests.append(
            evidence.Forest(feature=feature, threshold=threshold, leaf=leaf, features=evidence.FEATURES[name])
        )
    return evidence.LiftModel(
        forest=forests[0], alike_forest=forests[1], spread_own=spread.own, spread_course=spread.trajectory, rules=rules
    )


def _count_set(
    model: evidence.LiftModel, exercise: Exercise, folder: Path, seed: int, number: int
) -> tuple[int, int, int, int, int, float]:
    """Count a set (whether it is exact, reps, missed reps, ghosts), and a set without reps (ghosts, minutes)."""
    rng = np.random.default_rng((seed, number, 77))
    wanted = SetRequest(exercise=exercise.motion, bodies="judging", graded=False)
    made = random_set((seed, number), replace(wanted, tokens=random_tokens(rng, exercise.motion, reps=(3, 12))))
    tokens = random_movements(rng, exercise.motion, hard=True)
    empty = random_set((seed, number, 1), replace(wanted, tokens=tokens))
    result, of_empty = (
        compare_counts(list(find_reps(make_counter(exercise, folder, model), some.observations)), reps, some.events)
        for some, reps in ((made, made.reps), (empty, ()))
    )
    of_made = int(result.is_exact), len(made.reps), len(result.missed), len(result.ghosts)
    return (*of_made, len(of_empty.ghosts), empty.observations[-1].t_s / 60)


def _judge_lift_model(model: evidence.LiftModel, recipe: LiftRecipe, context: BuildContext) -> dict[str, float]:
    """Return the sum of each figure of lift.json over all sets of judging bodies and recorded people."""
    work = partial(_count_set, model, context.exercise, context.earlier_parts, recipe.seed + 1)
    rows = context.runner.map(work, range(recipe.judging), "judging")
    names = ("exact", "reps", "missed", "ghosts", "ghosts_without_reps", "minutes_without_reps")
    judged = {"sets": recipe.judging, **dict(zip(names, np.sum(rows, axis=0).round(1).tolist(), strict=True))}
    if recipe.motion is None:
        return judged
    of_people = partial(_count_people_set, model, context.exercise, context.earlier_parts, recipe)
    found = np.sum(context.runner.map(of_people, range(max(recipe.real // FEWER, 1)), "judging by people"), axis=0)
    return judged | dict(zip(("real_reps", "real_missed", "real_ghosts"), found.tolist(), strict=True))


def _count_people_set(
    model: evidence.LiftModel, exercise: Exercise, folder: Path, recipe: LiftRecipe, number: int
) -> tuple[int, int, int]:
    """Return the numbers of reps, missed reps and ghosts; 0 if the recording doesn't show clearly what are reps."""
    assert recipe.motion is not None
    made = film_real_set(recipe.motion, recipe.seed, number, JUDGING)
    reps = made.reps_of_lift(exercise.motion)
    if reps is None:
        return 0, 0, 0
    seen = made.seen.to_observations(made.t_s)
    result = compare_counts(list(find_reps(make_counter(exercise, folder, model), seen)), reps, ())
    return len(reps), len(result.missed), len(result.ghosts)


def _rounded(values: np.ndarray) -> list[object]:
    return json.loads(json.dumps(values.tolist()), parse_float=lambda text: float(f"{float(text):.6g}"))


def _model_content(model: evidence.LiftModel) -> dict[str, object]:
    forests = {"own": model.forest, "alike": model.alike_forest}
    return {
        "evidence": {name: round(value, 3) for name, value in asdict(model.rules).items()},
        "spread_own": _rounded(model.spread_own),
        "spread_course": _rounded(model.spread_course),
        **{
            name: {
                "features": list(forest.features),
                "feature": forest.feature.tolist(),
                "threshold": _rounded(forest.threshold),
                "leaf": _rounded(forest.leaf),
            }
            for name, forest in forests.items()
        },
    }
