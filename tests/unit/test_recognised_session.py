"""A session in which livecoach recognised the exercises: everything that names or needs one goes by its reps."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from builders.observations import a_squat
from builders.reports import opened
from builders.sessions import VIEW, a_session
from builders.steps import a_rep

from livecoach.cli.sessions import join_exercises, sessions_document
from livecoach.core.config import exercise
from livecoach.core.documents import AUTO, CountableExercise, RepEvent
from livecoach.core.errors import ModelError
from livecoach.core.model_files import model_folder
from livecoach.core.types import Correction
from livecoach.decisions import assembly
from livecoach.decisions.recognition import model_file
from livecoach.records.session import exporting, layout
from livecoach.records.session.amending import correct_reps
from livecoach.records.session.listing import describe_session, read_whole_session
from livecoach.records.session.opening import open_session
from livecoach.records.session.teaching import read_past_session
from livecoach.run.replay import changed_versions

SEEN = a_squat(reps=3)
DONE = ((1, "squat"), (1, "squat"), (2, "deadlift"))
"""Set and exercise of each rep."""


def reps(done: Sequence[tuple[int, str]] = DONE) -> list[RepEvent]:
    found = []
    for number, (of_set, name) in enumerate(done, 1):
        start_s = 0.8 + 3.2 * (number - 1)
        rep = a_rep(index=number, start_s=start_s, turn_s=start_s + 1.2, end_s=start_s + 2.4, exercise=name)
        found.append(RepEvent(t_s=rep.end_s, rep=rep, set=str(of_set), view=VIEW))
    return found


def a_recognised_session(sessions: Path, **about: object) -> Path:
    """Two squats, then a deadlift."""
    told = {"exercise": AUTO, "events": reps(), "observations": SEEN, **about}
    return a_session(sessions, reps=0, **told)


def test_a_recognised_session_has_the_exercises_of_its_reps(sessions):
    folder = a_recognised_session(sessions)
    assert opened(folder).exercises == ("squat", "deadlift")
    assert opened(folder).about.end.exercises == ("squat", "deadlift")
    assert folder.name.endswith("-auto")
    # Rebuilt, it still knows them.
    (folder / layout.DOCUMENT).write_text("{")
    said: list[str] = []
    assert open_session(folder, said.append).exercises == ("squat", "deadlift")
    assert read_whole_session(folder).exercises == ("squat", "deadlift")


@pytest.mark.parametrize(("given", "exercises"), [("squat", ("squat",)), (AUTO, ())])
def test_without_a_rep_a_session_has_only_the_exercise_that_was_given(sessions, given, exercises):
    folder = a_session(sessions, reps=0, exercise=given)
    assert opened(folder).exercises == describe_session(folder).exercises == exercises


@pytest.mark.parametrize("cut_off", [False, True])
def test_the_list_of_sessions_names_all_exercises_of_a_recognised_session(sessions, cut_off):
    entry = describe_session(a_recognised_session(sessions, cut_off=cut_off))
    assert entry.exercises == ("squat", "deadlift")
    (line,) = sessions_document([entry]).sessions
    assert (line.exercise, line.exercises) == (AUTO, ("squat", "deadlift"))
    assert join_exercises(entry.exercises) == "squat, deadlift"


def test_tables_have_the_exercise_of_each_rep(sessions):
    table = exporting.reps_table([opened(a_recognised_session(sessions))])
    exercise = table.columns.index("exercise")
    assert [row[exercise] for row in table.rows] == ["squat", "squat", "deadlift"]


def test_the_reference_reps_of_a_session_are_told_apart_by_exercise(sessions):
    session = opened(a_session(sessions, reference=2, exercise="squat"))
    names = session.about.reference
    assert len(session.select_reference_reps("squat", names)) == 2
    assert len(session.select_reference_reps("squat", names[:1])) == 1
    assert session.select_reference_reps("deadlift", names) == ()


def test_a_correction_counts_for_the_reps_own_exercise(sessions):
    session = opened(a_recognised_session(sessions))
    last = session.corrected_reps[-1]
    correct_reps(session, [last], Correction(label="good"))
    by_exercise = {name: read_past_session(opened(session.folder), "anna", name).reps for name in ("squat", "deadlift")}
    assert {name: [rep.is_confirmed for rep in own] for name, own in by_exercise.items()} == {
        "squat": [False, False],
        "deadlift": [True],
    }
    assert by_exercise["deadlift"][0].read().exercise == "deadlift"


def a_used_exercise(name: str, **changes: object) -> CountableExercise:
    """An exercise as it is installed."""
    rules = model_folder.file_sha256(exercise.folder() / f"{name}.yaml")
    return replace(
        CountableExercise(name=name, exercise_sha256=rules, model=assembly.load_exercise(name).model_document("lite")),
        **changes,
    )


def test_a_replay_tells_which_exercise_of_its_session_has_changed(sessions, monkeypatch, tmp_path):
    """Not those that were not done; and whether they are recognised by another model."""
    shipped = model_file.default_folder() / model_file.CARD
    (tmp_path / model_file.CARD).write_text(shipped.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    (tmp_path / model_file.NETWORK).write_bytes(shipped.with_name(model_file.NETWORK).read_bytes())
    monkeypatch.setattr(model_file, "default_folder", lambda: tmp_path)
    done = (a_used_exercise("squat"), a_used_exercise("deadlift", exercise_sha256="0" * 64))
    session = opened(a_recognised_session(sessions, recognisable=done, exercise_sha256=""))
    assert "deadlift.yaml has changed" in changed_versions(session)
    assert any(line.startswith("model 1 then, ") for line in changed_versions(session))
    only = [event for event in reps() if event.rep.exercise == "squat"]
    squats = opened(a_recognised_session(sessions, name="other", recognisable=done, events=only, exercise_sha256=""))
    assert "deadlift.yaml has changed" not in changed_versions(squats)
    chosen = opened(a_session(sessions, name="chosen", exercise="squat", exercise_sha256="0" * 64))
    assert "squat.yaml has changed" in changed_versions(chosen)


def test_a_model_that_does_not_say_whether_it_is_synthetic_is_refused(tmp_path):
    card = json.loads((model_file.default_folder() / model_file.CARD).read_text(encoding="utf-8"))
    del card["training"]["synthetic"]
    (tmp_path / model_file.CARD).write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(ModelError, match=r"recognition\.json: training: synthetic: expected true or false\."):
        model_file.read_card(tmp_path)
