"""`livecoach history`, as a user runs it."""

import json
import re
from datetime import timedelta

import jsonschema
import pytest
from builders.command import run, run_well, schema_of
from builders.sessions import a_session, at, sessions_of
from builders.steps import a_pace, a_rep
from builders.systems import mode_of

from livecoach.core.documents import SetLogEvent


@pytest.fixture
def home(tmp_path):
    """With eight sessions of two lifters, a week between two of them."""
    sessions = sessions_of(tmp_path)
    for number in range(8):
        reps = [a_rep(index=n + 1, verdict="good" if n else "anomalous", pace=a_pace()) for n in range(4)]
        a_session(
            sessions,
            started=at(2026, 1, 5) + timedelta(days=7 * number),
            profile="anna" if number % 4 else "Jörg [red]<b>",
            session=f"camera 0:{number}",
            reps=reps,
            events=[SetLogEvent(t_s=2.0, set=1, load_kg=60.0 + 5 * number, rpe=8.0)] if number % 4 else (),
        )
    return tmp_path


def test_history_is_two_lines_an_exercise(home):
    outcome = run("history", home=home)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    other, _, first, second, more = outcome.stdout.splitlines()
    assert other.startswith("squat · Jörg [red]<b>: 8 reps, 2 sets, 2 sessions; ")
    assert first.startswith("squat · anna: 24 reps, 6 sets, 6 sessions; 0 reps this week, ")
    assert second.startswith("  good reps: 18 of 24 judged (75 %), your usual share: likely ")
    assert more.endswith("`livecoach report 2026-02-23_18-30-00-squat --open` the newest session.")


def test_loads_and_speeds_are_in_the_units_of_the_settings(home):
    run_well("config", "set", "units", "imperial", home=home)
    shown = run("sessions", "show", "last", home=home).stdout
    assert "209.4 lb" in shown
    assert "ft/s" in shown
    assert "m/s" not in shown


def test_the_lines_are_in_the_language_that_is_asked_for(home):
    assert "  gute Wdh.: 18 von 24 bewerteten (75 %)" in run("history", "--language", "de", home=home).stdout
    run_well("config", "set", "language", "de", home=home)
    assert "Satz 1 · 4 Wdh.: 3 gut, 1 auffällig" in run("sessions", "show", "last", home=home).stdout
    *lines, total = run_well("sessions", "list", home=home).stdout.splitlines()
    assert re.search(r"anna, 4 Wdh.: 3 gut, 1 auffällig, [\d,]+ s, [\d,]+ kB$", lines[-1])
    assert re.fullmatch(r"8 Trainings, [\d,]+ kB. `livecoach home` zeigt sie.", total)
    out = run_well("sessions", "export", "--all", "--out", str(home / "all.zip"), home=home).stdout
    assert re.search(r"all.zip: 8 Trainings, [\d,]+ kB$", out.strip())
    (home / "log.csv").write_text("Date,Exercise Name,Set Order,Weight,Reps\n2026-01-02 10:00:00,Curl,1,20,5\n")
    done = run("sessions", "import", str(home / "log.csv"), "--unit", "kg", home=home)
    assert "ausgelassen, weil livecoach die Übungen nicht kennt: Curl" in done.stderr


def test_the_json_of_a_history_keeps_to_its_schema(home):
    document = json.loads(run("history", "--json", "-", home=home).stdout)
    jsonschema.validate(document, schema_of("history"))
    assert [course["counts"]["reps"] for course in document["courses"]] == [24, 8]
    run_well("history", "--json", "out.json", home=home)
    assert json.loads((home / "out.json").read_text(encoding="utf-8")) == document


@pytest.mark.parametrize(
    ("arguments", "sessions"),
    [(["--profile", "anna"], 6), (["--exercise", "squat", "--since", "2026-02-02"], 4), (["--since", "1d"], 0)],
)
def test_a_history_holds_only_the_sessions_that_options_choose(home, arguments, sessions):
    document = json.loads(run("history", *arguments, "--json", "-", home=home).stdout)
    assert sum(len(course["sessions"]) for course in document["courses"]) == sessions


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--since", "2026-12-01"], "no session since 1 Dec 2026; 9 before that"),
        (
            ["--since", "2026-12-01", "--profile", "anna", "--language", "de"],
            "kein Training mit Profil anna seit dem 01.12.2026; 6 davor",
        ),
        (["--profile", "anna", "--exercise", "deadlift"], "no session of deadlift, profile anna"),
    ],
)
def test_a_time_without_a_session_counts_the_sessions_before_it(home, arguments, said):
    a_session(sessions_of(home), started=at(2026, 3, 9), exercise="deadlift", profile="ben", reps=[a_rep()])
    assert run("history", *arguments, home=home).stdout == f"{said}\n"


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["--profile", "ana"], 3, "Did you mean 'anna'?"),
        (["--exercise", "snatch"], 3, "Known here: squat."),
        (["--since", "yesterday"], 2, "is not a date"),
        (["--since", "999999999d"], 2, "is not a date"),
        (["--html", "page.txt"], 3, ".html"),
        (["--html", "nowhere/page.html"], 7, "can't be written"),
    ],
)
def test_a_history_that_cannot_be_made_is_refused_without_a_traceback(home, arguments, status, says):
    outcome = run("history", *arguments, home=home)
    assert outcome.returncode == status
    assert says in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_a_history_without_sessions_says_how_to_record_a_session(tmp_path):
    outcome = run("history", home=tmp_path)
    assert (outcome.returncode, outcome.stdout) == (0, "no sessions yet: `livecoach live` records one.\n")
    assert not (tmp_path / "data").exists()
    (a_session(sessions_of(tmp_path)) / "session.json").write_text('{"version": 99}')
    outcome = run("history", home=tmp_path)
    assert outcome.stdout == "no session can be read. `livecoach sessions` lists them.\n"


def test_a_history_page_is_readable_by_its_owner_alone(home):
    run_well("history", "--html", "page.html", home=home)
    assert mode_of(home / "page.html") == 0o600
    assert "Jörg [red]&lt;b&gt;" in (home / "page.html").read_text(encoding="utf-8")
