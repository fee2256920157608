"""The lifter lock: who of the people in the picture is the lifter."""

from dataclasses import replace

import numpy as np
import pytest

from livecoach.core import landmark
from livecoach.perception.tracking import lifter_lock
from livecoach.perception.tracking.person import Person, locate_person

LIFTER = Person(x=0.65, y=0.5, top=0.3, scale=0.3, margin=0.65, clothes=(40.0, 60.0, 200.0, 30.0, 30.0, 30.0))
BESIDE = replace(LIFTER, x=0.95, margin=0.4, clothes=(200.0, 60.0, 40.0, 90.0, 90.0, 90.0))
PASSER = replace(BESIDE, x=0.66, scale=0.45)


@pytest.fixture
def lock() -> lifter_lock.LifterLock:
    return lifter_lock.LifterLock()


def followed(lock: lifter_lock.LifterLock, seconds: float = 4.0, who: Person = LIFTER) -> float:
    """Let a lock follow somebody who is alone and goes down and up; the time after that."""
    times = np.arange(0, seconds, 1 / 30)
    for t_s in times:
        down = (1 - np.cos(np.pi * t_s)) / 2
        at = replace(who, y=who.y + 0.06 * down, top=who.top + 0.12 * down)
        assert lock.accept_followed(t_s, at) or lock.choose_lifter(t_s, [at]) == 0
    return float(times[-1]) + 1 / 30


def a_lock_on_the_lifter() -> tuple[lifter_lock.LifterLock, float]:
    """A lock that has followed the lifter, and the time after that."""
    lock = lifter_lock.LifterLock()
    return lock, followed(lock)


def see_both(lock: lifter_lock.LifterLock, t_s: float, other: Person = BESIDE) -> float:
    """Let a lock see somebody beside the lifter twice; the time of the second look."""
    for at_s in (t_s, t_s + 0.3):
        assert lock.choose_lifter(at_s, [LIFTER, other]) == 0
    return t_s + 0.3


def test_the_largest_and_most_central_is_the_lifter() -> None:
    """Whoever is nearer to the camera and the middle."""
    small, aside = replace(LIFTER, scale=0.15), replace(LIFTER, x=0.1, margin=0.1)
    assert lifter_lock.LifterLock().choose_lifter(0.0, [small, LIFTER, aside]) == 1


def test_a_lifter_alone_is_followed_without_a_second_look() -> None:
    """A lifter who has lifted is followed without a doubt."""
    lock, t_s = a_lock_on_the_lifter()
    assert all(lock.accept_followed(t_s + i / 30, LIFTER) for i in range(300))
    assert lock.people_count == 1
    assert lock.accept_followed(t_s + 10.0, None)
    assert lock.people_count == 0, "the lifter has gone"


def test_the_lifters_clothes_are_followed_as_the_light_changes() -> None:
    """Slowly; hidden ones stay as they were."""
    lock, t_s = a_lock_on_the_lifter()
    dim = replace(LIFTER, x=LIFTER.x + 0.03, clothes=tuple(colour - 20.0 for colour in LIFTER.clothes))
    lock.accept_followed(t_s, dim)
    assert lock.home is not None
    assert lock.home.x == pytest.approx(LIFTER.x + 0.03 / 30 / lifter_lock.SETTLING_S)
    assert lock.home.clothes[0] == pytest.approx(LIFTER.clothes[0] - 20.0 / 30 / lifter_lock.CLOTHES_S)
    for i in range(60):
        lock.accept_followed(t_s + i, replace(dim, clothes=() if i % 2 else dim.clothes))
    assert lock.home.clothes == pytest.approx(dim.clothes, abs=1.0)


def test_a_person_who_bends_over_a_bar_is_chosen_before_a_person_who_watches() -> None:
    stands, bends = replace(BESIDE, x=0.3, scale=0.31, margin=0.65), replace(LIFTER, height_m=0.8)
    assert lifter_lock.LifterLock().choose_lifter(0.0, [stands, bends]) == 1


def test_until_somebody_has_lifted_others_are_looked_for(lock: lifter_lock.LifterLock) -> None:
    """A lifter who bent over was not found at first; somebody beside was."""
    aside = replace(BESIDE, x=0.1, margin=0.1)
    lock.choose_lifter(0.0, [aside])
    assert lock.accept_followed(0.5, aside)
    assert lock.accept_followed(lifter_lock.LOOK_ALONE_S, aside, is_same=True)  # nobody has come into the same picture
    assert not lock.accept_followed(lifter_lock.LOOK_ALONE_S, aside)
    assert lock.choose_lifter(lifter_lock.LOOK_ALONE_S, [aside, LIFTER]) == 1
    assert lock.accept_followed(1.1, LIFTER)
    assert lock.choose_lifter(1.6, [aside, LIFTER]) == 1


def is_chosen_over(lock: lifter_lock.LifterLock, t_s: float, stands: Person) -> bool:
    """Whether the lifter, who goes up for two seconds, is taken instead of one who stands and is followed."""
    for at_s in t_s + np.arange(0, 4, 0.3):
        up = min(1.0, (at_s - t_s) / 2)
        goes_up = replace(LIFTER, y=0.5 - 0.08 * up, top=0.4 - 0.15 * up)
        if not lock.accept_followed(at_s, stands) and lock.choose_lifter(at_s, [goes_up, stands]) == 0:
            return True
    return False


def test_a_person_who_goes_up_and_down_is_the_lifter(lock: lifter_lock.LifterLock) -> None:
    """And not somebody larger who was taken at first; the change is told, so that the new one is not painted over."""
    assert lock.choose_lifter(0.0, [LIFTER, WATCHES]) == 1
    assert lock.earlier_lifters == 0
    assert is_chosen_over(lock, 0.3, WATCHES)
    assert lock.earlier_lifters == 1


def pulled(lock: lifter_lock.LifterLock, followed: list[Person], bent: list[Person]) -> int:
    """The look at which one who is detected beside the followed one, look after look, is taken; -1 for never."""
    for number, (one, other) in enumerate(zip(followed, bent, strict=True)):
        if not lock.accept_followed(0.2 * number, one) and lock.choose_lifter(0.2 * number, [one, other]) == 1:
            return number
    return -1


WATCHES = replace(BESIDE, x=0.98, scale=0.4, margin=0.6)
BENT = [replace(LIFTER, y=0.6 - 0.01 * i, top=0.6 - 0.02 * i, height_m=0.3 + 0.06 * i, sure=False) for i in range(12)]
"""Somebody who pulls from the floor, and is hardly detected."""


def test_a_person_who_pulls_takes_the_place_of_one_who_watches() -> None:
    """Though bent over a bar they are hardly taken for a person, and the other is nearer."""
    taken = pulled(lifter_lock.LifterLock(), [WATCHES] * 12, BENT)
    assert 0 < taken < 10


def test_a_person_who_watched_is_not_chosen_again(lock: lifter_lock.LifterLock) -> None:
    """Alone in the next look, because the lifter bends over the bar."""
    taken = pulled(lock, [WATCHES] * 12, BENT)
    assert taken > 0
    assert not lock.is_alone(0.2 * taken)
    assert lock.choose_lifter(0.2 * taken + 0.2, [WATCHES]) is None


@pytest.mark.parametrize(("times", "returns"), [(3, True), (1, False)])
def test_the_first_lifter_is_followed_again_once_they_lift(times: int, returns: bool) -> None:
    """Though somebody at the edge of the picture lifted before. To bend over once is not to lift."""
    lock, edge = lifter_lock.LifterLock(), {"x": 0.2, "margin": 0.2}
    taken = pulled(lock, [WATCHES] * 12, [replace(one, **edge) for one in BENT])
    assert taken > 0
    chosen = []
    for number in range(20):
        t_s = 0.2 * (taken + 1 + number)
        down = (1 - np.cos(2 * np.pi * times * number / 19)) / 2
        lifts = replace(LIFTER, **edge, top=LIFTER.top + 0.1 * down)
        first = replace(WATCHES, y=WATCHES.y + 0.08 * down, top=WATCHES.top + 0.16 * down)
        if not lock.accept_followed(t_s, lifts):
            chosen.append(lock.choose_lifter(t_s, [lifts, first]))
    assert (1 in chosen) == returns


def test_a_person_who_takes_the_lifters_place_is_no_bystander() -> None:
    """Though clearly detected beside the one who watches, look after look. The clothes look brighter upright."""
    lock, pulls = lifter_lock.LifterLock(), [replace(one, height_m=1.3, sure=True) for one in BENT]
    taken = pulled(lock, [WATCHES] * 12, pulls)
    assert taken > 0
    upright = replace(pulls[taken], clothes=tuple(colour + 10 for colour in LIFTER.clothes))
    assert lock.choose_lifter(0.2 * taken + 0.2, [WATCHES, upright]) == 1


def test_a_faint_figure_that_does_not_pull_is_nobody(lock: lifter_lock.LifterLock) -> None:
    """A plate on the floor takes nobody's place, and is not counted among the people."""
    assert pulled(lock, [WATCHES] * 12, [BENT[0]] * 12) == -1
    assert lock.people_count == 1
    assert not lock.bystander_indices


def test_a_plate_that_goes_up_with_the_lifter_is_nobody() -> None:
    """The followed person rises, too."""
    plates = [replace(one, x=one.x + 0.15, scale=0.25) for one in BENT]
    rising = [replace(one, sure=True) for one in BENT]
    assert pulled(lifter_lock.LifterLock(), rising, plates) == -1


def test_nobody_is_exchanged_in_the_middle_of_a_rep() -> None:
    """Whoever has lifted stays the lifter while somebody beside goes up and down."""
    lock, t_s = a_lock_on_the_lifter()
    t_s = see_both(lock, t_s)
    for number in range(40):
        at_s, down = t_s + 0.2 * (number + 1), (1 - np.cos(0.4 * number)) / 2
        lifts = replace(LIFTER, y=LIFTER.y + 0.06 * down, top=LIFTER.top + 0.12 * down)
        other = replace(BESIDE, y=BESIDE.y + 0.1 * (1 - down), top=BESIDE.top + 0.2 * (1 - down))
        assert lock.accept_followed(at_s, lifts) or lock.choose_lifter(at_s, [other, lifts]) == 1
    assert lock.earlier_lifters == 0


def test_a_lifter_who_is_expected_is_followed_from_the_first_picture(lock: lifter_lock.LifterLock) -> None:
    lock.expect_lifter(0.0, LIFTER)
    assert lock.reacquire(0.0, LIFTER)
    assert lock.choose_lifter(0.2, [WATCHES, LIFTER]) == 1
    assert lock.bystander_indices == [0]


def test_another_person_is_not_mistaken_for_the_expected_lifter(lock: lifter_lock.LifterLock) -> None:
    """Before the lifter is there; after some seconds it may be anybody."""
    lock.expect_lifter(0.0, LIFTER)
    assert not lock.reacquire(0.0, WATCHES)
    assert lock.choose_lifter(0.2, [WATCHES]) is None
    assert lock.choose_lifter(lifter_lock.GONE_S + 2.5, [WATCHES]) == 0


def test_a_lifter_who_rests_stays_the_lifter_while_another_person_lifts(lock: lifter_lock.LifterLock) -> None:
    t_s = followed(lock, who=BESIDE)
    assert lock.choose_lifter(t_s, [LIFTER, BESIDE]) == 1
    assert not is_chosen_over(lock, t_s, BESIDE)


def test_looks_in_doubt_are_bounded() -> None:
    """Ten a second at the most, whatever is seen."""
    lock, t_s = a_lock_on_the_lifter()
    t_s = see_both(lock, t_s)
    looks = 0
    for at_s in t_s + np.arange(1, 61) / 30:
        if not lock.accept_followed(at_s, replace(BESIDE, x=0.1)):
            looks += 1
            lock.choose_lifter(at_s, [BESIDE, LIFTER])
    assert looks <= 2 / lifter_lock.LOOK_DOUBTED_S


def test_a_lifter_whose_clothes_are_hidden_is_the_lifter(lock: lifter_lock.LifterLock) -> None:
    """By a bar, at the bottom of a squat: nobody else is near."""
    t_s = see_both(lock, followed(lock))
    squats = replace(LIFTER, y=0.56, clothes=(120.0, 120.0, 120.0, 120.0, 120.0, 120.0))
    assert lock.choose_lifter(t_s + 0.2, [squats, BESIDE]) == 0


def test_a_spotter_whom_the_lifter_hides_is_still_there() -> None:
    """For some seconds; somebody seen twice and walking is not."""
    spotted, passed = lifter_lock.LifterLock(), lifter_lock.LifterLock()
    for lock, times in ((spotted, 5), (passed, 2)):
        t_s = followed(lock)
        for look in range(times):
            assert lock.choose_lifter(t_s + 0.2 * look, [LIFTER, BESIDE]) == 0
        last_s = t_s + 0.2 * (times - 1)
        assert lock.choose_lifter(last_s + 0.5, [LIFTER]) == 0
        assert lock.is_alone(last_s + 3.0) is (lock is passed)


def test_a_rack_that_is_found_once_does_not_lose_a_lifter_who_is_alone() -> None:
    """Even one whose clothes and place seem others."""
    lock, t_s = a_lock_on_the_lifter()
    rack = replace(LIFTER, x=0.2, scale=0.12)
    assert lock.choose_lifter(t_s, [rack, replace(BESIDE, x=LIFTER.x + 0.14)]) == 1


def test_a_person_who_is_found_once_is_nobody() -> None:
    """A rack or a shadow may be taken for somebody: it is looked at again, and then the lifter is alone."""
    lock, t_s = a_lock_on_the_lifter()
    assert lock.choose_lifter(t_s, [LIFTER, BESIDE]) == 0
    assert lock.is_alone(t_s)
    assert not lock.accept_followed(t_s + 1.1 * lifter_lock.LOOK_EVERY_S, LIFTER)
    assert lock.choose_lifter(t_s + 1.1 * lifter_lock.LOOK_EVERY_S, [LIFTER]) == 0
    assert all(lock.accept_followed(t_s + 1 + i / 30, LIFTER) for i in range(60))


def test_a_person_far_away_is_nobody(lock: lifter_lock.LifterLock) -> None:
    see_both(lock, followed(lock), replace(BESIDE, scale=0.1))
    assert lock.people_count == 1


def test_a_person_who_walks_in_at_first_is_not_refused(lock: lifter_lock.LifterLock) -> None:
    """Before somebody has lifted it may be the lifter."""
    lock.choose_lifter(0.0, [replace(BESIDE, scale=0.2)])
    assert lock.accept_followed(0.1, LIFTER, moving=0.9) or lock.choose_lifter(0.1, [LIFTER]) == 0
    assert not lock.is_passer_by


def test_somebody_alone_a_metre_aside_in_other_clothes_is_not_the_lifter() -> None:
    """Who bends over a bar is often not detected beside who passes. The lifter is sought at the usual position, until
    there was time to walk there."""
    lock, t_s = a_lock_on_the_lifter()
    assert not lock.accept_followed(t_s, BESIDE)
    assert lock.choose_lifter(t_s, [BESIDE]) is None
    assert not lock.is_alone(t_s + 0.1)
    assert lock.reacquire(t_s + 0.1, LIFTER)
    assert lock.choose_lifter(t_s + 0.2 + lifter_lock.GONE_S, [BESIDE]) == 0


def test_a_lifter_alone_who_is_elsewhere_since_the_camera_was_bumped_is_known_by_the_clothes() -> None:
    lock, t_s = a_lock_on_the_lifter()
    there = replace(LIFTER, x=BESIDE.x, margin=BESIDE.margin)
    assert lock.accept_followed(t_s, there) or lock.choose_lifter(t_s, [there]) == 0


def refused(lock: lifter_lock.LifterLock, t_s: float, who: Person) -> bool:
    """Whether somebody who is followed, and found alone, is refused."""
    return lock.is_passer_by if lock.accept_followed(t_s, who) else lock.choose_lifter(t_s, [who]) is None


def test_a_person_who_passes_in_front_is_not_the_lifter() -> None:
    """Something tall moved at the side; then the landmarks are where the lifter was, but nearer."""
    lock, t_s = a_lock_on_the_lifter()
    assert lock.accept_followed(t_s, LIFTER, moving=0.9) or lock.choose_lifter(t_s, [LIFTER]) == 0
    assert all(refused(lock, t_s + 0.5 + i / 30, PASSER) for i in range(15))
    assert not refused(lock, t_s + 1.1, LIFTER)


def test_a_lifter_is_not_refused_for_long() -> None:
    """Whoever stays for longer than it takes to pass is the lifter, if nobody else is seen."""
    lock, t_s = a_lock_on_the_lifter()
    assert lock.accept_followed(t_s, LIFTER, moving=0.9) or lock.choose_lifter(t_s, [LIFTER]) == 0
    times = t_s + 0.5 + np.arange(90) / 30
    assert sum(refused(lock, at_s, PASSER) for at_s in times) <= 30 * lifter_lock.REFUSED_S


def test_a_person_alone_is_the_lifter() -> None:
    """Whatever the landmarks do, where nobody walked in."""
    lock, t_s = a_lock_on_the_lifter()
    assert not refused(lock, t_s, PASSER)
    assert not refused(lock, t_s + 0.1, replace(LIFTER, y=0.3, scale=0.12))


def test_a_person_who_is_found_twice_is_alone(lock: lifter_lock.LifterLock) -> None:
    """At one place with different scales: two looks at somebody in the dark."""
    lock.choose_lifter(0.0, [LIFTER, replace(LIFTER, scale=0.13)])
    assert lock.is_alone(0.0)


def test_a_person_in_other_clothes_at_the_lifters_place_is_not_found() -> None:
    """A spotter close behind takes the landmarks over."""
    lock, t_s = a_lock_on_the_lifter()
    assert not lock.reacquire(t_s + 0.1, replace(BESIDE, x=LIFTER.x - 0.09))
    assert lock.reacquire(t_s + 0.1, replace(LIFTER, y=0.56))
    assert lock.choose_lifter(t_s + 0.05 + lifter_lock.GONE_S, [BESIDE]) is None, "the lifter was there a moment ago"


def test_a_bystander_in_the_lifter_s_clothes_is_not_found_for_the_lifter(lock: lifter_lock.LifterLock) -> None:
    twin = replace(LIFTER, x=LIFTER.x + 0.115)
    assert not lock.reacquire(see_both(lock, followed(lock), twin) + 0.3, twin)


def test_a_person_dressed_like_a_bystander_is_not_found_for_the_lifter(lock: lifter_lock.LifterLock) -> None:
    """Whatever a second bystander wears."""
    near, third = replace(BESIDE, x=0.89), replace(BESIDE, x=0.3, clothes=(0.0, 255.0, 255.0, 0.0, 0.0, 0.0))
    t_s = followed(lock)
    for at_s in (t_s, t_s + 0.3):
        assert lock.choose_lifter(at_s, [LIFTER, near, third]) == 0
    assert not lock.reacquire(t_s + 0.6, replace(BESIDE, x=0.725))


def test_a_lifter_who_walks_stays_the_lifter(lock: lifter_lock.LifterLock) -> None:
    """At 1.3 m/s from one side of the picture to the other; looks find nobody else."""
    lock.choose_lifter(0.0, [LIFTER])
    for t_s in np.arange(1, 60) / 30:
        at = replace(LIFTER, x=0.65 + 1.3 * LIFTER.scale * t_s)
        assert lock.accept_followed(t_s, at) or lock.choose_lifter(t_s, [at]) == 0


def test_a_person_who_bends_at_the_lifters_place_alone_is_the_lifter(lock: lifter_lock.LifterLock) -> None:
    """Somebody passed a moment ago; a bent body shows the bar's colours and the wall's."""
    t_s = see_both(lock, followed(lock)) + 1.5
    assert lock.choose_lifter(t_s, [LIFTER]) == 0
    assert not lock.is_alone(t_s + 0.1)
    bar = (220.0, 220.0, 220.0, 10.0, 10.0, 10.0)
    assert lock.reacquire(t_s + 0.1, replace(LIFTER, y=0.53, clothes=bar))
    assert not lock.reacquire(t_s + 0.2, replace(PASSER, clothes=bar))


def test_a_lifter_who_left_by_the_edge_is_found_again_anywhere(lock: lifter_lock.LifterLock) -> None:
    at_edge = replace(LIFTER, x=0.05, margin=0.05)
    t_s = followed(lock, 2.0, at_edge)
    assert lock.choose_lifter(t_s + 1.0, [replace(LIFTER, x=1.0)]) == 0


def test_a_person_is_recognised_by_place_and_scale() -> None:
    """Whatever the picture's size: heights of it, and a metre in them."""
    world = np.random.default_rng(0).normal(0, 0.4, (landmark.COUNT, 3)).astype(np.float32)
    landmarks = np.zeros((landmark.COUNT, 5), np.float32)
    landmarks[:, 0] = 0.5 + world[:, 0] * 0.25 / 2.0
    landmarks[:, 1] = 0.5 + world[:, 1] * 0.25
    seen = locate_person(landmarks, world, aspect=2.0)
    assert np.isclose(seen.scale, 0.25)
    assert np.isclose(seen.margin, min(seen.x, 2.0 - seen.x))
