"""What a lifter sees and hears is in their language and units; decisions stay English."""

import copy
import importlib.util
import pickle
from pathlib import Path

import pytest

from livecoach import language
from livecoach.language import system_language
from livecoach.language.units import in_imperial
from livecoach.types.message import LANGUAGES, Message, joined

SCRIPT = Path(__file__).parents[2] / "scripts" / "make_translations.py"


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_AT.UTF-8"}, "de"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "es_ES@euro"}, "es"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANGUAGE": "fr:de", "LANG": "es_ES.UTF-8"}, "de"),
        ({"LANGUAGE": "", "LANG": "es_MX.UTF-8"}, "es"),
    ],
)
def test_the_language_is_the_system_s_where_it_is_known(environment, code) -> None:
    """As gettext reads it, and English for others."""
    assert system_language(LANGUAGES, environment) == code


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hips rose first", "Hüfte kam zuerst hoch"),
        ("Hips rose first", "Hüfte kam zuerst hoch"),
        (
            "hips shifted sideways: 3.5 cm, your good reps 1.2 cm",
            "Hüfte zur Seite verschoben: 3,5 cm, deine guten Wdh. 1,2 cm",
        ),
        ("bar drifted away: about 6 cm farther than usual", "Stange zu weit weg: etwa 6 cm weiter als üblich"),
        ("8 reps, 7 good", "8 Wdh., 7 gut"),
        ("1 rep, good", "1 Wdh., gut"),
        ("these look like squats: press e", "sieht aus wie Kniebeuge: drück E"),
        ("0.45 m/s", "0,45 m/s"),
        ("12", "12"),
        ("2/4", "2/4"),
        ("", ""),
    ],
)
def test_a_text_is_translated_part_by_part(text, shown) -> None:
    """Numbers get a decimal comma, and stay what they are."""
    with language.used("de"):
        assert language.translate(text) == shown


def test_a_message_is_shown_by_its_id_and_arguments() -> None:
    """Wherever it is stored, it is the English text."""
    reps = joined(", ", Message("{n} reps", n=8), Message("{n} good", n=7))
    assert reps == "8 reps, 7 good"
    with language.used("de"):
        assert language.translate(reps) == "8 Wdh., 7 gut"
    with language.used("de", "imperial"):
        assert language.translate(Message("about {text}", text=Message("{n} cm", n="6"))) == "etwa 2,4 Zoll"


def test_a_name_in_a_message_is_no_text() -> None:
    """A lifter may be called like a word."""
    with language.used("de"):
        assert language.translate(Message("{name}  ·  {text}", name="good", text="squat")) == "good  ·  Kniebeuge"


def test_a_message_can_be_copied() -> None:
    message = Message("{n} reps", n=8)
    assert [copied.arguments for copied in (copy.deepcopy(message), pickle.loads(pickle.dumps(message)))] == [
        {"n": 8}
    ] * 2


def test_a_text_without_a_translation_stays_whole() -> None:
    """Half a sentence in each language would be worse than one in English."""
    with language.used("de"):
        assert language.translate("hips rose first: by magic") == "hips rose first: by magic"


def test_english_and_metric_change_nothing() -> None:
    """Until a command chooses another language."""
    assert language.translate("Hips rose first: 0.45 m/s") == "Hips rose first: 0.45 m/s"


@pytest.mark.parametrize(
    ("metric", "imperial"),
    [
        ("hips 6 cm higher than usual", "hips 2.4 in higher than usual"),
        ("about 40 cm", "about 16 in"),
        ("0.45 m/s", "1.48 ft/s"),
        ("3.1 m/s², your good reps 2.0 m/s²", "10.2 ft/s², your good reps 6.6 ft/s²"),
        ("knees 150°, 2.5 s", "knees 150°, 2.5 s"),
        ("100 kg", "100 kg"),
    ],
)
def test_lengths_and_speeds_become_imperial(metric, imperial) -> None:
    """A load is not among them: it is entered in its own unit."""
    assert in_imperial(metric) == imperial


def test_units_and_language_go_together() -> None:
    """Spanish in inches."""
    with language.used("es", "imperial"):
        assert language.translate("about 6 cm, usual 3 cm") == "unos 2,4 pulg., lo habitual 1,2 pulg."


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("make_translations", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_translations_are_in_step_with_the_english_texts(script) -> None:
    """Every text has a translation with its fields in every language, none is left over, and the compiled files are
    those of the texts: otherwise run scripts/make_translations.py."""
    assert script.main(check=True) == []
