"""Judges the reps of a lifter in an exercise during a run, and tells by the limbs whether another person lifts."""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

import numpy as np

from livecoach.core import landmark
from livecoach.core.quantiles import median, median_of_known, percentile
from livecoach.core.step import Learning, RepCorrected
from livecoach.core.types import Fault, Pace, Rep, RepWindow, View
from livecoach.core.types.message import Message
from livecoach.decisions.counting.bar_evidence import measure_bar_evidence
from livecoach.decisions.judging.fault_model import FARTHEST_DEG, find_camera_places
from livecoach.decisions.judging.own_reps import (
    LEAST_ALIKE,
    LIKE_OTHERS,
    UNLIKE_OTHERS,
    WHILE_LEARNING,
    EndedSet,
    OwnReps,
)
from livecoach.decisions.judging.reference import EARLIER_DAYS, EVERYBODY, Reference, compare_filming, median_camera
from livecoach.decisions.judging.scorer import TURNED_DEG, Scorer, pitch_change, pitch_mismatch
from livecoach.decisions.judging.verdict import BY_POSE, BY_VIEW, NOT_TRAINED, judge, unfit_reason, unjudged_rep
from livecoach.decisions.judging.wording import ComparedReps, explain_difference
from livecoach.decisions.rep.measured import FROM_BEHIND, SAME_VIEW_DEG, MeasuredRep, Standing, latest_mirroring
from livecoach.decisions.rep.motion import KINDS
from livecoach.decisions.rep.tempo import BarPath, bar_pace, body_pace, find_bar_path, speed_loss
from livecoach.decisions.rep.view_normalised import LEAST_SINE, CameraReading
from livecoach.perception.body import body
from livecoach.perception.body.visibility import NO_BAR, NO_MASK, NO_TOES

OTHER_BODY = 0.1
"""Root mean square difference of `body_proportions` beyond which two reps show different bodies. In 16 sets of three
real lifters, reps of one lifter differ by at most .092 (docs/figures.md)."""
UPRIGHT_PERCENT = 60  # Percentile of the legs' extent from which a frame shows the lengths best
CLEAR_SHARE, LEAST_FRAMES = 0.8, 10  # Least share of clear frames, and least frames, of a rep that is compared
MOST_REPS = 60  # Most reps of the lifter whose limbs are remembered
_BONES = ((body.SHOULDER, body.ELBOW), (body.ELBOW, body.WRIST), (body.HIP, body.KNEE), (body.KNEE, body.ANKLE))


class KnownLimbs:
    """The lengths of a lifter's limbs in the reps of a run, by which another body is noticed."""

    def __init__(self) -> None:
        self._reps: deque[tuple[str, float, np.ndarray]] = deque(maxlen=MOST_REPS)  # set, azimuth, proportions

    def remember(self, window: RepWindow) -> None:
        """Remember the limbs of the lifter in a rep, if the rep shows them clearly from a known view."""
        proportions = body_proportions(window)
        if proportions is not None and window.view is not None:
            self._reps.append((window.set_name, window.view.azimuth_deg, proportions))

    def forget(self, set_name: str) -> None:
        """Forget the limbs in the reps of a set, because another person lifted the set."""
        self._reps = deque((item for item in self._reps if item[0] != set_name), MOST_REPS)

    def is_other_body(self, window: RepWindow) -> bool:
        """Return whether a rep seems to show another body than the remembered reps; False for an unknown view.

        The limbs are compared with the limbs in reps of about the same view. With fewer than LEAST_ALIKE such reps, the
        body seems to be another if at least LEAST_ALIKE reps show the other side, and no rep shows the same side.
        """
        azimuth_deg = math.nan if window.view is None else window.view.azimuth_deg
        own = [proportions for _, at_deg, proportions in self._reps if abs(at_deg - azimuth_deg) <= SAME_VIEW_DEG]
        if len(own) >= LEAST_ALIKE:
            return has_other_proportions(body_proportions(window), own)
        here, sides = camera_side(azimuth_deg), [camera_side(at_deg) for _, at_deg, _ in self._reps]
        return here != 0 and here not in sides and sides.count(-here) >= LEAST_ALIKE


@lru_cache(maxsize=1)  # a rep is first compared with the lifter's body, and then judged
def body_proportions(rep: RepWindow) -> np.ndarray | None:
    """Measure a lifter's proportions in a rep, (7,); None if too little was clearly visible.

    The proportions are logarithms, relative to their mean, of the lengths of trunk, upper arm, forearm, thigh and shin,
    and of the widths of shoulders and hips.
    """
    seen = [observation.world for observation in rep.rep_observations if observation.world is not None]
    if len(seen) < LEAST_FRAMES or rep.confidence < CLEAR_SHARE:
        return None
    world = np.array(seen)[:, landmark.JOINTS].astype(np.float64)  # (n, 6, 2, 3)
    extent = body.lengths((world[:, body.HIP] - world[:, body.ANKLE]).mean(1))
    world = world[extent >= percentile(extent, UPRIGHT_PERCENT)]
    start, end = np.array(_BONES).T
    bones = body.middles(body.lengths(world[:, start] - world[:, end]))
    widths = [body.left_right_distances(world, joint) for joint in (body.SHOULDER, body.HIP)]
    limbs = np.column_stack([body.lengths(body.trunks(world)), bones, *widths])
    logarithms = median(np.log(limbs / limbs.sum(1, keepdims=True)))
    relative: np.ndarray = logarithms - logarithms.mean()
    return relative if np.isfinite(relative).all() else None


def camera_side(azimuth_deg: float) -> int:
    """Return the camera's side: 1 at the lifter's left, -1 at the right; 0 near the front or back, or for NaN."""
    sine = np.sin(np.radians(azimuth_deg))
    return int(np.sign(sine)) if abs(sine) >= LEAST_SINE else 0


def has_other_proportions(proportions: np.ndarray | None, own: Sequence[np.ndarray]) -> bool:
    """Return whether the `body_proportions` of a rep show another body than the lifter's earlier reps.

    The result is False for unknown proportions (None). `own` has the proportions, (7,), of one earlier rep or more.
    """
    return proportions is not None and bool(np.sqrt(((proportions - np.median(own, axis=0)) ** 2).mean()) > OTHER_BODY)


BEYOND_PICTURE = (BY_VIEW, BY_POSE, NOT_TRAINED, NO_MASK, NO_TOES, NO_BAR)
"""Reasons for an unchecked fault that a better picture would not remove."""
MOST_NOISE = 1.1  # Largest `Filming.noise` of a judged rep: the noise of one and a half times the jitter
MOST_BLUR = 2.0  # Largest `Filming.blur` of a judged rep: wider limits would hide clear faults. Our choice.
SMALL_PERCENT = 65.0  # Size of the lifter, in percent of the size in good reps, up to which a note is made. Our choice.
WARNED_AT = 2  # Number of judged reps of a set after which a warning states a change of the camera. Our choice.
CAMERA_MOVED = "camera moved too far: judged by this set alone"  # note on a set, and a warning


@dataclass(slots=True, kw_only=True)
class _SetState:
    """What a judge remembers of a set."""

    previous: MeasuredRep | None = None  # the set's latest rep
    is_bar_seen: bool = False  # whether a rep of the set has shown the bar
    cameras: list[CameraReading] = field(default_factory=list)  # of its reps, since single values are unreliable
    paces: dict[float, Pace | None] = field(default_factory=dict)
    """Start of each clearly visible rep → its pace; None if unknown, or if the rep does not count."""


class LifterJudge:
    """Judges the reps of a lifter in an exercise during a run, and learns from good reps."""

    def __init__(self, scorer: Scorer, *, kept: Sequence[RepWindow] = (), height_cm: float | None = None) -> None:
        """Start before the first rep of a run.

        Args:
            kept: The lifter's known reps, oldest first.
            height_cm: The lifter's stature, for speeds in m/s; None if unknown.
        """
        self.is_of_nobody = False  # whether it judges a person who seems not to be the lifter
        self.table, self._height_cm, self._scorer = scorer.faults.table, height_cm, scorer
        self.places = partial(find_camera_places, scorer.faults)
        self.own_reps, self.limbs = OwnReps(scorer, kept), KnownLimbs()
        self._needs_bar = any(fault.needs_bar for fault in self.table.faults.values())
        self._set, self._ended = _SetState(), _SetState()  # of the set under way, and of the last set

    def new_judge_of_nobody(self) -> "LifterJudge":
        """Return a judge of the exercise for an unknown person who seems to lift instead of the lifter."""
        other = LifterJudge(self._scorer)
        other.is_of_nobody = True
        return other

    def adopt_set(self, set_name: str, other: "LifterJudge") -> None:
        """Take over a set from the judge of another lifter, judge its reps anew and learn from them, and end the set.

        The set is compared only with earlier sets, as if it had been this lifter's from the first. The other judge
        forgets the set.
        """
        other.limbs.forget(set_name)
        reps, sets = other.own_reps.withdraw(set_name), self.own_reps.sets
        later = {name: sets.pop(name) for name in [*sets] if int(name) > int(set_name)}
        for rep in reps:
            self.judge_rep(rep.window, standing=rep.standing)
            self.limbs.remember(rep.window)
        self.end_set()
        sets |= later

    def learning_state(self, view: View | None) -> Learning | None:
        """Return `OwnReps.learning_state` for a view; None if the view is unknown or from behind."""
        if view is None or abs(view.azimuth_deg) > FARTHEST_DEG:
            return None
        return self.own_reps.learning_state(abs(view.azimuth_deg))

    def judge_rep(
        self, window: RepWindow, *, standing: Standing = "allowed", half: bool = False
    ) -> tuple[Rep, tuple[RepWindow, ...]]:
        """Judge a completed rep, and learn from the rep if it can be judged.

        Args:
            standing: Whether the rep meets the lifter's standards.
            half: Whether the rep ended at its turn: only its way out is judged, and no later rep is compared with it.

        Returns:
            The rep with its verdict, with 0 as its `index` and `set`, and the lifter's own reps with which the rep was
            compared: no reps if the rep was not judged.
        """
        before = self._set.previous
        measured = self._set.previous = self._measured(window, before)
        measured.standing = standing
        if before is not None:
            before.previous = None  # not needed any more; it would use memory for the rest of the set
        if measured.unsure_reason is not None:
            conditions = None if measured.normalised_rep is None else measured.conditions
            rep = unjudged_rep(window, self.table, measured.unsure_reason)
            return replace(rep, conditions=conditions), ()
        path = find_bar_path(measured.required_normalised_rep, self._height_cm)
        seen = measured.cut_way_back() if half else measured
        pace = self._set.paces[window.start_s] = self._pace(seen, path)
        points_cm = None if path is None else path.points_cm()
        rep, against = self._judge_and_learn(seen)
        return replace(rep, pace=pace, bar_path_cm=points_cm, conditions=measured.conditions), against

    def learn_whole_rep(self, window: RepWindow) -> None:
        """Learn from the whole of the latest rep, of which `judge_rep` has judged only the way out."""
        half = self._set.previous
        measured = self._set.previous = self._measured(window, None if half is None else half.previous)
        if measured.unsure_reason is None:
            self._judge_and_learn(measured)

    def judge_partial(self, window: RepWindow) -> tuple[Fault, ...]:
        """Return the faults in the way out of a partial rep, without learning from the rep.

        The result is empty if reps of the exercise go down first, or if the rep can't be judged, can't be compared with
        reps of the lifter, or was filmed too badly for the comparison.
        """
        measured = self._measured(window, None)
        measured.is_partial = True
        way_back_is_work = not KINDS[self.table.travel].up_first  # as in a squat
        if measured.unsure_reason is not None or way_back_is_work or measured.azimuth_deg > FARTHEST_DEG:
            return ()
        reference = self.own_reps.reference(measured)
        if reference.source is EVERYBODY:
            return ()
        self._look_for_bar(measured)
        if compare_filming(reference, measured).shows_motion_worse:
            return ()
        return judge(measured.cut_way_back(), reference, height_cm=self._height_cm)[0].faults

    def is_from_below(self, window: RepWindow) -> bool:
        """Return whether the camera looks up more in a rep than in one of the known sets; False if unknown."""
        measured = self._measured(window, None)
        if measured.normalised_rep is None:
            return False
        return any(pitch_change(*places) > 0 for places in self.own_reps.known_places(measured))

    def end_set(self) -> EndedSet:
        """End the set, and return the notes on the set, and the reps whose verdicts change.

        The notes state how the set and its camera differ from other sets, and which verdicts change: a rep that is
        unlike the set's other reps no longer counts as good, and a rep that differs only from an odd first rep does.
        A set that is compared with reps of other sets learns nothing from its own.
        """
        reps = self.own_reps.current_set.reps
        is_learned_from = bool(reps) and self.own_reps.reference(reps[-1]).source.apart == "nothing"
        cleared = self.own_reps.current_set.rescore_flagged_reps()
        differs = (*self._differences(), *((CAMERA_MOVED,) if self.own_reps.is_camera_moved() else ()))
        compared = {UNLIKE_OTHERS: self.own_reps.end_set(), LIKE_OTHERS: cleared}
        turned = [
            (rep.window.number, text)
            for text, reps in compared.items()
            for rep in reps
            if is_learned_from and rep.window.number and rep.window.start_s in self._set.paces
        ]
        self._ended, self._set = self._set, _SetState()
        notes = (Message(WHILE_LEARNING, n=number, text=text) for number, text in turned)
        return EndedSet((*differs, *notes), dict(turned))

    def camera_warning(self) -> str | None:
        """Return a warning if the lifter looks much smaller or turned, or the camera has moved too far; otherwise None.

        The result is None unless the set has exactly WARNED_AT judged reps. One warning is enough: the lifter can move
        the camera only after the set.
        """
        reps = self.own_reps.current_set.reps
        if len(reps) != WARNED_AT:
            return None
        # A reference of the set under way is not prepared here: that would take long in a frame that completes a rep.
        if next(self.own_reps.reference_sources(reps[-1]))[0].apart == "nothing":
            return CAMERA_MOVED if self.own_reps.is_camera_moved() else None
        return next(_camera_changes(reps, self.own_reps.reference(reps[-1])), None)

    def resume_set(self, set_name: str) -> None:
        """Continue the last set, `set_name`, which had ended, because a further rep belongs to it."""
        self._set = replace(self._ended)
        self.own_reps.resume_set(set_name)

    def _differences(self) -> Iterator[str]:
        """Yield how a set of at least LEAST_ALIKE reps differs, such as "more upright: 38°, your good reps 50°"."""
        reps = self.own_reps.current_set.reps
        if len(reps) < LEAST_ALIKE:
            return
        reference = self.own_reps.reference(reps[-1])
        if reference.source.apart == "nothing":
            return
        yield from _camera_changes(reps, reference)
        is_faulty = self.own_reps.current_set.is_unlike_reference
        of_good = reference.name == "own" and any(rep.is_good for rep in reference.reps)
        compared: ComparedReps = "good" if of_good else "earlier"
        for fault in self.table.faults.values():
            sign = fault.signs[0]
            measured = ([rep.values[sign.measure] for rep in some] for some in (reps, reference.reps))
            value, usual = map(median_of_known, measured)
            change = sign.change_towards_fault(sign.scale_value(value) - sign.scale_value(usual))
            praised = fault.own_set_only or not is_faulty
            words = fault.worse if change > 0 else fault.better if praised else None
            if words is not None and abs(change) >= sign.least_change:
                yield explain_difference(words, sign.measure, value, usual, reps=compared, height_cm=self._height_cm)

    def withdraw(self, set_name: str, since_s: float) -> None:
        """Forget the reps of a set from `since_s` on, which belong to another exercise, and end the current set."""
        self.own_reps.withdraw(set_name, since_s)
        self._set = _SetState()

    def correct(self, corrected: RepCorrected) -> RepCorrected:
        """Learn from a correction, and return the correction with its effect on the reference."""
        if corrected.rep.start_s in self._set.paces:
            self._set.paces[corrected.rep.start_s] = corrected.rep.pace if corrected.rep.counts else None
        return self.own_reps.correct(corrected)

    def _measured(self, window: RepWindow, previous: MeasuredRep | None) -> MeasuredRep:
        """Return the measures of a rep, mirrored in the same way as the reps with which the rep is compared."""
        own = [*self.own_reps.kept, *self.own_reps.all_reps]
        mirrored = None if window.view is None else latest_mirroring(own, window.view.azimuth_deg)
        return MeasuredRep(window, self.table, mirrored=mirrored, previous=previous)

    def _look_for_bar(self, measured: MeasuredRep) -> None:
        """Mark the bar as not visible while no rep of the set has shown it, because it must not be measured then."""
        if self._needs_bar and not self._set.is_bar_seen:
            self._set.is_bar_seen = measure_bar_evidence(measured.window.rep_observations).is_glimpsed
            if not self._set.is_bar_seen:
                measured.unmeasurable_joints[NO_BAR] = "not_seen"

    def _judge_and_learn(self, measured: MeasuredRep) -> tuple[Rep, tuple[RepWindow, ...]]:
        """Judge a rep by the reference for its view, or by everybody's reps. A whole rep joins the own reps.

        Returns the same as `judge_rep`.
        """
        unjudged, faults = partial(unjudged_rep, measured.window, self.table), self.table.faults
        why = FROM_BEHIND if measured.azimuth_deg > FARTHEST_DEG else unfit_reason(measured, self.own_reps.everybody)
        if why is not None:
            return unjudged(why), ()
        reference = self.own_reps.reference(measured)
        is_self_judged = reference.source.apart == "nothing"
        of_set = None if is_self_judged else self.own_reps.reference_within_set(measured)
        camera = measured.camera
        self._set.cameras.append(camera)
        measured.camera = median_camera(*self._set.cameras)._replace(azimuth_deg=camera.azimuth_deg, size=camera.size)
        filming = compare_filming(reference, measured)
        if filming.shows_motion_worse or filming.blur > MOST_BLUR or filming.noise > MOST_NOISE:
            return unjudged(measured.unclear_reason), ()
        self._look_for_bar(measured)
        rep, doubt = judge(measured, reference, of_set=of_set, height_cm=self._height_cm)
        assert rep.score is not None  # since the rep was judged
        if is_self_judged:
            heights = [pitch_mismatch(*places) for places in self.own_reps.known_places(measured)]
            doubt = heights[0] if heights and all(heights) else None
        if not measured.is_half:
            # A rep is complete if every main fault that the view shows was measured.
            unseen = [fault.name for fault in rep.not_visible if fault.reason not in BEYOND_PICTURE]
            is_complete = doubt is None and not any(faults[name].main for name in unseen)
            self.own_reps.add(measured, rep.score, is_complete=is_complete, is_self_judged=is_self_judged)
        if doubt is not None:
            return unjudged(doubt), ()
        past = rep.verdict == "anomalous" and reference.source is EARLIER_DAYS
        past = past and self.own_reps.current_set.is_unlike_reference
        against = tuple(own_rep.window for own_rep in reference.reps)
        return replace(rep, compared_with=reference.latest_other_day if past else None), against

    def _pace(self, measured: MeasuredRep, path: BarPath | None) -> Pace | None:
        """Return the pace by the bar or else the body, with the speed loss in the set; None if no pace is known."""
        found = None if path is None else bar_pace(path, self.table.travel)
        found = found or body_pace(measured.motion, self._height_cm)
        if found is None:
            return None
        paces = self._set.paces.values()
        speeds = [known.speed for known in paces if known is not None and known.kind == found.kind]
        found = replace(found, velocity_loss=speed_loss([*speeds, found.speed]))
        return replace(found, pause_s=None, eccentric_s=None) if measured.is_half else found


def _camera_changes(reps: Sequence[MeasuredRep], reference: Reference) -> Iterator[str]:
    """Yield how the camera's place differs from its place in a reference of another set, by the median of reps."""
    if reference.source.apart == "nothing":
        return
    now, before = median_camera(*(rep.camera for rep in reps)), reference.camera
    percent = 100 * now.size / before.size
    if percent <= SMALL_PERCENT:
        yield Message("you look {n}% as large as last time: come closer", n=f"{percent:.0f}")
    turns_deg = now.standing_deg - before.standing_deg, now.azimuth_deg - before.azimuth_deg
    if max(turns_deg) <= -TURNED_DEG or min(turns_deg) >= TURNED_DEG:  # in blur, shoulders alone seem turned by 17
        turned_deg = f"{abs(turns_deg[0]):.0f}"
        yield Message("you look turned by {n}° from last time: put the camera where it was", n=turned_deg)
