"""Update the translation files to the English texts, and compile them.

    python scripts/make_translations.py [--check | --page FILE]

English texts come from livecoach/assets/locales/texts.txt, from the titles, cues and words in configs/, and from the
words of the phone's page in livecoach/assets/phone/words.yaml. Each language has one file to translate,
livecoach/assets/locales/LANGUAGE/LC_MESSAGES/livecoach.po; livecoach reads the .mo next to it. New texts are added
without a translation, and texts that are gone are removed. If translations are missing, the script compiles the others,
says how many are missing, and exits with status 1. --check writes nothing, and fails if a file would change or a
translation is missing. --page writes a page (HTML) with all texts side by side in each language, by scene, to be read
aloud. The script needs Babel.
"""

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from gettext import GNUTranslations
from html import escape
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from livecoach.core.config.files import write_atomically
from livecoach.core.config.paths import configs_dir
from livecoach.core.config.yaml_files import load_trusted
from livecoach.core.language import DOMAIN, LOCALES, TEXTS, phone_words
from livecoach.core.types.message import LANGUAGES

TEXT_KEYS = ("title", "turn", "cue", "anomaly_cue", "words", "drill", "worse", "better")
"""Keys in configs/ with values that are shown or spoken to a lifter."""
NAMED = 5  # largest number of faulty texts that are listed for a language


def english() -> dict[str, str]:
    """Return every English text with the note for its translator."""
    texts = dict.fromkeys(config_texts(), "Exercises and faults (configs)")
    note = ""
    for line in TEXTS.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            note = line.lstrip("# ")
        elif line:
            texts.setdefault(line, note)
    for text in phone_words().values():
        texts.setdefault(text, "Phone: the page")
    return texts


def config_texts() -> Iterator[str]:
    """Yield the texts in configs/, each title also in the form that it has within a sentence."""
    for folder in ("exercises", "faults"):
        for path in sorted((configs_dir() / folder).glob("*.yaml")):
            for key, text in text_values(load_trusted(path)):
                yield text
                if key == "title":
                    yield text.lower()


def text_values(tree: object) -> Iterator[tuple[str, str]]:
    """Yield the texts under TEXT_KEYS in a tree, at any depth, each with its key."""
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        if key in TEXT_KEYS and isinstance(value, str):
            yield str(key), value
        else:
            yield from text_values(value)


def updated(old: Catalog, code: str) -> Catalog:
    """Return a language's catalogue with exactly the English texts, and the translations of the old catalogue."""
    new = Catalog(
        locale=code, domain=DOMAIN, project=DOMAIN, header_comment=f"# {LANGUAGES[code]}: texts of livecoach."
    )
    for text, note in english().items():
        known = old.get(text)
        new.add(text, known.string if known else "", auto_comments=[note])
    return new


def problems(catalogue: Catalog) -> Iterator[str]:
    """Yield a text about each kind of faulty translation: the number of faults, and the first NAMED texts."""
    texts = [(str(message.id), str(message.string)) for message in catalogue if message.id]
    lacking = [english for english, translation in texts if not translation]
    unlike = [english for english, translation in texts if translation and fields(english) != fields(translation)]
    for ids, what in ((lacking, "without a translation"), (unlike, "with other fields in their translation")):
        if ids:
            yield "\n  ".join([f"{len(ids)} {what}", *ids[:NAMED], *["…"][: len(ids) > NAMED]])


def fields(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


def as_po(catalogue: Catalog) -> bytes:
    """Return the file for translators, without times and program versions, so that it is the same every time."""
    file = io.BytesIO()
    write_po(file, catalogue, width=0, omit_header=True, sort_output=True)  # so that a new text moves no other
    header = f'# {LANGUAGES[str(catalogue.locale)]}: texts of livecoach\nmsgid ""\nmsgstr ""\n'
    header += f'"Language: {catalogue.locale}\\n"\n"MIME-Version: 1.0\\n"\n'
    header += '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n\n'
    return header.encode() + file.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def main(*, check: bool) -> list[str]:
    """Write the files of all languages, or nothing with `check`, and return a line for each problem."""
    wrong = []
    for code in (code for code in LANGUAGES if code != "en"):
        po = LOCALES / code / "LC_MESSAGES" / f"{DOMAIN}.po"
        before = po.read_bytes() if po.exists() else b""
        new = updated(read_po(io.BytesIO(before), locale=code), code)
        wrong += [f"{code}: {problem}" for problem in problems(new)]
        if check:
            wrong += [] if before == as_po(new) else [f"{code}: not in step with the English texts"]
            wrong += [] if is_compiled(po.with_suffix(".mo"), new) else [f"{code}: not compiled"]
        else:
            po.parent.mkdir(parents=True, exist_ok=True)
            replace(po, as_po(new))
            replace(po.with_suffix(".mo"), as_mo(new))
    return wrong


def page() -> str:
    """Return a page with every text in all languages, scene by scene."""
    codes = [code for code in LANGUAGES if code != "en"]
    catalogues = [read_po((LOCALES / code / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb"), locale=code) for code in codes]
    scenes: dict[str, list[str]] = {}
    for text, scene in english().items():
        shown = [text, *(str(known.string) if (known := each.get(text)) else "" for each in catalogues)]
        scenes.setdefault(scene, []).append("<tr>" + "".join(f"<td>{escape(words)}</td>" for words in shown) + "</tr>")
    head = "<tr>" + "".join(f"<th>{code}</th>" for code in ["en", *codes]) + "</tr>"
    parts = [f"<h2>{escape(scene)}</h2><table>{head}{''.join(rows)}</table>" for scene, rows in scenes.items()]
    style = "body{font:16px sans-serif}td,th{width:33%;text-align:left;vertical-align:top;padding:4px}"
    return f"<!doctype html><meta charset=utf-8><title>Texts</title><style>{style}</style>{''.join(parts)}\n"


def replace(path: Path, content: bytes) -> None:
    """Write a file completely or not at all, because it holds manual work."""
    with write_atomically(path, private=False) as part:
        part.write_bytes(content)


def is_compiled(mo: Path, catalogue: Catalog) -> bool:
    """Return whether a compiled file has the catalogue's translations; its header depends on Babel's version."""
    if not mo.exists():
        return False
    with mo.open("rb") as file:
        translations = GNUTranslations(file)
    return all(translations.gettext(str(message.id)) == message.string for message in catalogue if message.id)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--page"]:
        Path(sys.argv[2]).write_text(page(), encoding="utf-8")
        sys.exit(0)
    wrong = main(check="--check" in sys.argv[1:])
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)
