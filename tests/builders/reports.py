"""Builders for reports: sessions with reps that are really seen in their observations, and pages made of them."""

import functools
import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from builders.observations import a_squat
from builders.past_sessions import a_past_session
from builders.sessions import VIEW, a_document, a_session
from builders.steps import a_fault, a_rep
from livecoach.core.documents import CueEvent, Event, OwnRep, PartEvent, PartialRepEvent, RepEvent
from livecoach.core.step import RepCompleted
from livecoach.core.types import Fault, PartialRep, Rep, View
from livecoach.decisions import assembly
from livecoach.feedback.two_reps import Pair
from livecoach.pages.report.content import ReportContent, read_report_content
from livecoach.pages.report.report_page import render_report
from livecoach.pages.report.report_pictures import ReportPictures
from livecoach.records.session.metrics import RunMetrics, SlowStretches
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import Session

LEANT = "leant forward: 66°, your good reps 44°"


def a_squat_fault(name: str = "forward_lean", **changes: Any) -> Fault:
    """A fault at the bottom of the first squat: it leant forward, unless the changes say otherwise."""
    fields: dict[str, Any] = {"at_s": 2.0, "phase": "bottom", "measure": 66.0, "ref": 44.0, "margin": 11.0}
    return a_fault(name, **{**fields, "text": LEANT, **changes})


def squatted(number: int, **changes: Any) -> Rep:
    """The rep of that number, from 1, of `observations.a_squat`."""
    start_s = 0.8 + 3.2 * (number - 1)
    times = {"start_s": start_s, "turn_s": start_s + 1.2, "end_s": start_s + 2.4, "exercise": "squat"}
    return a_rep(index=number, **{**times, **changes})


def wrong(number: int, *faults: Fault, **changes: Any) -> Rep:
    """One that leant forward, unless other faults are named."""
    joints = ("left_shoulder", "left_hip")
    found = faults or (a_squat_fault(at_s=0.8 + 3.2 * (number - 1) + 1.2),)
    return squatted(number, verdict="anomalous", score=1.4, faults=found, top_joints=joints, **changes)


def lifted(rep: Rep, **changes: Any) -> RepCompleted:
    """A rep of the first set, without what was seen of it."""
    return RepCompleted(**{"rep": rep, "view": VIEW, **changes})


def of_set(rep: Rep, *, set_name: str | None = "1", view: View | None = VIEW, own: Sequence[Rep] = ()) -> RepEvent:
    """The event of a rep. own: reps of the same set that it was judged against."""
    against = tuple(OwnRep(set="1", start_s=one.start_s) for one in own)
    return RepEvent(t_s=rep.end_s, rep=rep, set=set_name, view=view, against=against)


def a_squat_session(
    sessions: Path, reps: Sequence[Rep | RepEvent], *, events: Sequence[Event] = (), **how: Any
) -> Path:
    """A session in whose observations its reps are to be seen."""
    told = [rep if isinstance(rep, RepEvent) else of_set(rep) for rep in reps]
    seen = how.pop("observations", None) or a_squat(reps=max(len(told), 1))
    return a_session(sessions, reps=0, observations=seen, events=(*told, *events), **how)


def an_evening(
    sessions: Path,
    *,
    exercises: tuple[str, str] = ("squat", "squat"),
    more: Sequence[Event] = (),
    beside: tuple[OwnRep, ...] = (),
    **how: Any,
) -> Path:
    """A session of two lifters: Ada does sets 1 and 3, two reps and one, and Ben does set 2 between them, two reps of
    which the second leant forward; both are told what to do. exercises: Ada's and Ben's. more: events. beside: good
    reps of Ada's that her last rep was judged against."""
    hers, his = exercises
    own = [(1, 1, hers), (1, 2, hers), (2, 1, his), (2, 2, his), (3, 1, hers)]
    reps = [
        replace((wrong if n == 4 else squatted)(n, exercise=exercise), set=at_set, number=number)
        for n, (at_set, number, exercise) in enumerate(own, 1)
    ]
    begun = [PartialRep(start_s=7.0, reason="short"), PartialRep(start_s=13.4, reason="lost")]
    model = a_document().model
    events = [
        PartialRepEvent(t_s=7.1, partial_rep=begun[0]),
        PartEvent(t_s=7.15, exercise=his, profile="ben", model=model, exercises=(), frame=215),
        CueEvent(t_s=12.9, kind="anomalous_rep", text="stay tall", why=LEANT, say="stay tall", rep=2),
        PartialRepEvent(t_s=13.5, partial_rep=begun[1]),
        PartEvent(t_s=13.55, exercise=hers, profile="ada", model=model, exercises=(), frame=407),
    ]
    told = [of_set(rep, set_name=str(rep.set)) for rep in reps]
    told[-1] = replace(told[-1], against=beside)
    about = {"profile": "ada", "exercise": hers, **how}
    return a_squat_session(sessions, told, events=[*events, *more], **about)


def a_content(
    reps: Sequence[RepCompleted], partials: Sequence[PartialRep] = (), slow: Sequence[tuple[float, float]] = ()
) -> ReportContent:
    """What a report is made of, without files. slow: stretches in which the machine was."""
    metrics = RunMetrics(slow=SlowStretches(spans=list(slow)))
    return ReportContent(session=a_past_session(), completed=tuple(reps), partials=tuple(partials), metrics=metrics)


def opened(folder: Path, said: list[str] | None = None) -> Session:
    """said: takes what is damaged; else nothing may be."""
    return open_session(folder, pytest.fail if said is None else said.append)


@functools.cache
def trained(exercise: str) -> assembly.TrainedExercise:
    return assembly.load_exercise(exercise)


class Stills(ReportPictures):
    """The pictures of a report whose clip can't be encoded: encoding takes half of the time of a page."""

    def clip_uri(self, pair: Pair) -> None:
        """There is none."""


def a_page(folder: Path, *, blur_faces: bool = False, clip: bool = False) -> str:
    """The report of a session."""
    return page_of(opened(folder), blur_faces=blur_faces, clip=clip)


def page_of(session: Session, *damage: str, blur_faces: bool = False, clip: bool = False) -> str:
    """The report of a session that is open. damage: lines about it."""
    exercises = {name: trained(name) for name in session.exercises}
    with (ReportPictures if clip else Stills)(session, blur_faces=blur_faces) as pictures:
        return render_report(read_report_content(session), exercises, pictures, damage)


class Read(HTMLParser):
    """A page as a browser reads it; an element that is not closed, or closed twice, is an error."""

    VOID = frozenset({"meta", "br", "path", "circle", "rect", "ellipse", "image", "link", "img", "input"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self._words: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open, f"not closed: {self._open}"

    @property
    def words(self) -> str:
        """All that is to be read, in one line."""
        return re.sub(r"\s+", " ", " ".join(self._words))

    def having(self, attribute: str) -> list[str]:
        """Values of an attribute, wherever it is."""
        return [value for _, attributes in self.tags if (value := attributes.get(attribute)) is not None]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"closed and not open: {tag}"
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in {"style", "script"}:
            self._words.append(data)
