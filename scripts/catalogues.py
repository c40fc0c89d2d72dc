"""Catalogues of translations: what our TOML files say in French, brought to each language, and compiled.

    python scripts/catalogues.py [LANGUAGE ...]

A text that is new waits in the ``.po`` for its translation, one whose French changed is marked fuzzy, one
that nothing says any more leaves. A language that is named and has no catalogue gets one, to be filled with
any gettext editor. Same texts, same bytes. ``tests/languages/test_languages.py`` refuses what is left
untranslated.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).parents[1] / "artois_geo"
LOCALE = PACKAGE / "locale"
DOMAIN, SOURCE = "artois_geo", "fr"
ROOMS = ("charts", "maps", "sheets", "showcase", "studies/results")  # whose files say words as { fr = "…" }
EXTRA = "kinds/extra_fields.toml"  # says its labels in English too: label_en
FILES = (
    ("vocabulary", "vocabulary.toml"),
    ("layers.kinds", "kinds/definitions/*.toml"),
    ("layers.kinds", EXTRA),
)
LABELS = {context for context, _ in FILES}
WIDTH = 110
FIRST = datetime(2026, 11, 28, tzinfo=UTC)  # of the catalogues; no later run writes its own hour
UNSAID = {
    "project": DOMAIN,
    "version": "1",
    "msgid_bugs_address": "",
    "last_translator": "",
    "language_team": "",
}
HEAD = "# Words of maps and sheets; msgctxt is where a text stands. Compile: scripts/catalogues"


def main() -> None:
    names = sys.argv[1:] or [folder.name for folder in LOCALE.iterdir() if folder.is_dir()]
    strangers = [name for name in names if not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", name)]
    if strangers:
        sys.exit(f"« {strangers[0]} » n'est pas un code de langue : scripts/catalogues nl")
    for name in sorted(names):
        path = LOCALE / name / "LC_MESSAGES" / f"{DOMAIN}.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue = updated(path, name)
        with path.open("wb") as readable:
            write_po(readable, catalogue, width=WIDTH, ignore_obsolete=True, include_lineno=False)
        with path.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, catalogue)
        waiting = sum(1 for message in catalogue if message.id and (message.fuzzy or not message.string))
        print(f"{name} : {len(catalogue)} textes, {waiting} à traduire ou à relire")


def updated(path: Path, name: str) -> Catalog:
    """The catalogue of a language, with the texts of today and the translations that it had."""
    catalogue = Catalog(name, header_comment=HEAD, fuzzy=False, creation_date=FIRST, **UNSAID)
    if path.exists():
        with path.open("rb") as readable:
            catalogue = read_po(readable, locale=name, abort_invalid=True)
    catalogue.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    changed = {str(message.context): message.string for message in catalogue.obsolete.values()}
    for message in catalogue:  # the French of one place was reworded: its translation is to be read again
        if message.id and not message.string and message.context not in LABELS and message.context in changed:
            message.string = changed[message.context]
            message.flags.add("fuzzy")
    for field in _read(PACKAGE / EXTRA)["fields"]:
        label_message = catalogue.get(field["label"], "layers.kinds")
        if label_message is not None and not label_message.string:
            label_message.string = field.get(f"label_{name}", "")
    return catalogue


def extracted() -> Catalog:
    """Every French text of ours that a reader of a map or a sheet may see, with its place."""
    catalogue = Catalog(charset="utf-8")
    for path in (path for room in ROOMS for path in sorted((PACKAGE / room).rglob("*.toml"))):
        relative_path = path.relative_to(PACKAGE)
        for context, text in _texts_of(_read(path), ".".join(relative_path.with_suffix("").parts)):
            catalogue.add(text, context=context, locations=[(f"artois_geo/{relative_path.as_posix()}", 0)])
    for context, pattern in FILES:
        for path in sorted(PACKAGE.glob(pattern)):
            for relative_path, text in _labels(_read(path), context):
                catalogue.add(text, context=relative_path, locations=[(f"artois_geo/{pattern}", 0)])
    return catalogue


def _texts_of(entry: Any, context: str) -> Iterator[tuple[str, str]]:
    """As ``languages.translated`` walks: the path to a text is its context."""
    if isinstance(entry, list):
        for item in entry:
            yield from _texts_of(item, context)
    elif isinstance(entry, dict):
        french = entry.get(SOURCE)
        if isinstance(french, str) and french:
            yield context, french
        elif isinstance(french, dict):  # a table of plain words
            yield from ((f"{context}.{key}", text) for key, text in french.items())
        for key, value in entry.items():
            yield from _texts_of(value, f"{context}.{key}")


def _labels(kind: dict[str, Any], context: str) -> Iterator[tuple[str, str]]:
    fields = kind["fields"] if isinstance(kind.get("fields"), list) else kind.values()
    for entry in (entry for entry in fields if isinstance(entry, dict)):
        if entry.get("label"):
            yield context, entry["label"]
        if entry.get("unit"):
            yield "units", entry["unit"]


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
