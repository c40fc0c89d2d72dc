"""Every text of ours that a reader sees is in the catalogue of every language, and none is left in French."""

import io
import re
import sys
import tomllib
from collections.abc import Iterator
from gettext import NullTranslations
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from artois_geo import languages, layers, vocabulary
from artois_geo.maps import style
from artois_geo.sheets import sections, wording

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import catalogues  # noqa: E402

OTHERS = [lang for lang in languages.LANGUAGES if lang != languages.SOURCE]
FILLED_IN = re.compile(r"\{\w+\}")
ADVICE = "lancer scripts/catalogues, puis traduire dans artois_geo/locale"


def path_of(lang: str) -> Path:
    return ROOT / "artois_geo" / "locale" / lang / "LC_MESSAGES" / "artois_geo.po"


def readable(lang: str) -> Catalog:
    with path_of(lang).open("rb") as stream:
        return read_po(stream, locale=lang, abort_invalid=True)


def texts(catalogue: Catalog) -> set[tuple[str, str]]:
    return {(str(entry.context), str(entry.id)) for entry in catalogue if entry.id}


def walked(entry: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    yield path, entry
    if isinstance(entry, list):
        for item in entry:
            yield from walked(item, path)
    elif isinstance(entry, dict):
        for key, value in entry.items():
            yield from walked(value, f"{path}.{key}")


def test_english_has_a_catalogue() -> None:
    assert "en" in OTHERS


@pytest.mark.parametrize("lang", OTHERS)
def test_the_catalogue_holds_what_our_files_say_and_nothing_else(lang: str) -> None:
    extracted, translated = texts(catalogues.extracted()), texts(readable(lang))
    assert extracted - translated == set(), ADVICE
    assert translated - extracted == set(), ADVICE


@pytest.mark.parametrize("lang", OTHERS)
def test_nothing_is_untranslated_or_to_be_read_again(lang: str) -> None:
    waiting = [
        (entry.context, entry.id)
        for entry in readable(lang)
        if entry.id and (entry.fuzzy or not entry.string)
    ]
    assert waiting == [], ADVICE


@pytest.mark.parametrize("lang", OTHERS)
def test_a_translation_keeps_what_is_filled_in(lang: str) -> None:
    for message in readable(lang):
        assert sorted(FILLED_IN.findall(str(message.id))) == sorted(FILLED_IN.findall(str(message.string))), (
            message.id
        )


@pytest.mark.parametrize("lang", OTHERS)
def test_the_compiled_catalogue_is_the_one_that_can_be_read(lang: str) -> None:
    with path_of(lang).with_suffix(".mo").open("rb") as stream:
        compiled = {(entry.context, entry.id): entry.string for entry in read_mo(stream) if entry.id}
    assert compiled == {(entry.context, entry.id): entry.string for entry in readable(lang) if entry.id}, (
        ADVICE
    )


@pytest.mark.parametrize("lang", OTHERS)
def test_running_the_script_again_changes_nothing(lang: str) -> None:
    stream = io.BytesIO()
    catalogue = catalogues.updated(path_of(lang), lang)
    write_po(stream, catalogue, width=catalogues.WIDTH, ignore_obsolete=True, include_lineno=False)

    def lines(content: bytes) -> list[bytes]:
        return [line for line in content.splitlines() if b"Generated-By" not in line]

    assert lines(stream.getvalue()) == lines(path_of(lang).read_bytes()), ADVICE


def test_our_files_say_french_and_the_catalogues_the_rest() -> None:
    for room in catalogues.ROOMS:
        for path in (ROOT / "artois_geo" / room).rglob("*.toml"):
            for entry_path, entry in walked(tomllib.loads(path.read_text(encoding="utf-8"))):
                other_languages = set(entry) & set(OTHERS) if isinstance(entry, dict) else set()
                assert not other_languages, f"{path.name}{entry_path} : {other_languages}"


def test_a_reworded_text_is_to_be_read_again_and_a_new_one_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = Catalog(locale="nl"), Catalog(charset="utf-8")
    before.add("Carte", "Kaart", context="maps.words.map")
    before.add("Perdu", "Verloren", context="maps.words.gone")
    with (tmp_path / "a.po").open("wb") as stream:
        write_po(stream, before)
    after.add("La carte", context="maps.words.map")
    after.add("Fermer", context="maps.words.close")
    monkeypatch.setattr(catalogues, "extracted", lambda: after)
    states = {
        entry.id: (entry.string or "", entry.fuzzy)
        for entry in catalogues.updated(tmp_path / "a.po", "nl")
        if entry.id
    }
    assert states == {"La carte": ("Kaart", True), "Fermer": ("", False)}


def test_a_new_language_is_a_new_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = Catalog(locale="nl")
    catalogue.add("Légende", "Legenda", context="sheets.words.legend")
    folder = tmp_path / "nl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "artois_geo.mo").open("wb") as stream:
        write_mo(stream, catalogue)
    monkeypatch.setattr(languages, "LOCALE", tmp_path)
    assert languages.said("Légende", "sheets.words.legend", "nl") == "Legenda"
    assert languages.said("Site", "sheets.words.map_site", "nl") == "Site", (
        "French stands where nothing is said"
    )


def test_the_same_french_may_be_said_differently_by_place() -> None:
    translations = [languages.said("Note", context, "en") for context in ("vocabulary", "layers.kinds")]
    assert translations == ["Score", "Note"]


def test_the_page_and_the_sheets_have_the_same_keys_in_every_language() -> None:
    for words in (style.read_words(), {lang: wording.words(lang) for lang in languages.LANGUAGES}):
        for lang in OTHERS:
            assert [path for path, _ in walked(words[lang])] == [path for path, _ in walked(words["fr"])]


def test_every_computed_column_has_an_english_heading() -> None:
    for name, term in vocabulary.terms().items():
        sheet_heading = wording.words("en")["columns"].get(name)
        unit = f" ({languages.said(term.unit, 'units', 'en')})" if term.unit else ""
        term_heading = f"{languages.said(term.label, 'vocabulary', 'en')}{unit}"
        assert sections.heading(name, "en") == (sheet_heading or term_heading)


def test_every_shipped_layer_has_an_english_title() -> None:
    assert [name for name, layer in layers.read_catalogue().items() if not layer.title_en] == []


@pytest.mark.parametrize(
    "translation", ["lone {", "} lone", "{% 10", "{n.__class__}", "{n:>999999999}", "{autre}", "{}", "{n!r}"]
)
def test_a_translation_that_nothing_could_fill_is_not_taken(
    translation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Outside(NullTranslations):
        def pgettext(self, context: str, message: str) -> str:
            return translation

    monkeypatch.setattr(languages, "_catalogue", lambda lang: Outside())
    assert languages.said("sur {n} sites", "showcase.words.sums.available", "en") == "sur {n} sites"
