"""The JSON documents keep to their schema, and to what JSON can say."""

import json
import math
from dataclasses import replace
from functools import cache

import jsonschema
import pytest
from builders.analyses import a_recording
from builders.command import schema_of
from builders.evenings import a_lifted_set
from builders.observations import a_deadlift, a_squat, an_observation
from builders.steps import a_fault, a_full_set_summary, a_pace, a_rep, a_view

from livecoach.core import documents
from livecoach.core.types import Hint, PartialRep, RepDifference, UncheckedFault
from livecoach.decisions import assembly
from livecoach.run.every_frame import analyze


@cache
def schema(kind: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema_of(kind))


@pytest.fixture(scope="module")
def coach():
    return assembly.load("deadlift")


def analysis_of(coach, observations):
    return analyze(a_recording(observations), coach, coach.make_pipeline(pose="lite"))


@pytest.mark.parametrize("kind", ["analysis", "events"])
def test_every_schema_is_a_valid_json_schema(kind):
    schema = schema_of(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize(
    "observations",
    [[], [an_observation(nobody=True)], a_deadlift(reps=2), a_deadlift(reps=1)[:31], a_squat(reps=1)],
    ids=["no frame", "nobody", "two reps", "pull only", "another exercise"],
)
def test_real_analyses_keep_to_the_schema(coach, observations):
    document = json.loads(documents.to_json(analysis_of(coach, observations)))
    schema("analysis").validate(document)
    assert (document["schema"], document["frames"]["read"]) == (1, len(observations))


def test_an_analysis_names_reps_view_source_timing_and_model(coach):
    """Two reps in their order; frames, source and view as they were; the same each time, but for how long it took."""
    two = a_lifted_set(4, "idle:1,good,good")
    once, again = (analysis_of(coach, two) for _ in range(2))
    assert documents.to_json(replace(once, timing=again.timing)) == documents.to_json(again)
    document = json.loads(documents.to_json(once))
    schema("analysis").validate(document)
    assert [rep["index"] for rep in document["reps"]] == [1, 2]
    assert document["partial_reps"] == []
    assert document["view"]["name"] == "oblique"
    assert document["source"] == {
        "name": "set1.mp4",
        "frames": len(two),
        "fps": 30.0,
        "width": two[0].width_px,
        "height": two[0].height_px,
        "turn_deg": 0,
        "duration_s": round(two[-1].t_s, 4),
    }
    assert document["timing"]["pose_ms_p50"] is None
    assert 0 < document["timing"]["wall_s"] < 60
    assert document["model"]["pose"] == "lite"


HIPS_EARLY = a_fault(severity=0.25, at_s=1.6)
FULL_REP = a_rep(
    verdict="anomalous",
    reference="own",
    faults=(HIPS_EARLY,),
    pace=a_pace(speed=0.41, speed_unit="m/s", travel=0.5, travel_unit="m", velocity_loss=0.1),
    not_visible=(UncheckedFault(name="rounded_back", reason="azimuth"),),
    top_joints=("left_hip",),
    why=RepDifference(joints=("left_hip", "nose"), phase="knee_pass", at_s=1.4, text="left hip, above the knees"),
)


NO_FRAMES = documents.FramesDocument(read=0, with_pose=0, dropped=0)
UNKNOWN = dict.fromkeys(f"captured_to_{what}_ms_p{share}" for what in ("drawn", "cue") for share in (50, 95))
FULL_SUMMARY = a_full_set_summary(good=6, unsure=1, notes=("hips early in a rep that was learned from",))


@pytest.mark.parametrize(
    "event",
    [
        documents.RepEvent(t_s=1.0, rep=FULL_REP, latency_ms=31.0),
        documents.RepEvent(t_s=1.0, rep=a_rep(verdict="unsure", score=None, unsure="lost from sight")),
        documents.PartialRepEvent(t_s=1.0, partial_rep=PartialRep(start_s=0.5, reason="cut")),
        documents.PartialRepEvent(
            t_s=1.0, partial_rep=PartialRep(start_s=0.5, reason="no_lowering", faults=(HIPS_EARLY,))
        ),
        documents.ViewEvent(t_s=1.0, view=a_view(-170.0, "rear")),
        documents.HintEvent(t_s=1.0, hint=Hint(kind="turn", text="turn 20° to the camera", done=False)),
        documents.HintEvent(t_s=1.0, hint=None),
        documents.LearningEvent(t_s=1.0, have=2, wanted=5, known=False),
        documents.SetStartEvent(t_s=1.0),
        documents.SetEndEvent(t_s=1.0, summary=None),
        documents.SetEndEvent(t_s=1.0, summary=FULL_SUMMARY),
        documents.StageEvent(t_s=1.0, stage="neutral", probability=0.6),
        documents.WarningEvent(t_s=1.0, warning="slow", active=True, text="too slow"),
        documents.SessionEnd(t_s=1.0, reps=0, good=0, anomalous=0, unsure=0, frames=NO_FRAMES, **UNKNOWN),
    ],
    ids=lambda event: event.event,
)
def test_events_keep_to_the_schema(event):
    schema("events").validate(json.loads(documents.to_json(event)))


@pytest.mark.parametrize(
    "changes", [{"surplus": 1}, {"t_s": "1.0"}, {"event": "repp"}, {"rep": None}, {"rep": {"index": 1}}]
)
def test_the_schema_of_events_refuses_wrong_events(changes):
    event = json.loads(documents.to_json(documents.RepEvent(t_s=1.0, rep=FULL_REP))) | changes
    assert not schema("events").is_valid(event)


def test_numbers_of_a_document_are_rounded_everywhere():
    fault = replace(FULL_REP.faults[0], severity=1 / 3)
    document = documents.to_plain(documents.RepEvent(t_s=2 / 3, rep=a_rep(score=0.123456789, faults=(fault,))))
    assert document["t_s"] == 0.6667
    assert document["rep"]["score"] == 0.1235
    assert document["rep"]["faults"][0]["severity"] == 0.3333
    assert document["rep"]["index"] == 1


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_can_not_express_are_refused(value):
    """NaN is no number that a reader could use."""
    with pytest.raises(ValueError, match="JSON"):
        documents.to_json(documents.RepEvent(t_s=1.0, rep=a_rep(score=value)))


def test_a_document_is_one_line_with_readable_letters():
    line = documents.to_json(documents.WarningEvent(t_s=0.0, warning="slow", active=True, text="zu dunkel für\nuns"))
    assert "für" in line
    assert "\n" not in line
