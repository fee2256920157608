"""The page of the history: one file, that asks no network and that no name breaks."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from builders.depth import a_depth
from builders.past_sessions import a_pace, a_past_rep, a_past_session, reps_of
from builders.reports import Read
from builders.sessions import at

from livecoach.core.documents.history import HistoryDocument
from livecoach.core.types import SetLog
from livecoach.pages.history.history_figures import exercise_trends
from livecoach.pages.history.history_page import draw_trend, make_dated_plot, render_history
from livecoach.pages.history.history_words import change_words

TODAY = date(2026, 4, 1)


def a_document(sessions, **changes):
    """Of these sessions."""
    fields = {"today": TODAY.isoformat(), "since": None, "courses": exercise_trends(sessions), "notes": ()}
    return HistoryDocument(**{**fields, **changes})


def some(count, **changes):
    """So many sessions, two days between them, with an alarm in each and faults in some."""
    reps = (*reps_of("ggga"), a_past_rep(number=5, verdict="anomalous", faults=("shallow",)))
    return [a_past_session(at(2026, 1, 1) + timedelta(days=2 * n), **{"reps": reps, **changes}) for n in range(count)]


@pytest.mark.parametrize("count", [0, 1, 2, 30, 200])
def test_a_page_is_whole_and_asks_no_network(count):
    text = render_history(a_document(some(count)))
    assert not {tag for tag, _ in Read(text).tags} & {"img", "link", "iframe"}
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//|url\(|@import", text)
    assert "nan" not in re.findall(r"[a-z]+", " ".join(re.findall(r' d="([^"]*)"', text)).lower())


def test_an_old_fault_that_is_back_is_reported():
    """Of the last session, where it was gone before."""
    bad = [a_past_rep(number=n, verdict="anomalous", faults=("forward_lean",)) for n in (1, 2, 3)]
    days = [a_past_session(at(2026, 1, day), reps=reps) for day, reps in ((1, bad), (2, reps_of("ggg")), (3, bad))]
    told = "An old fault is back: leant forward, in 3 of 3\N{NO-BREAK SPACE}reps."
    assert told in render_history(a_document(days))
    assert "old fault" not in render_history(a_document(days[:2])) + render_history(a_document([days[0], days[2]]))


def test_depth_is_shown_of_all_sessions_and_of_each():
    reps = tuple(a_past_rep(standards=(a_depth(9.0, verdict),)) for verdict in ("met", "missed", "close"))
    text = render_history(a_document(some(2, reps=reps)))
    assert "<small>2 of 4 to depth, 2 too close to tell</small>" in text
    assert text.count("<small>1 of 2 to depth, 1 too close to tell</small>") == 2
    assert "to depth" not in render_history(a_document(some(2)))


def test_depth_is_drawn_over_the_sessions():
    """The share of reps to depth with its interval, and the height over the knee with the middle half of the reps."""
    met = {"reps": (a_past_rep(standards=(a_depth(-3.0, "met"),)),) * 3, "creases_cm": (-6.0, -3.0, 1.0)}
    plain, deep = (render_history(a_document(some(3, **changes))) for changes in ({}, met))
    for title in ("<h3>Reps to depth</h3>", "<h3>Depth</h3>"):
        assert title in deep
        assert title not in plain
    assert deep.count('class="whisker"') == 9  # of alarms, shares and heights
    assert ['class="grid zero"' in text for text in (deep, plain)] == [True, False]
    level = a_document(some(2, creases_cm=(0.0,)))  # an axis of no length is none
    assert "<h3>Depth</h3>" in render_history(level)


@pytest.mark.parametrize(
    ("least", "most"), [(-6.0, 1.0), (-6.0, 0.0), (-0.4, 12.0), (0.0, 7.0), (-60.0, 3.0), (-0.06, 0.6)]
)
def test_axes_hold_what_lies_below_zero(least, most):
    """Zero lies where the values say, and the deepest value inside the plot."""
    plot = make_dated_plot(date(2026, 3, 1), date(2026, 3, 2), [least, most], str)
    lowest, zero, highest = (plot.place_of(0, value)[1] for value in (least, 0.0, most))
    assert plot.bottom >= lowest >= zero >= highest >= plot.top
    assert (lowest > zero) == (least < 0)
    assert plot.y[0] <= least
    assert plot.y[1] >= most


@pytest.mark.parametrize("days", [1, 10, 1000])
def test_axes_hold_their_first_and_last_day(days):
    plot = make_dated_plot(date(2026, 3, 1), date(2026, 3, 1) + timedelta(days=days), [0.0, 7.0], str)
    first, last = (plot.place_of(day, 0.0)[0] for day in (0, days))
    whole, _ = plot.place_of(0.06 * days, 0.0)
    assert first - plot.left == pytest.approx(plot.right - last) == pytest.approx((whole - first) / 2)


def test_a_written_page_names_the_commands_that_make_the_reports():
    """What lies beside it is not known to whoever it is sent to."""
    one, two = some(2)
    text = render_history(a_document([one, two]))
    assert not [link for link in Read(text).having("href") if "html" in link]
    assert all(f"livecoach report {each.name}" in text for each in (one, two))
    second = a_past_session(profile="ben", reps=(a_past_rep(set=3, own_set=2),))
    shared = a_document([second.with_values(**vars(second), is_shared=True)])
    assert f"livecoach sessions sets {second.name}:2@ben --load 100<" in render_history(shared)


def test_speeds_in_two_units_are_two_plots():
    metres = tuple(a_past_rep(pace=a_pace(speed=0.5, speed_unit="m/s")) for _ in range(3))
    in_metres = [a_past_session(at(2026, 3, day), reps=metres) for day in (1, 2)]
    text = render_history(a_document([*some(2), *in_metres]))
    assert text.count("<h3>Speed on the way up</h3>") == 2
    assert "Typical speed on the way up, m/s." in text
    assert "Typical speed on the way up, m/s; estimated for a height of 170\N{NO-BREAK SPACE}cm." in text


def test_speeds_without_a_height_are_estimates_in_metres():
    """In the table, as in the terminal; the page says what the tilde means. No personal best is one."""
    loaded = {1: SetLog(load_kg=60.0)}
    text = render_history(a_document(some(2, logs=loaded)))
    assert "torso" not in text
    assert re.search(r"~\d\.\d\d</td>", text)
    assert "fastest good rep" not in text
    assert "Speeds with ~ or “about” are estimates" in text


def test_few_sessions_have_their_intervals_and_many_a_band():
    """A rate of five reps is never drawn as if it were known; a single dot shows no course."""
    one = render_history(a_document(some(1)))
    assert ("<svg" in one, "Trends begin with the second day." in one) == (False, True)
    few, many = (render_history(a_document(some(count))) for count in (5, 100))
    assert few.count('class="whisker"') == 5
    assert 'class="whisker"' not in many
    assert 'class="band"' in many


def test_sessions_of_one_day_draw_no_trend():
    """Three sets of a day give no line; dots stand where their days are, not one beside the other."""
    day = [a_past_session(at(2026, 3, 1, minute=n), reps=reps_of("ga")) for n in range(3)]
    assert "<svg" not in render_history(a_document(day))
    weeks = [a_past_session(at(2026, 3, number), reps=reps_of("ga")) for number in (2, 3, 30)]
    form = draw_trend(exercise_trends(weeks)[0], served=False)[0]
    x = [float(place) for place in re.findall(r'class="dot" d="M([\d.]+)', form.svg)]
    assert 0 < (x[1] - x[0]) * 20 < x[2] - x[1]
    line = re.search(r'class="line" d="([^"]+)', form.svg)[1]
    assert line.count("L") == 1, "a point for each week"


def test_a_wrong_date_hides_no_week():
    """A clock that began at 1970 would make all other weeks a pixel."""
    text = render_history(a_document([a_past_session(at(1970, 1, 1)), *some(3)]))
    assert text.count('class="bar"') == 2


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([80, 82, 84, 90, 95, 97], "It rose from about 81 kg to about 96 kg in 6 sessions."),
        ([97, 95, 90, 84, 82, 80], "It fell from about 96 kg to about 81 kg in 6 sessions."),
        ([80, 95, 80, 95, 80, 95], "No clear change in 6 sessions: about 88 kg."),
        ([80, 80, 80, 80, 80, 80], "No clear change in 6 sessions: about 80 kg."),
        ([80, 90, 100, 110], "Too few sessions to say whether it changes: 4 of at least 5."),
    ],
)
def test_a_sentence_says_how_a_figure_has_changed(values, sentence):
    """Only what is no chance; ties and a steady up and down are no change."""
    assert change_words(values, lambda value: f"{value:.0f} kg") == sentence


def test_plots_show_loads_estimates_and_the_speed_at_the_usual_load():
    """Of each session the heaviest load, the highest estimate, and the fastest rep at the load of most sessions."""
    sessions = [
        a_past_session(
            at(2026, 3, day),
            reps=tuple(replace(rep, pace=a_pace(speed=0.4 + day / 100, speed_unit="m/s")) for rep in reps_of("ggg")),
            logs={1: SetLog(load_kg=100.0 if day < 9 else 110.0)},
        )
        for day in range(1, 10)
    ]
    figures = {figure.title: figure for figure in draw_trend(exercise_trends(sessions)[0], served=False)}
    assert figures["Heaviest load"].svg.count("data-tip") == 9
    assert figures["Heaviest load"].sentence == "No clear change in 9 sessions: about 100 kg."
    assert figures["Estimated 1RM"].sentence.startswith("No clear change in 9 sessions: about 108")
    assert figures["Speed at 100 kg"].sentence == "It rose from about 0.42 m/s to about 0.48 m/s in 8 sessions."
    assert "Speed on the way up" not in figures


def test_alike_reps_are_counted_beside_the_number_of_good_reps():
    """ "0" over "alike" would read as none alike."""
    alike = (a_past_rep(reference="set"),) * 3
    assert '<td class="r">0<small>3 alike</small>' in render_history(a_document(some(1, reps=alike)))
