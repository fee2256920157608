"""Puts the parts of a run together from settings: exercise, models, pose, pipeline."""

from dataclasses import dataclass
from functools import cached_property

from livecoach import exercise as exercises
from livecoach import model_folder, scoring, stage
from livecoach.documents import ModelDocument
from livecoach.exercise import Exercise
from livecoach.model_folder import ModelCard
from livecoach.paths import models_dir
from livecoach.pipeline import Pipeline
from livecoach.scoring import AutoencoderScorer
from livecoach.stage import StageModel


@dataclass(frozen=True, kw_only=True)
class Coach:
    """An exercise with its models, ready to make pipelines."""

    exercise: Exercise
    stage: StageModel
    scorer: AutoencoderScorer
    card: ModelCard

    def pipeline(self) -> Pipeline:
        """A new pipeline, for one source."""
        return Pipeline(self.exercise, self.stage, self.scorer)

    @cached_property
    def _digest(self) -> str:
        return model_folder.sha256(models_dir() / self.exercise.model / "model.json")

    def model(self, pose: str) -> ModelDocument:
        """What judges, for documents. pose: name of the pose model."""
        card = self.card
        return ModelDocument(
            name=card.name, version=card.version, sha256=self._digest, synthetic=card.synthetic, pose=pose
        )


def load(exercise: str) -> Coach:
    """The coach for an exercise. Raises ConfigError or ModelError that names the file at fault."""
    rules = exercises.load(exercise)
    folder = models_dir() / rules.model
    scorer, card = scoring.load(folder)
    return Coach(exercise=rules, stage=stage.load(folder / "stage.json"), scorer=scorer, card=card)
