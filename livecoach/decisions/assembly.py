"""Loads exercises with their models, and makes the observer and the pipeline of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from livecoach.core.config import exercise as exercises
from livecoach.core.config.exercise import Exercise
from livecoach.core.config.paths import models_dir
from livecoach.core.documents import AUTO, ModelDocument
from livecoach.core.errors import ModelError
from livecoach.core.model_files import model_folder
from livecoach.core.model_files.model_folder import ModelCard
from livecoach.core.types import RepWindow, Standards
from livecoach.core.types.message import in_words
from livecoach.core.types.reps import DEFAULT_STANDARDS
from livecoach.decisions.counting.body_reader import BoundaryModel, StageModel, load_boundaries
from livecoach.decisions.counting.counter import RepCounter
from livecoach.decisions.counting.evidence import KnownReps, LiftEvidence, LiftModel, PersonalLiftModel
from livecoach.decisions.exercise_run import ExerciseParts
from livecoach.decisions.judging.corrections import RepLog
from livecoach.decisions.judging.lifter_judge import LifterJudge
from livecoach.decisions.judging.scorer import Scorer, load_scorer
from livecoach.decisions.pipeline import Pipeline
from livecoach.decisions.recognition import model_file
from livecoach.decisions.recognition.recogniser import Recogniser, RecognitionModel, find_habits
from livecoach.decisions.rep.depth import DepthModel, Referee, load_shipped_depth_model
from livecoach.decisions.rep.measures import load_faults
from livecoach.perception.bar.detector import PlateDetector
from livecoach.perception.pose import PoseEstimator
from livecoach.perception.pose.observer import Observer


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedExercise:
    """An exercise that can be counted and judged, with its models."""

    exercise: Exercise
    stage: StageModel
    lift: LiftEvidence
    boundaries: BoundaryModel
    scorer: Scorer
    card: ModelCard
    folder: Path  # Folder of the model
    depth: DepthModel | None = None  # None if the exercise has no standard of depth, or standards were not loaded

    def make_parts(self, judge: LifterJudge, height_cm: float | None, standards: Standards) -> ExerciseParts:
        """Make the parts that count and judge the exercise in a source.

        Args:
            judge: Judge of the lifter's reps. Movements that are like the judge's known reps may count although the
                lift model doubts them.
            height_cm: The lifter's stature; None if unknown.
        """
        lift, known = self.lift, None
        if kept := [rep.window for rep in judge.own_reps.kept]:
            known = KnownReps(kept, self.exercise, self.stage)
            lift = PersonalLiftModel(model=lift, known_movements=known.describe_all)
        return ExerciseParts(
            exercise=self.exercise,
            new_counter=partial(self.make_counter, lift),
            judge=judge,
            referee=Referee(standards, self.depth, height_cm),
            known_reps=known,
        )

    def make_judge(self, kept: Sequence[RepWindow] = (), height_cm: float | None = None) -> LifterJudge:
        """Make the judge of a lifter's reps, from the known reps `kept` and the stature (None if unknown)."""
        return LifterJudge(self.scorer, kept=kept, height_cm=height_cm)

    def make_counter(self, lift: LiftEvidence | None = None) -> RepCounter:
        """Make the counter of the exercise's reps in a source, with the exercise's own lift model if `lift` is None."""
        return RepCounter(self.exercise, self.stage, lift or self.lift, self.boundaries)

    @property
    def staleness_warning(self) -> str | None:
        """A line for the user about faults that are new or changed since the model was trained; None if no fault is."""
        name, faults = self.exercise.name, self.scorer.faults
        if not faults.new_or_changed_faults:
            return None
        words = ", ".join(faults.table.faults[fault].words for fault in faults.new_or_changed_faults)
        return f"{name}: new or changed since its model was trained: {words}. Run `livecoach lab train scorer {name}`."

    def model_document(self, pose: str) -> ModelDocument:
        """Describe the model, as used with the pose model `pose`. Raises OSError if the model's card can't be read."""
        card, digest = self.card, model_folder.file_sha256(self.folder / "model.json")
        return ModelDocument(name=card.name, version=card.version, sha256=digest, synthetic=card.synthetic, pose=pose)


@dataclass(frozen=True, kw_only=True)
class CoachingModels:
    """The models that coach a named exercise, or recognise and coach several exercises."""

    exercises: Mapping[str, TrainedExercise]  # The exercises that can be counted, by name
    recognition: RecognitionModel
    chosen_exercise: str | None  # Name of the exercise that the lifter does; None to recognise it

    @property
    def name(self) -> str:
        """The name of the chosen exercise in settings and documents; "auto" if the exercise is to be recognised."""
        return self.chosen_exercise or AUTO

    @property
    def title(self) -> str | None:
        """The title of the exercise; None if the exercise is to be recognised."""
        return None if self.chosen_exercise is None else self.exercises[self.chosen_exercise].exercise.title

    @property
    def titles(self) -> Mapping[str, str] | None:
        """The titles of all exercises that can be recognised, by name; None if the lifter has named the exercise."""
        if self.chosen_exercise is not None:
            return None
        names = {name: in_words(name) for name in self.recognition.exercises}
        return names | {name: trained.exercise.title for name, trained in self.exercises.items()}

    def make_pipeline(
        self,
        kept: Sequence[RepWindow] = (),
        *,
        height_cm: float | None = None,
        standards: Standards = DEFAULT_STANDARDS,
        pose: str = "",
        judges: Mapping[str, LifterJudge] | None = None,
        log: RepLog | None = None,
        by_hand: bool = False,
    ) -> Pipeline:
        """Make the pipeline of a source.

        Args:
            kept: The lifter's known reps, for new judges and for the habits from which recognition starts.
            height_cm: The lifter's stature; None if unknown.
            judges: The lifter's judges by exercise; None for new judges.
            pose: Name of the pose model; empty if unknown.
            log: The reps that other pipelines have counted in the source so far; None without earlier reps.
            by_hand: Whether a raised hand answers questions, too.
        """
        judges = judges or {
            name: trained.make_judge([rep for rep in kept if rep.exercise == name], height_cm)
            for name, trained in self.exercises.items()
        }
        parts = [trained.make_parts(judges[name], height_cm, standards) for name, trained in self.exercises.items()]
        if self.chosen_exercise is None:
            overhead = [name for name, trained in self.exercises.items() if trained.exercise.reps.raises_hands]
            hanging = [name for name, trained in self.exercises.items() if trained.exercise.reps.is_hinge]
            recogniser = Recogniser(self.recognition, find_habits(kept), overhead, hanging)
        else:
            recogniser = Recogniser(self.recognition)
        return Pipeline(parts, recogniser, chosen_exercise=self.chosen_exercise, pose=pose, log=log, by_hand=by_hand)

    def model_document(self, pose: str) -> ModelDocument:
        """Describe a model for documents: the model of the chosen exercise or, without a choice, the recognition model.

        Raises:
            ModelError: The card of the recognition model is missing or wrong.
            OSError: The card of the exercise's model can't be read.
        """
        if self.chosen_exercise is None:
            return recognition_model_document(pose)
        return self.exercises[self.chosen_exercise].model_document(pose)


def make_observer(estimator: PoseEstimator | None) -> Observer:
    """Make the observer that finds the lifter's pose and the bar in the frames of a source.

    Args:
        estimator: Estimates poses; None if all frames come from stored observations.

    Raises:
        ModelError: The networks that find the bar can't be used.
    """
    return Observer(estimator, None if estimator is None else PlateDetector())


def load(
    exercise: str,
    false_alarms: float = model_folder.FALSE_ALARMS,
    *,
    standards: bool = True,
    folder: Path | None = None,
) -> CoachingModels:
    """Load the models of an exercise, or of all exercises that can be recognised.

    Args:
        exercise: Name of the exercise, or "auto" to recognise all exercises that the shipped network knows.
        false_alarms: Share of good reps that may be called anomalous.
        standards: Whether to load the models that measure standards.
        folder: Folder of a model that replaces the model of its exercises, but of no others; None for no replacement.

    Raises:
        ConfigError: The file of an exercise is missing or wrong.
        ModelError: A file of a model is missing or wrong.
    """
    recognition = model_file.load()
    recognised = [name for name in exercises.names() if name in recognition.exercises]
    names = recognised if exercise == AUTO else [exercise]
    model = None if folder is None else model_folder.read_model_card(folder).name
    folders = {name: folder for name in names if model is not None and model in {name, exercises.load(name).model}}
    return CoachingModels(
        exercises={
            name: load_exercise(name, false_alarms, standards=standards, folder=folders.get(name)) for name in names
        },
        recognition=recognition,
        chosen_exercise=None if exercise == AUTO else exercise,
    )


def load_exercise(
    name: str, false_alarms: float = model_folder.FALSE_ALARMS, *, standards: bool = True, folder: Path | None = None
) -> TrainedExercise:
    """Load one exercise and its models.

    Args:
        false_alarms: Share of good reps that may be called anomalous.
        standards: Whether to load the models that measure standards, which training does not need.
        folder: Folder of the model; None for the exercise's folder.

    Raises:
        ConfigError: The file of the exercise is missing or wrong.
        ModelError: A file of a model is missing or wrong, or the folder holds another exercise's model.
    """
    rules = exercises.load(name)
    folder = folder or models_dir() / rules.model
    model_folder.check_trained(folder, name)
    card = model_folder.read_model_card(folder)
    if card.name not in (name, rules.model):
        raise ModelError(f"{folder}: is a model of {card.name}, not of {name}. {model_folder.how_to_train(name)}")
    return TrainedExercise(
        exercise=rules,
        stage=model_folder.read_model_json(folder / "stage.json", StageModel),
        lift=model_folder.read_model_json(folder / "lift.json", LiftModel),
        boundaries=load_boundaries(folder / "boundaries.json"),
        scorer=load_scorer(folder, load_faults(name), false_alarms),
        card=card,
        folder=folder,
        depth=load_shipped_depth_model() if standards and "depth" in rules.standards else None,
    )


def recognition_model_document(pose: str) -> ModelDocument:
    """Describe the recognition model, as used with the pose model `pose`. Raises ModelError for a wrong card."""
    folder = model_file.default_folder()
    synthetic = model_file.read_card(folder).training["synthetic"]
    digest = model_folder.file_sha256(folder / model_file.CARD)
    return ModelDocument(name="recognition", version=digest[:12], sha256=digest, synthetic=synthetic, pose=pose)
