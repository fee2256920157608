"""Whose set it was: said after the session, it moves the set to another lifter, and all that is read of it follows."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from builders.analyses import an_analysis
from builders.references import another
from builders.reports import an_evening, opened, squatted
from builders.sessions import at, contents
from hypothesis import given
from hypothesis import strategies as st

from livecoach.batch.running import parse_analysis
from livecoach.cli.analyze import _with_address
from livecoach.cli.sessions import session_detail_lines
from livecoach.core.config.paths import quote_shell_word
from livecoach.core.documents import OwnRep, PartialRepEvent, SetProfileEvent, ShownLifter, StandardsEvent, to_json
from livecoach.core.errors import ConfigError, OutputError, SessionError
from livecoach.core.types import SetLog, Standards
from livecoach.pages.history.last_sessions import find_last_times
from livecoach.pages.history.reading import load_past
from livecoach.pages.report.content import read_report_content
from livecoach.records.profile import Profile, list_profile_names
from livecoach.records.session import layout
from livecoach.records.session.amending import change_set_log, move_set, rename_profile
from livecoach.records.session.lifter_events import append_events
from livecoach.records.session.listing import describe_session, read_whole_session
from livecoach.records.session.opening import select_lifter
from livecoach.records.session.stored import Session

LIFTERS = st.sampled_from(["ada", "ben", "cleo", None])


@pytest.fixture
def folder(sessions: Path) -> Path:
    return an_evening(sessions)


def lifters_of(session: Session) -> dict[int, str | None]:
    return {one.number: one.profile for one in session.sets}


def raises(error: Exception) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise error

    return fail


def test_a_moved_set_is_the_other_lifters_in_all_that_is_read(folder):
    change_set_log(opened(folder), 3, lambda _: SetLog(load_kg=80.0))
    assert move_set(opened(folder), 3, "ben") == "ada"
    session = opened(folder)
    assert lifters_of(session) == {1: "ada", 2: "ben", 3: "ben"}
    assert [one.number for one in session.select_lifter("ben").sets] == [2, 3]
    assert [(one.profile, len(one.counted_reps)) for one in load_past().parts] == [("ada", 2), ("ben", 3)]
    assert (find_last_times("ben")["squat"].load_kg, find_last_times("ada")["squat"].load_kg) == (80.0, None)
    assert session.profile_at(squatted(5).start_s) == "ben"
    assert _with_address(folder, parse_analysis(an_analysis(reps=(squatted(5),))))[1] == "@ben"


def test_the_address_of_an_analysed_session_is_one_that_commands_take(folder, tmp_path):
    of_ben = parse_analysis(an_analysis(profile="ben", session=folder.name))
    assert _with_address(folder, of_ben)[0] == of_ben
    assert _with_address(folder, replace(of_ben, profile="cleo"))[0].session is None
    elsewhere = folder.rename(tmp_path / "Ben's")
    assert _with_address(elsewhere, of_ben)[0].session == quote_shell_word(str(elsewhere))


def test_a_repeated_assignment_is_stored_once(folder):
    move_set(opened(folder), 3, "ben")
    before = contents(folder)
    assert move_set(opened(folder), 3, "ben") == "ben"
    assert contents(folder) == before


def test_moving_and_logging_a_set_adds_lines_to_one_file_alone(folder):
    before = contents(folder)
    move_set(opened(folder), 3, "ben")
    change_set_log(opened(folder), 3, lambda _: SetLog(rpe=8.0))
    after = contents(folder)
    lines = after.pop(layout.SETS)
    assert after == before
    assert len(lines.splitlines()) == 2
    assert opened(folder).set_logs == {3: SetLog(rpe=8.0)}


@pytest.mark.parametrize(("number", "profile"), [(4, "ben"), (1, "../ben"), (1, "ben "), (1, "")])
def test_moving_a_missing_set_or_to_an_impossible_name_is_refused(folder, number, profile):
    before = contents(folder.parent.parent)
    with pytest.raises((SessionError, ConfigError)):
        move_set(opened(folder), number, profile)
    assert contents(folder.parent.parent) == before
    with layout.lock_session(folder), pytest.raises(SessionError, match="is being recorded"):
        move_set(opened(folder), 3, "ben")


def test_a_lifter_has_only_the_observations_and_events_of_the_own_sets(folder):
    """Begun reps and cues come with the turn, and of a moved set with the set."""

    def seen(profile: str) -> tuple[list[float], list[str]]:
        own = opened(folder).select_lifter(profile)
        begun = [one.partial_rep.start_s for one in own.events if isinstance(one, PartialRepEvent)]
        return begun, [one.text for one in own.cues]

    assert (seen("ada"), seen("ben")) == (([7.0], []), ([13.4], ["stay tall"]))
    move_set(opened(folder), 2, "cleo")
    assert (seen("ada"), seen("cleo")) == (([7.0], []), ([13.4], ["stay tall"]))


def test_standards_that_somebody_chose_hold_for_who_lifts_next(sessions):
    folder = an_evening(sessions)
    chosen = Standards(depth="below")
    append_events(folder / layout.EVENTS, StandardsEvent(t_s=0.5, standards=chosen, frame=15))
    session = opened(folder)
    ben = session.select_lifter("ben")
    assert ben.standards_of(ben.rep_events[0].rep) == session.standards_of(ben.rep_events[0].rep) == chosen


def test_one_lifter_of_several_must_be_named(folder, sessions):
    session = opened(folder)
    assert select_lifter(session, "ben").profiles == ("ben",)
    for name in (None, "cleo", "-"):
        with pytest.raises(SessionError, match="Give --profile with one of these: ada, ben"):
            select_lifter(session, name)
    alone = opened(an_evening(sessions, name="alone"))
    move_set(alone, 2, "ada")
    assert select_lifter(opened(alone.folder), None).profiles == ("ada",)


@given(said=st.lists(st.tuples(st.integers(1, 6), LIFTERS), max_size=8), torn=st.integers(0, 40))
def test_the_last_word_on_a_set_counts_whatever_else_the_file_holds(tmp_path_factory, said, torn):
    folder = an_evening(tmp_path_factory.mktemp("sessions"))
    for number, profile in said:
        append_events(folder / layout.SETS, SetProfileEvent(t_s=1.0, set=number, profile=profile))
    cut = to_json(SetProfileEvent(t_s=1.0, set=1, profile="torn"))[:torn]
    with (folder / layout.SETS).open("a") as file:
        file.write(cut)
    session = opened(folder)
    assert lifters_of(session) == {1: "ada", 2: "ben", 3: "ada"} | {n: of for n, of in dict(said).items() if n <= 3}
    parts = [session.select_lifter(profile) for profile in session.profiles]
    assert sorted(one.number for part in parts for one in part.sets) == [1, 2, 3]
    assert sorted(event.rep.index for part in parts for event in part.rep_events) == [1, 2, 3, 4, 5]
    assert sum(len(part.events) for part in parts) <= len(session.events)


def test_a_shown_session_names_the_lifter_of_each_set(folder):
    lines = list(session_detail_lines(read_whole_session(folder)))
    assert "ada, ben" in lines[1]
    assert [line.split(" · ")[1] for line in lines if line.startswith("set ")] == ["ada", "ben", "ada"]
    move_set(opened(folder), 2, "ada")
    assert not any("ben" in line for line in session_detail_lines(read_whole_session(folder)))
    assert read_whole_session(folder).lifters == (ShownLifter(profile="ada", sets=(1, 2, 3)),)


def test_a_renamed_profile_has_its_reps_and_sets_in_all_sessions(folder, sessions):
    other = an_evening(sessions, name="older")
    before = {one: contents(one) for one in (folder, other)}
    ada = Profile("ada", pytest.fail)
    ada.keep_reps([another(exercise="squat")], session="deleted", began=at(2026, 2, 1))
    assert rename_profile(ada, "Ada  L", [opened(folder), opened(other)]) == (4, 2)
    assert {one.profile for past in load_past().sessions for one in past.sets} == {"Ada  L", "ben"}
    assert Profile("Ada  L", pytest.fail).list_exercises() == ("squat",)
    assert list_profile_names() == ("Ada  L",)
    assert describe_session(folder).profiles == ("Ada  L", "ben")
    for one, files in before.items():
        assert {name: text for name, text in contents(one).items() if name != layout.SETS} == files


def test_a_renaming_that_was_cut_off_is_finished_by_doing_it_again(folder, monkeypatch):
    ada = Profile("ada", pytest.fail)
    ada.create_folder()
    with monkeypatch.context() as full:
        full.setattr(Profile, "rename", raises(OutputError("the disk is full")))
        with pytest.raises(OutputError):
            rename_profile(ada, "Cleo", [opened(folder)])
    assert rename_profile(ada, "Cleo", [opened(folder)]) == (0, 0)
    assert (lifters_of(opened(folder))[1], list_profile_names()) == ("Cleo", ("Cleo",))


@pytest.mark.parametrize("profiles", [("ada", "ben"), ("ada",)])
@pytest.mark.parametrize("name", ["ben", "BEN", "b en", "../x", ""])
def test_no_profile_gets_a_name_that_exists_or_is_too_similar_to_another_name(folder, name, profiles):
    """Ben has no profile if his sets came with an imported session. Two lifters would be one for good."""
    for one in profiles:
        Profile(one, pytest.fail).create_folder()
    before = contents(folder.parent.parent)
    with pytest.raises(ConfigError):
        rename_profile(Profile("ada", pytest.fail), name, [opened(folder)])
    assert contents(folder.parent.parent) == before


@pytest.mark.usefixtures("folder")
def test_a_folder_that_is_found_whatever_its_case_makes_no_profile_of_that_spelling(monkeypatch):
    """As on Windows and macOS: two lifters would be mixed up."""
    Profile("ada", pytest.fail).create_folder()
    monkeypatch.setattr(Profile, "is_new", False)
    assert not Profile("ada", pytest.fail).check_new()
    with pytest.raises(ConfigError, match="there is ada already"):
        Profile("Ada", pytest.fail).check_new()


@pytest.mark.usefixtures("folder")
def test_a_new_profile_can_be_distinguished_from_the_others():
    Profile("ada", pytest.fail).create_folder()
    assert not Profile("ada", pytest.fail).check_new()
    assert Profile("Adam", pytest.fail).check_new()
    for name in ("Ada", "a da", "ADA"):
        with pytest.raises(ConfigError, match="there is ada already, which differs by case or spaces alone"):
            Profile(name, pytest.fail).check_new()


def test_a_set_that_was_judged_as_another_lifters_shows_none_of_that_lifters_reps(sessions):
    def count_of_reference(profile: str, number: int) -> int:
        session = opened(of).select_lifter(profile)
        return sum(len(one.against) for one in read_report_content(session).completed if one.rep.set == number)

    of = an_evening(sessions, name="judged", reference=1, beside=(OwnRep(set="earlier 0", start_s=0.1),))
    assert count_of_reference("ada", 3) == 1
    rename_profile(Profile("ada", pytest.fail), "Ada", [opened(of)])
    assert count_of_reference("Ada", 3) == 1
    move_set(opened(of), 3, "ben")
    assert count_of_reference("ben", 3) == 0
    move_set(opened(of), 3, "Ada")
    assert count_of_reference("Ada", 3) == 1
