"""Reads what the history needs from a session's folder, and no more: a thousand sessions take a second."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast, get_args

from livecoach.config.files import read_limited
from livecoach.documents import AUTO, SESSION_VERSION
from livecoach.errors import ConfigError, NewerSession, SessionError
from livecoach.judging.corrections import CorrectionStacks
from livecoach.judging.primary import primary_first
from livecoach.session import layout
from livecoach.types import Correction, Label, MeasuredFrom, SetLog, SpeedUnit, Verdict

VERDICTS, UNITS, LABELS, SENSORS = map(get_args, (Verdict, SpeedUnit, Label, MeasuredFrom))
LARGEST = 1e6
"""Upper limit of the numbers of a rep, in seconds or metres: larger ones are damaged."""


@dataclass(frozen=True, slots=True)
class PastPace:
    """The tempo and speed of a rep, as in types.Pace."""

    eccentric_s: float
    pause_s: float
    concentric_s: float
    speed: float
    speed_unit: SpeedUnit
    travel: float
    measured_from: MeasuredFrom = "body"

    @property
    def kind(self) -> tuple[MeasuredFrom, SpeedUnit]:
        """How and in which unit the speed was measured. Only speeds of one kind can be compared."""
        return self.measured_from, self.speed_unit


@dataclass(frozen=True, slots=True)
class PastRep:
    """A completed rep of a session."""

    number: int
    """Number in its set, from 1, over all completed reps."""
    set: int
    """Number of its set in the session, from 1."""
    verdict: Verdict
    """The verdict that counts, after corrections."""
    faults: tuple[str, ...]
    """Names of the faults, each once, the primary fault first."""
    end_s: float
    view: str | None
    """Name of the camera view; None if it is unknown."""
    pace: PastPace | None
    judged: Verdict | None = None
    """Original verdict if the rep was corrected; the correction then stands in `verdict` and `faults`."""
    exercise: str = ""
    """Name of its exercise; empty in a session of an earlier version, which has one exercise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSession:
    """A session that counts."""

    name: str
    """Name of its folder."""
    started: datetime
    """Local time where it was recorded, with its offset from UTC."""
    exercise: str
    """Name of the exercise; "auto" in a session as it was recorded, if livecoach recognised what was done."""
    profile: str | None
    session: str
    """Identifier of the recording: the same in every copy of it."""
    live: bool
    """False for a replayed recording."""
    ended: bool
    """False if it was cut off or is still being recorded; it counts as far as it goes."""
    reps: tuple[PastRep, ...]
    not_counted: tuple[PastRep, ...] = ()
    """Reps that were corrected to "no rep"."""
    reference: int = 0
    """Number of the lifter's own good reps that were known when it began."""
    logs: Mapping[int, SetLog] = field(default_factory=dict)
    """What was logged, by the number of the set."""

    @property
    def sets(self) -> dict[int, list[PastRep]]:
        """Reps that count by the number of their set."""
        found: dict[int, list[PastRep]] = {}
        for rep in self.reps:
            found.setdefault(rep.set, []).append(rep)
        return found

    @property
    def loaded_sets(self) -> list[tuple[float, list[PastRep]]]:
        """Sets whose load is known: load in kilograms, and reps."""
        found = ((self.logs[number].load_kg, reps) for number, reps in self.sets.items() if number in self.logs)
        return [(load_kg, reps) for load_kg, reps in found if load_kg is not None]

    @property
    def day(self) -> date:
        """Local date where it was recorded, so that time zones of travellers do not shift days."""
        return self.started.date()


def by_exercise(sessions: Iterable[PastSession]) -> list[PastSession]:
    """Split the sessions in which several exercises may have been done: one entry for each exercise, with its reps."""
    return [part for one in sessions for part in _split(one)]


def _split(one: PastSession) -> Iterator[PastSession]:
    """Yield a session's parts, in the order in which the exercises were begun."""
    done = dict.fromkeys(rep.exercise or one.exercise for rep in (*one.reps, *one.not_counted))
    if set(done) <= {one.exercise} and one.exercise != AUTO:
        yield one  # of a thousand sessions most are like this
        return
    for exercise in (name for name in done if name != AUTO):  # a rep that does not say its exercise is of none
        reps, not_counted = (
            tuple(rep for rep in part if (rep.exercise or one.exercise) == exercise)
            for part in (one.reps, one.not_counted)
        )
        yield replace(one, exercise=exercise, reps=reps, not_counted=not_counted)


def without_duplicates(sessions: list[PastSession]) -> tuple[list[PastSession], list[PastSession]]:
    """Split sessions into those that count and replayed duplicates of them. sessions: each of one exercise.

    Of several copies, the live one counts, otherwise the one with the most reps, otherwise the first.
    """
    best: dict[tuple[str, str, str | None], PastSession] = {}
    for one in sessions:
        before = best.get(_what(one))
        if before is None or one.live or (not before.live and len(one.reps) > len(before.reps)):
            best[_what(one)] = one
    again = [one for one in sessions if not one.live and best[_what(one)] is not one]
    left_out = {(one.name, one.exercise) for one in again}
    return [one for one in sessions if (one.name, one.exercise) not in left_out], again


def _what(one: PastSession) -> tuple[str, str, str | None]:
    return one.session or one.name, one.exercise, one.profile


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderReading:
    """The result of reading a folder."""

    session: PastSession | None
    """None if nothing of it can be counted."""
    notes: tuple[str, ...]
    """What is damaged or left out, one line each."""


def read_session(folder: Path) -> FolderReading:
    """Read a session. Damage is reported in `notes`, not raised."""
    notes: list[str] = []
    try:
        about = _about(folder, notes.append)
    except SessionError as err:
        line = str(err) if str(err).endswith(".") else f"{err}. It is left out."
        return FolderReading(session=None, notes=(line,))
    said = _corrections(folder, notes.append)
    reps = tuple(_reps(folder, about["exercise"], said, notes.append))
    session = PastSession(
        name=folder.name,
        reps=tuple(rep for rep, counts in reps if counts),
        not_counted=tuple(rep for rep, counts in reps if not counts),
        logs=_logs(folder, notes.append),
        **about,
    )
    return FolderReading(session=session, notes=tuple(notes))


def _about(folder: Path, say: Callable[[str], object]) -> dict[str, Any]:
    """Return fields of a PastSession from session.json or, if that is damaged, from the other files.

    Raises SessionError.
    """
    try:
        document = json.loads(read_limited(folder / layout.DOCUMENT, layout.MOST_DOCUMENT_BYTES))
        if isinstance(document["version"], int) and document["version"] > SESSION_VERSION:
            raise NewerSession(
                f"{folder / layout.DOCUMENT}: written by a newer livecoach (version {document['version']} of the "
                "format). Update it."
            )
        return _fields(document)
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        # Slow and rare: uses the checks and the recovery of all other commands.
        from livecoach import documents
        from livecoach.session.stored import open_session

        about = open_session(folder, say).about
    try:
        return _fields(documents.plain(about))
    except (ValueError, TypeError, KeyError, OverflowError):
        raise SessionError(f"{folder / layout.DOCUMENT}: is damaged") from None


def _fields(document: dict[str, Any]) -> dict[str, Any]:
    """Return fields of a PastSession. Raises ValueError, TypeError, KeyError or OverflowError for invalid content."""
    started = datetime.fromisoformat(document["started"])
    started.timestamp()  # raises for a year out of range
    ending = document["end"]
    return {
        "started": started if started.tzinfo is not None else started.astimezone(),
        "exercise": _text(document["exercise"]),
        "profile": None if document["profile"] is None else _text(document["profile"]),
        "session": _text(document["session"]),
        "live": bool(document["source"]["live"]),
        "ended": ending is not None and not ending["early"],
        "reference": len(document["reference"]),
    }


def _lines(path: Path, say: Callable[[str], object]) -> list[bytes]:
    """Return the lines of a file, except a last one that is still being written."""
    try:
        return read_limited(path, layout.MOST_LINES_BYTES).split(b"\n")[:-1]
    except FileNotFoundError:
        return []  # no rep was completed or corrected
    except OSError as err:
        say(f"{path}: can't be read ({err.strerror}); its content is left out")
        return []


def _corrections(folder: Path, say: Callable[[str], object]) -> CorrectionStacks[Correction]:
    """Read the corrections of a session's reps. Damaged lines are left out."""
    path = folder / layout.CORRECTIONS
    stacks: CorrectionStacks[Correction] = CorrectionStacks()
    damaged = 0
    for line in _lines(path, say):
        try:
            event = json.loads(line)
            start_s = _number(event["start_s"])
            correction = _correction(event["label"], event["fault"])
        except (ValueError, TypeError, KeyError, RecursionError):
            damaged += 1
            continue
        if correction is not None:
            stacks.push(start_s, correction)
        else:
            stacks.pop(start_s)
    if damaged:
        say(f"{path}: {damaged} damaged line{'' if damaged == 1 else 's'} left out; the rest counts")
    return stacks


def _logs(folder: Path, say: Callable[[str], object]) -> dict[int, SetLog]:
    """Read what was logged of a session's sets. Damaged lines are left out."""
    path = folder / layout.SETS
    found: dict[int, SetLog] = {}
    damaged = 0
    for line in _lines(path, say):
        try:
            event = json.loads(line)
            number = int(_number(event["set"]))
            load_kg, rpe = (None if event[key] is None else _number(event[key]) for key in ("load_kg", "rpe"))
            log = SetLog(load_kg=load_kg, rpe=rpe, note=None if event["note"] is None else _text(event["note"]))
            if load_kg == 0:
                raise ValueError(load_kg)
        except (ValueError, TypeError, KeyError, RecursionError):
            damaged += 1
        else:
            found[number] = log
    if damaged:
        say(f"{path}: {damaged} damaged line{'' if damaged == 1 else 's'} left out; the rest counts")
    return {number: log for number, log in found.items() if not log.is_empty}


def _correction(label: Any, fault: Any) -> Correction | None:
    if label is None:
        return None
    if label not in LABELS or (fault is not None and label != "bad"):
        raise ValueError(label)
    return Correction(label=cast(Label, label), fault=None if fault is None else _text(fault))


def _reps(
    folder: Path, exercise: str, said: CorrectionStacks[Correction], say: Callable[[str], object]
) -> Iterator[tuple[PastRep, bool]]:
    """Yield completed reps, and whether each counts; damaged and unfinished lines are left out."""
    path = folder / layout.REPS
    damaged, sets = 0, _Sets()
    for line in _lines(path, say):
        try:
            event = json.loads(line)
            rep = _rep(event, sets.place(event), exercise)
            correction = said.top(_number(event["rep"]["start_s"]))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            damaged += 1
        else:
            yield (rep, True) if correction is None else (_corrected(rep, correction), correction.label != "no-rep")
    if damaged:
        say(f"{path}: {damaged} damaged line{'' if damaged == 1 else 's'} left out; the rest counts")


def _corrected(rep: PastRep, said: Correction) -> PastRep:
    if said.label == "no-rep":
        return replace(rep, judged=rep.verdict)
    if said.label == "good":
        return replace(rep, judged=rep.verdict, verdict="good", faults=())
    faults = rep.faults if said.fault is None else (said.fault,)
    return replace(rep, judged=rep.verdict, verdict="anomalous", faults=faults)


class _Sets:
    """Numbers the reps of a session of an earlier version by set; later ones say both numbers. A rep without a set name
    belongs to the set of the rep before it."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._reps: Counter[int] = Counter()
        self._last = 1

    def place(self, event: dict[str, Any]) -> tuple[int, int]:
        """Return the numbers of a rep's set and of the rep in it."""
        rep, name = event["rep"], event["set"]
        if rep.get("set") is not None:
            return int(_number(rep["set"])), int(_number(rep["number"]))
        if name is not None:
            self._last = self._numbers.setdefault(_text(name), len(self._numbers) + 1)
        self._reps[self._last] += 1
        return self._last, self._reps[self._last]


def _rep(event: dict[str, Any], place: tuple[int, int], exercise: str) -> PastRep:
    of_set, number = place
    rep, view = event["rep"], event["view"]
    of = _text(rep.get("exercise") or "")
    if rep["verdict"] not in VERDICTS:
        raise ValueError(rep["verdict"])
    return PastRep(
        number=number,
        set=of_set,
        verdict=rep["verdict"],
        faults=_faults(rep["faults"], of or exercise),
        end_s=_number(rep["end_s"]),
        view=None if view is None else _text(view["name"]),
        pace=None if rep["pace"] is None else _pace(rep["pace"]),
        exercise=of,
    )


class _FaultRecord(NamedTuple):
    """A fault as stored with a rep."""

    name: str
    severity: float


def _faults(faults: list[dict[str, Any]], exercise: str) -> tuple[str, ...]:
    """Return the names of the faults, each once, the primary fault first."""
    if len(faults) < 2:
        return tuple(_text(fault["name"]) for fault in faults)
    found = [_FaultRecord(_text(fault["name"]), _number(fault["severity"])) for fault in faults]
    return tuple(dict.fromkeys(fault.name for fault in primary_first(found, _by_risk(exercise))))


@cache
def _by_risk(exercise: str) -> tuple[str, ...]:
    """Return the exercise's fault names by risk; empty for an unknown exercise, so that severity alone decides."""
    # Imported late: loading YAML takes longer than everything else here, and few reps have two faults.
    from livecoach.rep.measures import load_faults

    try:
        return tuple(load_faults(exercise).faults)
    except ConfigError:
        return ()


def _pace(pace: dict[str, Any]) -> PastPace:
    if pace["speed_unit"] not in UNITS:
        raise ValueError(pace["speed_unit"])
    measured_from = pace.get("measured_from", "body")
    if measured_from not in SENSORS:
        raise ValueError(measured_from)
    speed = _number(pace["speed"])
    if not speed:
        raise ValueError(speed)
    return PastPace(
        eccentric_s=_number(pace["eccentric_s"]),
        pause_s=_number(pace["pause_s"]),
        concentric_s=_number(pace["concentric_s"]),
        speed=speed,
        speed_unit=cast(SpeedUnit, pace["speed_unit"]),
        travel=_number(pace["travel"]),
        measured_from=cast(MeasuredFrom, measured_from),
    )


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < LARGEST:
        raise ValueError(value)
    return float(value)


def _text(value: Any) -> str:
    """Check that a value is text on one line."""
    if not isinstance(value, str) or not value.isprintable():
        raise TypeError(value)
    return value
