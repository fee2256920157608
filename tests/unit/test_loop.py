"""The loop: what is told, to whom, in which order, and what happens at its end."""

import gc
import weakref
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from builders.live_run import ENDED, GONE, NOTHING, Stage, lifted, standing
from builders.observations import a_deadlift
from builders.sources import FakeClock, FakeSource, a_frame

from livecoach.capture.capture import CaptureResult
from livecoach.core.config import load_settings
from livecoach.core.errors import SourceError
from livecoach.core.types import Frame, Observation, SetPlan
from livecoach.feedback.display_state import DisplayState
from livecoach.feedback.screen import Action
from livecoach.run.feed import every_frame_feed, recorded_feed_opener
from livecoach.run.loop import CAMERA_LOST, SLOW
from livecoach.run.set_logger import LoadOfNextSet


@pytest.fixture
def stage() -> Stage:
    return Stage()


# How it ends


@pytest.mark.parametrize(("taken", "keys"), [([], {}), ([NOTHING] * 5, {}), ([NOTHING] * 3 + [GONE], {0: Action.QUIT})])
def test_run_without_a_frame_ends_with_its_events(taken, keys):
    stage = Stage(keys=keys)
    stage.lift(taken)
    assert [e["event"] for e in stage.events()] == ["session_start", "session_end"]
    assert stage.events()[-1]["frames"] == {"read": 0, "with_pose": 0, "dropped": 0, "lost": 0}


def test_work_that_can_wait_begins_once_after_the_first_picture(stage):
    """Once, so that nothing is in the way of that picture."""
    stage.loop.begin = lambda: stage.log.append(("begins", None))
    stage.lift(stage.feed(a_deadlift()[:5]))
    kinds = [kind for kind, _ in stage.log if kind in {"picture", "begins"}]
    assert kinds[:3] == ["picture", "begins", "picture"]
    assert kinds.count("begins") == 1


def test_a_run_leaves_no_cycle_of_references_behind():
    """Though its parts refer to each other: a lifter makes many runs in one workout."""
    stage = lifted(a_deadlift()[:5])
    gone = weakref.ref(stage.loop)
    del stage
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("speed", [None, 100.0])
def test_a_recording_is_closed_when_it_has_been_read(speed):
    """At its own pace or as fast as it goes, by the feed alone; the caller closes one that no feed took."""
    source = FakeSource([a_frame(0)], live=False)
    with ExitStack() as unused:
        unused.callback(pytest.fail)
        with ExitStack() as stack:
            feed = recorded_feed_opener(unused, source, load_settings({}), speed)(stack)
            list(feed.results)
    assert source.closed.is_set()


@pytest.mark.parametrize("error", [SourceError("damaged"), KeyboardInterrupt(), RuntimeError("bug")])
def test_failure_in_mid_run_is_reported_after_all_was_finished(stage, error):
    """The source dies, or Ctrl-C: the rep under way becomes partial, the end is told, and the failure goes on up."""

    def failing(stage: Stage) -> Iterator[CaptureResult]:
        yield from stage.feed(a_deadlift()[:23])
        raise error

    with pytest.raises(type(error)):
        stage.lift(failing(stage))
    assert [e["event"] for e in stage.events()][-2:] == ["partial_rep", "session_end"]
    assert stage.events()[-1]["frames"]["read"] == 23


def test_a_failing_estimator_ends_the_session_too():
    stage = Stage(estimates=10)
    with pytest.raises(RuntimeError, match="pose"):
        stage.lift(stage.feed(standing(1)))
    assert stage.events()[-1]["event"] == "session_end"
    assert stage.events()[-1]["frames"]["read"] == 10


@pytest.mark.parametrize("part", ["finish", "show"])
def test_a_failure_at_the_end_of_a_run_still_ends_the_session(stage, part):
    def fail(*_: object) -> None:
        raise RuntimeError("bug")

    def feed() -> Iterator[CaptureResult]:
        yield from stage.feed(a_deadlift()[:31])
        setattr(stage.loop.coached if part == "finish" else stage.screen, part, fail)

    with pytest.raises(RuntimeError, match="bug"):
        stage.lift(feed())
    assert stage.events()[-1]["event"] == "session_end"
    assert gc.get_freeze_count() == 0


def test_last_rep_counts_at_the_end_of_the_source():
    stage = lifted([o for o in a_deadlift() if o.t_s < 3.1])
    assert [rep.index for rep in stage.loop.coached.reps] == [1]
    assert [cue.text for cue in stage.sound.cues] == ["1"]
    assert stage.events("session_end")[0]["reps"] == 1


def test_quit_key_ends_the_run():
    stage = Stage(keys={5: Action.QUIT})
    rest = stage.feed(standing(1))
    stage.lift(rest)
    assert stage.loop.metrics.frames == 5
    assert next(rest, None) is not None
    assert stage.events()[-1]["event"] == "session_end"


# Who is told, and when


def test_a_rep_is_heard_before_it_is_recorded_and_recorded_before_it_is_shown():
    """A rep: the sound takes longest to arrive, so it is handed over first; drawing comes last."""
    stage = lifted(a_deadlift())
    said = stage.log[stage.log.index(("sound", "good_rep")) + 1 :]
    shown = [kind for kind, _ in said].index("picture")
    assert said[:shown] == [("event", "set_start"), ("event", "rep"), ("event", "cue")]


def test_latency_is_capture_to_event():
    """20 ms old when taken, 11 ms of pose: the cue's event and the metrics say 31 ms; drawing comes on top."""
    stage = lifted(a_deadlift())
    of_rep, of_set = stage.events("cue")
    assert of_rep["latency_ms"] == pytest.approx(31, abs=0.1)
    assert of_set["latency_ms"] is None  # told at the end of the source
    metrics = stage.loop.metrics
    assert metrics.captured_to_cue.percentile(50) == pytest.approx(31, abs=0.1)
    assert metrics.captured_to_drawn.percentile(50) == pytest.approx(35, abs=0.1)
    assert metrics.pose.percentile(50) == pytest.approx(11, abs=0.1)
    assert metrics.draw.percentile(50) == pytest.approx(4, abs=0.1)


def test_events_of_a_recording_have_no_latencies():
    stage = lifted(a_deadlift(), age_s=None)
    assert all(e["latency_ms"] is None for e in stage.events())
    assert stage.events("session_end")[0]["captured_to_cue_ms_p50"] is None
    assert stage.events("session_end")[0]["captured_to_drawn_ms_p50"] is None


def test_same_frames_give_the_same_events_to_the_byte():
    """With a window, without one, on a slower machine: events of a recording are the same."""
    stages = [Stage(), Stage(with_screen=False), Stage(clock=FakeClock(5.0))]
    for stage in stages:
        stage.lift(stage.feed(a_deadlift(), age_s=None))
    assert stages[0].lines == stages[1].lines == stages[2].lines


def test_late_picture_is_not_counted_as_drawn(stage):
    stage.screen.late = True
    stage.lift(stage.feed(standing()))
    assert stage.loop.metrics.draw.percentile(50) is None
    assert stage.loop.metrics.frames == 9


def test_the_beginning_and_the_end_of_too_few_frames_are_reported(stage):
    """With too few frames to be trusted: a warning, and a line in the picture until it is over."""
    stage.lift([*stage.feed(standing(8)[::4], dropped=3), *stage.feed(standing(8, from_s=8.0))])
    slow = [e for e in stage.events("warning") if e["warning"] == "slow"]
    assert [e["active"] for e in slow] == [True, False]
    told = [status.device.trouble for _, status in stage.screen.shown]
    assert SLOW in told
    assert told[-1] is None


# The camera goes and comes back


def test_both_ends_of_a_gap_are_reported_and_the_age_of_the_picture_counts_up(stage):
    def results() -> Iterator[CaptureResult]:
        yield from stage.feed(standing())
        for passed_s in (2.0, 0.4, 0.4, 0.4, 60.0):
            stage.clock.now_s += passed_s
            yield GONE
        yield from stage.feed(standing(from_s=9.0))

    stage.lift(results())
    told = [(e["warning"], e["active"], e["t_s"]) for e in stage.events("warning")]
    assert told == [("camera_lost", active, round(8 / 30, 4)) for active in (True, False)]
    assert [(cue.kind, cue.text) for cue in stage.sound.cues] == [("warning", CAMERA_LOST)]
    display, shown = DisplayState(), []
    for step, status in stage.screen.shown:
        display.update(step, status)
        shown.append(display.message and (display.message.text, display.message.detail))
    frozen = [(CAMERA_LOST, f"no picture for {age}") for age in ("0:02", "0:03", "1:03")]
    assert shown == [*[None] * 9, *frozen, *[None] * 10]


def test_a_camera_that_was_away_is_no_slow_machine(stage):
    """What it took meanwhile is missing, and no program has to be closed for that."""
    back = standing(9.0, from_s=9.0)
    stage.lift([*stage.feed(standing()), GONE, *stage.feed(back[:1], dropped=260), *stage.feed(back[1:])])
    assert {e["warning"] for e in stage.events("warning")} == {"camera_lost"}
    assert stage.events("session_end")[0]["frames"]["dropped"] == 260
    metrics = stage.loop.metrics
    assert (metrics.camera_gaps, len(metrics.slow.spans), metrics.was_slow) == ([(8 / 30, 9.0)], 1, False)
    assert not metrics.is_camera_lost


@pytest.mark.parametrize("is_back", [True, False])
def test_a_camera_that_is_gone_from_the_start_or_at_the_end_is_reported(stage, is_back):
    stage.lift([GONE, *stage.feed(standing())] if is_back else [*stage.feed(standing()), GONE, ENDED])
    assert [e["active"] for e in stage.events("warning")] == [True, False][: 1 + is_back]
    assert stage.loop.metrics.is_camera_lost is not is_back


def test_rep_during_a_gap_is_partial(stage):
    pull = a_deadlift()
    stage.lift([*stage.feed(pull[:30]), GONE, *stage.feed([replace(o, t_s=o.t_s + 2) for o in pull[30:]])])
    assert [e["partial_rep"]["reason"] for e in stage.events("partial_rep")] == ["lost"]
    assert stage.loop.coached.reps == ()


# Keys


def test_mute_key_silences_and_shows_it():
    stage = lifted(standing(), keys={3: Action.MUTE, 6: Action.MUTE})
    muted = [status.device.muted for _, status in stage.screen.shown]
    assert muted == [False] * 3 + [True] * 3 + [False] * (len(muted) - 6)
    assert not stage.sound.muted


def test_pause_key_holds_the_source():
    """Space, and space again; shown at once, while no frame comes. A camera can't be held."""
    stage = Stage(keys={3: Action.PAUSE, 4: Action.PAUSE})
    stage.lift([*stage.feed(standing(0.1)), NOTHING, NOTHING, *stage.feed(standing(0.1, from_s=0.1))])
    assert stage.paused == [True, False]
    assert [status.device.paused for _, status in stage.screen.shown[:6]] == [False, False, False, True, False, False]
    camera = lifted(standing(), keys={3: Action.PAUSE}, pausable=False)
    assert camera.paused == [True]
    assert not any(status.device.paused for _, status in camera.screen.shown)


def test_a_picture_shown_again_repeats_no_cue_and_no_rep():
    stage = lifted(a_deadlift(), keys=dict.fromkeys(range(45, 55), Action.MUTE))
    assert [cue.kind for cue in stage.sound.cues] == ["good_rep", "set_over"]
    assert len(stage.events("rep")) == 1
    assert sum(step.rep is not None for step, _ in stage.screen.shown) == 1


def test_news_of_the_sound_device_is_reported():
    for with_screen in (True, False):
        stage = Stage(with_screen=with_screen)
        stage.sound.news = ["no sound device: livecoach goes on without sound"]
        stage.lift([NOTHING, NOTHING])
        assert stage.said == ["no sound device: livecoach goes on without sound"]


# Feeds


def test_the_feed_of_every_frame_gives_all_frames_of_a_source():
    frames = [Frame(index=i, t_s=i / 10, picture=None) for i in range(5)]
    taken = list(every_frame_feed(ExitStack(), FakeSource(frames)).results)
    assert [t.frame for t in taken] == frames
    assert not any(t.dropped or t.lost or t.ended for t in taken)


# What keeps a session


def test_every_observation_is_handed_over_as_it_was_used(stage):
    seen = a_deadlift()
    stage.lift(stage.feed(seen, dropped=2))
    assert [one.t_s for one in stage.record.observations] == [one.t_s for one in seen]
    assert {one.dropped for one in stage.record.observations} == {2}


def test_the_window_says_that_pictures_are_kept(stage):
    stage.record.is_recording_video = True
    stage.lift(stage.feed(standing(0.1)))
    assert all(status.device.recording for _, status in stage.screen.shown)


def test_a_full_disk_is_reported_once_and_shown_from_then_on(stage):
    handed_over = stage.record.add_observation

    def failing(observation: Observation, picture: object) -> None:
        handed_over(observation, picture)
        if observation.index == 3:
            stage.record.problem, stage.record.is_recording_video = "recording stopped: the disk is full", False

    stage.record.add_observation = failing  # type: ignore[method-assign]
    stage.lift(stage.feed(standing(0.5)))
    assert stage.said == ["recording stopped: the disk is full. The run continues."]
    told = [status.device.trouble for _, status in stage.screen.shown]
    assert told[:3] == [None] * 3
    assert set(told[4:]) == {"recording stopped: the disk is full"}
    assert stage.events("session_end")[0]["frames"]["read"] == 15


# A plan


@pytest.fixture(scope="module")
def rested() -> Stage:
    """Two deadlifts, and 20 s of rest, of which 12 are planned."""
    stage = Stage(plan=SetPlan(sets=3, reps=2, rest_s=12.0))
    set_of_two = a_deadlift(reps=2)
    stage.lift(stage.feed([*set_of_two, *standing(20.0, from_s=set_of_two[-1].t_s + 1 / 30)[::3]]))
    return stage


def test_the_end_of_a_rest_is_heard_and_stored(rested):
    kinds = [cue.kind for cue in rested.sound.cues]
    assert kinds.count("rested") == 1
    assert [event["kind"] for event in rested.events("cue")] == kinds


def test_the_window_knows_who_lifts_and_for_how_long_they_rest(rested):
    last_rep_s = rested.events("rep")[-1]["rep"]["end_s"]
    step, status = rested.screen.shown[-1]
    assert status.profile == "anna"
    assert status.progress.set_number == 2
    assert status.progress.rest_s(step.observation.t_s) == pytest.approx(step.observation.t_s - last_rep_s, abs=0.01)
    assert status.progress.is_rested(step.observation.t_s)


def test_in_a_set_nobody_rests_before_its_planned_last_rep(rested):
    in_set = [(step, status.progress) for step, status in rested.screen.shown if step.set.is_under_way]
    assert {progress.set_number for _, progress in in_set} == {1}
    assert {progress.rests_since_s for step, progress in in_set if step.set.count < 2} == {None}


def test_a_warm_up_shows_no_planned_sets_and_reps():
    stage = Stage(plan=SetPlan(sets=3, reps=2, load_kg=100.0))
    stage.loop.coached.lifter.set_logger.use_chosen_load(LoadOfNextSet(60.0))
    set_of_two = a_deadlift(reps=2)
    stage.lift(stage.feed([*set_of_two, *standing(25.0, from_s=set_of_two[-1].t_s + 1 / 30)[::3]]))
    first, *_, last = (status for _, status in stage.screen.shown)
    assert (first.progress.plan.reps, first.load) == (None, "60 kg")
    assert (last.progress.plan.reps, last.progress.plan_set, last.load) == (2, 1, "100 kg")
