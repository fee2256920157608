"""The lifter's log of the sets: load, RPE and note."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Literal

from livecoach.core.documents import AUTO, SetLogEvent
from livecoach.core.language import group_mark
from livecoach.core.loads import NAME, Units, load_words, parse_load, parse_rpe
from livecoach.core.types import SetLog, Step
from livecoach.core.types.message import Message, joined
from livecoach.core.types.reps import LONGEST_NOTE, is_note
from livecoach.decisions.coaching.set_progress import is_warm_up
from livecoach.feedback.screen import EnteredText


@dataclass(frozen=True, slots=True)
class LoadOfNextSet:
    load_kg: float | None = None
    exercise: str | None = None  # of the load; None: whichever comes next


NO_LOAD = LoadOfNextSet()


Field = Literal["load", "set-load", "rpe", "note"]  # load: of the next set; the others are of one that was begun
LONGEST: dict[str, int] = {"load": 6, "set-load": 6, "rpe": 4, "note": LONGEST_NOTE}  # most characters of a field
NUMBER = "0123456789.,"
SLIP = 7.0  # factor between two loads from which on a digit or a mark may be wrong, which makes ten. Our choice.
NO_SET = "no set to log yet"


class SetLogger:
    """Of one lifter. A load holds from the next set on, until another is typed or the exercise changes. It holds again
    where the lifter comes back to its exercise. One that is typed is of the exercise at hand; where none is named, of
    the one that is recognised next."""

    def __init__(self, send: Callable[[SetLogEvent], object], units: Units) -> None:
        """units: of loads that are typed or shown."""
        self._send, self.units = send, units
        self._load_kg: float | None = None
        self._of: str | None = None  # exercise that the load is of; None: of whichever comes next
        self._named_exercise: str | None = None  # of the part; None for one in which exercises are recognised
        self._is_typed = False  # since the last set began
        self._guessed: set[int] = set()  # sets whose load is that of the set before, or of the plan
        self._loads_kg: dict[str | None, float | None] = {}  # exercise → load of its last set
        self._set = 0
        self._in_set = False
        self._planned_kg: float | None = None  # load of the next set in the plan that was taken over
        self.logs: dict[int, SetLog] = {}
        self._numbers: list[int] = []  # in the session, of the lifter's sets
        self._typed: EnteredText | None = None
        self._befores: dict[int, tuple[float | None, str | None, dict[str | None, float | None]]] = {}
        """Set → load, exercise and loads as they would be without it."""
        self._untyped: tuple[float | None, str | None] = None, None  # load and its exercise before one was typed
        self._asked: EnteredText | None = None  # the load that may be a slip
        self._entries: list[tuple[int, SetLog]] = []  # for each one that can be undone: the set, and its log before

    def begin(self, exercise: str, load: LoadOfNextSet = NO_LOAD) -> None:
        """A part begins. exercise: as named; "auto" for none. load: that was chosen for it, if any."""
        self._named_exercise = None if exercise == AUTO else exercise
        if load.load_kg is not None:
            self._load_kg, self._of, self._is_typed = load.load_kg, load.exercise or self._named_exercise, False
        elif self._named_exercise is not None and self._of not in (None, exercise):
            self._loads_kg[self._of] = self._load_kg
            self._load_kg, self._of, self._is_typed = self._loads_kg.get(exercise), exercise, False
        self._planned_kg = None

    def plan(self, load_kg: float | None, exercise: str | None) -> None:
        """Take over what the plan has for the next set. A load that was given instead holds until the plan has another
        one, and a warm-up's for one set."""
        if load_kg == self._planned_kg:
            return
        if load_kg is not None and (self._planned_kg is not None or self._load_kg is None):
            self._load_kg, self._of, self._is_typed = load_kg, exercise, False
        self._planned_kg = load_kg

    def step(self, step: Step) -> None:
        self._in_set = step.in_set
        if step.withdrawn and step.judged and self._of == step.withdrawn[-1].exercise:
            self._of = step.judged[-1].rep.exercise  # the set was renamed, and its load goes with it
        for judged in step.judged:
            number = judged.rep.set
            if number is not None and number > self._set:
                self._numbers.append(number)
                self._begin(number, judged.rep.exercise, step)

    def _begin(self, number: int, exercise: str | None, step: Step) -> None:
        before = self._untyped if self._is_typed else (self._load_kg, self._of)
        self._befores[number] = *before, dict(self._loads_kg)
        is_open = self._is_typed and self._named_exercise is None
        if self._of not in (None, exercise) and not is_open:
            self._load_kg = self._loads_kg.get(exercise)
        self._set, self._of = number, exercise
        if self._typed is not None and self._typed.field == "load":  # which was meant for the set that begins
            self._typed = replace(self._typed, field="set-load", of_set=number)
        self._loads_kg[exercise] = self._load_kg
        if self._load_kg is not None and number not in self.logs:
            self._log(number, SetLog(load_kg=self._load_kg), step)
            self._guessed |= set() if self._is_typed else {number}
        self._is_typed = False
        if is_warm_up(self._load_kg, self._planned_kg):
            self._load_kg = self._planned_kg

    def _log(self, number: int, log: SetLog, step: Step) -> None:
        self.logs[number] = log
        seen = step.observation
        self._send(SetLogEvent(t_s=seen.t_s, set=number, **asdict(log), frame=seen.index))

    def log_again(self, event: SetLogEvent) -> None:
        """Log what was logged in a replayed session. Its other sets have logs of their own."""
        self.logs[event.set] = event.log
        self._load_kg, self._of = event.load_kg, ""
        self._send(event)

    @property
    def is_typing(self) -> bool:
        return self._typed is not None

    def begin_typing(self, field: Field, text: str = "") -> None:
        """Raises ValueError with a note for the lifter where that is not possible."""
        if field != "load" and not self._set:
            raise ValueError(NO_SET)
        self._typed = EnteredText(field, text, None if field == "load" else self._set)

    def press(self, key: str, step: Step) -> str | None:
        """key: a character, "backspace", "enter" or "escape". Return what became of the text; None while it is typed.
        Raises ValueError as `enter` does."""
        typed = self._typed
        if typed is None:
            return None
        if key == "escape":
            self._typed = None
        elif key == "enter":
            self._typed = None
            return self._entered(typed, step) if typed.text.strip() else None
        elif key == "backspace":
            self._typed = replace(typed, text=typed.text[:-1]) if typed.text else None
        elif len(key) == 1 and len(typed.text) < LONGEST[typed.field] and (typed.field == "note" or key in NUMBER):
            self._typed = replace(typed, text=typed.text + key)
        return None

    def enter(self, text: EnteredText, step: Step) -> str:
        """Take a complete text, instead of one that is being typed. Return what became of it. Raises ValueError with a
        note for the lifter where it can't be."""
        self._typed = None
        if text.field != "load" and (text.of_set or self._set) not in self._numbers:
            raise ValueError(NO_SET)
        return self._entered(text, step)

    def _entered(self, typed: EnteredText, step: Step) -> str:
        if typed.field == "load":
            return self._new_load(typed, step.exercise)
        number = typed.of_set or self._set
        before = log = self.logs.get(number, SetLog())
        if typed.field == "set-load":
            last_kg = log.load_kg if log.load_kg is not None else self._load_kg
            log = replace(log, load_kg=self._parsed(typed, last_kg))
            self._guessed.discard(number)
        elif typed.field == "rpe":
            log = replace(log, rpe=parse_rpe(typed.text))
        elif is_note(typed.text):
            log = replace(log, note=typed.text.strip())
        self._entries.append((number, before))
        self._change(number, log, step)
        named = self._named(number)
        if typed.field == "set-load":
            if log.load_kg is None:
                return Message("set {n}: no load", n=named)
            return Message("set {n}: {text}", n=named, text=load_words(log.load_kg, self.units))
        if typed.field == "note":
            return Message("set {n}: note saved", n=named)
        return Message("set {n}: RPE {n2}", n=named, n2=f"{log.rpe:g}")

    def undo(self, step: Step, number: int | None = None) -> str | None:
        """Log again what was overwritten last in the set with this number, by default in any. Return what stands now;
        None where there is nothing to undo."""
        at = next((at for at, (of, _) in reversed([*enumerate(self._entries)]) if number in (None, of)), None)
        if at is None:
            return None
        number, log = self._entries.pop(at)
        self._change(number, log, step)
        load = "" if log.load_kg is None else load_words(log.load_kg, self.units)
        rpe = "" if log.rpe is None else Message("RPE {n}", n=f"{log.rpe:g}")
        note = "" if log.note is None else Message("{name}", name=log.note)
        return joined(" · ", Message("set {n}: undone", n=self._named(number)), load, rpe, note)

    def _change(self, number: int, log: SetLog, step: Step) -> None:
        was_kg = self.logs.get(number, SetLog()).load_kg
        if log.load_kg != was_kg:
            self._mend(number, was_kg, log.load_kg)
        self._log(number, log, step)

    def _parsed(self, typed: EnteredText, last_kg: float | None) -> float | None:
        """None for 0. Raises ValueError, too where a digit or a mark may be wrong, unless the same is entered again.
        last_kg: the load before, if any."""
        load_kg = parse_load(typed.text, self.units, group_mark()) if typed.text.strip(" 0.,") else None
        asked, self._asked = self._asked, None
        if load_kg and last_kg and not 1 / SLIP < load_kg / last_kg < SLIP and asked != typed:
            self._asked = typed
            load, last = load_words(load_kg, self.units), load_words(last_kg, self.units)
            raise ValueError(
                Message("{text}? The last load was {text2}. If it is right, enter it again.", text=load, text2=last)
            )
        return load_kg

    def _mend(self, number: int, was_kg: float | None, load_kg: float | None) -> None:
        """The load of the last set holds from then on as far as the wrong one did."""
        if number == self._set and self._load_kg == was_kg:
            self._load_kg = load_kg
            self._loads_kg[self._of] = load_kg

    def _new_load(self, typed: EnteredText, exercise: str | None) -> str:
        """exercise: at hand, as far as it is known."""
        of = self._named_exercise or exercise
        load_kg = self._parsed(typed, self._load_kg if self._of in (None, of) else self._loads_kg.get(of))
        self._untyped = self._untyped if self._is_typed else (self._load_kg, self._of)
        self._load_kg = load_kg
        self._of, self._is_typed = of, True
        if self._load_kg is None:
            return "next set: no load"
        return Message("next set: {text}", text=load_words(self._load_kg, self.units))

    def _named(self, number: int) -> int:
        """As the lifter counts."""
        return 1 + self._numbers.index(number)

    def take(self, number: int, other: "SetLogger", step: Step) -> None:
        """A set turns out to be this lifter's, and not the other one's. Its log goes with it, but for the load that was
        the other lifter's until then."""
        before = other._befores.pop(number, None)
        if before is not None and number == other._set and not other._is_typed:
            other._load_kg, other._of, other._loads_kg = before  # as if nobody had lifted
        other._numbers = [one for one in other._numbers if one != number]
        self._numbers = sorted([*self._numbers, number])
        log = other.logs.pop(number, None)
        if log is not None and number in other._guessed:
            self._log(number, replace(log, load_kg=self._load_kg if self._of == other._of else None), step)
        elif log is not None:
            self.logs[number] = log
        if other._typed is not None and other._typed.of_set == number:
            self._typed, other._typed = other._typed, None
        self._entries += [entry for entry in other._entries if entry[0] == number]
        other._entries = [entry for entry in other._entries if entry[0] != number]
        for one in (self, other):
            one._set = max(one._numbers, default=0)

    def load_of(self, number: int) -> float | None:
        """Of a set of the session."""
        return self.logs.get(number, SetLog()).load_kg

    @property
    def sets(self) -> tuple[tuple[int, int, str], ...]:
        """The lifter's sets: number in the session, as the lifter counts, and load as displayed."""
        loads_kg = map(self.load_of, self._numbers)
        words = ["" if kg is None else load_words(kg, self.units) for kg in loads_kg]
        return tuple(zip(self._numbers, range(1, len(words) + 1), words, strict=True))

    @property
    def _shown_kg(self) -> float | None:
        """Of the set under way, else of the next one."""
        log = self.logs.get(self._set) if self._in_set else None
        return self._load_kg if log is None else log.load_kg

    @property
    def is_warm_up(self) -> bool:
        """Whether that set is lighter than the planned one that follows it."""
        return is_warm_up(self._shown_kg, self._planned_kg)

    @property
    def load(self) -> str | None:
        """As displayed, or as far as it is typed."""
        if self._typed is not None and self._typed.field == "load":
            return f"{self._typed.text}_ {NAME[self.units]}"
        return None if self._shown_kg is None else load_words(self._shown_kg, self.units)

    @property
    def typed(self) -> str | None:
        """As far as it is typed, with the name of its field."""
        if self._typed is None:
            return None
        unit = f" {NAME[self.units]}" if self._typed.field in {"load", "set-load"} else ""
        text = f"{self._typed.text}_{unit}"
        if self._typed.field == "load":
            return Message("next set: {name}, then Enter", name=text)
        of_set = {"set-load": "set {n}: {name}, then Enter", "rpe": "set {n}: RPE {name}, then Enter"}
        words = of_set.get(self._typed.field, "set {n}: note {name}, then Enter")
        return Message(words, n=self._named(self._typed.of_set or self._set), name=text)
