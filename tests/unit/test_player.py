"""The player: where it is, and what is shown, heard and said of a session wherever one goes in it."""

from collections.abc import Iterable
from itertools import groupby

import pytest
from builders.live_run import FakeScreen, FakeSound, standing
from builders.observations import a_deadlift
from builders.pipelines import a_pipeline
from builders.sources import FakeClock
from builders.steps import a_rep
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.documents import codec
from livecoach.core.types import Corrected, Correction, Step
from livecoach.decisions import assembly
from livecoach.decisions.coaching.set_progress import LOOK_AFTER_S
from livecoach.feedback.display_state import PlaybackMark
from livecoach.feedback.screen import Action
from livecoach.run import player
from livecoach.run.coached import CoachedRun
from livecoach.run.parts import Part
from livecoach.run.player import JUMP_S, REP_LEAD_S, SPEEDS, Correct, PlayedFrames, Player, Playhead
from livecoach.run.rest_replay import RestReplay

TIMES_S = [n / 30 for n in range(301)]
REPS_S = [2.0, 5.0, 8.0]


def a_playhead(speed: float = 1.0, now_s: float = 100.0) -> Playhead:
    """Of ten seconds with three reps."""
    return Playhead(TIMES_S, REPS_S, speed, now_s)


@pytest.mark.parametrize("speed", [0.25, 0.5, 1.0, 2.0, 16.0])
def test_it_plays_at_so_many_times_the_pace_of_then(speed):
    """A frame is due at its time, and the last one ever after."""
    due = [a_playhead(speed).due(now_s) for now_s in (100.0, 100.5, 1000.0)]
    assert due == [0, int(0.5 * speed * 30 + 1e-6), 300]


def test_a_pause_takes_no_time_of_the_session():
    head = a_playhead()
    head.index = head.due(102.0)
    head.pause(True, 102.0)
    assert head.due(200.0) == 60
    assert head.wait_s(200.0) is None
    head.pause(False, 200.0)
    assert head.due(201.0) == 90


def test_a_new_speed_holds_from_where_it_is():
    head = a_playhead()
    head.index = head.due(104.0)
    head.faster(1, 104.0)
    assert head.speed == 2.0
    assert head.due(105.0) == 180


def test_speeds_end():
    head = a_playhead()
    head.faster(99, 100.0)
    assert head.speed == SPEEDS[-1]
    head.faster(-99, 100.0)
    assert head.speed == SPEEDS[0]


def test_reps_are_gone_through_forth_and_back():
    """Each is shown from a little before it; after the last one comes the end, before the first one the start."""
    head, seen = a_playhead(), []
    for step in (1, 1, 1, 1, -1, -1, -1, -1):
        head.rep(step, 100.0)
        seen.append(round(head.t_s, 3))
    begins = [rep_s - REP_LEAD_S for rep_s in REPS_S]
    assert seen == pytest.approx([*begins, 10.0, *reversed(begins), 0.0], abs=0.034)


def test_the_rep_before_is_that_under_way():
    """Unless it has only just begun: two presses go on to the one before."""
    head = a_playhead()
    head.go_to(6.0, 100.0)
    head.rep(-1, 100.0)
    assert head.t_s == pytest.approx(4.5, abs=0.034)
    head.rep(-1, 100.0)
    assert head.t_s == pytest.approx(1.5, abs=0.034)


def test_a_session_of_one_frame_is_at_its_end():
    """There is nowhere to go."""
    head = Playhead([3.0], [], 1.0, 0.0)
    head.rep(1, 0.0)
    head.rep(-1, 0.0)
    assert head.at_end
    assert head.wait_s(5.0) is None


MOVES = st.sampled_from(["go", "go_to", "rep", "faster", "pause", "play"])


@given(
    times_s=st.lists(st.floats(0, 1000), min_size=1, max_size=40).map(sorted),
    moves=st.lists(st.tuples(MOVES, st.integers(-50, 50), st.floats(0, 5)), max_size=30),
)
def test_whatever_is_asked_for_it_stays_inside_and_never_plays_back(times_s, moves):
    now_s = 0.0
    head = Playhead(times_s, times_s[::7], 1.0, now_s)
    for move, number, later_s in moves:
        now_s += later_s
        if move == "play":
            before = head.index
            head.index = head.due(now_s)
            assert head.index >= before
        elif move == "pause":
            head.pause(number > 0, now_s)
        elif move == "go_to":
            head.go_to(number * JUMP_S, now_s)
        else:
            getattr(head, move)(number or 1, now_s)
        assert 0 <= head.index < len(times_s)
        wait_s = head.wait_s(now_s)
        assert wait_s is None or wait_s >= 0


SEEN = [codec.rounded(one) for one in a_deadlift(reps=2)]
MARKS = (PlaybackMark(0.8, 3.2, "good"), PlaybackMark(4.0, 6.4, "anomalous"))


def some_frames() -> PlayedFrames:
    return PlayedFrames(map(codec.encode, SEEN), CoachedRun(Part(pipeline=a_pipeline())))


def test_observations_around_a_time_are_found_before_their_steps():
    times_s = [one.t_s for one in some_frames().seen(SEEN[10].t_s, SEEN[20].t_s)]
    assert times_s == [one.t_s for one in SEEN[10:21]]


def live_steps() -> list[Step]:
    """What was decided live."""
    pipeline = a_pipeline()
    return [*map(pipeline.step, SEEN), pipeline.finish()]


def told_of(steps: Iterable[Step]) -> list[object]:
    """What there is to see of steps, whatever object they are."""
    return [(s.stage, s.count, s.rep, s.cue, s.in_set, s.summary, s.progress, s.observation.t_s) for s in steps]


def test_steps_in_any_order_are_those_of_live():
    """Each is made once; the last one has the end of the set in it."""
    live, frames = live_steps(), some_frames()
    for index in (200, 3, len(SEEN) - 1, 0, 100):
        expected = live[index] if index < len(SEEN) - 1 else live[-1]
        assert frames[index].step.count == expected.count
        assert codec.encode(frames[index].step.observation) == codec.encode(SEEN[index])
    assert told_of(frames[n].step for n in range(len(SEEN) - 1)) == told_of(live[: len(SEEN) - 1])


def test_the_steps_before_one_are_those_of_the_last_seconds():
    """The oldest first, each with its progress, not the one itself; none before the first."""
    steps = some_frames()
    before = list(steps.before(100, 1.0))
    first = before[0][0].observation
    assert [s.observation.index for s, _ in before] == list(range(first.index, 100))
    assert [status for _, status in before] == [steps[n].status for n in range(first.index, 100)]
    assert 0.9 <= SEEN[100].t_s - first.t_s <= 1.0 + 1e-9
    assert list(steps.before(0, 1.0)) == []


def test_a_rest_loops_what_it_looped_live():
    """From ten seconds after the set on, wherever one goes first."""
    seen = [codec.rounded(one) for one in [*a_deadlift(reps=2), *standing(25.0, from_s=SEEN[-1].t_s + 1 / 30)[::3]]]
    rests = RestReplay(assembly.load("deadlift").exercises)
    frames = PlayedFrames(map(codec.encode, seen), CoachedRun(Part(pipeline=a_pipeline()), rests))
    resting = [n for n in range(len(seen)) if frames[n].step.summary is not None]
    looped = [n for n in resting if frames[n].status.progress.rest_s(seen[n].t_s) >= LOOK_AFTER_S]
    assert looped
    assert [n for n in range(len(seen)) if frames[n].status.loop is not None] == looped
    assert len({id(frames[n].status.loop) for n in looped}) == 1


LOADS = {1: "80 kg"}


def refused(start_s: float, correction: Correction | None) -> str:
    """Corrects nothing."""
    return f"not corrected: {start_s}, {correction}"


def played(
    keys: dict[int, Action], *, speed: float = 1.0, loop: bool = False, correct: Correct = refused
) -> tuple[FakeScreen, FakeSound]:
    """Play it to its end, or to the key that ends it."""
    clock = FakeClock()
    screen, sound = FakeScreen([], clock, keys, draw_s=0.01), FakeSound([])
    Player(
        frames=some_frames(),
        marks=MARKS,
        pictures=None,
        screen=screen,  # type: ignore[arg-type]
        sound=sound,
        say=print,
        speed=speed,
        loop=loop,
        correct=correct,
        loads=LOADS,
        clock=clock,
        sleep=clock.sleep,
    ).run()
    return screen, sound


def test_it_shows_every_frame_and_plays_every_cue():
    """Of a session that is played from its start to its end, which it ends with; and the load of the set at the
    playhead, or of the next one. Faster it leaves out frames, and no cue."""
    (screen, sound), steps = played({}), some_frames()
    assert screen.times_s == [one.t_s for one in SEEN]
    assert sound.cues == [steps[n].cue for n in range(len(SEEN)) if steps[n].cue is not None]
    told = {(status.progress.set_number, status.load) for _, status in screen.shown}
    assert told <= {(1, "80 kg"), (2, None)}
    assert (1, "80 kg") in told
    fast, heard = played({}, speed=16.0)
    assert len(fast.shown) < len(SEEN) / 4
    assert len(heard.cues) == len(sound.cues)


def test_back_shows_the_place_as_it_was():
    """With what stood in the picture there, and without sound for what is jumped over."""
    screen, _ = played({100: Action.BACK, 120: Action.QUIT})
    at_s = screen.times_s[99]
    assert screen.times_s[100] == pytest.approx(at_s - 2.0, abs=0.04)
    assert screen.jumped[0] == pytest.approx(SEEN.index(next(o for o in SEEN if o.t_s >= at_s - 2.0)), abs=2)


def test_a_frame_back_and_forth_pauses():
    screen, _ = played({50: Action.NEXT_FRAME, 51: Action.NEXT_FRAME, 52: Action.PREVIOUS_FRAME, 53: Action.QUIT})
    first = [one.t_s for one in SEEN].index(screen.times_s[49])
    indices = [[one.t_s for one in SEEN].index(t_s) for t_s in screen.times_s[49:53]]
    assert indices == [first, first + 1, first + 2, first + 1]
    assert all(status.paused for _, status in screen.shown[50:53])


def test_a_long_way_is_gone_in_parts(monkeypatch):
    monkeypatch.setattr(player, "AT_ONCE", 50)
    screen, _ = played({1: Action.LAST, 2: Action.NEXT_FRAME})
    waiting = [status.note for _, status in screen.shown[1:]]
    assert waiting.count(player.MOMENT) == (len(SEEN) - 1) // 50
    assert waiting[-1] is None
    assert screen.times_s[-1] == SEEN[-1].t_s
    screen, _ = played({1: Action.LAST, 3: Action.QUIT})
    assert screen.times_s[-1] == 0.0


def test_again_and_again():
    """Until somebody ends it."""
    screen, _ = played({len(SEEN) + 5: Action.QUIT}, loop=True)
    assert screen.times_s[len(SEEN)] == 0.0


def test_the_next_rep_is_gone_to():
    screen, _ = played({1: Action.NEXT_REP, 2: Action.NEXT_REP, 3: Action.QUIT})
    assert screen.times_s[1] == pytest.approx(0.3, abs=0.04)
    assert screen.times_s[2] == pytest.approx(3.5, abs=0.04)


def test_the_line_shows_where_it_is():
    stops = {13: Action.PAUSE, 14: Action.PAUSE, 15: Action.QUIT}
    screen, _ = played({10: Action.FASTER, 11: Action.MUTE, 12: Action.LOOP, **stops})
    assert [status.paused for _, status in screen.shown[12:15]] == [False, True, False]
    playing = screen.shown[-1][1].playing
    assert playing is not None
    assert (playing.speed, playing.loop, playing.marks) == (2.0, True, MARKS)
    assert playing.duration_s == SEEN[-1].t_s
    assert screen.shown[-1][1].muted
    assert playing.words.startswith("0:00 / 0:0")


class Corrections:
    """Takes all that is said, and remembers it."""

    def __init__(self) -> None:
        self.taken: list[tuple[float, Correction | None]] = []

    def __call__(self, start_s: float, correction: Correction | None) -> Corrected:
        self.taken.append((start_s, correction))
        rep = a_rep(start_s=start_s, correction=correction)
        return Corrected(rep=rep, before=None)


def test_a_key_says_what_the_last_rep_before_the_playhead_was():
    """Shown at once, and the line at the bottom tells it from then on."""
    corrections, keys = Corrections(), (Action.BAD, Action.NO_REP, Action.GOOD, Action.BAD, Action.UNDO)
    screen, _ = played({**dict(zip(range(150, 160, 2), keys, strict=True)), 160: Action.QUIT}, correct=corrections)
    said = [Correction(label=label) for label in ("bad", "no-rep", "good", "bad")] + [None]
    assert corrections.taken == [(MARKS[0].start_s, one) for one in said]
    assert [step.corrected.rep.correction for step, _ in screen.shown if step.corrected] == said
    verdicts = groupby(status.playing.marks for _, status in screen.shown)
    assert [[mark.form for mark in marks] for marks, _ in verdicts] == [
        [verdict, MARKS[1].form] for verdict in ("good", "anomalous", None, "good", "anomalous", "good")
    ]


def test_before_the_first_rep_there_is_nothing_to_correct():
    corrections = Corrections()
    screen, _ = played({5: Action.BAD, 8: Action.QUIT}, correct=corrections)
    assert corrections.taken == []
    assert screen.shown[-1][1].note == player.NO_REP_YET


def test_why_a_rep_is_not_corrected_is_said_in_the_window():
    screen, _ = played({150: Action.GOOD, 153: Action.QUIT})
    assert screen.shown[-1][1].note.startswith("not corrected")
