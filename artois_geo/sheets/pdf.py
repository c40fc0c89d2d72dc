"""From a sheet to a PDF: the same page, tagged for those who hear it, the same bytes each time."""

import logging
from collections.abc import Sequence
from importlib.util import find_spec

from artois_geo.errors import MissingPart

HOW = "pip install 'artois-geo[pdf]'"
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
    documents = [
        weasyprint.HTML(string=text, url_fetcher=inside).render(font_config=FontConfiguration(), **options)
        for text in ([pages] if isinstance(pages, str) else pages)
    ]
    merged = documents[0].copy([page for document in documents for page in document.pages])
    return bytes(merged.write_pdf(**options))
