"""Every text that a lifter can see in the window has a translation in every language."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from builders.observations import an_observation
from builders.steps import a_full_set_summary, a_view

from livecoach import landmark, language
from livecoach.coaching import cues
from livecoach.config import exercise
from livecoach.counting.exercise_mismatch import advice
from livecoach.curves import CURVE_KINDS
from livecoach.feedback import display_state, panels, summary_panel
from livecoach.frame import visibility
from livecoach.frame.placement import turn_hint
from livecoach.history import words as history_words
from livecoach.judging import wording
from livecoach.judging.wording import explain
from livecoach.language.catalogue import Catalogue, load_catalogue, page_words
from livecoach.language.units import imperial_message, in_imperial
from livecoach.rep.measures.registry import MEASURES
from livecoach.report import key_moment
from livecoach.report import visibility as visibility_of_report
from livecoach.report import words as report_words
from livecoach.run import controls, loop
from livecoach.source import camera
from livecoach.types.message import LANGUAGES, Message

PACKAGE = Path(language.__file__).parents[1]
CATALOGUES = [load_catalogue(code) for code in LANGUAGES if code != "en"]
VALUES = (-30.0, 0.0, 0.004, 0.3, 1.0, 3.0, 170.0)


@pytest.fixture(params=CATALOGUES, ids=lambda catalogue: catalogue.code)
def catalogue(request) -> Catalogue:
    return request.param


def unknown(catalogue: Catalogue, texts: Iterator[str]) -> list[str]:
    """The texts, metric and imperial, that have no translation."""
    return [text for one in texts for text in (one, imperial(one)) if not catalogue.knows(text)]


def imperial(text: str) -> str:
    return imperial_message(text) if isinstance(text, Message) else in_imperial(text)


@pytest.mark.parametrize("measure", MEASURES)
def test_how_far_a_rep_is_off(measure, catalogue) -> None:
    """Whatever a measure's value beside one's own reps."""
    told = (
        explain("knees came in", measure, value, ref, MEASURES[measure].unit, height_cm=height_cm)
        for value, ref, height_cm in product(VALUES, VALUES, (None, 180.0))
    )
    assert unknown(catalogue, told) == []


def message_ids() -> Iterator[tuple[str, str]]:
    """The place and id of each message in the code whose id stands there as a whole."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Message":
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant):
                    yield f"{path.relative_to(PACKAGE)}:{node.lineno}", first.value


def test_every_message_has_a_translation(catalogue) -> None:
    """By its id. That translations have the fields of their ids, scripts/make_translations.py checks."""
    ids = dict(message_ids())
    assert len(ids) > 30
    assert {place: id for place, id in ids.items() if catalogue.template(id) is None} == {}


def test_every_word_of_the_phone_s_page_has_a_translation(catalogue) -> None:
    """And each is used: by its key in the page, or in its script."""
    words = page_words()
    assert [text for text in words.values() if catalogue.template(text) is None] == []
    used = "".join(
        (PACKAGE / "assets" / "phone" / name).read_text(encoding="utf-8") for name in ("page.html", "page.js")
    )
    assert [key for key in words if not re.search(rf'(data-say="{key}"|"{key}"|\b{key}: "M)', used)] == []
    assert set(re.findall(r'(?:data-say="|\bsay\(")(\w+)"', used)) <= words.keys()


def views() -> Iterator[str]:
    for x, y in product((-0.2, 0.5, 1.2), repeat=2):
        landmarks = np.full((landmark.COUNT, 5), 0.5, np.float32)
        landmarks[::2, 0], landmarks[::3, 1] = x, y
        yield from filter(
            None, (visibility.step_back(seen := an_observation(landmarks=landmarks)), visibility.move_aside(seen))
        )


def test_hints_and_warnings(catalogue) -> None:
    """Where to stand, what is in the way, what is wrong with the machine."""
    turns = (turn_hint(a_view(azimuth), (25.0, 70.0)) for azimuth in (0.0, 90.0))
    texts = [
        *views(),
        *visibility.HINTS.values(),
        *filter(None, turns),
        "come closer",
        "you are hidden: clear the view",
        *(advice(name) for name in exercise.names()),
    ]
    assert unknown(catalogue, iter(texts)) == []


def test_the_summary_of_a_set(catalogue) -> None:
    """Each row, of a set with anything in it and of one with little."""
    full = a_full_set_summary()
    notes = ("rep 2, while learning: unlike the others", "tired: last reps 25% slower")
    summaries = [
        replace(full, notes=notes),
        replace(full, speed_unit="torso/s", velocity_loss=0.0, unsure=2),
        replace(full, fault_cue=None, velocity_loss=None),
        replace(full, reps=1, good=1, anomalous=0, fault_reps=1),
        replace(full, good=0, unsure=8),
    ]
    texts = [part for summary in summaries for row in summary_panel.rows(summary) for part in row.parts]
    assert unknown(catalogue, iter(texts)) == []
    assert unknown(catalogue, (cues.set_over(summary).text for summary in summaries)) == []


def test_what_stands_in_the_window_besides(catalogue) -> None:
    """Keys, notes, questions."""
    help_texts = [what for _, what in (*panels.KEYS, *panels.PLAYER_KEYS)]
    notes = [controls.NO_REP_YET, controls.NOTHING_TO_UNDO, controls.NO_OTHER, controls.NO_CHOICE]
    notes += [loop.SLOW.text, loop.LOST.text]
    notes += [controls.UNDER_WAY, controls.NONE_UNDER_WAY, controls.BEGINS, controls.ENDS]
    others = ["begin your set", display_state.CHOOSE, display_state.WIDENED, cues.ready().text, cues.learned().text]
    assert unknown(catalogue, iter([*help_texts, *notes, *others])) == []


def test_words_of_reports_and_histories(catalogue) -> None:
    """Where to look, why not, and what moved."""
    texts = [
        *(kind.words for kind in CURVE_KINDS.values()),
        *(place.where for place in key_moment._LOCATIONS.values()),
        *(words for thirds in wording.WORDS.values() for words in thirds),
        *(wording.joint_words((one, *landmark.NAMES)) for one in landmark.NAMES[11:17] + landmark.NAMES[23:]),
        *(measure.phase.replace("_", " ") for measure in MEASURES.values()),
        *visibility_of_report.REASONS.values(),
        *visibility_of_report.ADVICE.values(),
        *history_words.BESTS.values(),
        *history_words.SHIFTS.values(),
        *history_words.WHERE,
        *report_words.PARTIAL.values(),
    ]
    assert unknown(catalogue, iter(texts)) == []


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_why_a_camera_shows_nothing(platform, catalogue) -> None:
    """The start screen says it, before anything else works."""
    texts = [camera.not_opened_text(1, platform, listed) for listed in (None, (), (0, 2), (0, 1))]
    assert unknown(catalogue, iter(texts)) == []
