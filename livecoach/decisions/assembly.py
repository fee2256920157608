"""Puts the parts of a run together from settings: exercises, models, pose, pipeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from livecoach.core.config import exercise as exercises
from livecoach.core.config.exercise import Exercise
from livecoach.core.config.paths import models_dir
from livecoach.core.documents import AUTO, ModelDocument
from livecoach.core.model_files import model_folder
from livecoach.core.model_files.model_folder import ModelCard
from livecoach.core.types import RepWindow, Standards
from livecoach.core.types.message import in_words
from livecoach.core.types.reps import SHOWN
from livecoach.decisions.counting import boundary_regression
from livecoach.decisions.counting.boundary_regression import Boundaries
from livecoach.decisions.counting.counter import StageModel, load_stage
from livecoach.decisions.counting.lifts import LiftScorer, load_lift_model
from livecoach.decisions.exercise_run import ExerciseParts
from livecoach.decisions.judging.lifter_judge import LifterJudge
from livecoach.decisions.judging.scorer import Scorer, load_scorer
from livecoach.decisions.pipeline import Pipeline
from livecoach.decisions.recognition import model_file
from livecoach.decisions.recognition.recogniser import Recogniser, RecognitionModel, habits_of
from livecoach.decisions.rep.depth import DepthModel, Referee, load_shipped_depth
from livecoach.decisions.rep.measures import load_faults
from livecoach.perception.bar.detector import Detector
from livecoach.perception.bar.follower import Follower
from livecoach.perception.pose import PoseEstimator
from livecoach.perception.pose.observer import Observer


@dataclass(frozen=True, kw_only=True)
class Coach:
    """An exercise with its models, ready to make pipelines."""

    exercise: Exercise
    stage: StageModel
    lift: LiftScorer
    boundaries: Boundaries
    scorer: Scorer
    card: ModelCard
    model_of_exercises: RecognitionModel | None = None  # notices another exercise; None for nothing
    depth: DepthModel | None = None  # what measures depth, where the exercise has that standard

    @property
    def name(self) -> str:
        return self.exercise.name

    @property
    def title(self) -> str:
        return self.exercise.title

    @property
    def titles(self) -> Mapping[str, str] | None:
        return None

    @property
    def coaches(self) -> "Mapping[str, Coach]":
        return {self.exercise.name: self}

    def pipeline(
        self,
        kept: Sequence[RepWindow] = (),
        *,
        learn: bool = True,
        height_cm: float | None = None,
        standards: Standards = SHOWN,
        pose: str = "",
    ) -> Pipeline:
        """For one source. kept: the lifter's own good reps. learn: report which reps to keep. pose: name of the pose
        model."""
        recogniser = None if self.model_of_exercises is None else Recogniser(self.model_of_exercises)
        parts = self.parts(kept, height_cm, standards)
        return Pipeline([parts], recogniser, given=self.name, learn=learn, pose=pose)

    def parts(self, kept: Sequence[RepWindow], height_cm: float | None, standards: Standards = SHOWN) -> ExerciseParts:
        """For one source; arguments as pipeline's."""
        return ExerciseParts(
            exercise=self.exercise,
            stage=self.stage,
            judge=LifterJudge(self.scorer, kept=kept, height_cm=height_cm),
            referee=Referee(standards, self.depth, height_cm),
            lift=self.lift,
            boundaries=self.boundaries,
        )

    def models(self, pose: str) -> Mapping[str, ModelDocument] | None:  # noqa: ARG002 - as RecognisingCoach's
        return None

    @cached_property
    def _digest(self) -> str:
        return model_folder.sha256(models_dir() / self.exercise.model / "model.json")

    def model(self, pose: str) -> ModelDocument:
        card = self.card
        return ModelDocument(
            name=card.name, version=card.version, sha256=self._digest, synthetic=card.synthetic, pose=pose
        )


@dataclass(frozen=True, kw_only=True)
class RecognisingCoach:
    model_of_exercises: RecognitionModel
    coaches: Mapping[str, Coach]  # exercises that can be counted

    def pipeline(
        self,
        kept: Sequence[RepWindow] = (),
        *,
        learn: bool = True,
        height_cm: float | None = None,
        standards: Standards = SHOWN,
        pose: str = "",
    ) -> Pipeline:
        """For one source. kept: the lifter's own good reps of all exercises, which also show their usual order; other
        arguments as Coach's."""
        parts = [
            coach.parts([rep for rep in kept if rep.exercise == name], height_cm, standards)
            for name, coach in self.coaches.items()
        ]
        return Pipeline(parts, Recogniser(self.model_of_exercises, habits_of(kept)), learn=learn, pose=pose)

    @property
    def name(self) -> str:
        """Stands for the exercise in settings and documents."""
        return AUTO

    @property
    def title(self) -> str | None:
        """The exercise is unknown."""
        return None

    @property
    def titles(self) -> Mapping[str, str] | None:
        names = {name: in_words(name) for name in self.model_of_exercises.exercises}
        return names | {name: coach.exercise.title for name, coach in self.coaches.items()}

    def models(self, pose: str) -> Mapping[str, ModelDocument] | None:
        return {name: coach.model(pose) for name, coach in self.coaches.items()}

    def model(self, pose: str) -> ModelDocument:
        return recognition_model(pose)


RunCoach = Coach | RecognisingCoach


def observer(estimator: PoseEstimator | None) -> Observer:
    """For one source. estimator: None where all frames come from stored observations. Raises ModelError if the bar's
    networks can't be used."""
    return Observer(estimator, None if estimator is None else Follower(Detector()))


def load(exercise: str, false_alarms: float = model_folder.FALSE_ALARMS, *, standards: bool = True) -> Coach:
    """false_alarms: share of good reps that may be called anomalous. standards: False leaves out what measures them,
    for its own training. Raises ConfigError or ModelError, which names the file at fault."""
    return replace(_alone(exercise, false_alarms, standards=standards), model_of_exercises=model_file.load())


def load_run(exercise: str, false_alarms: float = model_folder.FALSE_ALARMS) -> RunCoach:
    """exercise: its name, or "auto" to recognise it. Raises as `load` does."""
    return load_recognising(false_alarms) if exercise == AUTO else load(exercise, false_alarms)


def recognition_model(pose: str) -> ModelDocument:
    """pose: name of the pose model. Raises ModelError."""
    folder = model_file.default_folder()
    digest = model_folder.sha256(folder / model_file.CARD)
    synthetic = bool(model_file.read_card(folder).training["synthetic"])
    return ModelDocument(name="recognition", version=digest[:12], sha256=digest, synthetic=synthetic, pose=pose)


def load_recognising(false_alarms: float = model_folder.FALSE_ALARMS) -> RecognisingCoach:
    """With all exercises that the shipped network knows and that have a file. Raises as `load` does."""
    model = model_file.load()
    coaches = {name: _alone(name, false_alarms) for name in exercises.names() if name in model.exercises}
    return RecognisingCoach(model_of_exercises=model, coaches=coaches)


def _alone(exercise: str, false_alarms: float, *, standards: bool = True) -> Coach:
    """Without noticing other exercises."""
    rules = exercises.load(exercise)
    folder = models_dir() / rules.model
    return Coach(
        exercise=rules,
        stage=load_stage(folder / "stage.json"),
        lift=load_lift_model(folder / "lift.json"),
        boundaries=boundary_regression.load(folder / "boundaries.json"),
        scorer=load_scorer(folder, load_faults(exercise), false_alarms),
        card=model_folder.read(folder),
        depth=load_shipped_depth() if standards and "depth" in rules.standards else None,
    )
