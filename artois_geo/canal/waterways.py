"""One name and one class for each waterway, however its pieces are spelled."""

import re
from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from artois_geo import meaning
from artois_geo.errors import BadTable
from artois_geo.text import decimal_point

AIR_DRAFT = r"hauteur_libre_m\s*=\s*(\d+(?:[.,]\d+)?)"
LITTLE_WORDS = frozenset(
    ["a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "riviere", "river"]
)


def classify(waterways: gpd.GeoDataFrame, names: pd.DataFrame, *, column: str = "name") -> gpd.GeoDataFrame:
    """Give each waterway one name and one CEMT class.

    Case, accents, apostrophes, dashes and little words are set aside to compare names; a
    table gives the names that differ otherwise (« Liaison Dunkerque–Escaut »). Old arms
    (« Vieille Lys ») keep their own name: no boat loads there.

    Parameters
    ----------
    waterways
        Pieces with a column ``column``.
    names
        Columns ``key``, ``waterway_name``, ``cemt`` (empty where the class is unknown, or changes
        along the way), ``certainty``, ``source``: ``constants.table("waterways")``.
    column
        Column of the names as delivered.

    Returns
    -------
    GeoDataFrame
        Rows of ``waterways``, with ``waterway_name`` (null without a name), ``waterway_cemt`` (null:
        unknown), ``waterway_certainty`` and ``waterway_source``. A name that the table lacks keeps
        its most frequent spelling and has no class.

    Raises
    ------
    BadTable
        ``column``, or a column of ``names``, is absent.

    Examples
    --------
    >>> from artois_geo.canal import classify
    >>> from artois_geo import example
    >>> import pandas as pd
    >>> pieces = [example.line((x, 0), (x + 1, 0), name=name) for x, name in enumerate(
    ...     ["Canal Latéral à l'Aisne", "Canal latéral à l’Aisne", "Liaison Dunkerque–Escaut"])]
    >>> from artois_geo import constants
    >>> named = classify(pd.concat(pieces, ignore_index=True), constants.table("waterways"))
    >>> named[["waterway_name", "waterway_cemt"]].drop_duplicates().values.tolist()
    [["Canal latéral à l'Aisne", 'I'], ['Canal Dunkerque-Escaut', 'Va']]
    """
    if column not in waterways.columns:
        raise BadTable(f"La colonne de nom « {column} » manque dans les voies d'eau.")
    absent = [name for name in ("key", "waterway_name", "cemt", "certainty", "source") if name not in names]
    if absent:
        raise BadTable(f"Colonnes absentes de la table des noms : {', '.join(absent)}.")
    keys = waterways[column].map(key)
    table = names.drop_duplicates("key").set_index("key")
    usual_spelling = (
        waterways[column]
        .groupby(keys.where(keys != ""))
        .agg(lambda spellings: spellings.value_counts().index[0])
    )
    result = waterways.copy()
    waterway_names = keys.map(table["waterway_name"]).where(keys.isin(table.index), keys.map(usual_spelling))
    result["waterway_name"] = waterway_names.where(keys != "", None)
    for target, source in (("cemt", "cemt"), ("certainty", "certainty"), ("source", "source")):
        entries = keys.map(table[source]).astype(object)
        result[f"waterway_{target}"] = entries.where(entries.notna() & (entries != ""), None)
    return result


def air_draft(objects: pd.DataFrame, *, columns: Sequence[str] = (), text: str | None = None) -> pd.Series:
    """Read the air draft of each waterway or quay, as the layers say it (hauteur libre).

    Parameters
    ----------
    objects
        Any table.
    columns
        Columns of metres; of several that are filled, the lowest holds.
    text
        Column of sentences such as « mouillage_m=3,40;hauteur_libre_m=4,45 ».

    Returns
    -------
    Series
        ``air_draft_m`` in metres, index of ``objects``. Null where nothing says it, or says a height
        that is not positive.

    Raises
    ------
    BadTable
        A column is absent.

    Examples
    --------
    >>> from artois_geo.canal import air_draft
    >>> import pandas as pd
    >>> locks = pd.DataFrame({"dit": ["hauteur_libre_m=4,45", "ecluses=0"], "haut": [None, 5.25]})
    >>> air_draft(locks, columns=["haut"], text="dit").tolist()
    [4.45, 5.25]
    """
    read_columns = [*columns, *([text] if text else [])]
    absent = [name for name in read_columns if name not in objects.columns]
    if absent:
        raise BadTable(f"Colonnes absentes de la table des hauteurs libres : {', '.join(absent)}.")
    texts = {name: objects[name].astype("string") for name in columns}
    if text is not None:
        texts[text] = objects[text].astype("string").str.extract(AIR_DRAFT, expand=False)
    heights = pd.DataFrame(
        {
            name: pd.to_numeric(column.map(decimal_point, na_action="ignore"), errors="coerce")
            for name, column in texts.items()
        },
        index=objects.index,
        dtype=float,
    )
    return heights.where(heights > 0).min(axis=1).rename("air_draft_m")


def key(name: object) -> str:
    """Strip a name of case, accents, punctuation and little words, to compare it with another."""
    if not isinstance(name, str):
        return ""
    return " ".join(word for word in re.findall(r"[a-z0-9]+", meaning.fold(name)) if word not in LITTLE_WORDS)
