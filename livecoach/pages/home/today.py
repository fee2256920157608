"""Makes the page of today, with faults to fix and the plan, and the coach's page, with the state of each lifter."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from livecoach.core.charts import load_template
from livecoach.core.config import load_settings, paths
from livecoach.core.language import format_percent
from livecoach.core.loads import Units, format_load
from livecoach.core.types import Plans, SetPlan, ignore
from livecoach.core.types.bounds import NO_PROFILE
from livecoach.core.types.message import Message, capitalise, join_texts
from livecoach.decisions.coaching.last_time import FaultFollowUp, LastTime, LastTimes
from livecoach.decisions.coaching.rep_figures import FaultCount
from livecoach.decisions.coaching.set_progress import plan_words
from livecoach.decisions.judging.wording import fault_cue
from livecoach.pages import offered
from livecoach.pages.addresses import report_link
from livecoach.pages.history import history_words as words
from livecoach.pages.history.history_figures import highest_bests, monday
from livecoach.pages.history.last_sessions import find_last_times
from livecoach.pages.history.reading import read_session
from livecoach.pages.history.session_index import IndexedPart, find_usual_lifter, load_indexed_sessions
from livecoach.pages.report.report_page import day_and_time
from livecoach.pages.report.report_words import lifter_name
from livecoach.pages.report.session_cards import exercise_title, session_card
from livecoach.records.plan import load_planned_sets
from livecoach.records.profile import list_profile_names

DAYS_AGO = 7  # Most days since a session whose day alone is shown. Our choice.
MOST = 3  # Most exercises and bests in a list. Our choice.
TODAY, LIFTERS = (Path(__file__).with_name(f"{name}.html.j2") for name in ("today", "lifters"))  # Templates
Row = dict[str, Any]  # Values for the template


def today_page(
    lifter: str | None, today: date, say: Callable[[str], object], *, starts: bool = False, problem: str = ""
) -> str:
    """Return the page "Today" of a lifter: faults to fix, the plan, the sets of the week, and the newest bests.

    Args:
        lifter: Profile of the lifter, or NO_PROFILE. None and an unknown lifter are replaced by the usual lifter.
        say: Called with a line about an unreadable plan.
        starts: Whether the page has the buttons that open the start screen.
        problem: Why no start screen can open, or why the last start screen or its run failed; empty without a failure.
    """
    settings, sessions = load_settings({}), load_indexed_sessions()
    planners = offered.profile_choices(settings)
    lifters = {*planners, *(name or NO_PROFILE for session in sessions for name in session.profiles)}
    shown = lifter if lifter in lifters else find_usual_lifter(settings.profile, sessions)
    profile = None if shown == NO_PROFILE else shown
    parts = [part for session in reversed(sessions) for part in session.parts if part.profile == profile]
    parts = [part for part in parts if part.session.counts.reps]  # a film that is being analysed may have none yet
    plans: Plans = load_planned_sets(today, shown, settings, say) if shown in planners else {}
    return load_template(TODAY).render(
        lifter=shown,
        lifters=sorted(lifters, key=str.casefold),
        today=today,
        to_fix=[_to_fix(done, today) for done in _by_exercise(parts)[:MOST]],
        planned=list(_planned(plans, find_last_times(profile, films=True), parts, today)),
        has_plan=bool(plans),
        can_plan=shown in planners,
        week=list(_week(parts, today)),
        bests=_newest_bests(parts),
        starts=starts,
        problem=problem,
        lifter_name=lifter_name,
    )


def _by_exercise(parts: Sequence[IndexedPart]) -> list[list[IndexedPart]]:
    """Return the parts of each exercise, newest first, in the order of their newest parts."""
    names = dict.fromkeys(part.exercise for part in parts)
    return [[part for part in parts if part.exercise == name] for name in names]


def _to_fix(parts: Sequence[IndexedPart], today: date) -> Row:
    """Return the values of the fault to fix first in an exercise, and of the previous session's fault to fix."""
    newest, exercise = parts[0].session, parts[0].exercise
    days = (today - date.fromisoformat(newest.started[:10])).days
    ago = Message("{n} days ago", n=days) if days > DAYS_AGO else ""
    fault = next(iter(newest.faults), None)
    last = _fault_follow_up(parts)
    return {
        "title": exercise_title(exercise),
        "cue": None if fault is None else fault_cue(fault, exercise),
        "line": card_line(parts[0]),
        "is_fixed": last is not None and last.is_fixed,
        "since": "" if last is None else _follow_up_words(last, newest.counts.reps),
        "day": join_texts(", ", day_and_time(parts[0].start_time, "%a", "%b"), ago),
        "report": report_link(newest.name, parts[0].profile),
    }


def card_line(part: IndexedPart) -> str:
    """Return a line about the result of a session's part, such as the fault to fix; empty for an unreadable session."""
    session = read_session(paths.sessions_dir() / part.session.name, ignore)
    if session is None:
        return ""
    return session_card(session.select_lifter(part.profile).select_exercise(part.exercise))["line"]


def _fault_follow_up(parts: Sequence[IndexedPart]) -> FaultFollowUp | None:
    """Return how often the newest part has the fault to fix of the part before; None without a fault to fix."""
    fault = next(iter(parts[1].session.faults), None) if len(parts) > 1 else None
    if fault is None:
        return None
    newest, cue = parts[0].session, fault_cue(fault, parts[0].exercise)
    return FaultFollowUp(fault=fault, cue=cue, checked=newest.checked.get(fault, 0), faulty=newest.faults.get(fault, 0))


def _follow_up_words(last: FaultFollowUp, reps: int) -> str:
    """Return words such as "not fixed yet: “stay tall” needed in 2 of 8 reps"."""
    if not last.checked:
        return Message("could not be checked: {text}", text=Message("“{text}”", text=last.cue))
    count = FaultCount(last.faulty, last.checked).in_words(reps)
    state = "fixed" if last.is_fixed else "not fixed yet" if last.faulty else "too few reps to say"
    return join_texts(": ", Message(state), Message("“{text}” needed in {text2}", text=last.cue, text2=count))


def _planned(plans: Plans, lasts: LastTimes, parts: Sequence[IndexedPart], today: date) -> Iterator[Row]:
    """Yield each exercise planned for today or, without a plan, recent exercises, with the sets of the last session."""
    units = load_settings({}).units
    done = Counter[str]()
    for part in parts:
        done[part.exercise] += part.session.counts.sets if part.session.started[:10] == today.isoformat() else 0
    for name in plans or [*lasts][:MOST]:
        last, planned = lasts.get(name), plans.get(name, ())
        number = sum(same.sets or 0 for same in planned)
        ready = min(done[name], number)
        progress = Message("{n} of {n2} sets done", n=ready, n2=number) if ready else ""
        yield {
            "title": exercise_title(name),
            "sets": join_texts("; ", plan_words(planned, units), progress),
            "last": "" if last is None else _last_words(last, units),
        }


def _last_words(last: LastTime, units: Units) -> str:
    """Return the sets of a last session, such as "3 × 5, 100 kg" or "3 × 5; 100 kg before that"."""
    if last.load_kg is None or not last.is_load_older:
        return plan_words((SetPlan(sets=last.sets, reps=last.reps, load_kg=last.load_kg),), units)
    sets = plan_words((SetPlan(sets=last.sets, reps=last.reps, load_kg=None),), units)
    return join_texts("; ", sets, Message("{text} before that", text=format_load(last.load_kg, units)))


def _week(parts: Sequence[IndexedPart], today: date) -> Iterator[Row]:
    for number in range(7):
        day = monday(today) + timedelta(days=number)
        done = [part for part in reversed(parts) if part.session.started[:10] == day.isoformat()]
        sessions = [
            {
                "report": report_link(name, own[0].profile),
                "time": f"{own[0].start_time:%H:%M}",
                "title": join_texts(", ", *(exercise_title(part.exercise) for part in own)),
                "sets": words.sets(sum(part.session.counts.sets for part in own)),
            }
            for name, own in ((name, list(own)) for name, own in groupby(done, lambda part: part.session.name))
        ]
        yield {"name": f"{day:%a}", "day": day, "is_today": day == today, "sessions": sessions}


def _newest_bests(parts: Sequence[IndexedPart]) -> list[Row]:
    """Return the newest personal bests, up to MOST, newest first, without estimated maximums."""
    found = [
        (best, of[0])
        for of in _by_exercise(parts)
        for best in highest_bests(best for part in reversed(of) for best in part.bests).values()
        if best.kind != "one_rep_max"
    ]
    found.sort(key=lambda row: row[0].day, reverse=True)
    starts = {part.name: part.start_time for part in parts}
    return [
        {
            "text": join_texts(
                ": ", exercise_title(part.exercise), words.best_kind_words(best), words.best_value_words(best)
            ),
            "day": day_and_time(starts[best.session], "%a", "%b"),
            "report": report_link(best.session, part.profile),
        }
        for best, part in found[:MOST]
    ]


def lifters_page(today: date) -> str:
    """Return the page of all lifters: first the lifters with reps, the latest first, then profiles without reps."""
    by_lifter: dict[str | None, list[IndexedPart]] = {}
    for session in reversed(load_indexed_sessions()):
        for part in session.parts:
            if part.session.counts.reps:
                by_lifter.setdefault(part.profile, []).append(part)
    rows = [_lifter_row(parts, today) for parts in by_lifter.values()]
    others = sorted({*list_profile_names()} - by_lifter.keys(), key=str.casefold)
    rows += [{"name": name, "words": lifter_name(name), "report": ""} for name in others]
    return load_template(LIFTERS).render(rows=rows)


def _lifter_row(parts: Sequence[IndexedPart], today: date) -> Row:
    newest, counts = parts[0], parts[0].session.counts
    of_week = [part for part in parts if monday(date.fromisoformat(part.session.started[:10])) == monday(today)]
    forms = [part.session.form for part in reversed(parts) if part.exercise == newest.exercise]
    shares = [form.value for form in forms if form.value is not None]
    change = words.change_words(shares, format_percent) if shares else words.unjudged_words(counts)
    return {
        "name": newest.profile or NO_PROFILE,
        "words": lifter_name(newest.profile),
        "title": exercise_title(newest.exercise),
        "day": day_and_time(newest.start_time, "%a", "%b"),
        "report": report_link(newest.session.name, newest.profile),
        "sets": words.sets(sum(part.session.counts.sets for part in of_week)),
        "line": card_line(newest),
        "trend": join_texts(": ", capitalise("good reps"), change),
    }
