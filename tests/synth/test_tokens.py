"""The language of a set."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.errors import ConfigError
from livecoach.lab.synth.motion.lifts import EXERCISES, FAULTS, LIFTS, variant_names
from livecoach.lab.synth.motion.tokens import (
    GOOD,
    HARD_OTHERS,
    OTHERS,
    PARTIAL,
    PEOPLE,
    REP,
    TIMED,
    WITH_BAR_ON_FLOOR,
    Token,
    TokenFault,
    parse_tokens,
    random_movements,
    random_tokens,
)

knobs = st.integers(0, 100).map(lambda percent: percent / 100)
faults = st.sampled_from([(e, f) for e in EXERCISES for f in FAULTS[e]]).flatmap(
    lambda pair: st.builds(TokenFault, st.just(pair[1]), st.sampled_from(["", *variant_names(*pair)]), knobs)
)
tokens = st.one_of(
    st.just(GOOD),
    st.lists(faults, min_size=1, max_size=2).map(lambda some: Token(REP, tuple(some))),
    st.sampled_from((PARTIAL, *OTHERS, *HARD_OTHERS, *PEOPLE)).map(Token),
    st.builds(lambda share: Token(PARTIAL, share=share), knobs),
    st.builds(lambda name, tenths: Token(name, seconds=tenths / 10), st.sampled_from(TIMED), st.integers(0, 6000)),
)


@given(st.lists(tokens, min_size=1, max_size=6))
def test_tokens_are_read_back_from_their_text(some):
    """A set's text gives the set, but for ways that two exercises have under one name."""
    assert [str(token) for token in parse_tokens(",".join(map(str, some)))] == [str(token) for token in some]


def test_a_text_gives_repeats_ways_pairs_and_shares_of_reps():
    assert parse_tokens("good*2,rounded_back.head_up:0.7+hips_early:0.5", "deadlift") == (
        GOOD,
        GOOD,
        Token(REP, (TokenFault("rounded_back", "head_up", 0.7), TokenFault("hips_early", "", 0.5))),
    )
    assert [token.share for token in parse_tokens("partial:0.2,partial:0.6*2")] == [0.2, 0.6, 0.6]


def test_random_sets_have_partial_reps_where_they_are_asked_for():
    rng = np.random.default_rng(0)
    found = [token for _ in range(20) for token in random_tokens(rng, "squat", partial=0.5) if token.name == PARTIAL]
    assert len(found) > 20
    assert all(0.2 <= token.share <= 0.8 for token in found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("good,hip_early:1", r"'hip_early:1': unknown. Did you mean 'hips_early'\? Faults of a deadlift: ro"),
        ("shallow:0.5", r"shallow.*unknown"),  # a fault of another exercise
        ("pickup", r"Did you mean 'pick_up'\?.*No reps: partial, .*sit, pick_up, lunge"),
    ],
)
def test_the_error_about_an_unknown_token_names_the_known_ones(text, message):
    with pytest.raises(ConfigError, match=message):
        parse_tokens(text, "deadlift")


@pytest.mark.parametrize(
    "text",
    [
        *("", "good,,good", "good:1", "good*0", "good*many", "good*100000", "idle:nan", "idle:9999", "bend:2"),
        *("hitch:much", "hitch:1.5", "hitch:-1", "hitch:0.1..2", "partial:1.5", "lunge:2", "hitch.never:1"),
        *("hitch:0.5+", "hitch+bend"),
    ],
)
def test_malformed_tokens_are_refused(text):
    with pytest.raises(ConfigError, match=r"item"):
        parse_tokens(text)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_random_sets_have_the_reps_asked_for_and_faults_of_the_exercise(exercise):
    sets = [random_tokens(np.random.default_rng(k), exercise, (3, 5), people=0.2) for k in range(150)]
    assert {sum(token.name == "rep" for token in tokens) for tokens in sets} == {3, 4, 5}
    seen = {fault.name for tokens in sets for token in tokens for fault in token.faults}
    assert seen == set(FAULTS[exercise])


@pytest.mark.parametrize("exercise", EXERCISES)
def test_hard_sets_have_no_rep_and_every_movement_that_is_hard(exercise):
    lists = [random_movements(np.random.default_rng(k), exercise, hard=True) for k in range(200)]
    names = {token.name for tokens in lists for token in tokens}
    assert "rep" not in names
    lift = LIFTS[exercise]
    impossible = {*lift.same_as, *(() if lift.on_floor else WITH_BAR_ON_FLOOR)}
    assert names >= set(HARD_OTHERS) - impossible
    assert not names & impossible
    assert all(tokens[0].name != "hold" for tokens in lists)
    again = [a.name == b.name for tokens in lists for a, b in pairwise(tokens)]
    assert 0.08 < np.mean(again) < 0.4
