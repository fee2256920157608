"""Loads as people type them, and as they are shown."""

from functools import partial

import pytest

from livecoach.core.loads import format_load, format_rounded_load, parse_load, parse_rpe


@pytest.mark.parametrize(
    ("text", "units", "load_kg"),
    [
        ("100", "metric", 100.0),
        (" 102,5 ", "metric", 102.5),
        (".5", "metric", 0.5),
        ("100kg", "imperial", 100.0),
        ("100 KG", "imperial", 100.0),
        ("220lb", "metric", 99.7903),
        ("220 lbs", "metric", 99.7903),
        ("220", "imperial", 99.7903),
    ],
)
def test_a_load_is_in_the_unit_that_is_typed_or_else_in_the_usual_unit(text, units, load_kg):
    assert parse_load(text, units) == pytest.approx(load_kg, abs=1e-4)


@pytest.mark.parametrize(
    ("text", "group", "load_kg"),
    [
        *(("1.000", ".", 1000.0), ("1,000", ".", 1.0), ("1.000", ",", 1.0), ("1,000", ",", 1000.0)),
        *(("1.000", "", 1.0), ("1.000,0kg", ".", 1000.0), ("102.5", ".", 102.5), ("102,5", ",", 102.5)),
        *(("0.125", ".", 0.125), ("0,125", ",", 0.125), ("100.25", ".", 100.25)),
    ],
)
def test_a_number_is_read_as_its_language_writes_it(text, group, load_kg):
    """A mark that can't be one between groups of digits is the decimal mark in each."""
    assert parse_load(text, "metric", group) == load_kg


METRIC, IMPERIAL = (partial(parse_load, units=units) for units in ("metric", "imperial"))
NO_LOAD, TOO_MUCH = r"is not a load\. Write 100, 102\.5, 100kg or 220lb\.", "a load is above 0, up to"


@pytest.mark.parametrize(
    ("parse", "text", "says"),
    [
        *((METRIC, text, NO_LOAD) for text in ("", "kg", "ten", "-5", "1e3", "100 st", "1.2.3", "\u0661\u0660")),
        *((METRIC, "0", TOO_MUCH), (METRIC, "1001", TOO_MUCH), (IMPERIAL, "2205", TOO_MUCH)),
        *((parse_rpe, text, r"is not an RPE\. Write 1 to 10") for text in ("0", "11", "8.3", "hard", "nan", "")),
    ],
)
def test_an_invalid_load_or_rpe_is_refused_with_an_example(parse, text, says):
    with pytest.raises(ValueError, match=says):
        parse(text)


@pytest.mark.parametrize(
    ("load_kg", "units", "words"),
    [
        (100.0, "metric", "100 kg"),
        (102.5, "metric", "102.5 kg"),
        (3450.0, "metric", "3,450 kg"),
        (99.7903, "imperial", "220 lb"),
        (100.0, "imperial", "220.5 lb"),
    ],
)
def test_load_is_shown_to_a_tenth(load_kg, units, words):
    """220 lb stay 220 lb on the way through kilograms."""
    assert format_load(load_kg, units) == words


@pytest.mark.parametrize(("text", "rpe"), [("8", 8.0), ("8,5", 8.5), ("10", 10.0), ("1", 1.0)])
def test_rpe_goes_from_1_to_10_in_halves(text, rpe):
    assert parse_rpe(text) == rpe


@pytest.mark.parametrize(("load_kg", "words"), [(561.5, "562 kg"), (562.4, "562 kg"), (562.5, "563 kg")])
def test_half_a_kilogram_is_rounded_up(load_kg, words):
    assert format_rounded_load(load_kg, "metric") == words
