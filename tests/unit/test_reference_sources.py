"""Which reps form the reference: the first source that has enough of them, and its name for the lifter."""

import pytest
from builders.references import SCORER, a_reference, an_own_rep

from livecoach.decisions.judging.own_reps import MOST_OF_SET, OwnReps
from livecoach.decisions.judging.reference import (
    CONFIRMED,
    EARLIER_DAYS,
    EARLIER_SET,
    EVERYBODY,
    THIS_SET,
    RepSource,
    prepare_reference,
)
from livecoach.decisions.rep.measured import Azimuth

SOURCES = (EARLIER_DAYS, EARLIER_SET, CONFIRMED, THIS_SET, EVERYBODY)  # in the order in which they are preferred


def own_reps(*, days: int = 0, earlier: int = 0, confirmed: int = 0, now: int = 0) -> OwnReps:
    """So many reps of earlier days, of a good set of the session, of a short set that the lifter confirmed, and of this
    set, with numbers from 100, 200, 300 and 400. Each is like the others."""
    own = OwnReps(SCORER)
    own.kept = [an_own_rep(100 + i, set_name="monday 1", day="2026-03-01") for i in range(days)]
    for number, count in enumerate((earlier, confirmed, now), 2):
        for i in range(count):
            rep = an_own_rep(100 * number + i, set_name=str(number), chosen=number == 3)
            rep.called_good = True if rep.window.chosen else None
            own.add(rep, 0.0, is_complete=True, is_self_judged=False)
    if earlier:
        own.sets["2"].judges_others = True
    if not now:
        own.current_set = OwnReps(SCORER).current_set
    return own


def found(own: OwnReps) -> tuple[RepSource, list[int]]:
    source, reps = next(own.reference_sources(Azimuth(30.0)))
    return source, [rep.window.number - 1 for rep in reps]


def test_the_first_source_that_has_enough_reps_judges():
    known, walked = {"days": 2, "earlier": 3, "confirmed": 1, "now": 2}, []
    for without in ("", *known):
        known.pop(without, None)
        walked.append(found(own_reps(**known)))
    numbers = ([100, 101, 300], [200, 201, 202, 300], [300], [400, 401], [])
    assert walked == list(zip(SOURCES, numbers, strict=True))


@pytest.mark.parametrize(
    ("source", "name"),
    [(EARLIER_DAYS, "own"), (EARLIER_SET, "session"), (CONFIRMED, "own"), (THIS_SET, "none"), (EVERYBODY, "none")],
)
def test_the_lifter_is_told_the_source_unless_any_rep_is_confirmed(source, name):
    assert a_reference(source=source).name == name
    assert prepare_reference(SCORER, [an_own_rep(), an_own_rep(1, chosen=True)], source).name == "own"


def test_of_a_long_set_the_newest_reps_judge():
    assert found(own_reps(earlier=MOST_OF_SET + 5)) == (EARLIER_SET, list(range(205, 225)))


def test_a_set_that_goes_on_does_not_judge_itself_as_an_earlier_set():
    own = own_reps(earlier=3)
    assert found(own)[0] is EARLIER_SET
    own.current_set = own.sets["2"]
    assert found(own)[0] is THIS_SET


def test_reps_that_were_filmed_from_elsewhere_judge_nothing():
    assert next(own_reps(days=2, earlier=3, confirmed=1, now=2).reference_sources(Azimuth(80.0)))[0] is EVERYBODY
    assert next(own_reps(days=2).reference_sources(an_own_rep(9, size=2.0)))[0] is EVERYBODY
