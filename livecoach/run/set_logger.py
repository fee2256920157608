"""Keeps a lifter's log of the sets: load, RPE and note."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal, NamedTuple

from livecoach.core.documents import AUTO, SetLogEvent
from livecoach.core.language import group_mark
from livecoach.core.loads import UNIT, Units, format_load, parse_load, parse_rpe
from livecoach.core.step import Step
from livecoach.core.types import SetLog
from livecoach.core.types.message import Message, join_texts
from livecoach.core.types.reps import LONGEST_NOTE, is_note
from livecoach.decisions.coaching.set_progress import is_warm_up
from livecoach.feedback.screen import EnteredText


@dataclass(frozen=True, slots=True)
class LoadOfNextSet:
    """The load that a lifter typed or chose for the next set, and the exercise to which the load belongs."""

    load_kg: float | None = None  # None if the lifter typed that the set has no load, or chose no load
    exercise: str | None = None  # Exercise of the load; None for the next exercise, whichever it is


NO_LOAD = LoadOfNextSet()


class TypedEntry(NamedTuple):
    """The result of a text that the lifter typed, or of an undo: a new log or load, and the answer to the lifter."""

    entry: SetLogEvent | LoadOfNextSet  # The new log of a set, or the load of the next set; neither applies yet
    answer: str  # Confirmation for the lifter
    is_typed: bool = True  # False for a load that an undo restores, and that nobody typed


_Loads = tuple[float | None, str | None, dict[str | None, float | None]]  # Load, its exercise, and each exercise's load
Field = Literal["load", "set-load", "rpe", "note"]  # "load" is for the next set; other fields are of a lifted set
LONGEST: dict[str, int] = {"load": 6, "set-load": 6, "rpe": 4, "note": LONGEST_NOTE}  # Most characters of each field
NUMBER = "0123456789.,"  # Characters of a number
SLIP = 7.0  # Ratio of two loads from which an entry may be a slip: a wrong digit makes a factor of 10. Our choice
NO_SET = "no set to log yet"


class SetLogger:
    """The log of a lifter's sets, with the load of the next set.

    A load applies from the next set on, until another load is typed, chosen or planned, or the exercise changes. It
    applies again when the lifter returns to the exercise. A typed load belongs to the current exercise or, if that is
    unknown, to the exercise that is recognised next.
    """

    def __init__(self, units: Units) -> None:
        """Start without sets. Loads are typed and shown in `units`."""
        self.units = units
        self._load_kg: float | None = None
        self._of: str | None = None  # Exercise of the load; None for the next exercise, whichever it is
        self._named_exercise: str | None = None  # Chosen exercise of the part; None if exercises are recognised
        self._is_typed = False  # Whether the load was typed since the last set began
        self._guessed: dict[int, str | None] = {}  # Exercises of the sets with a load that nobody typed
        self._loads_kg: dict[str | None, float | None] = {}  # Load of the last set of each exercise
        self._set = 0
        self._in_set = False
        self._planned_kg: float | None = None  # Planned load of the next set
        self.logs: dict[int, SetLog] = {}
        self._numbers: list[int] = []  # Numbers in the session of the lifter's sets
        self._typed: EnteredText | None = None
        self._befores: dict[int, _Loads] = {}  # Loads before each set
        self._moved: dict[int, tuple[_Loads | None, _Loads, float | None]] = {}
        """For each set that moved to another lifter: loads before the set and before the move, and the set's load."""
        self._untyped: tuple[float | None, str | None] = None, None  # Load and exercise before a load was typed
        self._asked: EnteredText | None = None  # Load that may be a slip
        self._entries: list[tuple[int, SetLog]] = []  # Entries to undo: each set with its log before
        self._replaced: tuple[LoadOfNextSet, bool] | None = None
        """If the last entry was the load of the next set: the load before, and whether it was typed."""

    def begin(self, exercise: str) -> None:
        """Begin a part of the run. If the exercise changes, the last load of the new exercise, if any, applies next.

        With "auto", the load stays.
        """
        self._named_exercise, self._replaced = None if exercise == AUTO else exercise, None
        if not self._keeps_load(exercise):
            self._loads_kg[self._of] = self._load_kg
            self._load_kg, self._of, self._is_typed = self._loads_kg.get(exercise), exercise, False
        self._planned_kg = None

    def _keeps_load(self, exercise: str) -> bool:
        """Return whether the load stays if a part with an exercise begins."""
        return exercise == AUTO or self._of in {None, exercise}

    def correct_exercise(self, exercise: str) -> None:
        """Let the load belong to another exercise, because the reps with the load were of that exercise.

        A planned load stays with the exercise that it was planned for.
        """
        if self._load_kg != self._planned_kg:
            self._of = exercise

    def use_chosen_load(self, load: LoadOfNextSet) -> None:
        """Use a load that the lifter chose on the start screen, from the next set on, in place of a planned load."""
        self._load_kg, self._of, self._is_typed = load.load_kg, load.exercise or self._named_exercise, False
        self._planned_kg = None

    def use_typed_load(self, load: LoadOfNextSet) -> None:
        """Use a load that the lifter typed, from the next set on."""
        self._untyped = self._untyped if self._is_typed else (self._load_kg, self._of)
        self._load_kg, self._of, self._is_typed = load.load_kg, load.exercise, True

    def use_planned_load(self, load_kg: float | None, exercise: str | None) -> None:
        """Use the planned load for the next set of an exercise.

        A load that was typed or chosen earlier stays until the planned load changes; the load of a warm-up stays for a
        single set.

        Args:
            load_kg: The planned load; None for no planned load.
            exercise: Exercise of the load; None for the next exercise, whichever it is.
        """
        if load_kg == self._planned_kg:
            return
        if load_kg is not None and (self._planned_kg is not None or self._load_kg is None):
            self._load_kg, self._of, self._is_typed = load_kg, exercise, False
        self._planned_kg = load_kg

    def step(self, step: Step, *, replays: bool = False) -> Iterator[SetLogEvent]:
        """Count the sets that begin in a step, and yield an event with the load of each set, if the load is known.

        If `replays` is true, a session with logs is replayed, and no load is logged again.
        """
        self._in_set = step.set.is_under_way
        if step.withdrawn_reps and step.reps:  # The set has another exercise now, and keeps its load
            was, now, before = step.withdrawn_reps[-1].exercise, step.reps[-1], self._befores.get(step.reps[-1].set)
            if before is not None:  # The set is this lifter's
                self._loads_kg = {**before[2], now.exercise: self._loads_kg.get(was)}
            self._of = now.exercise if self._of == was else self._of
        for rep in step.reps:
            number = rep.set
            if number in self._guessed:
                self._guessed[number] = rep.exercise
            if number is not None and number > self._set:
                self._numbers.append(number)
                yield from self._begin(number, rep.exercise, step, replays=replays)

    def _begin(self, number: int, exercise: str | None, step: Step, *, replays: bool) -> Iterator[SetLogEvent]:
        before = self._untyped if self._is_typed else (self._load_kg, self._of)
        self._befores[number] = *before, dict(self._loads_kg)
        is_open = self._is_typed and self._named_exercise is None
        if self._of not in (None, exercise) and not is_open:
            self._load_kg = self._loads_kg.get(exercise)
        self._set, self._of, self._replaced = number, exercise, None
        if self._typed is not None and self._typed.field == "load":  # The typed load is for the set that begins
            self._typed = replace(self._typed, field="set-load", set_number=number)
        self._loads_kg[exercise] = self._load_kg
        if self._load_kg is not None and number not in self.logs and not replays:
            yield self._logged(number, SetLog(load_kg=self._load_kg), step)
            self._guessed |= {} if self._is_typed else {number: exercise}
        self._is_typed = False
        if is_warm_up(self._load_kg, self._planned_kg):
            self._load_kg = self._planned_kg

    def _logged(self, number: int, log: SetLog, step: Step) -> SetLogEvent:
        self.logs[number] = log
        return _event(number, log, step)

    def replace_log(self, event: SetLogEvent, *, replays: bool = False) -> None:
        """Replace the log of a set. A new load of the last set also applies to the next set if their loads were equal.

        If a session with logs is replayed, the load applies to no further set.
        """
        was_kg, load_kg = self.load_of(event.set), event.load_kg
        self.logs[event.set] = event.log
        if replays:  # Each set has a log of its own
            self._load_kg, self._of = load_kg, ""
        elif load_kg != was_kg and event.set == self._set and self._load_kg == was_kg:
            self._load_kg = load_kg
            self._loads_kg[self._of] = load_kg

    def begin_typing(self, field: Field, text: str = "") -> None:
        """Begin to type a field of a log. Raises ValueError, with a note for the lifter, if there is no set to log."""
        if field != "load" and not self._set:
            raise ValueError(NO_SET)
        self._typed = EnteredText(field, text, None if field == "load" else self._set)

    def press_key(self, key: str) -> EnteredText | None:
        """Add a key to the text that is being typed: a character, "backspace", "enter" or "escape".

        A character that does not fit the field, or makes the text too long, is ignored. Without a text, "backspace"
        ends the typing, as "escape" does.

        Returns:
            The complete text after "enter"; None after other keys, for an empty text, and if nothing is being typed.
        """
        typed = self._typed
        if typed is None:
            return None
        if key == "escape":
            self._typed = None
        elif key == "enter":
            self._typed = None
            return typed if typed.text.strip() else None
        elif key == "backspace":
            self._typed = replace(typed, text=typed.text[:-1]) if typed.text else None
        elif len(key) == 1 and len(typed.text) < LONGEST[typed.field] and (typed.field == "note" or key in NUMBER):
            self._typed = replace(typed, text=typed.text + key)
        return None

    def make_entry(self, typed: EnteredText, step: Step) -> TypedEntry:
        """Make an entry from a complete text, and drop a text that is being typed.

        `undo_entry` can undo an entry for a set later, and a load of the next set until the next entry or set. Raises
        ValueError, with a note for the lifter, if the text is not possible or may be a slip, or there is no such set.
        """
        self._typed = None
        if typed.field == "load":
            return self._new_load(typed, step.set.exercise)
        self._replaced = None
        number = typed.set_number or self._set
        if number not in self._numbers:
            raise ValueError(NO_SET)
        before = log = self.logs.get(number, SetLog())
        if typed.field == "set-load":
            last_kg = log.load_kg if log.load_kg is not None else self._load_kg
            log = replace(log, load_kg=self._parsed(typed, last_kg))
            self._guessed.pop(number, None)
        elif typed.field == "rpe":
            log = replace(log, rpe=parse_rpe(typed.text))
        elif is_note(typed.text):
            log = replace(log, note=typed.text.strip())
        self._entries.append((number, before))
        return TypedEntry(_event(number, log, step), self._answer(typed.field, log, self._set_number(number)))

    def _answer(self, field: str, log: SetLog, named: int) -> str:
        if field == "note":
            return Message("set {n}: note saved", n=named)
        if field == "rpe":
            return Message("set {n}: RPE {n2}", n=named, n2=f"{log.rpe:g}")
        if log.load_kg is None:
            return Message("set {n}: no load", n=named)
        return Message("set {n}: {text}", n=named, text=format_load(log.load_kg, self.units))

    def undo_entry(self, step: Step, number: int | None = None) -> TypedEntry | None:
        """Forget the last entry, and return an entry that restores the previous log or load; None without an entry.

        Args:
            number: Number in the session of the set whose last entry is undone; None for the last entry of any set.
        """
        if number is None and self._replaced is not None:
            (replaced, is_typed), self._replaced = self._replaced, None
            return TypedEntry(replaced, self._next_load_words(replaced.load_kg), is_typed)
        at = next((at for at, (of, _) in reversed([*enumerate(self._entries)]) if number in (None, of)), None)
        if at is None:
            return None
        number, log = self._entries.pop(at)
        load = "" if log.load_kg is None else format_load(log.load_kg, self.units)
        rpe = "" if log.rpe is None else Message("RPE {n}", n=f"{log.rpe:g}")
        note = "" if log.note is None else Message("{name}", name=log.note)
        words = join_texts(" · ", Message("set {n}: undone", n=self._set_number(number)), load, rpe, note)
        return TypedEntry(_event(number, log, step), words)

    def _parsed(self, typed: EnteredText, last_kg: float | None) -> float | None:
        """Return the load in kilograms, None for 0. Raises ValueError for a possible slip, unless entered again."""
        load_kg = parse_load(typed.text, self.units, group_mark()) if typed.text.strip(" 0.,") else None
        asked, self._asked = self._asked, None
        if load_kg and last_kg and not 1 / SLIP < load_kg / last_kg < SLIP and asked != typed:
            self._asked = typed
            load, last = format_load(load_kg, self.units), format_load(last_kg, self.units)
            raise ValueError(
                Message("{text}? The last load was {text2}. If it is right, enter it again.", text=load, text2=last)
            )
        return load_kg

    def _new_load(self, typed: EnteredText, exercise: str | None) -> TypedEntry:
        """Enter the load of the next set. `exercise` is the current exercise, None if unknown."""
        of = self._named_exercise or exercise
        load_kg = self._parsed(typed, self._load_kg if self._of in (None, of) else self._loads_kg.get(of))
        self._replaced = LoadOfNextSet(self._load_kg, self._of), self._is_typed
        return TypedEntry(LoadOfNextSet(load_kg, of), self._next_load_words(load_kg))

    def _next_load_words(self, load_kg: float | None) -> str:
        if load_kg is None:
            return "next set: no load"
        return Message("next set: {text}", text=format_load(load_kg, self.units))

    def _set_number(self, number: int) -> int:
        return 1 + self._numbers.index(number)

    def take_over_set(self, number: int, other: "SetLogger", step: Step) -> Sequence[SetLogEvent]:
        """Move a set and its log from another lifter to this lifter.

        A load that nobody typed is replaced by this lifter's load if that load is for the set's exercise, and removed
        otherwise. If the set was this lifter's before, it gets the load that it had then.

        Returns:
            The event with the changed log; empty if the log stays as it was.
        """
        events = list[SetLogEvent]()
        before, now = other._befores.pop(number, None), other._loads
        other._moved[number] = before, now, other.load_of(number)
        if before is not None and number == other._set and not other._is_typed:
            other._loads = before  # As if the set had not been lifted
        back = self._moved.pop(number, None)
        if back is not None and back[0] is not None:
            self._befores[number] = back[0]
            if number > self._set and not self._is_typed and self._loads == back[0]:
                self._loads = back[1]
        other._numbers = [own for own in other._numbers if own != number]
        self._numbers = sorted([*self._numbers, number])
        log = other.logs.pop(number, None)
        if log is not None and number in other._guessed:
            self._guessed[number] = exercise = other._guessed.pop(number)
            own_kg = self._load_kg if self._of == exercise else None
            log = replace(log, load_kg=own_kg if back is None else back[2])
            events.append(self._logged(number, log, step))
        elif log is not None:
            self.logs[number] = log
        if other._typed is not None and other._typed.set_number == number:
            self._typed, other._typed = other._typed, None
        self._entries += [entry for entry in other._entries if entry[0] == number]
        other._entries = [entry for entry in other._entries if entry[0] != number]
        for logger in (self, other):
            logger._set = max(logger._numbers, default=0)
        return events

    @property
    def _loads(self) -> _Loads:
        return self._load_kg, self._of, self._loads_kg

    @_loads.setter
    def _loads(self, loads: _Loads) -> None:
        self._load_kg, self._of, self._loads_kg = *loads[:2], dict(loads[2])

    def load_of(self, number: int) -> float | None:
        """Return the load of a set of the session, in kilograms; None if unknown."""
        return self.logs.get(number, SetLog()).load_kg

    @property
    def sets(self) -> tuple[tuple[int, int, str], ...]:
        """The lifter's sets: number in the session, number among these sets, and displayed load, empty if unknown."""
        loads_kg = map(self.load_of, self._numbers)
        words = ["" if kg is None else format_load(kg, self.units) for kg in loads_kg]
        return tuple(zip(self._numbers, range(1, len(words) + 1), words, strict=True))

    @property
    def _shown_kg(self) -> float | None:
        """Load of the current set, or else of the next set, in kilograms; None for no load."""
        log = self.logs.get(self._set) if self._in_set else None
        return self._load_kg if log is None else log.load_kg

    @property
    def is_warm_up(self) -> bool:
        """Whether the current or next set has less than 90 % of the planned load; False if a load is unknown."""
        return is_warm_up(self._shown_kg, self._planned_kg)

    @property
    def load(self) -> str | None:
        """Load of the current or, between sets, next set, as displayed or as typed so far; None without a load."""
        if self._typed is not None and self._typed.field == "load":
            return f"{self._typed.text}_ {UNIT[self.units]}"
        return None if self._shown_kg is None else format_load(self._shown_kg, self.units)

    def load_in(self, exercise: str) -> str | None:
        """Return the load of the next set, as displayed, if `begin` is called with an exercise; None without a load."""
        load_kg = self._load_kg if self._keeps_load(exercise) else self._loads_kg.get(exercise)
        return None if load_kg is None else format_load(load_kg, self.units)

    @property
    def typed_text(self) -> str | None:
        """The text typed so far, with its set and its field: "set 2: RPE 8_, then Enter"; None if nobody is typing."""
        if self._typed is None:
            return None
        unit = f" {UNIT[self.units]}" if self._typed.field in {"load", "set-load"} else ""
        text = f"{self._typed.text}_{unit}"
        if self._typed.field == "load":
            return Message("next set: {name}, then Enter", name=text)
        of_set = {"set-load": "set {n}: {name}, then Enter", "rpe": "set {n}: RPE {name}, then Enter"}
        words = of_set.get(self._typed.field, "set {n}: note {name}, then Enter")
        return Message(words, n=self._set_number(self._typed.set_number or self._set), name=text)


def _event(number: int, log: SetLog, step: Step) -> SetLogEvent:
    return SetLogEvent(t_s=step.observation.t_s, set=number, **asdict(log), frame=step.observation.index)
