"""Formats figures as text, for the terminal and the pages. Estimated speeds are marked.

`change_words` says in a sentence whether a figure of a lifter's sessions has risen or fallen. The test by Mann
(Econometrica 13:245, 1945) and Kendall (Rank Correlation Methods, 1975) counts the pairs of sessions in which the later
value is higher. Equal values only make the test more careful.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from math import sqrt
from statistics import median

import numpy as np

from livecoach.core import language
from livecoach.core.charts import Z
from livecoach.core.config.paths import quote_shell_word
from livecoach.core.documents import VerdictsDocument, history
from livecoach.core.language import format_percent
from livecoach.core.loads import format_load, format_rounded_load
from livecoach.core.types import SetPlans, SpeedUnit
from livecoach.core.types.bounds import NO_PROFILE, lifter_suffix, profile_words
from livecoach.core.types.message import Message, in_words, join_texts, quantity_words
from livecoach.decisions.coaching.rep_figures import FORMS, DepthCount, counts_in_words
from livecoach.decisions.coaching.set_progress import plan_words
from livecoach.decisions.judging.wording import fault_words
from livecoach.decisions.rep.tempo import TYPICAL_HEIGHT_CM, torso_length_m
from livecoach.pages.history.history_figures import WEEK, monday

WITH_UNIT = {"m/s": "{n} m/s", "ft/s": "{n} ft/s"}  # Message id of a speed, by its unit
BESTS: dict[history.BestKind, str] = {
    "heaviest_rep": "heaviest good rep",
    "one_rep_max": "highest estimated 1RM",
    "most_volume": "most volume load of good reps in a session",
    "most_reps": "most good reps in a set",
    "fastest_rep": "fastest good rep",
}
BEST_AT: dict[history.BestKind, str] = {
    "one_rep_max": "highest estimated 1RM, by reps at {text}",
    "most_reps": "most good reps in a set at {text}",
    "fastest_rep": "fastest good rep at {text}",
}
"""Message id of each kind of personal best at a load."""


def speed_unit() -> str:
    """Return the unit in which all speeds are shown: m/s or ft/s."""
    return language.display_unit("m/s")[0]


def is_estimated(unit: SpeedUnit) -> bool:
    """Return whether a speed unit is torso lengths per second, which is shown as an estimate for a typical height."""
    return unit != "m/s"


def speed_words(speed: float, unit: SpeedUnit) -> Message:
    """Return a speed in the shown unit, such as "0.51 m/s", or "about 0.5 m/s" for an estimate."""
    shown = convert_speed(speed, unit)
    number = Message(WITH_UNIT[speed_unit()], n=f"{shown:.{1 if is_estimated(unit) else 2}f}")
    return Message("about {text}", text=number) if is_estimated(unit) else number


def speed_cell(speed: float, unit: SpeedUnit) -> str:
    """Return a speed in the shown unit for a table, as a number without the unit; "~" precedes an estimate."""
    return f"{'~' if is_estimated(unit) else ''}{convert_speed(speed, unit):.2f}"


def convert_speed(speed: float, unit: SpeedUnit) -> float:
    """Convert a speed to the unit in which speeds are shown (`speed_unit`).

    A speed that is not in m/s is in torso lengths per second, and is converted for a lifter of typical height.
    """
    in_metres = speed * (torso_length_m(TYPICAL_HEIGHT_CM) if is_estimated(unit) else 1.0)
    return in_metres * language.display_unit("m/s")[1]


def title(trend: history.ExerciseTrend) -> str:
    """Return the title of a lifter's history of an exercise, such as "squat · anna"."""
    return title_of(trend.exercise, trend.profile or NO_PROFILE)


def title_of(exercise: str, lifter: str) -> str:
    """Return the title for an exercise and a lifter (a profile or NO_PROFILE), such as "squat · anna"."""
    return join_texts(" · ", in_words(exercise), "no profile" if lifter == NO_PROFILE else profile_words(lifter))


def reps(number: int) -> Message:
    return quantity_words(number, "1 rep", "{n} reps")


def sets(number: int) -> Message:
    return quantity_words(number, "1 set", "{n} sets")


def sessions(number: int) -> Message:
    return quantity_words(number, "1 session", "{n} sessions")


def start_words(started: str) -> str:
    """Return an ISO 8601 start time as day, hour and minute, without its UTC offset, such as "2026-11-20 23:17"."""
    return f"{datetime.fromisoformat(started):%Y-%m-%d %H:%M}"


def report_arguments(session: history.PastSessionDocument, profile: str | None) -> str:
    """Return the arguments to type after `livecoach report` for a lifter's session (None for no profile)."""
    return f"{session.name} --profile {quote_shell_word(profile or NO_PROFILE)}" if session.shared else session.name


def first_set_address(session: history.PastSessionDocument, profile: str | None) -> str:
    """Return the text by which commands name the first set of a lifter's session (None for no profile)."""
    return f"{session.name}:{session.first_own_set}{lifter_suffix(profile, is_shared=session.shared)}"


def percent(share: float) -> Message:
    """Return a share in per cent with a no-break space: "0 %", "4.5 %" (from 0.05 %), or "12 %" (from ten per cent)."""
    return format_percent(share, 1 if 0.0005 <= share < 0.0995 else 0)


def share_words(share: history.ShareDocument) -> str:
    """Return a proportion in words, such as "5 of 26 (19 %)", or "0 of 0"."""
    counts = Message("{n} of {n2}", n=share.hits, n2=share.of)
    return counts if share.value is None else Message("{text} ({text2})", text=counts, text2=percent(share.value))


def judged_share_words(share: history.ShareDocument) -> str:
    """Return the share of good reps in words, such as "20 of 28 judged (71 %)", or "0 of 0 judged"."""
    counts = Message("{n} of {n2} judged", n=share.hits, n2=share.of)
    return counts if share.value is None else Message("{text} ({text2})", text=counts, text2=percent(share.value))


def form_words(share: history.ShareDocument, counts: VerdictsDocument) -> str:
    """Describe the share of good reps, its likely range, and unconfirmed reps. Without judged reps, state why."""
    if share.value is None:
        return join_texts(": ", unjudged_words(counts), form_count_words(counts) if counts.alike < counts.reps else "")
    usual = Message("your usual share: likely {text} to {text2}", text=percent(share.low), text2=percent(share.high))
    unconfirmed = {"alike": counts.alike, "different": counts.different}.items()
    others = (Message("{n} {text}", n=number, text=form) for form, number in unconfirmed if number)
    return join_texts(", ", judged_share_words(share), *others, usual)


def unjudged_words(counts: VerdictsDocument) -> str:
    """State why no rep was judged as good or bad."""
    return "nobody has confirmed good reps yet" if counts.alike or counts.different else "no reps were judged"


def unseen_faults_words(form: history.FormDocument, exercise: str) -> str:
    """Return a text with the main faults that could not be checked in most reps; empty if there are none."""
    return unchecked_faults_words(join_texts(", ", *(fault_words(name, exercise) for name in form.unseen)))


def unchecked_faults_words(faults_text: str) -> str:
    """Return a text such as "could not be checked: back rounded"; empty if `faults_text` is empty."""
    return Message("could not be checked: {text}", text=faults_text) if faults_text else ""


def depth_count_words(share: history.DepthShareDocument) -> str:
    return DepthCount(share.hits, share.of, share.close).words


def depth_words(summary: history.DepthDocument) -> Message:
    """Return the median depth of a session in words, such as "hip crease 2 cm above the top of the knee"."""
    cm = round(summary.median_cm)
    if cm == 0:
        return Message("hip crease level with the top of the knee")
    where = "hip crease {text} above the top of the knee" if cm > 0 else "hip crease {text} below the top of the knee"
    return Message(where, text=Message("{n} cm", n=abs(cm)))


def correction_words(counts: history.CountsDocument) -> str | None:
    """Describe corrections, such as "1 rep by you; livecoach said: 8 reps, 8 good"; None without corrections."""
    judged = counts.judged
    if judged is None:
        return None
    original = Message("livecoach said: {text}", text=join_texts(", ", reps(judged.reps), form_count_words(judged)))
    return join_texts("; ", quantity_words(counts.corrected, "1 rep by you", "{n} reps by you"), original)


def form_count_words(counts: VerdictsDocument) -> str:
    """Describe the number of reps of each form, such as "7 good, 1 to check"."""
    return join_texts(", ", *counts_in_words({name: getattr(counts, name) for name in ("reps", "bad", *FORMS)}))


def totals_words(trend: history.ExerciseTrend, today: str) -> str:
    """Describe the numbers of reps, sets and sessions in total, and of reps this week and per week on average."""
    counts = trend.counts
    first = date.fromisoformat(trend.weeks[0].monday)
    this_week = monday(date.fromisoformat(today))
    span = max((this_week - first) // WEEK + 1, len(trend.weeks))
    now = sum(week.reps for week in trend.weeks if week.monday == this_week.isoformat())
    weekly = Message("{n} per week since {name}", n=f"{counts.reps / span:.0f}", name=first.isoformat())
    totals = join_texts(", ", reps(counts.reps), sets(counts.sets), sessions(len(trend.sessions)))
    return join_texts("; ", totals, join_texts(", ", Message("{text} this week", text=reps(now)), weekly))


def load(load_kg: float) -> Message:
    return format_load(load_kg, language.unit_system())


def best_kind_words(record: history.BestDocument) -> str:
    """Return the kind of a personal best, such as "fastest good rep at 100 kg"."""
    if record.load_kg is None or record.kind == "heaviest_rep":
        return Message(BESTS[record.kind])
    return Message(BEST_AT[record.kind], text=load(record.load_kg))


def rep_words(name: str) -> Message:
    """Return the name of a rep in words, such as "set 2, rep 4" for "2/4"."""
    of_set, number = name.split("/")
    return Message("set {n}, rep {n2}", n=of_set, n2=number)


def best_value_words(record: history.BestDocument) -> str:
    """Return the value of a personal best, such as "8 good reps", "102.5 kg" or "0.79 m/s"."""
    if record.unit == "m/s":
        return speed_words(record.value, record.unit)
    if record.unit == "kg":
        return load(record.value) if record.kind == "heaviest_rep" else rounded_load_words(record.value)
    return quantity_words(round(record.value), "1 good rep", "{n} good reps")


def volume_load_words(trend: history.ExerciseTrend) -> tuple[str, str]:
    """Describe the volume load in total, and of the last session with a load; both texts are empty without a load."""
    known = [session for session in trend.sessions if session.volume_load_kg]
    if not known:
        return "", ""
    total, last = sum(session.volume_load_kg or 0.0 for session in known), known[-1]
    return rounded_load_words(total), Message(
        "{text} on {name}", text=rounded_load_words(last.volume_load_kg or 0.0), name=last.started[:10]
    )


def session_load_range(session: history.PastSessionDocument) -> str:
    """Describe the range of a session's loads, such as "100 kg" or "60 kg to 100 kg"; empty without a known load."""
    return load_range([past_set.load_kg for past_set in session.sets if past_set.load_kg is not None])


def load_range(loads_kg: Sequence[float]) -> str:
    """Describe the range of loads, such as "100 kg" or "60 kg to 100 kg"; empty without loads."""
    if not loads_kg:
        return ""
    low, high = min(loads_kg), max(loads_kg)
    return load(high) if low == high else Message("{text} to {text2}", text=load(low), text2=load(high))


def planned_and_done_words(planned: SetPlans, done: SetPlans) -> str:
    """Describe the planned sets and the sets that were done; empty without a plan."""
    units = language.unit_system()
    words = plan_words(planned, units)
    return Message("Planned: {text}. Done: {text2}.", text=words, text2=plan_words(done, units)) if words else ""


def set_log_words(past_set: history.PastSetDocument) -> str:
    """Describe the RPE and the note of a set, such as "set 2: RPE 8, felt heavy"."""
    rpe = "" if past_set.rpe is None else Message("RPE {n}", n=f"{past_set.rpe:g}")
    note = "" if past_set.note is None else Message("{name}", name=past_set.note)
    return join_texts(": ", Message("set {n}", n=past_set.set), join_texts(", ", rpe, note))


def one_rep_max_words(estimate: history.OneRepMaxDocument) -> str:
    """Describe an estimated one-rep maximum, such as "about 142 kg, likely 128 kg to 160 kg; from the speeds …"."""
    most = Message("about {text}", text=rounded_load_words(estimate.load_kg))
    return join_texts("; ", join_texts(", ", most, one_rep_max_range(estimate)), one_rep_max_origin(estimate))


def one_rep_max_range(estimate: history.OneRepMaxDocument) -> str:
    """Describe the range of an estimated maximum: likely limits (by speeds), or both formulas' results (by reps)."""
    words = "likely {text} to {text2}" if estimate.lifted is None else "Brzycki {text}, Epley {text2}"
    return Message(words, text=rounded_load_words(estimate.low_kg), text2=rounded_load_words(estimate.high_kg))


def one_rep_max_origin(estimate: history.OneRepMaxDocument) -> str:
    """Describe the sets behind an estimated maximum, such as "from the speeds of 9 sets since 2026-10-03"."""
    lifted = estimate.lifted
    if lifted is None:
        return Message("from the speeds of {n} sets since {name}", n=estimate.sets, name=estimate.since)
    of = Message("from {n} × {text} on {name}", n=lifted.reps, text=load(lifted.load_kg), name=estimate.since)
    to_failure = "counted as a set to failure: no RPE was logged"
    return join_texts(", ", of, to_failure if lifted.rpe is None else Message("RPE {n}", n=f"{lifted.rpe:g}"))


def rounded_load_words(load_kg: float) -> Message:
    """Describe an estimated load or a volume load in the user's units, without decimals: "142 kg"."""
    return format_rounded_load(load_kg, language.unit_system())


LEAST_SESSIONS = 5  # Fewest sessions for a direction: the test finds no direction in four


def direction(values: Sequence[float]) -> int:
    """Return 1 for a significant rise of values, oldest first (5 % level, two-sided), -1 for such a fall, or 0."""
    number, array = len(values), np.asarray(values, float)
    score = int(np.triu(np.sign(array[None, :] - array[:, None])).sum())
    spread = sqrt(number * (number - 1) * (2 * number + 5) / 18)
    return int(np.sign(score)) if abs(score) - 1 > Z * spread else 0


def change_words(values: Sequence[float], describe: Callable[[float], str]) -> Message:
    """Describe how values of sessions, oldest first, changed, such as "No clear change in 9 sessions: about 80 kg."."""
    number = len(values)
    if number < LEAST_SESSIONS:
        return Message("Too few sessions to say whether it changes: {n} of at least {n2}.", n=number, n2=LEAST_SESSIONS)
    way = direction(values)
    if way == 0:
        return Message("No clear change in {n} sessions: about {text}.", n=number, text=describe(median(values)))
    third = max(number // 3, 2)
    words = "It rose from about {text} to about {text2} in {n} sessions."
    words = words if way > 0 else "It fell from about {text} to about {text2} in {n} sessions."
    return Message(words, text=describe(median(values[:third])), text2=describe(median(values[-third:])), n=number)
