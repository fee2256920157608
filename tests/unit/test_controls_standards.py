"""The lifter chooses the standards of the next set while a run goes on."""

from collections.abc import Sequence

import pytest
from builders.depth import a_depth_model
from builders.live_run import Stage, lifted
from builders.observations import a_squat
from builders.pipelines import some_parts
from builders.recognition import FPS, ToldRecogniser, a_break, after_one_another, sure_of

from livecoach.core.documents import Event, StandardsEvent, codec
from livecoach.core.language import translate
from livecoach.core.types import Standards, Step
from livecoach.core.types.reps import SHOWN
from livecoach.decisions.pipeline import Pipeline
from livecoach.decisions.rep.depth import Referee
from livecoach.feedback.screen import ChosenStandard, Entry
from livecoach.records.session.lifter_events import LifterEvents
from livecoach.run.controls import BETWEEN_SETS
from livecoach.run.every_frame import steps
from livecoach.run.player import PlayedFrames

HIGH_CM = 10.0
SQUATS = a_squat(reps=2, fps=FPS, view_deg=60.0)
SEEN = [codec.rounded(one) for one in after_one_another(a_break(2.0), SQUATS, a_break(8.0), SQUATS)]
BEFORE, WITHIN, BETWEEN = 10, 120, 240
"""Pictures after which something is chosen: before the first set, in its second rep, and before the second set."""
ONLY_DEEP, UNCHECKED = ChosenStandard(count="standard"), ChosenStandard(depth="none")


def a_pipeline() -> Pipeline:
    """Squats are recognised in each set, and all are as high as that."""
    referee = Referee(SHOWN, a_depth_model(HIGH_CM), None)
    told = ToldRecogniser({4.0: sure_of("squat"), 21.0: sure_of("squat")})
    return Pipeline([some_parts("squat", referee=referee)], told)


def run(*said: tuple[int, Entry], again: Sequence[Event] = ()) -> Stage:
    """A run of two sets of two high squats."""
    return lifted(SEEN, keys=dict(said), recognising=a_pipeline(), again=again)


def counts(stage: Stage) -> list[bool]:
    return [rep.counts for rep in stage.loop.reps]


def notes(stage: Stage) -> list[str]:
    return [translate(status.note) for _, status in stage.screen.shown if status.note]


def test_what_is_chosen_before_a_set_holds_in_it():
    assert counts(run()) == [True] * 4
    assert counts(run((BEFORE, ONLY_DEEP))) == [False] * 4


def test_what_is_chosen_between_sets_holds_from_the_next_rep_on():
    """The reps before it keep their verdicts, and the events say when it was chosen."""
    stage = run((BETWEEN, ONLY_DEEP))
    assert counts(stage) == [True, True, False, False]
    (chosen,) = stage.events("standards")
    assert chosen["standards"] == {"depth": "parallel", "count": "standard"}
    assert stage.events("set_end")[0]["t_s"] < chosen["t_s"] < stage.events("rep")[2]["rep"]["start_s"]


def test_one_choice_keeps_the_other():
    stage = run((BEFORE, ChosenStandard(depth=35.0)), (BETWEEN, ONLY_DEEP))
    assert stage.loop.standards == Standards(depth=35.0, count="standard")


def test_a_choice_is_answered_shown_and_kept():
    kept: list[Standards] = []
    stage = lifted(SEEN, keys={BEFORE: UNCHECKED}, recognising=a_pipeline(), keep_standards=kept.append)
    assert notes(stage)[0] == "depth: not checked"
    assert stage.screen.shown[-1][1].standards == Standards(depth="none")
    assert kept == [Standards(depth="none")]
    assert [rep.standards for rep in stage.loop.reps] == [()] * 4


def test_within_a_set_nothing_changes():
    """All reps of a set are held against the same standard, or its summary could not be read."""
    stage = run((WITHIN, ONLY_DEEP))
    assert counts(stage) == [True] * 4
    assert BETWEEN_SETS in notes(stage)
    assert stage.events("standards") == []


@pytest.fixture(scope="module")
def live() -> Stage:
    return run((BETWEEN, ONLY_DEEP))


@pytest.fixture
def recorded(live) -> list[Event]:
    return [
        StandardsEvent(t_s=told["t_s"], standards=Standards(**told["standards"]), frame=told["frame"])
        for told in live.events("standards")
    ]


def test_a_replay_does_the_same(live, recorded):
    again = run(again=recorded)
    assert again.lines[:-1] == live.lines[:-1]  # the last one has the times that the run took


def test_the_player_does_the_same(live, recorded):
    told: list[Step] = []
    played = PlayedFrames(map(codec.encode, SEEN), a_pipeline(), told.append, recorded)
    played.make(len(played) - 1, len(played))
    assert [judged.rep for step in told for judged in step.judged] == live.loop.reps


def test_an_analysis_does_the_same(live, recorded):
    found = steps(a_pipeline(), SEEN, LifterEvents(recorded))
    assert [judged.rep for step in found for judged in step.judged] == live.loop.reps
