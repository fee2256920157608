"""A height is that of one profile: another lifter's speeds and distances do not follow from it."""

import json

import pytest
from builders.command import SQUAT_OBSERVATIONS
from builders.reports import a_squat_session, an_evening, opened, squatted
from click.testing import CliRunner

from livecoach.cli import cli
from livecoach.core.config import load_settings, save_settings
from livecoach.core.config.paths import profiles_dir
from livecoach.core.config.settings import read_height_cm
from livecoach.core.documents import PartEvent, UsedSettings
from livecoach.core.errors import ConfigError
from livecoach.records.profile import Profile
from livecoach.records.session.amending import move_set, rename_profile
from livecoach.run.parts import Lifter, PartMaker, lifter_of_session

pytestmark = pytest.mark.usefixtures("data_home")


def run(*words: str) -> str:
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_height_that_is_set_is_that_of_the_profile_in_the_settings():
    run("config", "set", "height_cm", "180")
    assert (read_height_cm("me"), read_height_cm("ben")) == (180.0, None)
    said = run("config", "set", "height_cm", "165", "--profile", "ben")
    assert said == "height_cm of profile ben: 165.0 (was null)\n"
    assert (read_height_cm("me"), read_height_cm("ben")) == (180.0, 165.0)


def test_another_profile_in_the_settings_brings_its_own_height():
    """And none of the one before, which has it again later. A new name takes the height along."""
    run("config", "set", "height_cm", "180")
    save_settings({"profile": "ben"})
    assert (load_settings({}).height_cm, read_height_cm("me"), read_height_cm("ben")) == (None, 180.0, None)
    run("config", "set", "height_cm", "165")
    run("config", "set", "profile", "me")
    assert (load_settings({}).height_cm, read_height_cm("me"), read_height_cm("ben")) == (180.0, 180.0, 165.0)
    run("config", "profiles", "rename", "me", "anna")
    assert (load_settings({}).height_cm, read_height_cm("anna"), read_height_cm("me")) == (180.0, 180.0, None)


def test_a_profile_that_is_refused_moves_no_height():
    """A height in the profile's folder would come back once the height in the settings is deleted by hand."""
    save_settings({"height_cm": 180.0})
    with pytest.raises(ConfigError):
        save_settings({"profile": "a/b"})
    assert not profiles_dir().exists()


def test_a_height_that_is_taken_away_is_unknown():
    run("config", "set", "height_cm", "165", "--profile", "ben")
    run("config", "set", "height_cm", "null", "--profile", "ben")
    assert read_height_cm("ben") is None
    refused = CliRunner().invoke(cli, ["config", "set", "height_cm", "18", "--profile", "ben"])
    assert "height_cm: should be greater than or equal to 100" in str(refused.exception)
    assert read_height_cm("ben") is None
    run("config", "set", "height_cm", "165", "--profile", "ben")
    run("config", "set", "profile", "ben")
    run("config", "set", "height_cm", "null")
    assert read_height_cm("ben") is None, "it comes back"


def units(*words: str) -> set[str]:
    """Return the units of a recording's speeds."""
    document = json.loads(run("analyze", str(SQUAT_OBSERVATIONS), "--no-learn", "--json", "-", *words))
    return {rep["pace"]["speed_unit"] for rep in document["reps"]}


def test_a_recording_is_measured_by_the_height_of_its_lifter(monkeypatch):
    """The clip shows a bar; without it, speeds are in metres only where the height is known."""
    monkeypatch.setattr("livecoach.decisions.judging.lifter_judge.find_bar_path", lambda *_: None)
    run("config", "set", "height_cm", "180")
    assert units("--profile", "ben") == {"torso/s"}
    assert units("--profile", "ben", "--height", "170") == {"m/s"}
    run("config", "set", "height_cm", "165", "--profile", "ben")
    assert units("--profile", "ben") == {"m/s"}


def test_each_lifter_of_a_run_has_a_height_of_their_own():
    """The first one that of the command's option."""
    parts = PartMaker(load_settings({"height_cm": 190}), "lite")
    ada, ben = Lifter(name="ada", height_cm=160.0), Lifter(name="ben", height_cm=None)
    assert [parts.settle_height_cm(one) for one in (ada, ben, ada)] == [190.0, None, 190.0]


@pytest.mark.parametrize(("stored", "height_cm"), [(None, 180.0), (0.0, None), (165.0, 165.0)])
def test_a_session_knows_the_height_of_each_of_its_lifters(sessions, stored, height_cm):
    used = UsedSettings(false_alarms=0.02, learn=True, height_cm=180.0)
    folder = an_evening(sessions, settings=used)
    events = folder / "events.jsonl"
    lines = [json.loads(line) for line in events.read_text().splitlines()]
    for line in lines:
        if line["event"] == "part" and line["profile"] == "ben":
            line["height_cm"] = stored
    events.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    session = opened(folder)
    assert (session.height_of("ada"), session.height_of("ben")) == (180.0, height_cm)
    assert session.select_lifter("ben").height_of("ben") == height_cm
    part = next(one for one in session.part_events if one.profile == "ben")
    assert isinstance(part, PartEvent)
    assert lifter_of_session(session, part).height_cm == height_cm


def test_a_set_that_is_moved_is_measured_by_the_height_of_its_new_lifter(sessions):
    """Not by that of the lifter of the session, who may be 20 cm taller. A new name changes no height."""
    used = UsedSettings(false_alarms=0.02, learn=True, height_cm=180.0)
    folder = a_squat_session(sessions, [squatted(1)], profile="ada", settings=used)
    run("config", "set", "height_cm", "160", "--profile", "cleo")
    for name, height_cm in (("ben", None), ("cleo", 160.0)):
        move_set(opened(folder), 1, name)
        assert opened(folder).height_of(name) == height_cm
    rename_profile(Profile("cleo", pytest.fail), "clea", [opened(folder)])
    assert opened(folder).height_of("clea") == 160.0
    assert opened(folder).height_of("ada") == 180.0
    (folder / "sets.jsonl").write_text((folder / "sets.jsonl").read_text().replace("160.0", "null"))
    assert opened(folder).height_of("cleo") is None, "moved before heights were stored"
