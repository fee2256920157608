"""Many recordings in figures: the counts, the recordings to look at first, and the page that shows both."""

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from livecoach.batch.running import TaskOutcome
from livecoach.batch.tables import Row, document_of
from livecoach.charts import template
from livecoach.types.message import in_words

MOST = 50  # number of recordings in each list. Our choice; the tables hold all
DOUBTFUL = 0.5  # least share of unjudged reps of a recording that is listed. Our choice
PAGE = "index.html"
TEMPLATE = Path(__file__).with_name("page.html.j2")


@dataclass(frozen=True, slots=True, order=True)
class ListedRecording:
    """A recording in a list; the smaller, the earlier it stands."""

    place: tuple[float, int]  # minus the share of reps that list it, and its number
    recording: str
    text: str

    @property
    def name(self) -> str:
        """File name with its folder."""
        return "/".join(Path(self.recording).parts[-2:])


@dataclass(slots=True)
class RecordingList:
    """The first MOST recordings of a list, and the number of all. Memory does not grow with that."""

    count: int = 0
    _found: list[ListedRecording] = field(default_factory=list)

    def add(self, outcome: TaskOutcome, text: str, share: float = 0.0) -> None:
        """Add a recording. share: of its reps; those with a larger one come first."""
        self.count += 1
        self._found.append(ListedRecording((-share, self.count), outcome.recording, text))
        if len(self._found) > 2 * MOST:
            self._found = heapq.nsmallest(MOST, self._found)

    @property
    def lines(self) -> list[ListedRecording]:
        return heapq.nsmallest(MOST, self._found)


@dataclass(slots=True, kw_only=True)
class ExerciseFigures:
    recordings: int = 0
    reps: int = 0
    anomalous: int = 0
    unsure: int = 0
    faults: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True, kw_only=True)
class Summary:
    recordings: int = 0
    analysed: int = 0
    seconds: float = 0.0
    exercises: dict[str, ExerciseFigures] = field(default_factory=dict)
    failures: RecordingList = field(default_factory=RecordingList)
    damaged: RecordingList = field(default_factory=RecordingList)
    empty: RecordingList = field(default_factory=RecordingList)
    doubtful: RecordingList = field(default_factory=RecordingList)
    worst: RecordingList = field(default_factory=RecordingList)

    @property
    def reps(self) -> int:
        return sum(one.reps for one in self.exercises.values())

    @property
    def anomalous(self) -> int:
        """Number of reps to look at."""
        return sum(one.anomalous for one in self.exercises.values())


def summarise(outcomes: Iterable[TaskOutcome]) -> Summary:
    summary = Summary()
    for outcome in outcomes:
        summary.recordings += 1
        if outcome.kind is not None:
            kind = summary.failures if outcome.document is None else summary.damaged
            kind.add(outcome, outcome.message or "")
        if outcome.document is not None:
            _add_analysed(summary, outcome, document_of(outcome))
    return summary


def _add_analysed(summary: Summary, outcome: TaskOutcome, document: Row) -> None:
    reps = document["reps"]
    summary.analysed += 1
    summary.seconds += document["source"]["duration_s"]
    if not reps:
        summary.empty.add(outcome, _why_empty(document))
        return
    _add_reps(summary, reps, document)
    bad, unsure = (sum(rep["verdict"] == verdict for rep in reps) for verdict in ("anomalous", "unsure"))
    of_reps = f"of {_count(len(reps), 'rep')}"
    if unsure >= DOUBTFUL * len(reps):
        summary.doubtful.add(outcome, f"{unsure} {of_reps} not judged", unsure / len(reps))
    if bad:
        summary.worst.add(outcome, f"{bad} {of_reps}: {_main_faults(reps)}", bad / len(reps))


def _add_reps(summary: Summary, reps: Sequence[Row], document: Row) -> None:
    there = set()
    for rep in reps:
        name = rep.get("exercise") or document["exercise"]
        figures = summary.exercises.setdefault(name, ExerciseFigures())
        there.add(name)
        figures.reps += 1
        figures.anomalous += rep["verdict"] == "anomalous"
        figures.unsure += rep["verdict"] == "unsure"
        figures.faults.update(fault["name"] for fault in rep["faults"])
    for name in there:
        summary.exercises[name].recordings += 1


def _why_empty(document: Row) -> str:
    if not document["frames"]["with_pose"]:
        return "nobody was seen"
    if document["exercise"] is None:
        return "the exercise was not recognised"
    partial = len(document["partial_reps"])
    return f"no whole rep; {_count(partial, 'partial one')}" if partial else "no rep"


def _main_faults(reps: Sequence[Row]) -> str:
    faults = Counter(rep["faults"][0]["name"] for rep in reps if rep["faults"])
    named = ", ".join(in_words(name) for name, _ in faults.most_common(3))
    return named or "unlike good ones, without a named fault"


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def render(summary: Summary, left: int) -> str:
    """The HTML. left: number of recordings that are not done yet."""
    return template(TEMPLATE).render(summary=summary, left=left, duration=duration)


def duration(seconds: float) -> str:
    """A duration in words, such as "3 h 20 min"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min" if minutes else f"{rest} s"
