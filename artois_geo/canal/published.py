"""What a layer publishes of a site: quay, distances, bank. It wins over what is computed, and says so."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from artois_geo import meaning

PUBLISHED, COMPUTED = "publié", "calculé"
QUAY_M, QUAY_SOURCE = "quai_publie_m", "quai_publie_source"
WATER_M, WATER_SOURCE = "dist_eau_publiee_m", "dist_eau_publiee_source"
JUNCTION_M, JUNCTION_SOURCE = "dist_echangeur_publiee_m", "dist_echangeur_publiee_source"
BANK, BANK_SOURCE = "bord_eau_publie", "bord_eau_publie_source"
VOCATION, PORT = "site_vocadomi", "portuaire"  # list of the CNIG
UNPUBLISHED = "longueur de quai non publiée"
PORT_SOURCE = f"{VOCATION} : {PORT}"


def metres(frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """Read a published length or distance; NaN where nothing publishes one."""
    if column not in frame:
        return np.full(len(frame), np.nan)
    lengths = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan, copy=True)
    lengths[~(lengths >= 0)] = np.nan
    return lengths


def texts(frame: pd.DataFrame, column: str) -> NDArray[np.object_]:
    """Read the words of a source; None where there are none."""
    if column not in frame:
        return np.full(len(frame), None, dtype=object)
    return np.array([None if meaning.is_missing(text) else text for text in frame[column]], dtype=object)


def quays_m(frame: pd.DataFrame) -> NDArray[np.float64]:
    """Read the published length of quay; a quay of no length is none."""
    lengths = metres(frame, QUAY_M)
    lengths[lengths == 0] = np.nan
    return lengths


def ports(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Mark the sites whose published vocation is that of a port."""
    return np.array(
        [text is not None and meaning.fold(str(text)) == PORT for text in texts(frame, VOCATION)], bool
    )


def bank(frame: pd.DataFrame, bank_m: float) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Tell whether each site is published as waterside (True, False, None where unknown), and by whom.

    A column that says it outright comes first, then a distance to the water, a length of quay, the vocation.
    """
    distances, quays, vocation = metres(frame, WATER_M), quays_m(frame), ports(frame)
    outright, sources = texts(frame, BANK), np.full(len(frame), None, dtype=object)
    states = sources.copy()
    for is_waterside, is_dry, words in (
        (vocation, np.zeros(len(frame), dtype=bool), np.full(len(frame), PORT_SOURCE, dtype=object)),
        (~np.isnan(quays), np.zeros(len(frame), dtype=bool), texts(frame, QUAY_SOURCE)),
        (distances <= bank_m, distances > bank_m, texts(frame, WATER_SOURCE)),
        (
            _answers_are(outright, expected=True),
            _answers_are(outright, expected=False),
            texts(frame, BANK_SOURCE),
        ),
    ):
        states[is_waterside], states[is_dry] = True, False
        sources[is_waterside | is_dry] = words[is_waterside | is_dry]
    return states, sources


def quay_lengths(quays: pd.DataFrame) -> pd.DataFrame:
    """Give each quay the length that a source publishes, in the columns of :func:`frontage`.

    Parameters
    ----------
    quays
        Any table; ``quai_publie_m`` and ``quai_publie_source`` are read where it has them.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.canal import quay_lengths
    >>> lengths = quay_lengths(pd.DataFrame({"quai_publie_m": [450, None]}))
    >>> lengths["frontage_m"].tolist(), lengths["frontage_reason"].dropna().tolist()
    ([450.0, nan], ['longueur de quai non publiée'])
    """
    lengths = quays_m(quays)
    is_published = ~np.isnan(lengths)
    return pd.DataFrame(
        {
            "frontage_m": lengths,
            "frontage_origin": either(is_published, PUBLISHED),
            "frontage_source": either(is_published, texts(quays, QUAY_SOURCE)),
            "frontage_reason": either(~is_published, UNPUBLISHED),
        },
        index=quays.index,
    )


def either(rows: NDArray[np.bool_], yes: object, no: object = None) -> NDArray[np.object_]:
    """Put ``yes`` in the rows that are marked, ``no`` in the others: texts, or one text for them all."""
    merged = np.full(len(rows), None, dtype=object)
    for marked, words in ((rows, yes), (~rows, no)):
        merged[marked] = words[marked] if isinstance(words, np.ndarray) else words
    return merged


def quoted(source: object) -> str:
    """Take the words of the facts out of a source; all of it where none are quoted.

    Examples
    --------
    >>> from artois_geo.canal import quoted
    >>> quoted("note : « échangeur à 500 m » — adresse")
    'échangeur à 500 m'
    """
    text = "" if meaning.is_missing(source) else str(source)
    start, end = text.find("« "), text.find(" »")
    return text[start + 2 : end] if 0 <= start < end else text


def junctions(sites: pd.DataFrame) -> pd.DataFrame:
    """Give the distance to a motorway junction that sources publish: ``straight_km`` and ``words``, by site.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.canal import junctions
    >>> site = {"dist_echangeur_publiee_m": 500, "dist_echangeur_publiee_source": "« A26 à 500 m »"}
    >>> junctions(pd.DataFrame([site])).values.tolist()
    [[0.5, 'A26 à 500 m']]
    """
    distances = pd.Series(metres(sites, JUNCTION_M), index=sites.index, name="straight_km") / 1000
    words = [quoted(source) for source in texts(sites, JUNCTION_SOURCE)]
    return distances.to_frame().assign(words=words).dropna(subset="straight_km")


def _answers_are(answers: NDArray[np.object_], *, expected: bool) -> NDArray[np.bool_]:
    return np.array(
        [answer is not None and meaning.is_true(answer) is expected for answer in answers], dtype=bool
    )
