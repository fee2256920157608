"""What a lifter sees and hears is in their language and units; decisions stay English."""

import copy
import pickle
import re

import pytest
from builders.messages import translations_script

from livecoach.core import language
from livecoach.core.types.message import Message, capitalise, join_texts, quantity_words
from livecoach.decisions.judging.wording import explain_difference


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({}, "en"),
        ({"LANG": "de_AT.UTF-8"}, "de"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "es_ES@euro"}, "es"),
        ({"LANG": "xx_XX.UTF-8"}, "en"),
        ({"LANGUAGE": "xx:de", "LANG": "es_ES.UTF-8"}, "de"),
        ({"LANGUAGE": "", "LANG": "es_MX.UTF-8"}, "es"),
    ],
)
def test_the_language_is_the_system_s_where_it_is_known(monkeypatch, environment, code) -> None:
    for name in language.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language.resolve_language(language.AUTO) == code
    assert language.resolve_language("es") == "es"


@pytest.mark.parametrize(
    "text", [Message("{n} different", n=1), Message("{n} {text}", n=1, text="different"), "1 different"]
)
def test_a_count_of_one_has_its_own_form_where_the_translation_lists_it(text) -> None:
    """In Spanish, distintas becomes distinta; a text of an earlier version, too."""
    with language.using_language("es"):
        assert language.translate(text) == "1 distinta"
        assert language.translate(Message("{n} different", n=21)) == "21 distintas"
        assert language.translate(Message("{n} {text}", n=5, text="good")) == "5 buenas"


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        ("2026-06-01", "1 Jun 2026"),
        ("2026-12-31 18:30", "31 Dec 2026 18:30"),
        ("2026-13-01", "2026-13-01"),
        ("2026-06-01_18-30-00-squat", "2026-06-01_18-30-00-squat"),
    ],
)
def test_english_names_the_month_of_a_day(day: str, shown: str) -> None:
    """03/04 is in March to some of its readers, and in April to others."""
    english = language.load_catalogue("en")
    assert english.translate(day) == shown
    assert english.translate(Message("since {name}", name=day)) == f"since {shown}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hips rose first", "Hüfte kam zuerst hoch"),
        (
            explain_difference("hips shifted sideways", "bottom_hip_shift", 0.155, 0.053, height_cm=174.0),
            "Hüfte seitlich verschoben: 3,5 cm, deine guten Wdh. 1,2 cm",
        ),
        (join_texts(", ", quantity_words(8, "1 rep", "{n} reps"), Message("{n} good", n=7)), "8 Wdh., 7 gut"),
        (Message("this looks like {text}: press e", text="squat"), "sieht nach Kniebeuge aus: drück E"),
        (Message("{n} m/s", n="0.45"), "0,45 m/s"),
        (Message("“{text}”", text="1 of 2 reps"), "„1 von 2 Wdh.“"),  # of an earlier version
        (Message("{text} on {name}", text=Message("{n} kg", n="922.5"), name="2026-06-01"), "922,5 kg am 01.06.2026"),
        (Message("{name}", name="2026-06-01_18-30-00-squat"), "2026-06-01_18-30-00-squat"),
        (Message("{Text}.", Text=Message("{n} reps", n=8)), "8 Wdh."),  # an abbreviation ends with its sentence
        (Message("“{name}”", name="heavy..."), "„heavy...“"),
        (Message("{name}  ·  {text}", name="good", text="squat"), "good  ·  Kniebeuge"),  # called like a word
        (
            join_texts(": ", "hips rose first", "by magic"),
            "Hüfte kam zuerst hoch: by magic",
        ),  # words of the lifter's own
        (
            "12 of 15 to depth, 3 too close to tell",
            "12 von 15 tief genug, 3 knapp",
        ),  # stored: "to" is a part's, not the list's
        ("tired: last reps 23% slower", "müde: letzte Wdh. 23\N{NO-BREAK SPACE}% langsamer"),
        ("1 too shallow: not counted", "1 nicht tief genug: zählt nicht"),
        ("phone", "Handy"),  # the name of a camera, as "camera 0"
        ("camera 0", "Kamera 0"),
        ("", ""),
    ],
)
def test_a_text_is_shown_in_german(text, shown) -> None:
    """Part by part; numbers get a decimal comma, and stay what they are."""
    with language.using_language("de"):
        assert language.translate(text) == shown


def test_a_message_can_be_copied() -> None:
    message = Message("{n} reps", n=8)
    assert [copied.arguments for copied in (copy.deepcopy(message), pickle.loads(pickle.dumps(message)))] == [
        {"n": 8}
    ] * 2


def test_a_text_in_english_and_metric_units_stays_as_it_is() -> None:
    text = capitalise(join_texts(": ", "hips rose first", Message("{n} m/s", n="0.45")))
    assert language.translate(text) == text == "Hips rose first: 0.45 m/s"


def test_a_percentage_is_shown_with_a_space() -> None:
    slower = Message("tired: last reps {text} slower", text=Message("{n}%", n=25))
    assert slower == "tired: last reps 25% slower"
    assert language.translate(slower) == "tired: last reps 25\N{NO-BREAK SPACE}% slower"


@pytest.mark.parametrize(
    ("metric", "imperial"),
    [
        (Message("hips {text} higher", text=Message("{n} cm", n="6")), "hips 2.4 in higher"),
        (Message("about {text}", text=Message("{n} cm", n="40")), "about 16 in"),
        (Message("{n} m/s", n="0.45"), "1.48 ft/s"),
        (Message("{n} m/s²", n="3.1"), "10.2 ft/s²"),
        (join_texts(", ", Message("knees {n}°", n=150), Message("{n} s", n="2.5")), "knees 150°, 2.5 s"),
        (Message("{n} kg", n=100), "100 kg"),
    ],
)
def test_lengths_and_speeds_become_imperial(metric, imperial) -> None:
    """A load is not among them: it is entered in its own unit."""
    with language.using_language("en", "imperial"):
        assert language.translate(metric) == imperial


def test_units_and_language_go_together() -> None:
    about = Message("about {text}", text=Message("{n} cm", n=6))
    with language.using_language("de", "imperial"):
        assert language.translate(about) == "etwa 2,4 Zoll"
    with language.using_language("es", "imperial"):
        shown = language.translate(Message("{text}, your good reps {text2}", text=about, text2=Message("{n} cm", n=3)))
        assert shown == "unos 2,4 pulg., tus buenas reps 1,2 pulg."


def test_the_translations_are_in_step_with_the_english_texts() -> None:
    """Every text has a translation with its fields in every language, none is left over, and the compiled files are
    those of the texts: otherwise run scripts/make_translations.py."""
    assert translations_script().main(check=True) == []


def test_a_long_text_is_read_back_without_trying_each_part_anew():
    """Its parts are read once each: a zip of twenty sessions had stopped the home page for hours."""
    line = ". ".join(f"2026-11-{day}: exists already; unchanged" for day in range(10, 30))
    assert language.load_catalogue("de").translate(line) == line


def test_a_stored_text_is_read_back_where_its_id_repeats_a_field():
    message = Message("Is a rest of {n} in minutes or in seconds? Write {n}min or {n}s.", n=90)
    assert language.as_message(str(message)).arguments == {"n": "90"}
    assert all(re.compile(pattern) for *_, pattern in language._patterns())
