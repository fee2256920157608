"""A batch in figures: the counts, the recordings to look at first, and the page that shows both."""

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from livecoach.batch.running import Kind, TaskOutcome
from livecoach.batch.tables import Row, document_of
from livecoach.charts import template
from livecoach.types.message import in_words

MOST = 50
"""Number of recordings in each list. Our choice; the tables hold all."""
DOUBTFUL = 0.5
"""Least share of unjudged reps of a recording that is listed. Our choice."""
PAGE = "index.html"
TEMPLATE = Path(__file__).with_name("page.html.j2")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRecording:
    """A recording in a list."""

    recording: str
    text: str

    @property
    def name(self) -> str:
        """File name with its folder."""
        return "/".join(Path(self.recording).parts[-2:])


@dataclass(slots=True, kw_only=True)
class ExerciseFigures:
    """The reps of one exercise."""

    recordings: int = 0
    reps: int = 0
    anomalous: int = 0
    unsure: int = 0
    faults: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True, kw_only=True)
class Summary:
    """The outcome of all recordings."""

    recordings: int = 0
    analysed: int = 0
    seconds: float = 0.0
    wall_s: float = 0.0
    failed: Counter[Kind] = field(default_factory=Counter)
    exercises: dict[str, ExerciseFigures] = field(default_factory=dict)
    failures: list[ListedRecording] = field(default_factory=list)
    damaged: list[ListedRecording] = field(default_factory=list)
    empty: list[ListedRecording] = field(default_factory=list)
    doubtful: list[ListedRecording] = field(default_factory=list)
    worst: list[ListedRecording] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """Length of each complete list: failures, damaged, empty, doubtful, worst."""

    @property
    def reps(self) -> int:
        """Number of reps of all exercises."""
        return sum(one.reps for one in self.exercises.values())

    @property
    def anomalous(self) -> int:
        """Number of reps to look at."""
        return sum(one.anomalous for one in self.exercises.values())


def summarise(outcomes: Iterable[TaskOutcome]) -> Summary:
    """Return the summary of all recordings."""
    summary = Summary()
    ranked: dict[str, list[tuple[float, int, ListedRecording]]] = {"doubtful": [], "worst": []}
    for number, outcome in enumerate(outcomes):
        document = document_of(outcome)
        summary.recordings += 1
        summary.wall_s += outcome.wall_s
        if outcome.kind is not None:
            _add_failure(summary, outcome)
        if outcome.document is None:
            continue
        summary.analysed += 1
        summary.seconds += document["source"]["duration_s"]
        reps = document["reps"]
        if not reps:
            summary.counts["empty"] += 1
            _add(summary.empty, outcome, _why_empty(document))
            continue
        _add_reps(summary, reps, document)
        bad, unsure = (sum(rep["verdict"] == verdict for rep in reps) for verdict in ("anomalous", "unsure"))
        if unsure >= DOUBTFUL * len(reps):
            summary.counts["doubtful"] += 1
            _rank(ranked["doubtful"], unsure / len(reps), number, outcome, f"{unsure} of {_reps(len(reps))} not judged")
        if bad:
            summary.counts["worst"] += 1
            _rank(
                ranked["worst"], bad / len(reps), number, outcome, f"{bad} of {_reps(len(reps))}: {_main_faults(reps)}"
            )
    summary.doubtful, summary.worst = ([line for _, _, line in sorted(ranked[name], reverse=True)] for name in ranked)
    return summary


def _add_failure(summary: Summary, outcome: TaskOutcome) -> None:
    if outcome.document is None and outcome.kind is not None:
        summary.failed[outcome.kind] += 1
    name = "failures" if outcome.document is None else "damaged"
    summary.counts[name] += 1
    _add(summary.failures if outcome.document is None else summary.damaged, outcome, outcome.message or "")


def _add(lines: list[ListedRecording], outcome: TaskOutcome, text: str) -> None:
    if len(lines) < MOST:
        lines.append(ListedRecording(recording=outcome.recording, text=text))


def _rank(
    heap: list[tuple[float, int, ListedRecording]], share: float, number: int, outcome: TaskOutcome, text: str
) -> None:
    """Keep the MOST recordings with the largest share; of equal ones the first."""
    one = (share, -number, ListedRecording(recording=outcome.recording, text=text))
    (heapq.heappush if len(heap) < MOST else heapq.heappushpop)(heap, one)


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
    frames = document["frames"]
    if not frames["with_pose"]:
        return "nobody was seen"
    if document["exercise"] is None:
        return "the exercise was not recognised"
    return (
        f"no whole rep; {_count(len(document['partial_reps']), 'partial one')}"
        if document["partial_reps"]
        else "no rep"
    )


def _main_faults(reps: Sequence[Row]) -> str:
    faults = Counter(rep["faults"][0]["name"] for rep in reps if rep["faults"])
    named = ", ".join(in_words(name) for name, _ in faults.most_common(3))
    return named or "unlike good ones, without a named fault"


def _reps(count: int) -> str:
    return _count(count, "rep")


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def render(summary: Summary, left: int) -> str:
    """Return the HTML. left: number of recordings that are not done yet."""
    return template(TEMPLATE).render(summary=summary, left=left, duration=duration)


def duration(seconds: float) -> str:
    """Return a duration in words, such as "3 h 20 min"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min" if minutes else f"{rest} s"
