"""Makes the phone a screen, voice and remote, in addition to the window and the sound device."""

import io
import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from livecoach.core import landmark
from livecoach.core.language import translate, unit_system, with_unbroken_units
from livecoach.core.loads import UNIT
from livecoach.core.step import Step
from livecoach.core.types import Cue, CueKind, Observation
from livecoach.core.types.message import Message, join_texts
from livecoach.core.types.reps import COUNTED, DepthStandard
from livecoach.decisions.judging.wording import common_label, reps_correction_words
from livecoach.feedback.camera_floor import camera_sectors
from livecoach.feedback.display_state import DisplayState, ShownMessage
from livecoach.feedback.panels import set_words
from livecoach.feedback.rep_loop import LoopedRep, RepLoop
from livecoach.feedback.screen import Action, ChosenSetting, ChosenStandard, ReassignedSet, UserInput, key_action
from livecoach.feedback.session_state import SessionState, next_set_words
from livecoach.feedback.shapes import SIGNS
from livecoach.feedback.skeleton import CanvasBody
from livecoach.feedback.sound import SoundSink, soft_limit
from livecoach.feedback.summary_panel import SummaryRow
from livecoach.feedback.two_reps import HEIGHT
from livecoach.feedback.voice import STORED_RATE_HZ, Voice
from livecoach.phone.link import PhoneLink


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteChoices:
    """The exercises, profiles and standards that the remote offers, and the current choices."""

    exercise: str  # Name of the exercise in use, or "auto"
    exercises: Mapping[str, str]  # Names of the exercises by title, in the order of display
    profile: str  # Name of the profile in use
    profiles: Sequence[str]
    depths: Mapping[str, DepthStandard] = field(default_factory=dict)
    """Standards of depth by their texts; empty for an exercise without a standard of depth."""
    load: str = ""  # Load of the lifter's plan or last session, as it is typed; empty if unknown
    rest_s: float | None = None  # Rest between the sets of that plan or session, in seconds; None if unknown

    def fields(self) -> dict[str, object]:
        """Return the fields of the message that sends the choices to the page, in the lifter's language."""
        return {
            "exercise": self.exercise,
            "exercises": [{"name": name, "title": translate(title)} for title, name in self.exercises.items()],
            "profile": self.profile,
            "profiles": list(self.profiles),
            "depths": [{"name": _depth_name(depth), "title": translate(title)} for title, depth in self.depths.items()],
            "counts": [{"name": name, "title": translate(title)} for name, title in COUNTED.items()],
            "load": self.load,
            "load_unit": UNIT[unit_system()],
            "rest_s": self.rest_s,
        }

    def offers(self, chosen: ReassignedSet | ChosenSetting | ChosenStandard) -> bool:
        """Return whether the remote offers the profile, exercise or standard that a request names."""
        match chosen:
            case ReassignedSet():
                return chosen.profile in self.profiles
            case ChosenSetting(row="exercise"):
                return chosen.name in self.exercises.values()
            case ChosenSetting():
                return chosen.name in self.profiles
            case ChosenStandard(depth=None):
                return bool(self.depths) and chosen.count in COUNTED
        return chosen.depth in self.depths.values()


MOST_REPS = 60  # Number of the newest reps that the remote can correct


def _depth_name(depth: DepthStandard) -> str:
    return f"{depth:g}" if isinstance(depth, float) else depth


def state_fields(display: DisplayState) -> dict[str, object]:
    """Return the fields of the message that sends the state after the latest step, as the window shows the state."""
    step, status = display.step, display.status
    t_s, progress = display.t_s, status.progress
    plan = None if progress is None else progress.plan
    rest_s = None if progress is None else progress.rest_s(t_s)
    loop, learning, message = display.loop, display.learning, display.message
    load = status.load if step.set.is_under_way else next_set_words(status)
    return {
        "exercise": translate(display.title) if display.title else None,
        "profile": status.profile,
        "lifter": translate(status.lifter),
        "load": None if load is None else translate(load),
        "load_in_force": None if status.load is None else translate(status.load),
        "set": translate(set_words(progress, in_set=step.set.is_under_way)),
        "planned": None if plan is None else plan.reps,
        "count": step.set.count,
        "in_set": step.set.is_under_way,
        "verdict": display.form,
        "likeness": translate(display.comparison_words),
        "message": _message(message, status.device.note if loop is None else None),
        "note": None if status.device.note is None else translate(status.device.note),
        "trouble": None if status.device.trouble is None else translate(status.device.trouble),
        "progress": None if step.progress is None else round(step.progress, 3),
        "rest_s": None if rest_s is None else int(rest_s),
        "rest_target_s": None if plan is None else plan.rest_s,
        "depth": _depth_name(status.standards.depth),
        "counted": status.standards.count,
        "session_s": 0 if progress is None else int(status.session_s(t_s)),
        "summary": _summary(display.summary_rows),
        "muted": bool(status.device.muted),
        "reps": _reps(status, in_set=step.set.is_under_way),
        "sets": [done._replace(load=translate(done.load)) for done in reversed(status.sets)],
        "last_set": _last_set(display),
        "choices": [translate(title) for title in display.answers.values()],
        "by_hand": translate(display.hand_instruction),
        "held": display.held_share,
        "learning": None if learning is None else {"have": learning.have, "wanted": learning.wanted},
        "costs": [translate(line) for line in display.drawback_lines],
        "floor": _floor(display),
        "synthetic": False,  # Only pictures in the documentation are synthetic
        "recording": status.device.recording,
        "picture": [step.observation.width_px, step.observation.height_px],
        "body": _body(step.observation),
        **loop_fields(loop, t_s),
    }


def _reps(status: SessionState, *, in_set: bool) -> list[tuple[object, ...]]:
    """Return start, set, number and sign of up to MOST_REPS reps, newest first; in a set, of the last rep alone."""
    newest = status.reps[: -(1 if in_set else MOST_REPS) - 1 : -1]
    shapes = [SIGNS[rep.form if rep.counts else "unsure"].shape for rep in newest]
    return [(rep.start_s, rep.set, rep.number, shape) for rep, shape in zip(newest, shapes, strict=True)]


def _last_set(display: DisplayState) -> dict[str, object] | None:
    """Return number, name and correction of the lifter's last set; None during a set or question, or without a rep."""
    step, status = display.step, display.status
    sets = [done for done in status.sets if done.profile == status.profile]
    if step.set.is_under_way or not sets or step.questions.has_question:
        return None
    number, named, *_ = sets[-1]
    reps = [rep for rep in status.reps if rep.set == number and rep.counts]
    if not reps:
        return None
    label = common_label(reps)
    name = join_texts(", ", status.lifter, Message("set {n}", n=named))
    answer = join_texts(": ", name, reps_correction_words(len(reps), label)) if label else None
    return {"number": number, "name": translate(name), "answer": None if answer is None else translate(answer)}


def _floor(display: DisplayState) -> dict[str, object] | None:
    """Return the plan of the floor, as on the start screen; None during a movement and from the first set on."""
    step = display.step
    if step.set.is_under_way or step.set.index or step.progress is not None:
        return None
    azimuth = None if step.place.view is None else round(step.place.view.azimuth_deg)
    return {"ring": list(camera_sectors(display.status.camera_places)), "azimuth": azimuth}


def idle_fields(text: str) -> dict[str, object]:
    """Return the fields of the phone's state between runs: all are empty, except the message, which shows `text`."""
    unknown = ("exercise", "profile", "load", "load_in_force", "planned", "rest_s", "rest_target_s", "depth", "counted")
    unseen = ("verdict", "likeness", "progress", "summary", "note", "learning", "picture", "body", "held", "trouble")
    return {
        **dict.fromkeys((*unknown, *unseen, "loop", "figures", "backs", "phase", "floor", "last_set")),
        **dict.fromkeys(("set", "lifter", "by_hand"), ""),
        **dict.fromkeys(("count", "session_s"), 0),
        **dict.fromkeys(("choices", "costs", "reps", "sets"), ()),
        **dict.fromkeys(("in_set", "muted", "synthetic", "recording"), False),
        "message": _message(ShownMessage("said", text), None),
    }


ON_PHONE = {"this looks like {text}: press e": "this looks like {text}: choose it under Remote"}
"""Messages for a device without keys, by the messages for the window."""


def _message(message: ShownMessage | None, note: str | None) -> dict[str, object] | None:
    if message is None:
        return None if note is None else _message(ShownMessage("said", note), None)
    text = message.text
    if isinstance(text, Message) and text.id in ON_PHONE:
        text = Message(ON_PHONE[text.id], **text.arguments)
    return {
        "kind": message.kind,
        "text": translate(text),
        "detail": None if message.detail is None else translate(message.detail),
        "shape": None if message.sign is None else message.sign.shape,
    }


def _summary(rows: Sequence[SummaryRow]) -> dict[str, object] | None:
    # Some parts, such as "8 reps,", end with a comma already.
    lines = [with_unbroken_units(", ".join(part.removesuffix(",") for part in row.parts)) for row in rows]
    return {"lines": lines} if rows else None


def _body(observation: Observation) -> list[list[float]] | None:
    if observation.landmarks is None:
        return None
    return _sent_points(np.nan_to_num(observation.landmarks[:, (0, 1, 3)].astype(np.float64)))


def _sent_points(points: np.ndarray) -> list[list[float]]:
    sent: list[list[float]] = points.clip(-1, 2).round(3).tolist()
    return sent


def loop_fields(loop: RepLoop | None, t_s: float) -> dict[str, object]:
    """Return the fields of the phone's state that show a loop of reps at time `t_s`; all are None without a loop.

    Lengths are shares of the figures' height.
    """
    if loop is None:
        return {"loop": None, "figures": None, "backs": None, "phase": None}
    reps = [
        {
            "caption": translate(rep.caption),
            "shape": SIGNS[rep.paired.form].shape,
            "width": rep.width / HEIGHT,
            "joints": [landmark.NAMES.index(name) for name in rep.paired.joints],
            "line": _line(rep),
        }
        for rep in loop.reps
    ]
    words = [translate(words) for words in (loop.cue, loop.change, loop.drill) if words]
    phase = loop.picture_index(t_s)
    figures = [rep.figures[phase] for rep in loop.reps]
    bodies = [None if figure is None else _body_points(figure.body) for figure in figures]
    backs = [None if figure is None else _shares(figure.back) for figure in figures]
    return {"loop": {"reps": reps, "words": words}, "figures": bodies, "backs": backs, "phase": phase}


def _line(rep: LoopedRep) -> dict[str, object] | None:
    lines = [None if figure is None else figure.line for figure in rep.figures]
    points = next((line for line in lines if line is not None), None)
    if rep.paired.line is None or points is None:
        return None
    result, shown = rep.paired.line.result, [line is not None for line in lines]
    return {"points": _shares(points), "verdict": result.verdict, "words": translate(result.words), "shown": shown}


def _shares(xy: np.ndarray | None) -> list[list[float]] | None:
    return None if xy is None else _sent_points(xy / HEIGHT)


def _body_points(body: CanvasBody | None) -> list[list[float]] | None:
    return None if body is None else _sent_points(np.column_stack([body.xy_px / HEIGHT, body.visible]))


CHOICES = (Action.CHOOSE_FIRST, Action.CHOOSE_SECOND)  # Buttons of a question; each stands for a key of the window
MOST_HZ = 15.0  # Most states per second of the frames' time; news is sent at once
VIBRATIONS_MS: dict[CueKind, list[int]] = {
    "anomalous_rep": [200, 100, 200],
    "stop": [400, 100, 400],
    "warning": [100, 60, 100, 60, 100],
    "rested": [150, 100, 150],
    "good_rep": [40],
    "fixed": [40, 60, 40],
}
"""Milliseconds on and off by kind of cue: in a pocket, an alarm feels different from a good rep. Our choice."""


class PhoneScreen:
    """The phone as a screen and a remote: shows the steps of a run, and returns the requests of the user."""

    def __init__(self, link: PhoneLink, display: DisplayState, offer: RemoteChoices | None = None) -> None:
        """Create the screen. Without an `offer`, the remote has no choices."""
        self._link, self._display, self.offer = link, display, offer
        self._sent_s = float("-inf")
        self._answers: Mapping[UserInput, UserInput | None] = {}  # Meanings of the buttons of a question

    def show(self, _: np.ndarray | None, step: Step, status: SessionState, age_s: float | None) -> bool:
        """Send the state after a step if the step is urgent or the next state is due by MOST_HZ; return True.

        Args:
            age_s: Age of the step's frame. None, for a repeated step or a step of a recording, always sends the state.
        """
        self._display.update(step, status)
        t_s = step.observation.t_s
        news = age_s is None or step.is_urgent
        if news or not 0 <= t_s - self._sent_s < 1 / MOST_HZ:
            self._sent_s = t_s
            fields = state_fields(self._display)
            keys = (key_action(key, typing=False) for key in self._display.answers)
            self._answers = dict(zip(CHOICES, keys, strict=False))
            self._link.send_state(fields)
        return True

    def take_requests(self) -> list[UserInput]:
        """Remove and return the waiting requests, with answers for buttons and without choices that are not offered."""
        return [self._answers.get(entry) or entry for entry in self._link.take_requests() if self._is_offered(entry)]

    def _is_offered(self, entry: UserInput) -> bool:
        if isinstance(entry, ReassignedSet | ChosenSetting | ChosenStandard):
            return self.offer is not None and self.offer.offers(entry)
        # If there is no question, these keys would be digits of a load.
        return entry in self._answers or entry not in CHOICES


class PhoneSound(SoundSink):
    """A sink that plays cues on the phone."""

    def __init__(self, link: PhoneLink, voice: Voice, *, muted: bool) -> None:
        self._link, self._voice, self.muted = link, voice, muted

    def play(self, cue: Cue) -> None:
        """Send a cue to the phone, with its sound unless the phone is muted or the cue is silent."""
        sound = None if self.muted else _cue_wav(cue, self._voice)
        fields = {
            "text": translate(cue.text),
            "kind": cue.kind,
            "vibrate_ms": VIBRATIONS_MS.get(cue.kind),
            "rep": cue.rep,
        }
        self._link.send_cue(fields, sound)


def _cue_wav(cue: Cue, voice: Voice) -> bytes | None:
    announced = voice.announcement(cue)
    if announced is None:
        return None
    samples = announced[0].copy()
    soft_limit(samples)
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(STORED_RATE_HZ)
        written.writeframes((samples * 32767).astype("<i2").tobytes())
    return file.getvalue()
