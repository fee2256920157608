"""A set that was taken for another exercise: once somebody says what it was, all is as if that had been known."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import msgpack
import pytest
from builders.command import run
from builders.evenings import a_home, a_journal, a_lifted_set, journal_bytes, what_is_known, write
from builders.home_server import at_home_page
from builders.reports import an_evening, opened
from builders.sessions import at, contents

from livecoach import api
from livecoach.core.documents import AUTO, PartialRepEvent, codec
from livecoach.core.errors import ConfigError, SessionError
from livecoach.core.types import Correction, PartialRep, SetLog
from livecoach.pages.history.last_sessions import find_last_times
from livecoach.records.knowledge import LifterReferences
from livecoach.records.profile import Profile
from livecoach.records.rejudging import change_exercise, rejudge_profile
from livecoach.records.session import amending, layout
from livecoach.records.session.lifter_events import append_events
from livecoach.records.session.listing import describe_session, read_whole_session
from livecoach.records.session.rep_choice import RepRange
from livecoach.records.session.session_set import summarise_session_set
from livecoach.records.session.stored import Session
from livecoach.run.replay import RunEvents, compare_replay

RIGHT, TAKEN_FOR = "deadlift", "romanian_deadlift"


def a_session_as(sessions, exercise: str, day: int = 1, *, tokens: str = "good*5", lifter: int = 6) -> Session:
    """lifter: of five reps in 14 s, which is enough to count by. Faults are seen of a slower one."""
    journal = journal_bytes(a_journal(a_lifted_set(lifter, tokens), exercise=exercise))
    return write(sessions, journal, began=at(2026, 3, day), exercise=exercise)


@pytest.fixture
def taken():
    """Five deadlifts, of which a run counted four as Romanian."""
    with a_home() as sessions:
        yield a_session_as(sessions, TAKEN_FOR)


def figures(session: Session) -> list[tuple[object, ...]]:
    """What a report says of each rep, apart from its number in the run."""
    reps = (event.rep for event in replace(session).corrected_reps)
    return [(rep.exercise, rep.name, rep.start_s, rep.turn_s, rep.end_s, rep.form) for rep in reps]


def known() -> dict[str, tuple[float, ...]]:
    """The starts of the reps in each reference of Anna."""
    references = LifterReferences(Profile("anna", print), print).find_latest_references()
    return {exercise: tuple(rep.start_s for rep in reps) for exercise, reps in references}


def test_a_corrected_set_is_as_if_its_exercise_had_been_named_from_the_first(taken):
    learned_as_taken = known()
    change_exercise(taken, 1, RIGHT)
    corrected = figures(taken), what_is_known("anna"), known(), find_last_times("anna", films=True)
    with a_home() as sessions:
        right = a_session_as(sessions, RIGHT)
        assert corrected[0] == figures(right)
        assert [rep[1:6] for rep in corrected[1]] == [rep[1:6] for rep in what_is_known("anna")]
        assert corrected[2:] == (known(), find_last_times("anna", films=True))
    assert (set(learned_as_taken), set(corrected[2])) == ({TAKEN_FOR}, {RIGHT})
    assert (describe_session(taken.folder).exercises, replace(taken).exercise) == ((RIGHT,), RIGHT)
    assert read_whole_session(taken.folder).damage == ()
    analysis = api.analyze(taken.folder)
    assert (analysis.exercise, {rep.exercise for rep in analysis.reps}) == (RIGHT, {RIGHT})


def test_a_confirmed_set_judges_later_sessions_of_its_corrected_exercise():
    with a_home() as sessions:
        taken = a_session_as(sessions, TAKEN_FOR, lifter=4)
        later = a_session_as(sessions, RIGHT, 2, tokens="knee_dominant:0.9*5", lifter=4)
        amending.correct_reps(taken, taken.rep_events, Correction(label="good"))
        assert rejudge_profile("anna", print) == []
        change_exercise(replace(taken), 1, RIGHT)
        assert [event.rep.form for event in replace(later).rep_events].count("anomalous") >= 4
        change_exercise(replace(taken), 1, TAKEN_FOR)
        assert {event.rep.form for event in replace(later).rep_events} == {"alike"}


@pytest.mark.parametrize("undo", [TAKEN_FOR, AUTO])
def test_an_undo_brings_the_reps_of_the_run_back(taken, undo):
    before = taken.corrected_reps, known(), taken.ending
    for exercise in (RIGHT, undo, RIGHT, RIGHT, undo):
        change_exercise(replace(taken), 1, exercise)
    now = replace(taken)
    assert (now.corrected_reps, known(), now.ending) == before
    assert (now.recounted_sets, now.reassigned_sets) == (set(), set())


def test_the_files_of_a_run_stay_and_replay_as_before(taken):
    files = contents(taken.folder)
    change_exercise(taken, 1, RIGHT)
    now = replace(taken)
    assert {name: text for name, text in contents(taken.folder).items() if name in files} == files
    replayed = RunEvents(reps=[*taken.run_reps], cues=[*taken.cues], last_t_s=40.0)
    assert (len(now.run_reps), len(now.rep_events), compare_replay(now, replayed)) == (4, 5, [])


def test_corrections_loads_and_lifters_stay_with_the_set(taken):
    amending.change_set_log(taken, 1, lambda _: SetLog(load_kg=100.0))
    amending.correct_reps(taken, taken.rep_events[2:3], Correction(label="bad", fault="rounded_back"))
    change_exercise(replace(taken), 1, RIGHT)
    (done,) = replace(taken).sets
    bad = [rep.correction for rep in done.reps if rep.correction is not None]
    assert (done.log.load_kg, {*bad}) == (100.0, {Correction(label="bad", fault="rounded_back")})
    amending.move_set(replace(taken), 1, "ben")
    (done,) = replace(taken).sets
    assert (done.profile, done.exercise, len(done.reps), known()) == ("ben", RIGHT, 5, {})
    change_exercise(replace(taken), 1, AUTO)
    assert [rep.correction is not None for rep in replace(taken).completed_reps] == [False, False, True, False]
    assert replace(taken).profiles == ("ben",)


def test_an_undone_correction_of_a_rep_that_was_counted_anew_is_undone_once(taken):
    amending.correct_reps(taken, taken.rep_events, Correction(label="good"))
    for exercise in (RIGHT, AUTO, RIGHT):
        change_exercise(replace(taken), 1, exercise)
    session = replace(taken)
    assert {event.rep.correction for event in session.corrected_reps} == {Correction(label="good")}
    amending.correct_reps(session, session.rep_events, None)
    assert {event.rep.correction for event in replace(taken).corrected_reps} == {None}


def test_movements_and_notes_of_the_other_exercise_are_left_out(taken):
    for start_s in (0.5, 10.0):
        partial = PartialRep(start_s=start_s, reason="shallow")
        append_events(taken.folder / layout.EVENTS, PartialRepEvent(t_s=start_s, partial_rep=partial))
    assert replace(taken).shallow_count == 2
    change_exercise(taken, 1, RIGHT)
    now = replace(taken)
    assert (now.partial_reps[-1].start_s, now.shallow_count) == (0.5, 1)
    assert summarise_session_set(now.sets[0], now.events).exercise == RIGHT


@pytest.mark.parametrize("number", [1, 2])
def test_only_the_named_set_changes(number, capsys):
    """Its neighbours are where its counting ends."""
    first = a_lifted_set(6)
    later = (replace(seen, index=seen.index + len(first), t_s=round(seen.t_s + 80, 4)) for seen in first)
    journal = journal_bytes(a_journal((*first, *later), exercise=TAKEN_FOR))
    with a_home() as sessions:
        session = write(sessions, journal, began=at(2026, 3, 1), exercise=TAKEN_FOR)
        change_exercise(session, number, RIGHT)
        now = replace(session)
        counted = [(done.number, done.exercise, len(done.reps)) for done in now.sets]
        assert counted == [(n, RIGHT, 5) if n == number else (n, TAKEN_FOR, 4) for n in (1, 2)]
        assert [rep for rep in now.completed_reps if rep.set != number] == [
            event.rep for event in session.rep_events if event.rep.set != number
        ]
        assert len({rep.index for rep in now.completed_reps}) == 9
        assert (known().keys(), now.exercises) == ({RIGHT, TAKEN_FOR}, tuple(done.exercise for done in now.sets))
        for reps, exercise in (((RepRange(set=number),), RIGHT), (None, TAKEN_FOR)):
            assert {rep.exercise for rep in api.analyze(session.folder, reps=reps).reps} == {exercise}
        address = f"{session.name}:{number}"
        shown = f"{address}: corrected to {RIGHT}, but shown here as the run counted it. `livecoach analyze {address}` "
        assert shown in capsys.readouterr().err
        change_exercise(now, 3 - number, RIGHT)
        assert [(rep.set, rep.number) for rep in replace(session).completed_reps] == [
            (n, k) for n in (1, 2) for k in (1, 2, 3, 4, 5)
        ]


def test_a_rep_that_is_named_as_it_was_changes_nothing(sessions):
    folder = an_evening(sessions)
    change_exercise(opened(folder), 2, "squat")
    assert not (folder / layout.SETS).exists()


@pytest.mark.parametrize("content", [None, b"", b"\0" * 99], ids=["deleted", "empty", "zeros"])
def test_a_set_whose_observations_are_lost_keeps_its_exercise(taken, content):
    path = taken.folder / layout.OBSERVATIONS
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(SessionError, match=r"The set stays as it is\."):
        change_exercise(replace(taken, say=lambda _: None), 1, RIGHT)
    assert [rep.exercise for rep in replace(taken).completed_reps] == [TAKEN_FOR] * 4


def test_observations_of_another_version_are_not_counted(taken):
    path = taken.folder / layout.OBSERVATIONS
    header, *others = codec.read_records(path.open("rb"))
    newer = msgpack.packb(msgpack.unpackb(header) | {"version": 99})
    path.write_bytes(b"".join(map(codec.make_record, (newer, *others))))
    with pytest.raises(SessionError, match="What livecoach saw of this set can't be read here"):
        change_exercise(replace(taken), 1, RIGHT)


@pytest.mark.parametrize(
    ("number", "exercise", "error", "match"),
    [
        (2, RIGHT, SessionError, "there is no set 2; the last set is 1"),
        (1, "curl", ConfigError, "exercise 'curl': unknown. Known here: barbell_row"),
        (1, "../deadlift", ConfigError, "exercise '../deadlift': unknown. Did you mean 'deadlift'"),
        (1, "", ConfigError, "exercise '': unknown. Known here: barbell_row"),
    ],
    ids=["missing set", "unknown", "path", "empty"],
)
def test_a_missing_set_or_an_unknown_exercise_is_refused(taken, number, exercise, error, match):
    before = contents(taken.folder)
    with pytest.raises(error, match=match):
        change_exercise(taken, number, exercise)
    assert contents(taken.folder) == before
    with layout.lock_session(taken.folder), pytest.raises(SessionError, match="is being recorded"):
        change_exercise(taken, 1, RIGHT)


@pytest.mark.parametrize("exercises", [(RIGHT, RIGHT), (RIGHT, TAKEN_FOR)])
def test_two_clicks_at_once_lose_no_rep(taken, exercises):
    """The later click decides, whichever that is."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda exercise: change_exercise(replace(taken), 1, exercise), exercises))
    stale = replace(taken)
    (done,) = stale.sets
    assert done.exercise in exercises
    assert len(stale.rep_events) == {RIGHT: 5, TAKEN_FOR: 4}[done.exercise]
    for exercise in (AUTO, AUTO):  # both have read the session before
        change_exercise(stale, 1, exercise)
    assert len(replace(taken).rep_events) == 4


def test_a_torn_line_leaves_the_set_whole(taken):
    change_exercise(taken, 1, RIGHT)
    path = taken.folder / layout.SETS
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    change_exercise(replace(taken), 1, RIGHT)
    assert figures(taken)[0][0] == RIGHT
    assert len(figures(taken)) == 5


@at_home_page
async def test_the_report_offers_each_exercise_beside_the_set(visitor, taken):
    page = (await visitor.get(f"{taken.name}.html"))[1]
    assert f'<option value="{TAKEN_FOR}" selected>' in page
    assert f'<option value="{AUTO}"' not in page
    assert await visitor.post(f"{taken.name}/1/exercise", exercise=RIGHT) == (200, "")
    assert f'<option value="{RIGHT}" selected>' in (await visitor.get(f"{taken.name}.html"))[1]
    status, said = await visitor.post(f"{taken.name}/1/exercise", exercise="bench_press")
    assert (status, said) == (409, "No rep of bench press was found in this set. The set stays as it is.")
    assert (await visitor.post(f"{taken.name}/1/exercise"))[0] == 409


def test_the_command_names_the_exercise_and_undoes_that(taken):
    home = taken.folder.parents[2]
    done = run("sessions", "sets", "last:1", "--exercise", "dead lift", "--load", "100", home=home)
    assert done.stdout.splitlines() == [f"{taken.name}:1: deadlift, 5 reps", f"{taken.name}:1: 100 kg"]
    done = run("sessions", "sets", "last:1", "--exercise", "auto", home=home)
    assert done.stdout.splitlines() == [f"{taken.name}:1: romanian deadlift, 4 reps"]
