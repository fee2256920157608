"""Who lifts, of everybody in the pictures of a recording that is looked at in advance."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecoach.perception.tracking.candidates import LOST_LOOKS, Candidates
from livecoach.perception.tracking.person import LEAST_WAY_M, LIFT_M, Person

EVERY_S = 0.2
LIFTER = Person(x=0.65, y=0.55, top=0.4, scale=0.3, margin=0.65, clothes=(40.0, 60.0, 200.0, 30.0, 30.0, 30.0))
STANDER = replace(LIFTER, x=1.1, scale=0.45, margin=0.6, top=0.2, clothes=(200.0, 60.0, 40.0, 90.0, 90.0, 90.0))


def lifting(who: Person = LIFTER, reps: int = 2, travel_m: float = 0.5, seconds: float = 6.0) -> list[Person]:
    """Somebody whose shoulders go up and down, look after look."""
    phases = np.arange(0, seconds, EVERY_S) / seconds * reps
    up_m = travel_m * (1 - np.cos(2 * np.pi * phases)) / 2
    return [replace(who, top=who.top - who.scale * up, y=who.y - who.scale * up / 2) for up in up_m]


def still(who: Person = STANDER, seconds: float = 6.0) -> list[Person]:
    """Somebody who stays where they are, but for a tremble of 2 cm."""
    rng = np.random.default_rng(5)
    shift = rng.normal(0, 0.02 * who.scale, (round(seconds / EVERY_S), 2))
    return [replace(who, x=who.x + dx, top=who.top + dy) for dx, dy in shift]


def walking(who: Person = STANDER, seconds: float = 6.0) -> list[Person]:
    """Somebody who crosses the picture, and rises and sinks by a few centimetres."""
    times = np.arange(0, seconds, EVERY_S)
    return [replace(who, x=0.1 + 1.2 * t / seconds, top=who.top + 0.03 * who.scale * np.sin(9 * t)) for t in times]


def looked_at(*people: Sequence[Person | None]) -> Candidates:
    """Candidates after looks at people side by side; None where somebody was not detected."""
    candidates = Candidates()
    for look in zip(*people, strict=True):
        candidates.add([one for one in look if one is not None])
    return candidates


def lifter_x(candidates: Candidates) -> float | None:
    """Where the lifter was at first; None where there is none to be chosen."""
    lifter = candidates.find_lifter()
    return None if lifter is None else lifter.first_place().x


OTHERS = {
    "somebody nearer who stands": [still()],
    "somebody nearer who sits": [still(replace(STANDER, height_m=0.6, top=0.5))],
    "who passes by": [still(), walking(replace(STANDER, y=0.9, top=0.65, scale=0.7))],
    # Whoever is in it goes up and down in step with the lifter, and is smaller.
    "a mirror": [lifting(replace(LIFTER, x=0.2, margin=0.2, scale=0.18, top=0.45)), still()],
    # Above the picture's top, a body may seem to be upside down: nobody who bends.
    "a reflection without a head": [lifting(replace(LIFTER, x=1.2, top=0.31, y=0.2, height_m=-0.4))],
    # Though that one began first, and is at the edge of the picture, somewhat larger
    "a less prominent lifter": [lifting(replace(LIFTER, x=1.2, margin=0.13, scale=0.33, top=0.35), reps=4)],
    "a crowd": [still(replace(STANDER, x=x, scale=0.2, margin=x, top=0.3)) for x in (0.1, 0.3, 0.95, 1.5, 1.7)],
}


@pytest.mark.parametrize("others", OTHERS.values(), ids=OTHERS)
def test_a_person_who_goes_up_and_down_beside_others_is_the_lifter(others: list[list[Person]]) -> None:
    assert lifter_x(looked_at(*others, lifting())) == pytest.approx(LIFTER.x)


def test_a_lifter_who_is_hardly_detected_is_the_lifter() -> None:
    doubtful = [replace(one, sure=False) for one in lifting()]
    assert lifter_x(looked_at(still(), doubtful)) == pytest.approx(LIFTER.x)


@pytest.mark.parametrize(("aside_m", "lifter"), [(0.4, None), (0.6, LIFTER.x)])
def test_a_lifter_is_chosen_only_if_the_spotter_behind_stands_clear(aside_m, lifter) -> None:
    """Behind the lifter's shoulders it is not sure enough which detection is whose."""
    spotter = still(replace(STANDER, x=LIFTER.x + aside_m * LIFTER.scale, y=0.52, scale=0.28, top=0.32))
    assert lifter_x(looked_at(spotter, lifting())) == (lifter if lifter is None else pytest.approx(lifter))


@pytest.mark.parametrize(("clothes", "chosen"), [(LIFTER.clothes, LIFTER), (STANDER.clothes, None)])
def test_a_reflection_with_farther_feet_is_not_the_lifter(clothes, chosen) -> None:
    """The floor rises in the picture with the distance. Somebody in other clothes is no reflection."""
    as_large = replace(LIFTER, x=1.2, top=0.3, y=0.45, scale=0.31, clothes=clothes)
    found = lifter_x(looked_at(lifting(as_large), lifting()))
    assert found == pytest.approx((chosen or as_large).x)


NOBODY, STAYS = [None] * len(still()), still(LIFTER)
NO_CHOICE = {
    "a lifter alone": [lifting()],
    "a lifter whom somebody only walks past": [walking(), lifting()],
    "a plate that goes along": [lifting(), [replace(one, x=one.x + 0.15, scale=0.2, sure=False) for one in lifting()]],
    "a lifter who stood elsewhere before": [[*still(), *NOBODY], [*NOBODY, *lifting()]],
    "nobody who lifts": [still(), lifting(travel_m=0.9 * LEAST_WAY_M)],
    "landmarks that jump once": [
        still(),
        [replace(one, top=one.top - 0.2 * (n == 7)) for n, one in enumerate(still(LIFTER))],
    ],
}


@pytest.mark.parametrize("people", NO_CHOICE.values(), ids=NO_CHOICE)
def test_where_nobody_is_a_lifter_among_others_none_is_chosen(people: list[list[Person | None]]) -> None:
    assert lifter_x(looked_at(*people)) is None


@given(
    travel_m=st.floats(2 * LIFT_M, 0.9),
    reps=st.integers(1, 4),
    nearer=st.floats(1.0, 3.0),
    x=st.floats(0.1, 1.6),
    misses=st.sets(st.integers(0, 29), max_size=5),
)
def test_a_person_who_lifts_beside_one_who_stands_is_the_lifter(travel_m, reps, nearer, x, misses):
    lifter = replace(LIFTER, x=x, margin=min(x, 1.7 - x))
    bystander = replace(STANDER, x=x + 0.4, scale=nearer * LIFTER.scale)
    seen = [None if number in misses else one for number, one in enumerate(lifting(lifter, reps, travel_m))]
    assert lifter_x(looked_at(still(bystander), seen)) == pytest.approx(x)


def test_a_lost_person_is_sought_where_they_were_for_a_while():
    """Not who is still near, and from the start again after coming back."""
    candidates = looked_at([LIFTER], [STANDER])
    for _ in range(2):
        assert candidates.find_lost_places([LIFTER, STANDER]) == []
        assert all(candidates.find_lost_places([STANDER]) == [LIFTER] for _ in range(LOST_LOOKS))
        assert candidates.find_lost_places([STANDER]) == []
