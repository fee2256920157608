"""`livecoach sessions`: list, show, export, import, delete, prune."""

import errno
import json
import os
import shutil
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import jsonschema
from builders.command import run, run_alone, run_on_terminal, run_well, schema_of
from builders.sessions import a_session, at, contents, sessions_of, some_reps
from builders.steps import a_rep
from builders.systems import files_of_at_most, mode_of
from click.testing import CliRunner

from livecoach.cli.sessions import export
from livecoach.core.errors import ConfigError, OutputError, SourceError
from livecoach.records.earlier import read_earlier_sets
from livecoach.records.session import layout
from livecoach.records.session.video import SessionPictures


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


def test_a_list_that_can_be_read_in_80_columns(sessions, tmp_path):
    a_session(
        sessions, started=at(2026, 3, 1), reps=[*some_reps(3), *some_reps(2, verdict="anomalous")], profile="Jörg"
    )
    a_session(sessions, started=at(2026, 3, 2), video=True)
    under_way = a_session(sessions, started=at(2026, 3, 3), cut_off=True)
    damaged = a_session(sessions, started=at(2026, 3, 4))
    (damaged / layout.DOCUMENT).write_text("{")
    with layout.lock_session(under_way):
        done = run("sessions", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    first, second, third, fourth, last = lines(done.stdout)
    assert max(map(len, (first, second, third, last))) <= 80
    assert first.startswith("2026-03-01_18-30-00-squat: Jörg, 5 reps: 3 good, 2 to check, 1.9 s, ")
    assert second.endswith("video")
    assert third.endswith("recording now")
    assert fourth.startswith(f"{damaged.name}: session.json: is damaged, anna, 1 rep: 1 good, ")
    assert last.startswith("4 sessions, ")


def test_a_list_of_one_lifter_or_exercise(sessions, tmp_path):
    a_session(sessions, started=at(2026, 3, 1), profile="anna")
    a_session(sessions, started=at(2026, 3, 2), profile="ben", reps=2)
    a_session(sessions, started=at(2026, 3, 3), profile="ben", exercise="deadlift")
    done = run("sessions", "list", "--profile", "ben", "--exercise", "squat", "--json", "-", home=tmp_path)
    told = json.loads(done.stdout)
    jsonschema.validate(told, schema_of("sessions"))
    (one,) = told["sessions"]
    assert (one["name"], one["profile"], one["reps"]["good"]) == ("2026-03-02_18-30-00-squat", "ben", 2)
    assert told["size_bytes"] == one["size_bytes"] > 0
    assert (one["cut_off"], one["recording"], one["problem"], one["video_bytes"]) == (False, False, None, None)
    nobody = run("sessions", "list", "--profile", "eve", home=tmp_path)
    assert nobody.stdout == "no session of profile eve. There are sessions of: deadlift, squat; anna, ben.\n"


def test_without_sessions_the_command_that_records_a_session_is_named(tmp_path):
    assert run("sessions", home=tmp_path).stdout == "no sessions yet: `livecoach live` records one.\n"
    assert not (tmp_path / "data").exists()


def test_a_session_is_shown_in_words_and_as_json(sessions, tmp_path):
    folder = a_session(sessions, reps=[a_rep(), a_rep(index=2, verdict="unsure", score=None, unsure="legs hidden")])
    done = run("sessions", "show", "last", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "set 1 · 2 reps: 1 good, 1 not judged" in done.stdout
    assert "\n  not judged: rep 2 (legs hidden)\n" in done.stdout
    assert "damage" not in done.stdout
    assert f"{folder}: " in done.stdout
    told = json.loads(run("sessions", "show", folder.name[:16], "--json", "-", home=tmp_path).stdout)
    jsonschema.validate(told, schema_of("session"))
    assert told["frames"] == {"read": 30, "with_pose": 30, "dropped": 0, "lost": 0}
    assert (len(told["reps"]), told["damage"], told["about"]["profile"]) == (2, [], "anna")


def test_an_exported_session_is_imported_byte_for_byte_and_only_once(sessions, tmp_path):
    folder = a_session(sessions, reps=2, video=True, reference=2)
    target = tmp_path / "für Jörg, Montag.zip"
    done = run("sessions", "export", "last", "--out", target, home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert mode_of(target) == 0o600
    there = tmp_path / "there"
    there.mkdir()
    assert run("sessions", "import", target, home=there).stdout == "1 session was imported.\n"
    assert contents(sessions_of(there) / folder.name) == contents(folder)
    modes = {mode_of(path) for path in (there / "data").rglob("*")}
    assert modes == {0o600, 0o700}
    again = run("sessions", "import", target, home=there)
    assert (again.returncode, again.stdout) == (0, "1 session is here already.\n")


def test_an_export_that_can_not_be_written_is_reported(sessions, tmp_path):
    name = f"{a_session(sessions).name}.zip"
    (tmp_path / name).write_text("mine")
    nowhere, missing = Path("nowhere/x.zip"), os.strerror(errno.ENOENT)
    too_long = missing if sys.platform == "win32" else os.strerror(errno.ENAMETOOLONG)
    for options, line in (
        ((), f"{name}: exists already. Choose another name with --out."),
        (("--out", "x" * 300), f"{'x' * 300}: can't be written ({too_long}). Choose another place with --out."),
        (("--out", nowhere), f"{nowhere}: can't be written ({missing}). Choose another place with --out."),
    ):
        done = run("sessions", "export", "last", *options, home=tmp_path)
        assert (done.returncode, done.stderr) == (OutputError.exit_code, f"livecoach: {line}\n")
    assert (tmp_path / name).read_text() == "mine"
    assert run("sessions", "export", "last", "--no-video", "--blur-faces", home=tmp_path).returncode == 2


def test_faces_are_blurred_in_the_export(sessions, tmp_path, monkeypatch):
    folder = a_session(sessions, video=True)
    monkeypatch.setattr("livecoach.cli.sessions.blur_face", lambda picture, _: 0 * picture)
    lightest = []
    for name, options in (("plain", ()), ("blurred", ("--blur-faces",))):
        assert CliRunner().invoke(export, ["last", "--out", str(tmp_path / name), *options]).exit_code == 0
        with zipfile.ZipFile(tmp_path / name) as archive:
            (tmp_path / f"{name}.mp4").write_bytes(archive.read(f"{folder.name}/video.mp4"))
        with closing(SessionPictures(tmp_path / f"{name}.mp4")) as pictures:
            lightest.append(max(picture.mean() for _, picture in pictures.read_pictures()))
    assert lightest[1] < 5 < lightest[0]


def test_without_room_no_half_of_an_export_stays(sessions, tmp_path):
    a_session(sessions, video=True)
    with files_of_at_most(4000):
        done = run_alone("sessions", "export", "last", "--out", "x.zip", home=tmp_path)
    assert done.returncode == OutputError.exit_code
    assert done.stderr == "livecoach: x.zip: can't be written (File too large). Choose another place with --out.\n"
    assert {path.name for path in tmp_path.iterdir()} == {"data"}


def test_sources_that_cannot_be_imported_do_not_stop_the_others(sessions, tmp_path):
    good = a_session(sessions)
    run_well("sessions", "export", "last", "--out", "good.zip", home=tmp_path)
    shutil.rmtree(sessions)
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.zip").write_text("no zip")
    done = run("sessions", "import", "nowhere", "empty", "text.zip", "good.zip", home=tmp_path)
    assert (done.returncode, done.stdout) == (1, "1 session was imported.\n")
    assert [line.split(":")[1].strip() for line in lines(done.stderr)] == ["nowhere", "empty", "text.zip"]
    assert [path.name for path in sessions.iterdir()] == [good.name]


def test_a_session_without_its_observations_is_exported_too(sessions, tmp_path):
    whole, part = (a_session(sessions, started=at(2026, 3, day)) for day in (1, 2))
    (part / layout.OBSERVATIONS).unlink()
    done = run_well("sessions", "export", whole.name, part.name, "--out", "x.zip", home=tmp_path)
    assert done.stderr.count("the tables lack its frames") == 1
    assert f"{part.name}: its observations" in done.stderr
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        assert archive.read("tables/observations.csv").count(b"\n") == 31
        assert archive.read("tables/reps.csv").count(b"\n") == 3


def test_delete_asks_before_a_session_goes(sessions, tmp_path):
    folder = a_session(sessions, reps=3)
    status, said = run_on_terminal("sessions", "delete", "last", home=tmp_path, answer="n")
    assert status == 0
    assert f"{folder.name}: anna, 3 reps: 3 good, " in said
    assert "nothing was deleted" in said
    alone = run("sessions", "delete", "last", home=tmp_path)
    assert alone.returncode == ConfigError.exit_code
    assert lines(alone.stderr)[-1] == "livecoach: nothing was deleted. Not a terminal: pass --yes."
    assert folder.exists()
    status, said = run_on_terminal("sessions", "delete", "last", home=tmp_path, answer="y")
    assert (status, folder.exists()) == (0, False)


def test_delete_takes_several_sessions_or_none_and_names_the_one_that_must_stay(sessions, tmp_path):
    one, two = a_session(sessions, started=at(2026, 3, 1)), a_session(sessions, started=at(2026, 3, 2), cut_off=True)
    with layout.lock_session(two):
        done = run("sessions", "delete", one.name, two.name, "--yes", home=tmp_path)
    assert (done.returncode, done.stdout) == (SourceError.exit_code, "")
    assert f"{two.name}: is being recorded" in done.stderr
    assert one.exists()
    run_well("sessions", "delete", one.name, one, two.name, "--yes", home=tmp_path)
    assert not list(sessions.iterdir())


def test_prune_deletes_the_sessions_that_its_dry_run_names(sessions, tmp_path):
    for day in (1, 2, 3, 4):
        a_session(sessions, started=at(2020, 3, day), video=day != 2)
    under_way = a_session(sessions, started=at(2019, 1, 1), cut_off=True)
    before = {path.name for path in sessions.iterdir()}
    size = sum(path.stat().st_size for path in sessions.rglob("*") if path.is_file())
    with layout.lock_session(under_way):
        keep = f"{(size - 1000) / 1000:.3f}K"
        dry = run("sessions", "prune", "--keep", keep, "--dry-run", home=tmp_path)
        assert {path.name for path in sessions.iterdir()} == before
        done = run("sessions", "prune", "--keep", keep, "--yes", home=tmp_path)
    assert [line.split(":")[0] for line in lines(dry.stdout)[:-1]] == ["2020-03-01_18-30-00-squat"]
    assert lines(dry.stdout)[-1].endswith("would be deleted")
    assert done.stdout == "2020-03-01_18-30-00-squat: deleted\n"
    assert before - {path.name for path in sessions.iterdir()} == {"2020-03-01_18-30-00-squat"}


def test_prune_without_a_valid_age_or_size_is_refused(sessions, tmp_path):
    a_session(sessions)
    assert run("sessions", "prune", "--yes", home=tmp_path).returncode == 2
    for option in ("--older-than", "--keep"):
        done = run("sessions", "prune", option, "soon", "--yes", home=tmp_path)
        assert done.returncode == ConfigError.exit_code
        assert done.stderr.startswith("livecoach: 'soon': not a")
    assert len(list(sessions.iterdir())) == 1


STRONG = """\
Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE
2026-02-20 18:51:52,Legs,1h,"Squat (Barbell)",1,100,5,0,0,,,8
2026-02-20 18:51:52,Legs,1h,"Leg Press",1,200,10,0,0,,,
2026-02-20 18:51:52,Legs,1h,"Squat (Barbell)",2,100,soon,0,0,,,
"""


def test_the_log_of_another_app_is_imported(sessions, tmp_path):
    log, other = tmp_path / "strong.csv", tmp_path / "other.csv"
    log.write_text(STRONG)
    other.write_text(STRONG.replace("Weight", "Mass"))
    a_session(sessions, profile="anna")
    done = run("sessions", "import", other, log, "--profile", "anna", "--unit", "kg", home=tmp_path)
    assert done.returncode == 1
    assert done.stdout == f"{log}: 1 set of profile anna, 1 new: squat; loads without a unit are in kg\n"
    assert lines(done.stderr) == [
        f"livecoach: {other}: is no log that Strong, Hevy or FitNotes exports: it lacks Weight / weight_kg. "
        "Nothing was taken.",
        f"livecoach: {log}: left out, because livecoach does not know the exercises: Leg Press",
        f"livecoach: {log}: left out, because day, reps or load can't be read: line 4",
    ]
    again = run("sessions", "import", log, "--profile", "anna", "--unit", "kg", home=tmp_path)
    assert again.stdout == f"{log}: 1 set of profile anna, 0 new: squat; loads without a unit are in kg\n"
    told = json.loads(run("history", "--json", "-", home=tmp_path).stdout)
    (day,) = told["courses"][0]["earlier"]
    assert (day["day"], day["sets"][0]["reps"], day["sets"][0]["load_kg"]) == ("2026-02-20", 5, 100.0)


def test_a_log_that_states_no_unit_is_asked_for_it_before_anything_is_stored(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVECOACH_HOME", str(tmp_path))
    log = tmp_path / "strong.csv"
    log.write_text(STRONG.replace(",1,100,", ",1,225,"))
    refused = run("sessions", "import", log, "--profile", "anna", home=tmp_path)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert lines(refused.stderr) == [
        f"livecoach: {log}: states no unit of its loads. Its heaviest, 225 in squat, is 225 kg, or 225 lb, which is "
        "102.1 kg. Most end in 5, as with a bar of 45 lb. Nothing was taken. Give --unit kg or --unit lb."
    ]
    assert read_earlier_sets("anna") == ()
    run("sessions", "import", log, "--profile", "anna", "--unit", "kg", home=tmp_path)
    status, said = run_on_terminal("sessions", "import", log, "--profile", "anna", home=tmp_path, answer="pounds\nlb")
    assert (status, said.count("Are the loads in kg or lb?")) == (0, 2)
    assert [round(one.load_kg or 0, 1) for one in read_earlier_sets("anna")] == [102.1]
