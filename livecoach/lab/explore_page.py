"""The page of `livecoach explore`: one self-contained HTML file without network access."""

import html
import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from livecoach.lab.dataset import GOOD, UNKNOWN, Dataset, Reps
from livecoach.lab.explore import NOT_JUDGED, NOT_LABELLED, Colouring, Projection, verdict

TEMPLATE = Path(__file__).with_name("explore.html")


def page(
    dataset: Dataset, scores: np.ndarray, planes: Sequence[Projection], colourings: Sequence[Colouring], title: str
) -> str:
    """Return the HTML. scores: (n,) scores of the reps, anomalous above 1; NaN: not judged."""
    reps = dataset.reps
    content = {
        "planes": [{"name": p.name, "note": p.note, "xy": p.xy.round(4).tolist()} for p in planes],
        "colourings": [asdict(one) for one in colourings],
        "reps": [_details(reps, n, float(scores[n]), dataset.parts) for n in range(len(reps))],
    }
    made_up = "Synthetic lifters." if dataset.synthetic else ""
    filled = {
        "title": html.escape(title),
        "summary": html.escape(f"{summary(reps)}. {made_up}".strip()),
        "reps": _in_script(content),
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    for name, value in filled.items():
        before, _, behind = text.partition("{{" + name + "}}")
        text = before + value + behind.replace("{{" + name + "}}", value)
    return text


def summary(reps: Reps) -> str:
    """Summarize the numbers of reps and lifters."""
    lifters, good, bad = len(set(reps.lifters.tolist())), int(reps.good.sum()), int(reps.bad.sum())
    return f"{len(reps)} reps of {lifters} lifters: {good} good, {bad} bad, {len(reps) - good - bad} {NOT_LABELLED}"


def _details(reps: Reps, n: int, score: float, parts: dict[str, str]) -> dict[str, object]:
    label, lifter = str(reps.labels[n]), str(reps.lifters[n])
    start_s, turn_s, end_s = reps.times_s[n].tolist()
    lines = [
        f"{start_s:.2f} to {end_s:.2f} s, turn at {turn_s:.2f} s",
        f"lifter {lifter} ({parts[lifter]}), {reps.sets[n]}",
        NOT_JUDGED if math.isnan(score) else f"score {score:.2f}: {verdict(score)}",
        f"marked {label}" if label != UNKNOWN else NOT_LABELLED,
    ]
    worst = float(np.nanmax(np.abs(reps.severities[n]), initial=0.0))
    if worst > 0:
        lines[-1] += f", severity {worst:.2f}"
    if not math.isnan(reps.azimuths_deg[n]):
        lines.append(f"camera at {reps.azimuths_deg[n]:.0f}°")
    kind = label if label in (GOOD, UNKNOWN) else "bad"
    return {"source": str(reps.sources[n]), "lines": lines, "kind": kind}


def _in_script(content: object) -> str:
    """Return JSON that can't end a script element, whatever names it contains."""
    text = json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
