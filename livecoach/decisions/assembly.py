"""Puts the parts of a run together from settings: exercises, models, pose, pipeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

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
from livecoach.decisions.counting.counter import RepCounter, StageModel
from livecoach.decisions.counting.lifts import LiftModel, LiftScorer
from livecoach.decisions.exercise_run import ExerciseParts
from livecoach.decisions.judging.corrections import RepLog
from livecoach.decisions.judging.lifter_judge import LifterJudge
from livecoach.decisions.judging.scorer import Scorer, load_scorer
from livecoach.decisions.pipeline import Pipeline
from livecoach.decisions.recognition import model_file
from livecoach.decisions.recognition.recogniser import Recogniser, RecognitionModel, habits_of
from livecoach.decisions.rep.depth import DepthModel, Referee, load_shipped_depth
from livecoach.decisions.rep.measures import load_faults
from livecoach.perception.bar.detector import Detector
from livecoach.perception.pose import PoseEstimator
from livecoach.perception.pose.observer import Observer


@dataclass(frozen=True, kw_only=True)
class TrainedExercise:
    exercise: Exercise
    stage: StageModel
    lift: LiftScorer
    boundaries: Boundaries
    scorer: Scorer
    card: ModelCard
    folder: Path  # of the model
    depth: DepthModel | None = None  # what measures depth, where the exercise has that standard

    def parts(self, judge: LifterJudge, height_cm: float | None, standards: Standards) -> ExerciseParts:
        """For one source. judge: as `judge` returns it."""
        referee = Referee(standards, self.depth, height_cm)
        return ExerciseParts(exercise=self.exercise, new_counter=self.counter, judge=judge, referee=referee)

    def judge(self, kept: Sequence[RepWindow] = (), height_cm: float | None = None) -> LifterJudge:
        """Of one lifter, for one source. kept: the lifter's own good reps of the exercise."""
        return LifterJudge(self.scorer, kept=kept, height_cm=height_cm)

    def counter(self) -> RepCounter:
        """For one source."""
        return RepCounter(self.exercise, self.stage, self.lift, self.boundaries)

    @cached_property
    def _digest(self) -> str:
        return model_folder.sha256(self.folder / "model.json")

    def model(self, pose: str) -> ModelDocument:
        """pose: name of the pose model."""
        card = self.card
        return ModelDocument(
            name=card.name, version=card.version, sha256=self._digest, synthetic=card.synthetic, pose=pose
        )


@dataclass(frozen=True, kw_only=True)
class Coach:
    """What coaches one exercise, which the lifter has named, or recognises several."""

    exercises: Mapping[str, TrainedExercise]  # those that can be counted, by name
    recognition: RecognitionModel
    given: str | None  # name of the one that the lifter does; None to recognise it

    @property
    def name(self) -> str:
        """As settings and documents have it."""
        return self.given or AUTO

    @property
    def title(self) -> str | None:
        """None where the exercise is to be recognised."""
        return None if self.given is None else self.exercises[self.given].exercise.title

    @property
    def titles(self) -> Mapping[str, str] | None:
        """Of all that can be recognised; None where the exercise is given."""
        if self.given is not None:
            return None
        names = {name: in_words(name) for name in self.recognition.exercises}
        return names | {name: one.exercise.title for name, one in self.exercises.items()}

    def pipeline(
        self,
        kept: Sequence[RepWindow] = (),
        *,
        height_cm: float | None = None,
        standards: Standards = SHOWN,
        pose: str = "",
        judges: Mapping[str, LifterJudge] | None = None,
        log: RepLog | None = None,
        by_hand: bool = False,
    ) -> Pipeline:
        """For one source. kept: the lifter's own good reps of the exercises, which also show their usual order. pose:
        name of the pose model. judges: exercise → the lifter's judge; None for new ones. log, by_hand: as
        Pipeline's."""
        judges = judges or {
            name: one.judge([rep for rep in kept if self.given or rep.exercise == name], height_cm)
            for name, one in self.exercises.items()
        }
        parts = [one.parts(judges[name], height_cm, standards) for name, one in self.exercises.items()]
        if self.given is None:
            overhead = [name for name, one in self.exercises.items() if one.exercise.reps.raises_hands]
            recogniser = Recogniser(self.recognition, habits_of(kept), overhead)
        else:
            recogniser = Recogniser(self.recognition)
        return Pipeline(parts, recogniser, given=self.given, pose=pose, log=log, by_hand=by_hand)

    def model(self, pose: str) -> ModelDocument:
        """pose: name of the pose model."""
        return recognition_model(pose) if self.given is None else self.exercises[self.given].model(pose)


def observer(estimator: PoseEstimator | None) -> Observer:
    """For one source. estimator: None where all frames come from stored observations. Raises ModelError if the bar's
    networks can't be used."""
    return Observer(estimator, None if estimator is None else Detector())


def load(
    exercise: str, false_alarms: float = model_folder.FALSE_ALARMS, *, standards: bool = True, own: Path | None = None
) -> Coach:
    """exercise: its name, or "auto" to recognise all that the shipped network knows and that have a file. own: folder
    of a model that takes the place of its exercise's. Other arguments and errors as `load_exercise`."""
    recognition = model_file.load()
    recognised = [name for name in exercises.names() if name in recognition.exercises]
    names = recognised if exercise == AUTO else [exercise]
    folders = {} if own is None else {model_folder.read(own).name: own}
    return Coach(
        exercises={
            name: load_exercise(name, false_alarms, standards=standards, folder=folders.get(name)) for name in names
        },
        recognition=recognition,
        given=None if exercise == AUTO else exercise,
    )


def load_exercise(
    name: str,
    false_alarms: float = model_folder.FALSE_ALARMS,
    *,
    standards: bool = True,
    folder: Path | None = None,
) -> TrainedExercise:
    """false_alarms: share of good reps that may be called anomalous. standards: False leaves out what measures them,
    for its own training. folder: of the model; None for the exercise's own. Raises ConfigError or ModelError, which
    names the file at fault."""
    rules = exercises.load(name)
    folder = folder or models_dir() / rules.model
    model_folder.check_trained(folder, name)
    return TrainedExercise(
        exercise=rules,
        stage=model_folder.read_model(folder / "stage.json", StageModel),
        lift=model_folder.read_model(folder / "lift.json", LiftModel),
        boundaries=boundary_regression.load(folder / "boundaries.json"),
        scorer=load_scorer(folder, load_faults(name), false_alarms),
        card=model_folder.read(folder),
        folder=folder,
        depth=load_shipped_depth() if standards and "depth" in rules.standards else None,
    )


def recognition_model(pose: str) -> ModelDocument:
    """pose: name of the pose model. Raises ModelError."""
    folder = model_file.default_folder()
    digest = model_folder.sha256(folder / model_file.CARD)
    synthetic = bool(model_file.read_card(folder).training["synthetic"])
    return ModelDocument(name="recognition", version=digest[:12], sha256=digest, synthetic=synthetic, pose=pose)
