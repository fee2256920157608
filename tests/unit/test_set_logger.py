"""What a lifter logs of the sets."""

import re

import pytest
from builders.steps import a_rep, a_step

from livecoach.core.documents import SetLogEvent
from livecoach.core.language import using_language
from livecoach.core.step import RepsWithdrawn, Step
from livecoach.core.types import SetLog
from livecoach.feedback.screen import EnteredText
from livecoach.run.set_logger import NO_SET, LoadOfNextSet, SetLogger, TypedEntry


class Run:
    def __init__(self, load_kg: float | None = None, units: str = "metric") -> None:
        self.events: list[SetLogEvent] = []
        self.logger = SetLogger(units)
        self.logger.use_chosen_load(LoadOfNextSet(load_kg))
        self.last = a_step()

    def step(self, step: Step) -> None:
        self.events += self.logger.step(step)

    def rep(self, of_set: int, exercise: str = "squat") -> None:
        self.last = a_step(rep=a_rep(set=of_set, number=1, exercise=exercise), is_under_way=True)
        self.step(self.last)

    def rename(self, of_set: int, was: str, now: str) -> None:
        withdrawn = RepsWithdrawn(reps=(a_rep(set=of_set, exercise=was),))
        self.step(a_step(withdrawn, rep=a_rep(set=of_set, exercise=now), is_under_way=True))

    def rest(self) -> None:
        self.last = a_step()
        self.step(self.last)

    def lift(self, of_set: int, exercise: str = "squat") -> None:
        """Complete a set of one rep."""
        self.rep(of_set, exercise)
        self.rest()

    def type(self, text: str, field: str = "load") -> str | None:
        self.logger.begin_typing(field)
        return self.press(*text, "enter")

    def press(self, *keys: str) -> str | None:
        """Press keys, and carry out what they say; the answer."""
        text = [self.logger.press_key(key) for key in keys][-1]
        return None if text is None else self.enter(text)

    def enter(self, text: EnteredText) -> str:
        return self._apply(self.logger.make_entry(text, self.last))

    def undo(self, number: int | None = None) -> str | None:
        undone = self.logger.undo_entry(self.last, number)
        return None if undone is None else self._apply(undone)

    def _apply(self, entered: TypedEntry) -> str:
        if isinstance(entered.entry, LoadOfNextSet):
            (self.logger.use_typed_load if entered.is_typed else self.logger.use_chosen_load)(entered.entry)
        else:
            self.logger.replace_log(entered.entry)
            self.events.append(entered.entry)
        return entered.answer

    def take(self, number: int, other: "Run") -> None:
        self.events += self.logger.take_over_set(number, other.logger, other.last)

    @property
    def logs(self) -> list[tuple[int, SetLog]]:
        return [(event.set, event.log) for event in self.events]


@pytest.fixture
def run() -> Run:
    return Run()


def test_each_set_gets_the_load_with_its_first_rep():
    run = Run(load_kg=100.0)
    for of_set in (1, 1, 2):
        run.rep(of_set)
    assert run.logs == [(1, SetLog(load_kg=100.0)), (2, SetLog(load_kg=100.0))]
    assert run.events[0].frame == run.last.observation.index


def test_load_of_the_next_set_is_undone_until_the_set_begins():
    run = Run(load_kg=100.0)
    run.lift(1)
    run.type("105")
    run.type("110")
    assert run.undo() == "next set: 105 kg"
    assert (run.undo(), run.logger.load) == (None, "105 kg")
    run.type("0")
    run.type("8", "rpe")
    assert run.undo() == "set 1: undone · 100 kg"
    assert run.logger.load is None
    run.type("120")
    run.lift(2)
    assert (run.undo(), run.logger.load) == (None, "120 kg")


def test_load_that_an_undo_restores_is_no_typed_load():
    """So a set that begins with that load loses it when the set moves to another lifter."""
    run, other = Run(load_kg=100.0), Run(load_kg=60.0)
    run.type("105")
    run.undo()
    run.lift(1)
    other.take(1, run)
    assert other.logger.load_of(1) is None


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_set_that_moves_away_and_back_has_its_load_again(number):
    """As the next set has: nothing is left of the mistake, also if the set moves once more."""
    run, cem = Run(load_kg=50.0), Run(load_kg=20.0)
    run.lift(1)
    run.lift(2)
    run.type("60")
    run.lift(3)
    logs, load = dict(run.logger.logs), run.logger.load
    for _ in range(2):
        cem.take(number, run)
        assert number not in run.logger.logs
        run.take(number, cem)
        assert (run.logger.logs, run.logger.load) == (logs, load)
    run.lift(4)
    assert run.logger.logs[4] == SetLog(load_kg=60.0)


def test_set_that_goes_on_keeps_its_load():
    """Its end was taken back after another load was typed."""
    run = Run(load_kg=100.0)
    run.lift(1)
    run.type("105")
    run.rep(1)
    assert run.logger.load == "100 kg"
    run.rest()
    assert run.logger.load == "105 kg"


def test_a_load_that_may_be_a_slip_is_asked_back():
    """Ten times the last one of its exercise, or a tenth: it is taken when it is entered again."""
    run = Run(load_kg=100.0)
    for text in ("10", "1000"):
        with pytest.raises(ValueError, match=r"1,?0+ kg\? The last load was 100 kg\. If it is right, enter it again\."):
            run.type(text)
    run.rep(1)
    assert run.logger.load == "100 kg"
    with pytest.raises(ValueError, match="enter it again"):
        run.type("8", "set-load")
    assert run.type("8", "set-load") == "set 1: 8 kg"
    with using_language("de"), pytest.raises(ValueError, match="a load is above 0"):
        run.type("2.125")
    assert run.type("20") == "next set: 20 kg"
    run.rep(2, "curl")
    assert run.type("100") == "next set: 100 kg"


def test_load_is_shown_while_it_is_typed():
    run = Run(units="imperial")
    run.logger.begin_typing("load", "2")
    run.press("2", "9", "backspace", "5")
    assert run.logger.load == "225_ lb"
    assert run.logger.typed_text == "next set: 225_ lb, then Enter"
    assert run.press("enter") == "next set: 225 lb"
    assert run.logger.typed_text is None
    assert run.logger.load == "225 lb"


@pytest.mark.parametrize("keys", [["escape"], ["backspace", "backspace"], ["backspace", "enter"]])
def test_typing_can_be_ended_without_a_load(keys):
    run = Run(load_kg=100.0)
    run.logger.begin_typing("load", "7")
    run.press(*keys)
    assert run.logger.typed_text is None
    assert run.logger.load == "100 kg"


def test_text_waits_while_another_set_begins(run):
    run.lift(1)
    run.logger.begin_typing("note", "bel")
    run.rep(2)
    assert run.logger.typed_text == "set 1: note bel_, then Enter"
    run.press("t", "enter")
    assert run.logs == [(1, SetLog(note="belt"))]


def test_a_load_that_is_typed_as_its_set_begins_is_that_of_this_set():
    run = Run(load_kg=100.0)
    run.logger.begin_typing("load", "7")
    run.rep(1)
    assert run.logger.typed_text == "set 1: 7_ kg, then Enter"
    run.press("0", "enter")
    run.rep(2)
    assert run.logs == [(1, SetLog(load_kg=100.0)), (1, SetLog(load_kg=70.0)), (2, SetLog(load_kg=70.0))]


def test_text_that_is_being_typed_goes_with_its_set_to_another_lifter():
    run, cem = Run(), Run()
    run.rep(1)
    run.logger.begin_typing("note", "bel")
    cem.take(1, run)
    assert (run.logger.typed_text, cem.logger.typed_text) == (None, "set 1: note bel_, then Enter")


def test_letters_are_typed_in_notes_alone(run):
    run.logger.begin_typing("load", "7")
    run.press("q", "x", "5")
    assert run.logger.load == "75_ kg"


def test_rpe_and_note_are_of_the_last_set_and_keep_its_load():
    run = Run(load_kg=100.0)
    run.lift(1)
    assert run.type("8.5", "rpe") == "set 1: RPE 8.5"
    assert run.type("felt Heavy", "note") == "set 1: note saved"
    assert run.logs[-1] == (1, SetLog(load_kg=100.0, rpe=8.5, note="felt Heavy"))


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("load", "1001", "1001: a load is above 0, up to 1,000 kg."),
        ("load", "1.2.3", "'1.2.3' is not a load. Write 100, 102.5, 100kg or 220lb."),
        ("rpe", "11", "'11' is not an RPE. Write 1 to 10, in halves: 8 or 8.5."),
    ],
)
def test_wrong_number_is_refused_in_words(run, field, text, says):
    run.rep(1)
    with pytest.raises(ValueError, match=f"^{re.escape(says)}$"):
        run.type(text, field)
    assert (run.logs, run.logger.load) == ([], None)


def test_each_entry_is_undone_in_turn_also_after_its_set_went_to_somebody_else():
    run, cem = Run(load_kg=100.0), Run()
    run.rep(1)
    entries = (("set-load", "90"), ("rpe", "8"), ("note", "belt"), ("note", "no belt"))
    for field, text in entries:
        run.enter(EnteredText(field, text, 1))
    assert run.undo(2) is None
    assert run.undo(1) == "set 1: undone · 90 kg · RPE 8 · belt"
    cem.take(1, run)
    assert run.undo() is None
    undone = [cem.undo() for _ in entries]
    assert undone == ["set 1: undone · 90 kg · RPE 8", "set 1: undone · 90 kg", "set 1: undone · 100 kg", None]
    assert cem.logger.logs == {1: SetLog(load_kg=100.0)}
    run.rep(2)
    run.enter(EnteredText("set-load", "95"))
    run.undo()
    assert run.logger.load == "100 kg"


def test_replayed_log_is_sent_as_it_was(run):
    """Byte for byte, and shown; another set has the log of then, or none."""
    event = SetLogEvent(t_s=4.0, set=1, load_kg=80.0, frame=0)
    run.rep(1)
    run.logger.replace_log(event, replays=True)
    assert run.logger.load == "80 kg"
    run.rest()
    run.rep(2)
    assert run.events == []


def test_a_load_comes_back_with_its_exercise_unless_another_is_chosen_with_the_exercise():
    run = Run(load_kg=100.0)
    run.lift(1, "squat")
    run.logger.begin("row")
    assert run.logger.load is None
    run.type("60")
    run.lift(2, "row")
    run.logger.begin("squat")
    assert run.logger.load == "100 kg"
    run.logger.begin("auto")
    run.rep(3, "row")
    assert run.logger.load == "60 kg"
    run.logger.begin("squat")
    run.rep(4, "squat")
    run.logger.begin("row")
    run.logger.use_chosen_load(LoadOfNextSet(62.5, "row"))
    run.rest()
    assert run.logger.load == "62.5 kg"


def test_a_set_that_is_renamed_keeps_its_load_for_the_next_set(run):
    """The load was never lifted in the exercise that it was taken for."""
    run.type("100")
    run.rep(1, "deadlift")
    run.rename(1, "deadlift", "romanian_deadlift")
    run.rep(2, "romanian_deadlift")
    assert [log.load_kg for _, log in run.logs] == [100.0, 100.0]


@pytest.mark.parametrize("by_key", [False, True])
def test_a_set_that_is_renamed_leaves_no_load_to_the_exercise_that_it_was_not(run, by_key):
    run.type("140")
    run.lift(1, "deadlift")
    run.type("60")
    run.rep(2, "deadlift")
    if by_key:
        run.logger.correct_exercise("romanian_deadlift")
        run.logger.begin("romanian_deadlift")
    run.rename(2, "deadlift", "romanian_deadlift")
    run.rest()
    run.logger.begin("auto")
    for of_set, exercise in enumerate(("deadlift", "romanian_deadlift"), 3):
        run.lift(of_set, exercise)
    assert [log.load_kg for _, log in run.logs] == [140.0, 60.0, 140.0, 60.0]


@pytest.mark.parametrize(("typed", "load"), [("100", "100 kg"), ("", None)])
def test_a_corrected_exercise_keeps_the_load_but_not_the_load_of_the_plan(run, typed, load):
    run.logger.begin("squat")
    run.logger.use_planned_load(120.0, "squat")
    run.type(typed)
    run.logger.correct_exercise("deadlift")
    run.logger.begin("deadlift")
    assert run.logger.load == load


def planned(run: Run, *loads_kg: float | None) -> list[str | None]:
    """Lift a set under each plan in turn; return the loads that are shown before them."""
    shown = []
    for of_set, load_kg in enumerate(loads_kg, 1):
        run.logger.use_planned_load(load_kg, "squat")
        shown.append(run.logger.load)
        run.lift(of_set)
    return shown


def test_the_load_of_the_plan_is_that_of_the_next_set_of_its_exercise(run):
    assert planned(run, 120.0, 90.0, 90.0) == ["120 kg", "90 kg", "90 kg"]
    run.logger.begin("row")
    run.logger.use_planned_load(60.0, "row")
    assert run.logger.load == "60 kg"
    run.rep(4, "row")
    assert [log.load_kg for _, log in run.logs] == [120.0, 90.0, 90.0, 60.0]


def test_a_typed_load_holds_until_the_plan_has_another_load(run):
    assert planned(Run(load_kg=115.0), 120.0, 120.0, 90.0) == ["115 kg", "115 kg", "90 kg"]
    run.logger.use_planned_load(120.0, "squat")
    run.type("115")
    assert planned(run, 120.0, 120.0, 90.0) == ["115 kg", "115 kg", "90 kg"]


def test_after_a_warm_up_the_load_is_the_planned_load():
    run = Run(load_kg=60.0)
    run.logger.use_planned_load(120.0, "squat")
    assert run.logger.is_warm_up
    run.rep(1)
    assert run.logger.is_warm_up
    run.rest()
    assert (run.logger.load, run.logger.is_warm_up) == ("120 kg", False)


def test_a_typed_zero_means_no_load_although_a_load_is_planned(run):
    run.logger.use_planned_load(120.0, "squat")
    assert run.type("0") == "next set: no load"
    assert planned(run, 120.0) == [None]
    assert run.logs == []


def test_the_load_of_the_last_set_is_mended():
    run = Run(load_kg=100.0)
    run.rep(1)
    run.lift(2)
    run.type("8", "rpe")
    assert run.type("102.5", "set-load") == "set 2: 102.5 kg"
    assert run.logger.logs == {1: SetLog(load_kg=100.0), 2: SetLog(load_kg=102.5, rpe=8.0)}
    assert run.logger.load == "102.5 kg"
    run.rep(3)
    assert run.logger.logs[3] == SetLog(load_kg=102.5)


def test_a_set_before_the_last_set_is_logged_by_its_number():
    run = Run(load_kg=100.0)
    for of_set in (1, 3):  # the second one is somebody else's
        run.last = a_step(rep=a_rep(set=of_set, own_set=(of_set + 1) // 2, number=1), is_under_way=True)
        run.step(run.last)
    run.rest()
    said = [run.enter(EnteredText(*text)) for text in (("set-load", "90", 1), ("rpe", "7", 1))]
    assert said == ["set 1: 90 kg", "set 1: RPE 7"]
    assert run.enter(EnteredText("note", "slow", 3)) == "set 2: note saved"
    assert run.logger.logs == {1: SetLog(load_kg=90.0, rpe=7.0), 3: SetLog(load_kg=100.0, note="slow")}
    assert run.logger.load == "100 kg"
    assert run.logger.sets == ((1, 1, "90 kg"), (3, 2, "100 kg"))
    with pytest.raises(ValueError, match=NO_SET):
        run.enter(EnteredText("rpe", "9", 2))
    assert [event.set for event in run.events] == [1, 3, 1, 1, 3]


def test_the_load_of_the_next_set_stays_where_another_was_typed_for_it():
    run = Run(load_kg=100.0)
    run.lift(1)
    run.type("110")
    run.type("90", "set-load")
    assert run.logger.load == "110 kg"
    assert run.type("0", "set-load") == "set 1: no load"
    assert run.logger.logs == {1: SetLog()}


def test_a_forgotten_load_can_be_typed_after_the_set(run):
    with pytest.raises(ValueError, match=NO_SET):
        run.logger.begin_typing("set-load")
    run.lift(1)
    run.logger.begin_typing("set-load", "60")
    assert run.logger.typed_text == "set 1: 60_ kg, then Enter"
    assert run.press("enter") == "set 1: 60 kg"
    with pytest.raises(ValueError, match="is not a load"):
        run.enter(EnteredText("set-load", "heavy"))
    assert run.logger.logs == {1: SetLog(load_kg=60.0)}


def test_a_load_is_of_the_exercise_that_it_was_typed_in(run):
    run.logger.begin("deadlift")
    run.type("100")
    run.logger.begin("squat")
    assert run.logger.load is None
    run.lift(1, "squat")
    assert run.logs == []
    run.logger.begin("deadlift")
    assert run.logger.load == "100 kg"


def test_a_load_typed_while_an_exercise_is_recognised_does_not_go_to_an_exercise_named_later(run):
    run.rep(1, "deadlift")
    run.last = a_step(exercise="deadlift")
    run.type("100")
    run.logger.begin("squat")
    assert run.logger.load is None


def test_a_load_typed_before_an_exercise_is_known_belongs_to_the_exercise_that_comes(run):
    run.type("60")
    run.logger.begin("row")
    assert run.logger.load == "60 kg"
    run.logger.begin("auto")
    run.rep(1, "row")
    run.last = a_step(exercise="row")
    run.type("100")
    run.rep(2, "squat")
    assert run.logs == [(1, SetLog(load_kg=60.0)), (2, SetLog(load_kg=100.0))]
    run.rep(3, "row")
    assert run.logs[-1] == (3, SetLog(load_kg=60.0))


@pytest.mark.parametrize(
    ("field", "text", "kept"),
    [(None, "", SetLog()), ("rpe", "8", SetLog(rpe=8.0)), ("set-load", "70", SetLog(load_kg=70.0))],
)
def test_a_set_that_turns_out_to_be_another_lifters_does_not_keep_the_load_of_the_first(field, text, kept):
    """It was only taken for granted. What was logged of the set itself goes with it."""
    run, other = Run(load_kg=100.0), Run()
    run.lift(1)
    if field is not None:
        run.type(text, field)
    other.take(1, run)
    assert other.logger.logs == {1: kept}
    assert [log for _, log in other.logs] == ([] if field == "set-load" else [kept])
    assert run.logger.load == "100 kg"


def test_a_load_that_was_typed_for_a_set_goes_with_it_to_another_lifter():
    run, other = Run(load_kg=100.0), Run()
    run.type("60")
    run.rep(1)
    other.take(1, run)
    assert other.logger.logs == {1: SetLog(load_kg=60.0)}
    assert run.logger.load == "100 kg"


def test_a_moved_set_leaves_its_lifter_before_neither_exercise_nor_load():
    """But for a load that was typed since. An earlier set does not matter to the next one."""
    run, other = Run(), Run()
    for of_set, exercise, load in ((1, "squat", "80"), (2, "deadlift", "120"), (3, "row", "60")):
        run.type(load)
        run.lift(of_set, exercise)
    other.take(2, run)
    assert run.logger.load == "60 kg"
    other.take(3, run)
    assert run.logger.load == "120 kg", "as was typed before it"
    run.rep(4, "squat")
    assert run.logs[-1] == (4, SetLog(load_kg=80.0))
    run.rest()
    run.type("85")
    other.take(4, run)
    assert run.logger.load == "85 kg"


@pytest.mark.parametrize(("exercise", "load_kg"), [("squat", 60.0), ("deadlift", None)])
def test_a_moved_set_gets_the_new_lifters_load_if_the_load_is_for_its_exercise(exercise, load_kg):
    """Also if the first lifter did something else before and after the set, and if the set moves once more."""
    run, other, third = Run(), Run(), Run()
    run.type("100")
    run.lift(1, exercise="squat")
    run.lift(2, exercise="squat")
    run.type("120")
    run.lift(3, exercise="deadlift")
    other.type("60")
    other.lift(4, exercise=exercise)
    other.take(2, run)
    assert other.logger.logs[2] == SetLog(load_kg=load_kg)
    third.take(2, other)
    assert third.logger.logs[2] == SetLog()
