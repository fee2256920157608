"""A judge that says what it is told, and pipelines with it: shipped exercise and stage model, no model runtime."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial

from builders.lifts import by_prior
from livecoach.core.config import exercise
from livecoach.core.config.paths import models_dir
from livecoach.core.model_files.model_folder import read_model_json
from livecoach.core.step import Learning, RepCorrected, Step
from livecoach.core.types import Fault, Observation, Rep, RepWindow, View
from livecoach.core.types.reps import DEFAULT_STANDARDS
from livecoach.decisions.counting.body_reader import StageModel
from livecoach.decisions.counting.counter import RepCounter
from livecoach.decisions.counting.evidence import LiftEvidence
from livecoach.decisions.exercise_run import ExerciseParts
from livecoach.decisions.judging.fault_model import CameraPlaces
from livecoach.decisions.judging.lifter_judge import LifterJudge
from livecoach.decisions.judging.own_reps import EndedSet, Unlearned
from livecoach.decisions.judging.verdict import unjudged_rep
from livecoach.decisions.pipeline import Pipeline
from livecoach.decisions.recognition.recogniser import Recogniser
from livecoach.decisions.rep.depth import Referee
from livecoach.decisions.rep.measured import VIEW_UNKNOWN, MeasuredRep
from livecoach.decisions.rep.measures import load_faults
from livecoach.run.coached import replay

EXERCISES = {name: exercise.load(name) for name in ("deadlift", "squat")}
FAULTS = {name: load_faults(name) for name in EXERCISES}
ALL_COUNT = Referee(DEFAULT_STANDARDS, None, None)
STAGES = {name: read_model_json(models_dir() / name / "stage.json", StageModel) for name in EXERCISES}


class FakeJudge:
    """Gives the scores it was told, then the last one for ever; keeps the windows. It learns nothing."""

    def __init__(self, *scores: float, name: str = "deadlift") -> None:
        """name: of the exercise."""
        self.table, self.is_of_nobody = load_faults(name), False
        self._scores = list(scores or (0.4,))
        self.own_reps = self.limbs = self  # nor is there a reference beside it
        self.windows: list[RepWindow] = []

    @staticmethod
    @cache  # each step asks for them
    def places(*, depth: bool) -> CameraPlaces:
        shown = {"depth": (range(30, 106),)} if depth else {}
        return CameraPlaces(seen_from={**shown, "path of the bar": (range(20, 106),)}, shown_by_legs=())

    def judge_rep(self, window: RepWindow, **how: object) -> tuple[Rep, tuple[RepWindow, ...]]:
        del how
        unsure = MeasuredRep(window, self.table).unsure_reason
        if unsure not in (None, VIEW_UNKNOWN):
            return unjudged_rep(window, self.table, unsure), ()
        self.windows.append(window)
        score = self._scores.pop(0) if len(self._scores) > 1 else self._scores[0]
        odd = score > 1
        joints = ("left_knee", "nose") if odd else ()
        unseen = unjudged_rep(window, self.table, VIEW_UNKNOWN)
        found = {"verdict": "anomalous" if odd else "good", "score": score, "top_joints": joints, "reference": "own"}
        return replace(unseen, unsure=None, **found), ()  # type: ignore[arg-type]

    def judge_partial(self, window: RepWindow) -> tuple[Fault, ...]:
        del window
        return ()

    def is_other_body(self, window: RepWindow) -> bool:
        del window
        return False

    def remember(self, window: RepWindow) -> None:
        del window

    is_from_below = is_other_body

    def learning_state(self, view: View | None) -> Learning | None:
        del view
        return None

    def end_set(self) -> EndedSet:
        return EndedSet((), {})

    def resume_set(self, set_name: str) -> None:
        del set_name

    def camera_warning(self) -> str | None:
        return None

    @property
    def confirmable_starts_s(self) -> tuple[float, ...]:
        return ()

    def count_unlearned(self) -> dict[Unlearned, int]:
        return {}

    def withdraw(self, set_name: str, since_s: float) -> None:
        self.windows = [window for window in self.windows if window.set_name != set_name or window.start_s < since_s]

    def correct(self, said: RepCorrected) -> RepCorrected:
        return said


Judging = LifterJudge | FakeJudge


def some_parts(
    name: str = "deadlift",
    judge: Judging | None = None,
    *,
    lift: LiftEvidence | None = None,
    referee: Referee = ALL_COUNT,
) -> ExerciseParts:
    """What counts and judges the reps of an exercise; without a judge every rep is good."""
    return ExerciseParts(
        exercise=EXERCISES[name],
        new_counter=partial(RepCounter, EXERCISES[name], STAGES[name], lift or by_prior(20.0)),
        judge=judge or FakeJudge(name=name),  # type: ignore[arg-type]
        referee=referee,
    )


def a_pipeline(
    name: str = "deadlift",
    judge: Judging | None = None,
    *,
    lift: LiftEvidence | None = None,
    recogniser: Recogniser | None = None,
) -> Pipeline:
    """Reps are counted, and judged as the judge is told."""
    return Pipeline([some_parts(name, judge, lift=lift)], recogniser, chosen_exercise=name)


def steps_of(observations: Sequence[Observation], name: str = "deadlift", judge: Judging | None = None) -> list[Step]:
    """A step for each observation, and the one at the end of the source."""
    return list(replay(a_pipeline(name, judge), observations))
