"""Every text that a lifter can see in the window has a translation in every language."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from builders.messages import fields, known_ids, unknown_ids
from builders.observations import an_observation
from builders.steps import a_full_set_summary, a_view

from livecoach.capture import camera
from livecoach.core import landmark, language
from livecoach.core.config import exercise
from livecoach.core.config.settings import setting_schemas
from livecoach.core.language import phone_words
from livecoach.core.types.message import Message
from livecoach.decisions.coaching import cues
from livecoach.decisions.coaching.rep_figures import REP_LABELS
from livecoach.decisions.judging import wording
from livecoach.decisions.judging.wording import ComparedReps, explain_difference
from livecoach.decisions.recognition.naming import other_exercise_hint
from livecoach.decisions.rep.curves import CURVE_KINDS
from livecoach.decisions.rep.measures import MEASURES
from livecoach.feedback import key_moment, panels, summary_panel, text
from livecoach.pages.history import history_words
from livecoach.pages.report import report_words
from livecoach.pages.report import visibility_words as visibility_of_report
from livecoach.perception.body import visibility
from livecoach.perception.body.placement import turn_hint
from livecoach.run import controls, loop

PACKAGE = Path(language.__file__).parents[1]
DECISIONS = ("decisions/judging", "decisions/coaching", "decisions/counting")
FIELD = re.compile(r"\{(?:n|text|Text|name|time)\d?\}")
VALUES = (-30.0, 0.0, 0.004, 0.3, 1.0, 3.0, 170.0)


@pytest.mark.parametrize("measure", MEASURES)
def test_every_difference_of_a_rep_is_translated(measure) -> None:
    told = (
        explain_difference("knees came in", measure, value, ref, reps=reps, height_cm=height_cm)
        for value, ref, height_cm, reps in product(VALUES, VALUES, (None, 180.0), get_args(ComparedReps))
    )
    assert unknown_ids(told) == set()


@cache
def code(room: str = "", left_out: type[ast.AST] | None = None) -> Sequence[tuple[Path, ast.AST]]:
    """Every node of a room's modules, by default of all but the lab's, which speaks English alone. Docstrings are left
    out, and nodes of a kind with what is in them."""
    found = []
    shown = {PACKAGE / "lab" / "tools" / f"{name}.py" for name in ("check_pages", "doctor", "trials")}  # on a page
    for path in sorted(set((PACKAGE / room).rglob("*.py")) - (set((PACKAGE / "lab").rglob("*.py")) - shown)):
        waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
        while waiting:
            node = waiting.pop()
            is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if not is_docstring and not (left_out is not None and isinstance(node, left_out)):
                found.append((path, node))
                waiting.extend(ast.iter_child_nodes(node))
    return found


def literals(node: ast.expr) -> list[str]:
    """The texts that an expression can be, where they stand in it."""
    if isinstance(node, ast.IfExp):
        return literals(node.body) + literals(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


@cache
def ids_in_code() -> dict[str, str]:
    """Id of each message in the code → where it stands: what messages are made of, and every text with fields."""
    found: dict[str, str] = {}
    for path, node in code():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"Message", "counted"}:
            ids = [id for one in node.args[node.func.id == "counted" :] for id in literals(one)]
        else:
            ids = [id for id in (literals(node) if isinstance(node, ast.Constant) else []) if FIELD.search(id)]
        found |= {id: f"{path.relative_to(PACKAGE)}:{node.lineno}" for id in ids}
    return found


def ids_in_templates() -> dict[str, str]:
    """The same of the pages: what stands in `say` or before `said`."""
    found: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*.j2")):
        page = path.read_text(encoding="utf-8")
        said = re.findall(r'\bsay\("([^"]+)"(?: if [^,)]*? else "([^"]+)")?', page)
        found |= {id: path.name for pair in said for id in pair if id}
    return found


def test_every_message_has_a_translation() -> None:
    """By its id. That translations have the fields of their ids, scripts/make_translations.py checks."""
    ids = ids_in_code() | ids_in_templates()
    assert len(ids) > 400
    assert {id: ids[id] for id in unknown_ids(ids)} == {}


def test_every_setting_is_described_in_each_language() -> None:
    """`livecoach home` shows the docstrings under their fields."""
    assert unknown_ids([" ".join(schema["description"].split()) for schema in setting_schemas().values()]) == set()


def test_every_translated_id_is_used() -> None:
    with_fields = {id for id in known_ids() if FIELD.search(id)}
    assert with_fields - set(phone_words().values()) - {id.replace("\N{NO-BREAK SPACE}", " ") for id in used()} == set()


def used() -> set[str]:
    asked, whose = f"{{text}}?{text.NO_BREAK}{{n}}", product(ids_in_code(), get_args(ComparedReps))
    counted = (f"{{n}} {label}" for label in REP_LABELS)
    return {
        *counted,
        *ids_in_code(),
        *ids_in_templates(),
        asked,
        *(id.replace("good reps", f"{of} reps") for id, of in whose),
    }


def test_every_message_gets_the_arguments_of_its_id() -> None:
    """Each one, and no other, where they stand beside the id."""
    wrong = []
    for path, node in code():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Message":
            given = {keyword.arg for keyword in node.keywords}
            ids = literals(node.args[0])
            needed = set().union(*map(fields, ids))
            if ids and None not in given and given != needed:
                wrong.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    assert wrong == []


@pytest.mark.parametrize("room", DECISIONS)
def test_decisions_put_no_sentences_together(room) -> None:
    """They give ids and arguments: a text with words in it is an id as a whole, but for errors, which are English."""
    found = []
    for path, node in code(room, ast.Raise):
        for words in words_of(node):
            if words not in known_ids():
                found.append(f"{path.relative_to(PACKAGE)}:{node.lineno}: {words}")
    assert found == []


def words_of(node: ast.AST) -> list[str]:
    """The words that a text is put together of, and texts of several words."""
    if isinstance(node, ast.JoinedStr):
        parts = [one.value for one in node.values if isinstance(one, ast.Constant)]
        return [part for part in parts if re.search(r"[a-z]{2,} | [a-z]{2,}", part)]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value] if re.search(r"[a-z]{2,} [a-z]{2,}", node.value) else []
    return []


def test_every_word_of_the_phone_s_page_has_a_translation() -> None:
    words = phone_words()
    assert unknown_ids(words.values()) == set()
    used = "".join(
        (PACKAGE / "assets" / "phone" / name).read_text(encoding="utf-8") for name in ("page.html", "page.js")
    )
    assert [key for key in words if not re.search(rf'(data-say="{key}"|"{key}"|\b{key}: "M)', used)] == []
    assert set(re.findall(r'(?:data-say="|\bsay\(")(\w+)"', used)) <= words.keys()


def views() -> Iterator[str]:
    for x, y in product((-0.2, 0.5, 1.2), repeat=2):
        landmarks = np.full((landmark.COUNT, 5), 0.5, np.float32)
        landmarks[::2, 0], landmarks[::3, 1] = x, y
        told = visibility.cut_off_hint(an_observation(landmarks=landmarks))
        yield from () if told is None else (told.text,)


def test_hints_and_warnings_are_translated() -> None:
    hints = [turn_hint(a_view(azimuth), (25.0, 70.0)) for azimuth in (0.0, 90.0)]
    turns = [hint.text for hint in hints if hint is not None]
    texts = [
        *views(),
        *visibility.WARNING_TEXTS.values(),
        *turns,
        "come closer",
        "you are hidden: clear the view",
        *(other_exercise_hint(name) for name in exercise.names()),
    ]
    assert unknown_ids(texts) == set()
    where_to_go = [*views(), visibility.WARNING_TEXTS["out_of_frame"], *turns]
    parts = [part for text in where_to_go for part in text.split(": ")]  # shown in large and in small type
    with language.using_language("de"):
        assert not [part for part in parts if language.translate(part) == part]


def test_the_summary_of_a_set_is_translated(monkeypatch) -> None:
    monkeypatch.setattr(summary_panel, "translate", lambda message: message)
    full = a_full_set_summary()
    slower = Message("tired: last reps {text} slower", text=Message("{n}%", n=25))
    notes = (Message("rep {n}, while learning: {text}", n=2, text="unlike the others"), slower)
    summaries = [
        replace(full, notes=notes),
        replace(full, speed_unit="torso/s", velocity_loss=0.0, unsure=2),
        replace(full, fault_cue=None, velocity_loss=None),
        replace(full, reps=1, good=1, anomalous=0, fault_reps=1),
        replace(full, good=0, unsure=8),
    ]
    texts = [part for summary in summaries for row in summary_panel.summary_rows(summary) for part in row.parts]
    assert unknown_ids(texts) == set()
    assert unknown_ids(cues.summary_cue(summary).text for summary in summaries) == set()


def test_keys_and_notes_of_the_window_are_translated() -> None:
    help_texts = [what for _, what in panels.KEYS]
    notes = [controls.NO_REP_YET, controls.NOTHING_TO_UNDO, controls.NO_OTHER, controls.NO_CHOICE]
    notes += [controls.NO_START_SCREEN]
    notes += [loop.SLOW, loop.CAMERA_LOST]
    notes += [controls.UNDER_WAY, controls.NONE_UNDER_WAY, controls.BEGINS, controls.ENDS]
    others = ["begin your set", cues.READY.text, cues.LEARNED.text]
    assert unknown_ids([*help_texts, *notes, *others]) == set()


def test_words_of_reports_and_histories_are_translated() -> None:
    texts = [
        *(kind.words for kind in CURVE_KINDS.values()),
        *(exercise.load(name).turn for name in exercise.names()),
        *(place.where for place in key_moment._LOCATIONS.values()),
        *(words for thirds in wording.PHASE_WORDS.values() for words in thirds),
        *(wording.joint_words((one, *landmark.NAMES)) for one in landmark.NAMES[11:17] + landmark.NAMES[23:]),
        *(measure.phase.replace("_", " ") for measure in MEASURES.values()),
        *report_words.REASONS.values(),
        *visibility_of_report.HINTS.values(),
        *history_words.BESTS.values(),
        *report_words.PARTIAL.values(),
    ]
    assert unknown_ids(texts) == set()


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_the_reasons_why_a_camera_shows_nothing_are_translated(platform) -> None:
    """The start screen says it, before anything else works."""
    texts = [camera.not_opened_text(1, platform, listed) for listed in (None, (), (0, 2), (0, 1))]
    assert unknown_ids(texts) == set()
