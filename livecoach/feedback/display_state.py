"""Chooses the messages of a run that a display shows. Each message stays long enough to be read, in frames' time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from livecoach.core.language import format_duration
from livecoach.core.step import Learning, RepCorrected, Step
from livecoach.core.types import Cue, CueKind, Form, Hint, Rep, SetSummary
from livecoach.core.types.bounds import UNNAMED
from livecoach.core.types.message import Message, join_texts
from livecoach.core.types.reps import LIKE_FIRST
from livecoach.decisions.coaching.cues import READY
from livecoach.decisions.coaching.rep_figures import FORMS, depth_count
from livecoach.decisions.coaching.set_progress import is_resting
from livecoach.decisions.judging.corrections import rep_key
from livecoach.decisions.judging.fault_model import FARTHEST_DEG
from livecoach.decisions.judging.primary import SHALLOW
from livecoach.decisions.judging.wording import correction_words, reps_correction_words
from livecoach.decisions.rep import measured
from livecoach.feedback.rep_loop import RepLoop
from livecoach.feedback.session_state import PartTitles, SessionState
from livecoach.feedback.shapes import ALARM, ARROWS, CROSS, RIGHT, SIGNS, TICK, UNEQUAL, Mark
from livecoach.feedback.summary_panel import SummaryRow, summary_rows
from livecoach.feedback.text import NO_BREAK
from livecoach.perception.body.visibility import OUT_OF_FRAME, WARNING_TEXTS, cut_off_hint

SHOWN_S = 2.5  # Least time for which a message is shown: enough to read it
TICK_S = 1.0  # Time for which a hint that was followed keeps its tick before the next hint appears; our choice

MessageKind = Literal["alarm", "warning", "hint", "praise", "news", "unjudged", "said", "exercise", "stop"]
LIKE_THIS = "from now on reps like this are good; u undoes it"
HINT_OF_REASON = {
    measured.LOST_FROM_SIGHT: "stay in the picture",
    measured.OUT_OF_PICTURE: "move the camera back",
    measured.LEGS_NOT_CLEAR: "move the camera closer",
    **dict.fromkeys(measured.NOT_CLEAR.values(), "move the camera to your side"),
    measured.FROM_BEHIND: "move the camera to your side",
    measured.VIEW_UNKNOWN: "stand still before the set",
    measured.PICTURES_MISSING: "check the camera's connection",
    measured.TOO_FEW_FRAMES: "close other programs",
    measured.TOO_FEW_JOINTS: "keep the view of you clear",
    measured.TOO_DARK: "add light",
    measured.TOO_COARSE: "move the camera closer",
    measured.TOO_FAR: "come closer",
    measured.LOOKS_UP: "raise or move back the camera",
    measured.LOOKS_DOWN: "lower the camera",
    measured.MOVED: "put the camera where it was",
    measured.ON_ITS_SIDE: "turn the camera upright",
    measured.NO_HUMAN: "stand alone in the picture",
}
"""Hint for the next set, by the reason why a rep was not judged."""
ELSEWHERE = "camera on a new side: {n} reps are learned first"
"""Shown if all own good reps were filmed from another side: the next reps become the reference for this side."""
BEFORE_STOP = ("said", "alarm", "warning")  # Kinds of messages that take precedence over the message to end the set
LEAST_HIGH = 3  # High reps of a set that suggest intent; fewer may have failed. Our choice
CHOICE_KEYS = ("1", "2")  # Keys of the exercise that was counted and of the alternative
ANSWERS_ABOUT_REFERENCE = {"y": "My good reps", "n": "Not my good reps"}
"""Answers to the question about the first reps, by key. Digits are not used, because a digit begins a load."""
KEYS_OF_HAND = {"yes": ("y", TICK), "no": ("n", CROSS)}  # Key and sign of each answer by a raised hand
BY_HAND, YES_BY_HAND = "right hand up: yes, left hand up: no", "right hand up: yes"
"""How to answer from afar whether the reps are good, and who has lifted."""
ANSWER_ABOUT_DEPTH = {"d": "High on purpose"}  # Answer to the question about depth, by its key


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message to the lifter, in large text."""

    kind: MessageKind
    text: str
    detail: str | None = None  # Reason or hint, in smaller text below; None without either
    sign: Mark | None = None  # Mark next to the text; None without a mark

    @property
    def mirror_image(self) -> "ShownMessage":
        """The message for a mirrored picture: an arrow to the left points to the right, and vice versa."""
        return self if self.sign is None else replace(self, sign=self.sign.mirror_image)


class _TimedMessage:
    """A message that is shown as long as it is wanted, and at least for SHOWN_S."""

    def __init__(self) -> None:
        self._message: ShownMessage | None = None
        self._wanted = False
        self.since_s = 0.0

    def want(self, message: ShownMessage | None, t_s: float) -> None:
        if message is not None and (message != self._message or not self._wanted):
            self._message, self.since_s = message, t_s
        self._wanted = message is not None

    def drop(self) -> None:
        self._message, self._wanted = None, False

    def restart(self, t_s: float) -> None:
        """If the message is still shown, show it for another SHOWN_S from `t_s`."""
        if self.at(t_s) is not None:
            self.since_s = t_s

    def at(self, t_s: float) -> ShownMessage | None:
        return self._message if self._wanted or _is_shown(self.since_s, t_s) else None


class DisplayState:
    """The content of a display at the latest step of a run: message, verdict and summary. First call `update`."""

    def __init__(self, title: str = "", titles: Mapping[str, str] | None = None, *, learns: bool = True) -> None:
        """Begin with the titles of the first part (see PartTitles). Without `learns`, `learning` is always None."""
        self._learns = learns
        self.status = SessionState()
        self._begin(PartTitles(title, titles))

    def _begin(self, part: PartTitles) -> None:
        self._part, self._title, self._titles = part, part.title, part.titles
        self._exercise: str | None = None
        self._started = False
        self._rep: Rep | None = None
        self._rep_message: ShownMessage | None = None
        self._rep_s = 0.0
        self._warning, self._hint, self._news, self._correction_message, self._exercise_message = (
            _TimedMessage() for _ in range(5)
        )
        self._learned, self._cut_off = _TimedMessage(), OUT_OF_FRAME
        self._learning: Learning | None = None
        self._corrected: tuple[float, list[RepCorrected]] = -1.0, []
        """Time of the last correction, and all equal corrections at that time."""
        self.step: Step  # The latest step
        self.message: ShownMessage | None  # The message that `update` chose

    def update(self, step: Step, status: SessionState) -> None:
        """Choose the message and the other content to show, from the next step of the run and the session's state.

        Call this for each step, in order. A new part of the session resets the display.
        """
        if status.part is not None and status.part is not self._part:
            self._begin(status.part)
        self.step, self.status = step, status
        t_s = self.t_s
        rests = is_resting(step, status.progress)
        # The cue may be about a rep that does not count: a partial rep has no other sign.
        if step.rep is not None or (step.cue is not None and step.cue.kind in {"anomalous_rep", "unjudged_rep"}):
            self._rep, self._rep_s = step.rep, t_s
            self._rep_message = _message_about_rep(step, slow=status.device.trouble is not None)
            self._correction_message.drop()
        self._show_correction(step.correction_event, t_s)
        self._show_warning(None if rests and step.place.problem is not None else step.place.warning, t_s)
        self._show_hint(None if rests else step.place.hint, t_s, in_set=step.set.is_under_way)
        self._news.want(_news(step.cue, "ready"), t_s)
        self._learned.want(_news(step.cue, "learned"), t_s)
        if self._titles is not None:
            self._announce_exercise(step, self._titles)
        if step.reps or step.correction_event is not None or not step.set.is_under_way:
            self._learning = step.set.learning if step.set.is_under_way else None
        if self._chosen_message() is not self._learned.at(t_s):
            self._learned.restart(t_s)  # something else has hidden "reference ready" so far
        self.message = self._chosen_message()

    @property
    def t_s(self) -> float:
        return self.step.observation.t_s

    def _show_warning(self, text: str | None, t_s: float) -> None:
        """Show a warning, or end it with None. It stays for SHOWN_S in all, unless nobody was in the picture."""
        frozen_s = self.status.device.frozen_s
        since = None if frozen_s is None else Message("no picture for {time}", time=format_duration(frozen_s))
        message = None if text is None else ShownMessage("warning", text, detail=since)
        if text is not None and self.step.place.problem == "out_of_frame" and not self.step.set.is_under_way:
            self._cut_off = cut_off_hint(self.step.observation) or self._cut_off
            message = _message_about_hint(self._cut_off, self.step)
        else:
            self._cut_off = OUT_OF_FRAME
        self._warning.want(message, t_s)
        shown = self._warning.at(t_s)
        if text is None and shown is not None and shown.text == WARNING_TEXTS["no_person"]:
            self._warning.drop()

    def _show_correction(self, outcome: RepCorrected | None, t_s: float) -> None:
        message = None
        if outcome is not None:
            before_s, alike = self._corrected
            alike = [earlier for earlier in alike if before_s == t_s and _is_alike(earlier, outcome)]
            self._corrected = t_s, [*alike, outcome]
            name = self.status.lifter_name(outcome.rep.set)
            message = _message_about_set([*alike, outcome], name) if alike else _message_about_correction(outcome, name)
        self._correction_message.want(message, t_s)
        if outcome is not None and self._rep is not None and rep_key(self._rep.start_s) == rep_key(outcome.rep.start_s):
            self._rep = outcome.rep.as_counted() if outcome.rep.counts else None
            self._rep_message = None

    def _announce_exercise(self, step: Step, titles: Mapping[str, str]) -> None:
        """Announce the exercise once it is known, unless it is unchanged or was known at the first step."""
        known = None if step.set.is_tentative else step.set.exercise
        new = known is not None and known != self._exercise and self._started
        self._exercise_message.want(ShownMessage("exercise", titles[known]) if new and known else None, self.t_s)
        self._exercise, self._started = known or self._exercise, True

    def _show_hint(self, hint: Hint | None, t_s: float, *, in_set: bool) -> None:
        if in_set:
            self._hint.drop()
            return
        shown = self._hint.at(t_s)
        asks = hint is not None and not hint.done
        if asks and shown is not None and shown.sign == TICK and 0 <= t_s - self._hint.since_s < TICK_S:
            return
        self._hint.want(None if hint is None else _message_about_hint(hint, self.step), t_s)

    @property
    def rep(self) -> Rep | None:
        """The last rep, until SHOWN_S after its verdict; None after a partial rep, or if a correction discounts it."""
        return self._rep if _is_shown(self._rep_s, self.t_s) else None

    @property
    def form(self) -> Form | None:
        """Form of `rep`, but "anomalous" in an alarm, or if the rep does not count; None with neither rep nor alarm."""
        alarmed = self._of_rep is not None and self._of_rep.kind == "alarm"
        if self.rep is None:
            return "anomalous" if alarmed else None
        return self.rep.form if self.rep.counts and not alarmed else "anomalous"

    @property
    def comparison_words(self) -> str:
        """Words such as "like your first reps" if the shown rep resembles unconfirmed reps; empty otherwise."""
        if self.rep is None or self.form != "alike" or not self.rep.own_reps:
            return ""
        return LIKE_FIRST if self.rep.reference == "session" else "like your first reps"

    def _chosen_message(self) -> ShownMessage | None:
        """Return the most important message, or None. "ready" also reminds of the last session's fault to fix."""
        hand = self.step.questions.hand
        if hand is not None and hand.answer is not None:
            key, sign = KEYS_OF_HAND[hand.answer]
            return ShownMessage("said", self.answers[key], sign=sign)
        shown, progress = self._most_urgent, self.status.progress
        if shown is not None and shown.text == READY.text and self.status.earlier.reminder:
            return replace(shown, detail=self.status.earlier.reminder)
        loss = None if progress is None else progress.loss
        if loss is None or (shown is not None and shown.kind in BEFORE_STOP):
            return shown
        return ShownMessage("stop", "stop", detail=Message("last rep {n} % slower", n=f"{100 * loss:.0f}"))

    @property
    def _most_urgent(self) -> ShownMessage | None:
        of_rep = self._of_rep
        alarm = of_rep if of_rep is not None and of_rep.kind == "alarm" else None
        # Why a rep does not count is urgent: it has no number.
        praise = of_rep if of_rep is not None and (of_rep.kind == "praise" or self._rep is None) else None
        held = (self._correction_message, self._warning, self._exercise_message, self._hint, self._learned, self._news)
        correction, warning, exercise, hint, learned, news = (timed.at(self.t_s) for timed in held)
        return correction or alarm or warning or exercise or hint or praise or learned or news or of_rep

    @property
    def summary(self) -> SetSummary | None:
        """Summary of the last set; None before the first set ends, during a set, and while `form` is not None."""
        return self.step.set.summary if self.form is None else None

    @property
    def loop(self) -> RepLoop | None:
        """The loop of reps to show in a rest, if any; None without a `summary`, or while a message or help is shown."""
        hidden = self.summary is None or self.message is not None or self.status.device.help
        return None if hidden else self.status.loop

    @property
    def summary_rows(self) -> list[SummaryRow]:
        """The rows with the facts about the last set; empty while `summary` is None."""
        if self.summary is None:
            return []
        planned = None if self.status.progress is None else self.status.progress.plan.reps
        summary = self.summary
        if summary.fault == SHALLOW and self.status.standards.depth == "none":
            summary = replace(summary, fault=None, fault_cue=None)  # the lifter has just said that it was meant
        return summary_rows(summary, self.status.earlier, planned)

    @property
    def learning(self) -> Learning | None:
        """Numbers of good reps that the reference for this side has and needs, as of the set's last rep or correction.

        None outside a set, while unknown, once the reference is complete, and if nothing is learned.
        """
        learning = self._learning if self._learns else None
        return None if learning is None or learning.is_complete else learning

    @property
    def drawback_lines(self) -> Sequence[str]:
        """Lines about drawbacks of the camera's place in the next set, such as hidden faults, or a new side.

        There are no lines during a set, nor in a rest until it is nearly over and the lifter is back in place.
        """
        step, learning = self.step, self.step.set.learning
        progress = self.status.progress
        if step.set.is_under_way or is_resting(step, progress) or (progress is not None and not progress.in_place):
            return ()
        costs = list(step.place.drawbacks)
        if step.set.summary is not None:  # beside the summary of a set that may have been seen from elsewhere
            costs = [Message("next set: {text}", text=cost) for cost in costs]
        if learning is not None and learning.elsewhere:
            costs.append(Message(ELSEWHERE, n=learning.wanted))
        return costs

    @property
    def recognises(self) -> bool:
        """Whether the run recognises exercises; otherwise, the lifter chose the exercise."""
        return self._titles is not None

    @property
    def title(self) -> str:
        """Title of the current or, in a rest, of the last exercise, with "?" while it is a guess; empty if unknown."""
        step = self.step
        if self._titles is None:
            return self._title
        name = step.set.exercise or (None if step.set.summary is None else step.set.summary.exercise)
        known = self._titles.get(name or "", "")
        return Message("{text}?", text=known) if known and step.set.is_tentative else known

    @property
    def question(self) -> str:
        """The current question with its keys, such as "Deadlift? 1 · Sumo deadlift? 2"; empty without a question."""
        pairs = {**self.answers, **(ANSWER_ABOUT_DEPTH if self._asks_about_depth else {})}.items()
        return join_texts(" · ", *(Message(f"{{text}}?{NO_BREAK}{{n}}", text=title, n=key) for key, title in pairs))

    @property
    def answers(self) -> Mapping[str, str]:
        """Texts of the answers to the current question, by the keys that give them; empty without a question."""
        step, status = self.step, self.status
        if step.questions.asks_who:
            others = {f"F{place}": name for place, name in enumerate(status.lifters, 1) if name != status.profile}
            names = {"y": status.profile or "", **others}
            lifted = {UNNAMED: Message("I lifted")}
            return {key: lifted.get(name, Message("{name} lifted", name=name)) for key, name in names.items()}
        if step.questions.reference_s:
            return ANSWERS_ABOUT_REFERENCE
        if step.questions.exercises:
            return {
                key: (self._titles or {}).get(name, name)
                for key, name in zip(CHOICE_KEYS, step.questions.exercises, strict=True)
            }
        return ANSWER_ABOUT_DEPTH if self._asks_about_depth else {}

    @property
    def hand_instruction(self) -> str:
        """The instruction to answer the question with a raised hand; empty if no question can be answered by hand."""
        if self.step.questions.hand is None:
            return ""
        return YES_BY_HAND if self.step.questions.asks_who else BY_HAND

    @property
    def held_share(self) -> float | None:
        """Share of the required time for which a hand has been raised, 0 to 1; None while no raised hand answers."""
        hand = self.step.questions.hand
        return None if hand is None or hand.answer is None else hand.held

    @property
    def _asks_about_depth(self) -> bool:
        """Whether to ask if the reps were high on purpose: at least LEAST_HIGH were measured, and all clearly high."""
        summary, depth = self.step.set.summary, self.status.standards.depth
        if summary is None or depth == "none" or self.step.questions.asks_who:
            return False
        found = depth_count([rep for rep in self.status.reps if rep.set == summary.index])
        return found is not None and not found.met and not found.close and found.decided >= LEAST_HIGH

    @property
    def _of_rep(self) -> ShownMessage | None:
        return self._rep_message if _is_shown(self._rep_s, self.t_s) else None


def _is_shown(since_s: float, t_s: float) -> bool:
    # A time before `since_s` means that the source was restarted.
    return 0 <= t_s - since_s < SHOWN_S


def _message_about_hint(hint: Hint, step: Step) -> ShownMessage:
    """Return the message of a hint, with a tick once it was followed, else an arrow: red if reps can't be judged."""
    words, _, why = hint.text.partition(": ")
    behind = step.place.view is not None and abs(step.place.view.azimuth_deg) > FARTHEST_DEG
    urgent = hint.kind in ("step_back", "move_aside") or (hint.kind == "turn" and behind)
    arrow = None
    if hint.direction is not None:
        arrow = Mark(hint.direction, ARROWS[hint.direction], ALARM if urgent else RIGHT)
    return ShownMessage("hint", words, detail=why or None, sign=TICK if hint.done else arrow)


def _message_about_rep(step: Step, *, slow: bool) -> ShownMessage | None:
    # A slow computer has a message of its own: pictures that it misses are not the camera's fault.
    rep, cue = step.rep, step.cue
    if rep is not None and rep.verdict == "unsure":
        text = join_texts(": ", "not judged", rep.unsure) if rep.unsure else "not judged"
        hint = None if slow and rep.unsure == measured.PICTURES_MISSING else HINT_OF_REASON.get(rep.unsure or "")
        return ShownMessage("unjudged", text, detail=hint)
    if cue is None or not cue.text or cue.text.isdigit():
        return None
    if cue.kind == "anomalous_rep":
        return ShownMessage("alarm", cue.text, detail=cue.why, sign=CROSS)
    if cue.kind == "counted_rep":
        return ShownMessage("unjudged", cue.text, detail=cue.why, sign=UNEQUAL)
    if cue.kind == "unjudged_rep":
        return ShownMessage("unjudged", cue.text)
    return ShownMessage("praise", cue.text, sign=TICK) if cue.kind == "fixed" else None


def _message_about_correction(outcome: RepCorrected, who: str) -> ShownMessage:
    """Return the message about a correction or, after an undo, about the form that the rep has again."""
    rep, correction = outcome.rep, outcome.rep.correction
    is_taught = correction is not None and correction.label == "good" and rep.verdict != "unsure"
    name = join_texts(", ", who, Message("set {n}, rep {n2}", n=rep.lifter_set_number, n2=rep.number))
    again = Message("{text} again", text=FORMS[rep.form])
    what = again if correction is None else correction_words(correction, rep.exercise)
    sign = SIGNS[rep.form if rep.counts else "unsure"]
    return ShownMessage("said", join_texts(": ", name, what), detail=LIKE_THIS if is_taught else None, sign=sign)


def _is_alike(first: RepCorrected, second: RepCorrected) -> bool:
    """Return whether two corrections of one frame are equal and concern two reps of a set: one answer made both."""
    if first.undone != second.undone or first.rep.set != second.rep.set:
        return False
    is_same = first.undone or first.rep.correction == second.rep.correction
    return is_same and rep_key(first.rep.start_s) != rep_key(second.rep.start_s)


def _message_about_set(alike: Sequence[RepCorrected], who: str) -> ShownMessage:
    rep, last = alike[-1].rep, alike[-1]
    label = None if last.undone or rep.correction is None else rep.correction.label
    name = join_texts(", ", who, Message("set {n}", n=rep.lifter_set_number))
    text = join_texts(": ", name, reps_correction_words(len(alike), label))
    sign = None if label is None else SIGNS[rep.standing_verdict if rep.counts else "unsure"]
    return ShownMessage("said", text, sign=sign)


def _news(cue: Cue | None, kind: CueKind) -> ShownMessage | None:
    return ShownMessage("news", cue.text, sign=TICK) if cue is not None and cue.kind == kind else None
