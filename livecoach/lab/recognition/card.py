"""The README of the recognition model."""

from typing import Any

RECORDED = """synthetic motion and from
recorded movements of real people before virtual cameras: UI-PRMD (public domain) and CMU Graphics Lab (free for all
uses)"""
PEOPLE = """
On people whom nothing was trained or chosen on, before virtual cameras (squats, lunges, and movements of none):

| person | first sure and right | first sure is another | refused |
| --- | --- | --- | --- |
"""


def card_text(card: dict[str, Any]) -> str:
    """Return the README of a model with that card."""
    metrics = card["metrics"]
    after = metrics["known_after_s"]
    rows = "\n".join(
        f"| {name} | {found['hits']} of {found['of']} | {found['low']:.3f}…{found['high']:.3f} |"
        for name, found in metrics["by_exercise"].items()
    )
    when = f"{after['50']} s in the median and {after['90']} s in 90 %" if after else "no time"
    people = "\n".join(_person(name, found) for name, found in metrics.get("real_people", {}).items())
    learned = "synthetic motion alone" if card["training"]["synthetic"] else RECORDED
    return f"""# Recognition of the exercise

`network.tflite` gives the logarithm of the posterior of none and of {len(card["exercises"])} exercises for a window of
{card["window"] / 10:.1f} s; `recognition.json` holds the names, the scaling of the features, the rules of the belief
and the threshold from which it is sure. docs/recognition.md says how it works, and how it does on real clips.

Made by `{card["training"]["command"]}`, from {learned}.

On synthetic sets of judging bodies (lifters and cameras that nothing was trained or chosen on):

- the first exercise to be sure, by which livecoach goes, is the right one: {_said(metrics["first_sure_right"])}
- it is another one: {_said(metrics["first_sure_wrong"])}
- still sure and right at the end of the first rep: {_said(metrics["right"])}
- other movements never taken for an exercise: {_said(metrics["refused"])}
- sure after the first turn: {when}
- the network takes {metrics["ms_a_tick"]} ms a tick, ten times a second

| exercise | first sure and right | 95 % interval |
| --- | --- | --- |
{rows}
{PEOPLE + people + chr(10) if people else ""}"""


def _person(name: str, found: dict[str, Any]) -> str:
    cells = (found[key] for key in ("first_sure_right", "first_sure_wrong", "refused"))
    return f"| {name} | {' | '.join(_said(cell) if cell['of'] else '–' for cell in cells)} |"


def _said(found: dict[str, Any]) -> str:
    return f"{found['hits']} of {found['of']} ({found['low']:.3f}…{found['high']:.3f})"
