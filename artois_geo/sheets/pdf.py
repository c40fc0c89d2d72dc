"""From a sheet to a PDF: the same page, tagged for those who hear it, the same bytes each time."""

import logging
import re
from collections.abc import Sequence
from importlib.util import find_spec
from xml.etree.ElementTree import Element

from artois_geo.errors import MissingPart

HOW = "pip install 'artois-geo[pdf]'"
LONG_TEXT = 300
UNWRAPPED = {"script", "style", "title"}
_LONG_WORD = re.compile(r"\S{40}(?=\S)")
VARIANT = "pdf/ua-1"  # tagged: headings, tables and pictures keep their role


def has_pdf() -> bool:
    """Tell whether the optional part that writes PDF is installed.

    Examples
    --------
    >>> from artois_geo.sheets import has_pdf
    >>> has_pdf() in {True, False}
    True
    """
    return find_spec("weasyprint") is not None


def require() -> None:
    """Refuse at once what would be refused after the work.

    Raises
    ------
    MissingPart
        The optional part ``pdf`` is not installed.
    """
    if not has_pdf():
        raise MissingPart(
            f"L'écriture en PDF demande un complément qui n'est pas installé.\nL'installer avec : {HOW}\n"
            "Ou choisir une sortie .html, et l'imprimer en PDF depuis un navigateur."
        )


def to_pdf(pages: str | Sequence[str]) -> bytes:
    """Convert one or several HTML pages to one PDF; nothing outside them is read.

    Parameters
    ----------
    pages
        HTML written by this room.

    Returns
    -------
    bytes
        Same pages, same fonts on the machine: same bytes.

    Raises
    ------
    MissingPart
        The optional part ``pdf`` is not installed.

    Examples
    --------
    >>> from artois_geo.sheets import has_pdf, to_pdf
    >>> to_pdf("<title>A</title><p>Bonjour</p>")[:5] if has_pdf() else b"%PDF-"
    b'%PDF-'
    """
    require()
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    logging.getLogger("weasyprint").setLevel(
        logging.ERROR
    )  # it tells in English which rules of style it skips
    options = {"pdf_variant": VARIANT}
    inside = URLFetcher(allowed_protocols=["data"])
    documents = []
    for text in [pages] if isinstance(pages, str) else pages:
        page = weasyprint.HTML(string=text, url_fetcher=inside)
        _shorten_the_measure(page.etree_element)
        documents.append(page.render(font_config=FontConfiguration(), **options))
    merged = documents[0].copy([page for document in documents for page in document.pages])
    return bytes(merged.write_pdf(**options))


def _shorten_the_measure(page: Element) -> None:
    """Set long texts to break by words, and their long words here and there.

    The width of a text that may break anywhere is measured once for each of its letters, on all that follows
    them: four thousand letters in a cell take minutes.
    """
    for element in page.iter():
        if element.tag in UNWRAPPED:
            continue
        own = [element, *element]
        texts = [element.text, *(child.tail for child in element)]
        if max(len(text or "") for text in texts) <= LONG_TEXT:
            continue
        element.set("style", f"{element.get('style', '')};overflow-wrap:break-word")
        for index, (node, text) in enumerate(zip(own, texts, strict=True)):
            setattr(node, "tail" if index else "text", _LONG_WORD.sub("\\g<0>\u200b", text or ""))
