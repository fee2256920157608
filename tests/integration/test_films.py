"""Films teach a profile as sessions do, in the order in which they are given, and lose nothing to a closed pipe."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from builders.command import DEMO_OBSERVATIONS, begun, command, run, run_alone, run_well, surroundings
from builders.evenings import EXERCISE, a_lifted_set
from builders.observations import a_header
from builders.recognition import dips
from builders.sessions import at
from builders.systems import files_of_at_most

import livecoach
from livecoach.core.documents import codec
from livecoach.core.types import Observation
from livecoach.records.session.amending import change_start_time
from livecoach.records.session.opening import open_session

OF_PROFILE = ("--profile", "anna", "--exercise", EXERCISE)


def a_film(path: Path, tokens: str, seen: Sequence[Observation] = ()) -> Path:
    with codec.ObservationWriter(path, replace(a_header(), name=path.stem)) as file:
        for observation in seen or a_lifted_set(52, tokens):
            file.write(observation)
    return path


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> Path:
    """A folder of two films: five good deadlifts, and five with hips that are too low."""
    folder = tmp_path_factory.mktemp("films")
    a_film(folder / "1-good.obs", "good*5")
    a_film(folder / "2-low.obs", "knee_dominant:0.9*5")
    return folder


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """Three good deadlifts."""
    return a_film(tmp_path_factory.mktemp("film") / "1-good.obs", "good*3")


def verdicts(result: "subprocess.CompletedProcess[str]") -> list[list[str]]:
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    return [[rep["verdict"] for rep in one["reps"]] for one in found.get("results", [found])]


def test_two_commands_and_a_folder_judge_alike(films, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    folder = run("analyze", films, *OF_PROFILE, "--json", "-", home=tmp_path / "one")
    run("analyze", films / "1-good.obs", *OF_PROFILE, home=tmp_path / "two")
    after = run("analyze", films / "2-low.obs", *OF_PROFILE, "--json", "-", home=tmp_path / "two")
    assert verdicts(folder) == [["good"] * 5, *verdicts(after)] == [["good"] * 5, ["anomalous"] * 5]


def test_a_film_is_judged_by_what_came_before_it_also_if_it_is_analysed_again(films, film, sessions):
    """Films of one day come in the order in which they were given, and a session's day may be changed afterwards."""

    def references(*paths: Path) -> list[set[str]]:
        how = {"profile": "anna", "learn": True, "day": date(2020, 1, 7)}
        return [{rep.reference for rep in livecoach.analyze(path, EXERCISE, **how).reps} for path in paths]

    one, other = films / "1-good.obs", film
    assert references(one, other) == references(one, other) == [{"none"}, {"own"}]
    first, second = (open_session(folder, pytest.fail) for folder in sorted(sessions.iterdir()))
    assert (len(first.run_reps), first.start_time < second.start_time) == (5, True)
    change_start_time(second, at(2020, 1, 1))
    assert references(one, other) == [{"own"}, {"none"}]


def test_a_film_of_nobody_whose_day_was_changed_is_judged_by_this_day_also_for_a_lifter(films, film, sessions):
    livecoach.analyze(film, EXERCISE, record=True)
    (folder,) = sessions.iterdir()
    change_start_time(open_session(folder, pytest.fail), at(2020, 1, 1))
    livecoach.analyze(films / "1-good.obs", EXERCISE, profile="anna", learn=True, day=date(2020, 1, 7))
    assert livecoach.analyze(film, EXERCISE, profile="anna", learn=True).reps[0].reference == "none"


def test_a_faulty_film_that_comes_first_is_set_right_by_one_confirmation(films, tmp_path):
    run("analyze", films / "2-low.obs", *OF_PROFILE, home=tmp_path)
    run("analyze", films / "1-good.obs", *OF_PROFILE, home=tmp_path)
    confirmed = run("sessions", "correct", "last", "good", home=tmp_path)
    assert "judged again" in confirmed.stdout
    listed = json.loads(run("sessions", "list", "--json", "-", home=tmp_path).stdout)["sessions"]
    assert listed[0]["reps"]["anomalous"] >= 4  # the last one is at the limit
    assert listed[1]["reps"]["good"] == 5
    next_day = a_film(tmp_path / "next-day.obs", "good*5")
    judged = run("analyze", next_day, *OF_PROFILE, "--no-learn", "--json", "-", home=tmp_path)
    assert verdicts(judged) == [["good"] * 5]


def test_a_session_for_which_the_disk_has_no_room_is_not_called_whole(film, tmp_path):
    with files_of_at_most(20_000):
        done = run_alone("analyze", film, *OF_PROFILE, home=tmp_path)
    assert "; recording stopped: File too large. `livecoach report" in done.stderr


def test_what_commands_say_of_films_is_in_the_language_of_the_settings(film, tmp_path):
    run("config", "set", "language", "de", home=tmp_path)
    done = run("analyze", film, *OF_PROFILE, home=tmp_path)
    assert "livecoach: Training: " in done.stderr
    (session,) = (tmp_path / "data" / "sessions").iterdir()
    assert f"Sind das deine guten Wdh.? `livecoach sessions correct {session.name}:1 good`" in done.stdout
    assert "aus dem ersten Training, nicht bestätigt" in run("config", "profiles", "show", "anna", home=tmp_path).stdout
    assert run("config", "profiles", home=tmp_path).stdout.startswith("anna: Kreuzheben, 3 Wdh., zuletzt am ")
    forgotten = run("config", "profiles", "forget", "anna", "--exercise", EXERCISE, "--yes", home=tmp_path)
    assert forgotten.stdout == "Profil anna, Kreuzheben: 3 Wdh. vergessen\n"
    idle = run("analyze", a_film(tmp_path / "idle.obs", "idle:3"), home=tmp_path)
    assert idle.stdout.startswith("idle · keine Übung")


def test_a_closed_pipe_loses_neither_learning_nor_the_file(film, tmp_path):
    written = tmp_path / "r.json"
    words = command("analyze", film, *OF_PROFILE, "--json", written)
    with subprocess.Popen(words, env=surroundings(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.wait()
    assert len(json.loads(written.read_text())["reps"]) == 3
    assert "anna: deadlift" in run("config", "profiles", "list", home=tmp_path).stdout


def test_the_same_film_of_nobody_is_one_session_and_the_first_lifter_gets_it(film, tmp_path):
    """Nobody is no lifter: who is named later is the lifter of the same session, also when nobody is named again."""
    copy = tmp_path / "1-good (1).obs"
    copy.write_bytes(film.read_bytes())
    for one, lifter in ((film, ()), (copy, ()), (copy, ("--profile", "mia")), (film, ())):
        again = run("analyze", one, "--exercise", "deadlift", "--record", *lifter, home=tmp_path)
    assert "already" in again.stderr
    (session,) = json.loads(run("sessions", "list", "--json", "-", home=tmp_path).stdout)["sessions"]
    assert session["profiles"] == ["mia"]


def test_a_film_that_two_commands_get_at_once_becomes_one_session(film, tmp_path):
    words = ("analyze", film, "--exercise", EXERCISE, "--record")
    with begun(*words, home=tmp_path) as one, begun(*words, home=tmp_path) as other:
        assert (one.end().returncode, other.end().returncode) == (0, 0)
    listed = json.loads(run("sessions", "list", "--json", "-", home=tmp_path).stdout)["sessions"]
    assert len(listed) == 1


def test_a_film_has_a_report_in_one_step_and_leaves_nothing_else(tmp_path):
    page = tmp_path / "page.html"
    done = run("report", DEMO_OBSERVATIONS, "--exercise", "romanian_deadlift", "--out", page, home=tmp_path)
    assert (done.returncode, "<html" in page.read_text(encoding="utf-8")) == (0, True), done.stderr
    assert "this looks like deadlift, not romanian deadlift. If it is, use --exercise deadlift." in done.stderr
    assert "no sessions yet" in run("sessions", "list", home=tmp_path).stdout


def test_a_film_that_is_a_session_or_teaches_nothing_has_a_report_too(film, tmp_path):
    run_well("report", film, *OF_PROFILE, "--out", tmp_path / "page.html", home=tmp_path)
    assert (tmp_path / "page.html").exists()
    assert "anna" in run("sessions", "list", home=tmp_path).stdout
    run_well("config", "set", "learn", "false", home=tmp_path)
    for lifter in ((), OF_PROFILE[:2]):
        page = tmp_path / f"page-{len(lifter)}.html"
        run_well("report", film, "--exercise", EXERCISE, *lifter, "--out", page, home=tmp_path)
        assert page.exists()
    assert "1 session, " in run("sessions", "list", home=tmp_path).stdout


def test_a_film_without_a_rep_has_no_report(tmp_path):
    done = run("report", a_film(tmp_path / "dips.obs", "", dips(5)), "--exercise", EXERCISE, home=tmp_path)
    assert (done.returncode, "no rep counted" in done.stderr) == (4, True)
    assert "5 movements did not look like reps: not counted\n" in done.stderr


def test_reps_can_be_forgotten_and_the_session_deleted_with_or_without_them(film, tmp_path):
    done = run("analyze", film, *OF_PROFILE, home=tmp_path)
    assert "profile anna knows" in done.stderr
    assert "`livecoach config profiles show anna`" in done.stderr
    run_well("config", "profiles", "forget", "anna", "last:1/3", home=tmp_path)
    kept = run("config", "profiles", "show", "anna", home=tmp_path).stdout
    run("sessions", "delete", "last", "--yes", "--keep-reps", home=tmp_path)
    assert "kept without their session" in run("config", "profiles", "show", "anna", home=tmp_path).stdout
    assert ":1, reps 1-2 (" in kept
    run("analyze", film, *OF_PROFILE, home=tmp_path)
    run("sessions", "delete", "last", "--yes", home=tmp_path)
    assert "nothing is known yet" in run("config", "profiles", "show", "anna", home=tmp_path).stdout


def test_a_film_from_before_its_exercise_was_forgotten_says_why_it_teaches_nothing(films, film, tmp_path):
    run("analyze", film, *OF_PROFILE, home=tmp_path)
    run_well("config", "profiles", "forget", "anna", "--yes", home=tmp_path)
    older = run("analyze", films / "1-good.obs", *OF_PROFILE, "--day", "2020-01-07", home=tmp_path)
    assert "learns nothing from this session, because it has forgotten deadlift since then." in older.stderr
    name = older.stderr.split("`livecoach sessions correct ")[1].split(" good`")[0]
    run_well("sessions", "correct", name, "good", home=tmp_path)
    assert "anna: deadlift, 5 reps" in run("config", "profiles", home=tmp_path).stdout


def test_films_that_are_to_be_recorded_become_sessions_with_several_jobs_too(films, tmp_path):
    run("analyze", films, "--exercise", EXERCISE, "--record", "--jobs", "2", home=tmp_path)
    listed = json.loads(run("sessions", "list", "--json", "-", home=tmp_path).stdout)["sessions"]
    assert len(listed) == 2


@pytest.mark.parametrize(("tokens", "keeps"), [("idle:3", ("--record", *OF_PROFILE[2:])), ("partial*3", OF_PROFILE)])
def test_a_film_without_a_whole_rep_becomes_no_session(tokens, keeps, tmp_path):
    """Its owner has the film; an empty session would only be in the way."""
    film = a_film(tmp_path / "film.obs", tokens, a_lifted_set(4, tokens))
    done = run("analyze", film, *keeps, "--json", "-", home=tmp_path)
    found = json.loads(done.stdout)
    assert (found["reps"], found["session"], bool(found["partial_reps"])) == ([], None, tokens != "idle:3")
    assert "not saved, because no rep counted" in done.stderr
    assert "no sessions yet" in run("sessions", "list", home=tmp_path).stdout


def test_a_film_whose_session_cannot_be_kept_is_analysed_with_status_7(film, tmp_path):
    """The folder of the sessions is a link to nothing, which stops an administrator, too."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sessions").symlink_to(tmp_path / "gone")
    done = run("analyze", film, *OF_PROFILE, home=tmp_path)
    assert (done.returncode, "set 1 · 3 reps" in done.stdout) == (7, True), done.stderr
    done = run("report", film, *OF_PROFILE, home=tmp_path)
    assert (done.returncode, "no rep counted" in done.stderr) == (7, False), done.stderr


def test_record_beside_out_is_refused_and_not_ignored(films, tmp_path):
    refused = run("analyze", films, "--out", tmp_path / "kept", "--record", home=tmp_path)
    assert refused.returncode == 2
    assert "--record can't be given with --out" in refused.stderr
