"""Where the player is: by the clock, by what was asked for, and never outside the session."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecoach.player import JUMP_S, REP_LEAD_S, SPEEDS, Playhead

TIMES_S = [n / 30 for n in range(301)]
REPS_S = [2.0, 5.0, 8.0]


def a_playhead(speed: float = 1.0, now_s: float = 100.0) -> Playhead:
    """Of ten seconds with three reps."""
    return Playhead(TIMES_S, REPS_S, speed, now_s)


def test_it_plays_at_the_pace_of_then():
    """A frame is due at its time."""
    head = a_playhead()
    assert head.due(100.0) == 0
    assert head.due(101.0) == 30
    assert head.due(1000.0) == 300


@pytest.mark.parametrize("speed", [0.25, 0.5, 2.0, 16.0])
def test_it_plays_faster_and_slower(speed):
    """So many times the pace of then."""
    assert a_playhead(speed).due(100.5) == int(0.5 * speed * 30 + 1e-6)


def test_a_pause_takes_no_time_of_the_session():
    """It goes on where it stood."""
    head = a_playhead()
    head.reach(head.due(102.0))
    head.pause(True, 102.0)
    assert head.due(200.0) == 60
    assert head.wait_s(200.0) is None
    head.pause(False, 200.0)
    assert head.due(201.0) == 90


def test_a_new_speed_holds_from_where_it_is():
    """And not from the beginning."""
    head = a_playhead()
    head.reach(head.due(104.0))
    head.faster(1, 104.0)
    assert head.speed == 2.0
    assert head.due(105.0) == 180


def test_speeds_end():
    """The fastest one stays, and the slowest."""
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
    """Of any session."""
    now_s = 0.0
    head = Playhead(times_s, times_s[::7], 1.0, now_s)
    for move, number, later_s in moves:
        now_s += later_s
        if move == "play":
            before = head.index
            head.reach(head.due(now_s))
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
