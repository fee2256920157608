"""The ring between the thread that reads frames and the one that looks at them."""

import threading

import pytest
from builders.sources import TIMEOUT_S
from hypothesis import given
from hypothesis import strategies as st

from livecoach.errors import SourceError
from livecoach.source.capture import RingBuffer


def a_ring(*items: int, depth: int = 3) -> RingBuffer[int]:
    ring: RingBuffer[int] = RingBuffer(depth)
    for item in items:
        ring.put(item)
    return ring


@given(depth=st.integers(1, 5), actions=st.lists(st.sampled_from(["put", "take"])))
def test_ring_agrees_with_a_plain_list(depth: int, actions: list[str]) -> None:
    """Whatever the order of puts and takes: the newest is taken, and put = taken + dropped + held."""
    ring: RingBuffer[int] = RingBuffer(depth)
    since_last_take: list[int] = []
    put = taken = dropped = 0
    for action in actions:
        if action == "put":
            ring.put(put)
            since_last_take.append(put)
            put += 1
        else:
            newest = ring.take(0)
            assert newest.item == (since_last_take[-1] if since_last_take else None)
            assert newest.dropped == max(0, len(since_last_take) - 1)
            taken += newest.item is not None
            dropped += newest.dropped
            since_last_take = []
        assert len(ring) == min(depth, len(since_last_take))
    last = ring.take(0)
    assert put == taken + dropped + last.dropped + (last.item is not None)


def test_large_items_are_held_in_bounded_memory() -> None:
    ring: RingBuffer[int] = RingBuffer(5, most_bytes=10, bytes_of=lambda item: item)
    for item in (4, 4, 4, 30):
        ring.put(item)
        assert len(ring) <= 2
    newest = ring.take(0)
    assert (newest.item, newest.dropped) == (30, 3)


def test_nothing_in_time_is_not_the_end() -> None:
    newest = a_ring().take(0.001)
    assert (newest.item, newest.dropped, newest.ended) == (None, 0, False)


def test_what_is_held_comes_before_the_end() -> None:
    ring = a_ring(1)
    ring.close()
    assert (ring.take(0).item, ring.take(0).ended, ring.take(0).ended) == (1, True, True)


def test_the_first_close_counts() -> None:
    ring = a_ring()
    ring.close()
    ring.close(SourceError("late"))
    assert ring.take(0).ended


def test_a_closed_ring_takes_nothing_in() -> None:
    ring = a_ring()
    ring.close()
    assert not ring.put(1)
    assert len(ring) == 0


@pytest.mark.parametrize("wake", [lambda ring: ring.put(1), lambda ring: ring.close()])
def test_who_waits_is_woken(wake) -> None:
    ring = a_ring()
    found = []
    consumer = threading.Thread(target=lambda: found.append(ring.take(TIMEOUT_S * 10)))
    consumer.start()
    wake(ring)
    consumer.join(TIMEOUT_S)
    assert found


def test_every_item_is_accounted_for_between_two_threads() -> None:
    ring: RingBuffer[int] = RingBuffer(2)
    count = 5000

    def produce() -> None:
        for item in range(count):
            ring.put(item)
        ring.close()

    producer = threading.Thread(target=produce)
    producer.start()
    taken, dropped = [], 0
    while not (newest := ring.take(TIMEOUT_S)).ended:
        taken.append(newest.item)
        dropped += newest.dropped
    producer.join(TIMEOUT_S)
    assert taken == sorted(taken)
    assert taken[-1] == count - 1
    assert len(taken) + dropped == count


def test_depth_is_at_least_one() -> None:
    with pytest.raises(ValueError, match="depth: expected 1 or more, got 0"):
        RingBuffer(0)
