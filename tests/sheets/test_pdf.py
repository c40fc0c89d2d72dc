"""Sheets as PDF: one A4 page, the same bytes, tagged, nothing read from outside."""

import contextlib
import re
import sys
import time
import zlib
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest
from covering import mostly_long

from artois_geo import layers, packs, sheets
from artois_geo.errors import MissingPart
from artois_geo.sheets import pdf

# every process collects this file, and one runs it: the import itself waits
pytestmark = pytest.mark.skipif(find_spec("weasyprint") is None, reason="weasyprint absent")


@pytest.fixture(scope="module")
def catalogue_data() -> packs.CatalogueData:
    return packs.read_catalogue_data(layers.read_catalogue())


def opened(pdf_bytes: bytes) -> bytes:
    """The file with its compressed streams opened."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf_bytes, re.DOTALL)
    opened_streams = []
    for stream in streams:
        with contextlib.suppress(zlib.error):
            opened_streams.append(zlib.decompressobj().decompress(stream))
    return pdf_bytes + b"\n".join(opened_streams)


@pytest.mark.parametrize("lang", mostly_long(["fr", "en"], "fr"))
def test_every_site_on_offer_takes_one_a4_page(lang: str, catalogue_data: packs.CatalogueData) -> None:
    import weasyprint

    for name in packs.site_ids(catalogue_data, on_offer=True):
        page = packs.site_sheet(catalogue_data, name, packs.Edition(lang=lang))
        document = weasyprint.HTML(string=page).render()
        assert len(document.pages) == 1, name
        millimetres = [
            round(side / 96 * 25.4) for side in (document.pages[0].width, document.pages[0].height)
        ]
        assert millimetres == [210, 297]


def test_the_same_sheet_gives_the_same_bytes() -> None:
    page = sheets.site(pd.Series({"site_nom": "Zone A", "site_surf_brute": 9.0}), {})
    assert sheets.to_pdf(page) == sheets.to_pdf(page)


def test_a_pdf_is_tagged_named_and_says_its_language() -> None:
    pdf_bytes = opened(sheets.to_pdf(sheets.site(pd.Series({"site_nom": "Zone A"}), {}, lang="en")))
    assert b"/MarkInfo" in pdf_bytes
    assert re.search(rb"/Lang \(en\)", pdf_bytes)
    assert not re.search(rb"/CreationDate|/ModDate", pdf_bytes)


def test_several_sheets_make_one_document() -> None:
    page = sheets.site(pd.Series({"site_nom": "Zone A"}), {})
    assert len(re.findall(rb"/Type /Page\b", opened(sheets.to_pdf([page, page])))) == 2


def test_nothing_outside_the_page_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>SECRET</text></svg>')
    plain = sheets.to_pdf("<title>a</title><p>a")
    for address in (secret.as_uri(), "http://localhost:9/x.png"):
        assert len(sheets.to_pdf(f'<title>a</title><p>a<img src="{address}">')) < len(plain) + 600


def test_without_the_optional_part_the_message_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pdf, "find_spec", lambda name: None)
    with pytest.raises(MissingPart, match=r"pip install 'artois-geo\[pdf\]'"):
        sheets.to_pdf("<p>")


def test_writing_html_never_needs_the_optional_part() -> None:
    import subprocess

    code = (
        "import sys; sys.modules['weasyprint'] = None; sys.modules['resvg_py'] = None\n"
        "import pandas as pd\nfrom artois_geo import sheets\n"
        "assert 'Zone' in sheets.site(pd.Series({'site_nom': 'Zone'}), {})"
    )
    root = Path(sheets.__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root)


@pytest.mark.parametrize(
    "text", ["x" * 4000, "mot court " * 400, "𓀀é" * 2000], ids=["word", "words", "signs"]
)
@pytest.mark.parametrize("template", ["<b>{}</b>", "<p><b>a</b>{}</p>", "<table><td>{}<td>b</table>"])
def test_a_text_without_end_is_measured_in_time(text: str, template: str) -> None:
    style = "<style>body { overflow-wrap: anywhere } div { display: flex; width: 200px }</style>"
    start = time.process_time()
    sheets.to_pdf(f"<html lang=fr><title>A</title>{style}<div>{template.format(text)}<b>c</b></div>")
    assert time.process_time() - start < 10
