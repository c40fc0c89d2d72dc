"""Artificialisation and sealing from OCS GE: which polygon counts, thresholds, exemptions.

IGN's ARTIFICIALISATION layer is preferred wherever it is given, since it applies
the thresholds of the decree (n° 2023-1096). The cover × use matrix is a fallback,
named as such in ``artificial_from``.
"""

from collections.abc import Sequence

import pandas as pd
import shapely
from geopandas import GeoDataFrame
from pandas import DataFrame, Series

from artois_geo import measure
from artois_geo.errors import BadTable, BadValue
from artois_geo.text import counted
from artois_geo.zan.flows import finding, findings_table
from artois_geo.zan.photovoltaics import REFUSAL

LAYER, MATRIX = "couche ARTIFICIALISATION", "matrice CS × US (repli)"
EXEMPTIONS = ("PV", "parc")

_COVER = ("code_cs", "couverture", "cs")
_USE = ("code_us", "usage", "us")
_ARTIF = {"artif": True, "non artif": False}
_BUILDING = "CS1.1.1.1"
_VEGETATED = "CS2"


def codes(cover: DataFrame) -> DataFrame:
    """Read the cover and use codes of OCS GE features, under one name and with their prefix.

    Parameters
    ----------
    cover
        Features with ``code_cs`` and ``code_us`` (also read: ``CODE_CS``,
        ``couverture``, ``usage``); codes with or without ``CS``/``US``.

    Returns
    -------
    DataFrame
        Same index: ``code_cs``, ``code_us``.

    Raises
    ------
    BadTable
        A column is missing.

    Examples
    --------
    >>> from artois_geo.zan import codes
    >>> from pandas import DataFrame
    >>> codes(DataFrame({"CODE_CS": ["2.2.1"], "CODE_US": ["US6.2"]})).values.tolist()
    [['CS2.2.1', 'US6.2']]
    """
    prefixed = {}
    for (name, column), prefix in zip(code_columns(list(cover.columns)).items(), ("CS", "US"), strict=True):
        text = cover[column].astype("string").str.strip().str.upper().fillna("")
        unprefixed = text.str.match(r"^\d").fillna(False)
        prefixed[name] = text.where(~unprefixed, prefix + text).astype(object)
    return DataFrame(prefixed, index=cover.index)


def code_columns(columns: Sequence[str]) -> dict[str, str]:
    """Find which columns of an OCS GE layer hold ``code_cs`` and ``code_us``."""
    matches = {}
    originals = {str(column).lower(): column for column in columns}
    for name, aliases in (("code_cs", _COVER), ("code_us", _USE)):
        column = next((originals[alias] for alias in aliases if alias in originals), None)
        if column is None:
            raise BadTable(
                f"Pas de colonne {name} (ni {', '.join(aliases[1:])}) : est-ce bien une couche OCS GE ?\n"
                f"Colonnes lues : {', '.join(map(str, columns[:12]))}."
            )
        matches[name] = column
    return matches


def commonest_pairs(pairs: DataFrame) -> str:
    """List the commonest couples of codes, for a message."""
    counts = pairs.value_counts()
    return ", ".join(f"{cs or 'vide'} × {us or 'vide'}" for cs, us in counts.index[:4])


def artificialised(cover: DataFrame, matrix: DataFrame) -> Series:
    """Tell whether each feature is artificialised, by its cover and use.

    Parameters
    ----------
    cover
        OCS GE features.
    matrix
        ``code_cs``, ``code_us``, ``artificial`` (0 or 1): table ``ocsge_artif``.

    Returns
    -------
    Series
        bool, same index.

    Raises
    ------
    BadTable
        A pair of codes is not in the matrix.

    Examples
    --------
    Grass on abandoned industrial land counts, the same under birches does not:

    >>> from artois_geo.zan import artificialised
    >>> from pandas import DataFrame
    >>> matrix = DataFrame({"code_cs": ["CS2.2.1", "CS2.1.1.1"], "code_us": "US6.2", "artificial": [1, 0]})
    >>> artificialised(DataFrame({"code_cs": ["CS2.1.1.1", "CS2.2.1"], "code_us": "US6.2"}), matrix).tolist()
    [False, True]
    """
    pairs = codes(cover)
    artificial_by_pair = matrix.set_index(["code_cs", "code_us"])["artificial"]
    artificial = artificial_by_pair.reindex(pd.MultiIndex.from_frame(pairs))
    unknown = artificial.isna().to_numpy()
    if unknown.any():
        raise BadTable(
            f"{int(unknown.sum())} objets ont un couple de codes OCS GE inconnu : "
            f"{commonest_pairs(pairs[unknown])}.\n"
            "Vérifier la nomenclature (OCS2D emploie d'autres codes) ; voir land_cover_findings."
        )
    return Series(artificial.to_numpy().astype(int) == 1, index=cover.index, name="artificial")


def classify(cover: GeoDataFrame, matrix: DataFrame, nomenclature: DataFrame) -> GeoDataFrame:
    """Give OCS GE features their status in the artificialisation account.

    Parameters
    ----------
    cover
        OCS GE features in EPSG:2154: OCCUPATION_SOL, or better ARTIFICIALISATION,
        whose ``artif`` (``artif`` or ``non artif``) is then taken as it is.
    matrix
        Table ``ocsge_artif``.
    nomenclature
        Table ``ocsge_nomenclature``: ``code`` and ``sealed`` (``1``) of each cover.

    Returns
    -------
    GeoDataFrame
        Rows of ``cover``: ``code_cs``, ``code_us``, ``artificial``, ``sealed`` (bool),
        ``category`` (of the decree, ``|`` where the pair allows several),
        ``artificial_from``, geometry.

    Raises
    ------
    BadTable
        Unknown codes, or an ``artif`` that is neither of its two values.

    Examples
    --------
    >>> from artois_geo.zan import classify
    >>> from pandas import DataFrame
    >>> from artois_geo import example
    >>> cover = example.square(x_km=0, y_km=0, side_km=1, code_cs="CS1.1.1.1", code_us="US2")
    >>> matrix = DataFrame({"code_cs": ["CS1.1.1.1"], "code_us": ["US2"], "artificial": [1]})
    >>> names = DataFrame({"code": ["CS1.1.1.1"], "sealed": ["1"]})
    >>> classify(cover, matrix, names)[["artificial", "sealed", "artificial_from"]].values.tolist()
    [[True, True, 'matrice CS × US (repli)']]
    """
    measure.require_lambert93(cover=cover)
    table = statuses(cover, matrix, nomenclature)
    return GeoDataFrame(table, geometry=cover.geometry.to_numpy(), crs=cover.crs)


def statuses(cover: DataFrame, matrix: DataFrame, nomenclature: DataFrame) -> DataFrame:
    """Return what :func:`classify` says of each row, without its geometry."""
    pairs = codes(cover)
    by_matrix = artificialised(cover, matrix)
    artif = next((column for column in cover.columns if str(column).lower() == "artif"), None)
    table = pairs.copy()
    table["artificial"] = by_matrix if artif is None else _layer_status(cover[artif])
    sealed = set(nomenclature.loc[nomenclature["sealed"].astype(str) == "1", "code"])
    table["sealed"] = pairs["code_cs"].isin(sealed)
    if "category" in matrix:
        category = matrix.set_index(["code_cs", "code_us"])["category"]
        table["category"] = category.reindex(pd.MultiIndex.from_frame(pairs)).to_numpy()
    table["artificial_from"] = MATRIX if artif is None else LAYER
    return table


def land_cover_findings(cover: DataFrame, matrix: DataFrame) -> DataFrame:
    """List what is wrong in an OCS GE layer: one row per code concerned.

    Returns
    -------
    DataFrame
        ``feature`` (first one concerned), ``field``, ``rule``, ``level``, ``found``, ``message``.

    Examples
    --------
    >>> from artois_geo.zan import land_cover_findings
    >>> from pandas import DataFrame
    >>> matrix = DataFrame({"code_cs": ["CS2.2.1"], "code_us": ["US5"], "artificial": [1]})
    >>> land_cover_findings(DataFrame({"code_cs": ["2.2.1"], "code_us": ["US5"]}), matrix)["rule"].tolist()
    ['préfixe']
    """
    pairs = codes(cover)
    findings: list[dict[str, object]] = []
    originals = {str(column).lower(): column for column in cover.columns}
    for name, aliases in (("code_cs", _COVER), ("code_us", _USE)):
        column = next(originals[alias] for alias in aliases if alias in originals)
        raw = cover[column].astype("string").str.strip()
        unprefixed = raw.str.match(r"^\d").fillna(False)
        if unprefixed.any():
            message = f"{int(unprefixed.sum())} codes sans préfixe, lus {pairs[name][unprefixed].iloc[0]}…"
            findings.append(
                finding(raw.index[unprefixed][0], name, "préfixe", "alerte", raw[unprefixed].iloc[0], message)
            )
        unknown = pairs.loc[~pairs[name].isin(set(matrix[name])), name]
        for code, count in unknown.value_counts().sort_index().items():
            message = f"Code inconnu de la nomenclature OCS GE, {counted(count, 'objet')}."
            feature = unknown.index[unknown == code][0]
            findings.append(finding(feature, name, "nomenclature", "erreur", code, message))
    if "artif" in originals:
        text = cover[originals["artif"]].astype("string").str.strip().str.lower()
        for status, count in text[~text.isin(list(_ARTIF))].value_counts(dropna=False).items():
            message = f"Statut ni « artif » ni « non artif », {counted(count, 'objet')}."
            findings.append(finding("", "artif", "statut", "erreur", status, message))
    return findings_table(findings)


def exempt(cover: GeoDataFrame, areas: GeoDataFrame, *, kind: str, park_min_m2: float = 0.0) -> GeoDataFrame:
    """Apply the optional exemptions that a collectivité declares: PV plants, public parks and gardens.

    Parameters
    ----------
    cover
        Result of :func:`classify`.
    areas
        Perimeters in EPSG:2154 with ``justificatif`` (never empty): the decision to exempt.
        Photovoltaics: result of ``examine_photovoltaics``, whose refused parks exempt nothing.
    kind
        ``PV`` (photovoltaic plant that meets every criterion of the decree) or
        ``parc`` (only its vegetated part).
    park_min_m2
        Smallest park, from a rule set (2 500 m²).

    Returns
    -------
    GeoDataFrame
        ``cover`` cut along the perimeters; ``artificial`` is False on the exempted
        pieces, marked ``exempted``. The ground covered is the same.

    Raises
    ------
    BadTable
        A perimeter has no evidence, or photovoltaics were not examined.

    Examples
    --------
    >>> from artois_geo.zan import exempt
    >>> from artois_geo import example
    >>> cover = example.square(x_km=0, y_km=0, side_km=1).assign(code_cs="CS2.2.1", artificial=True)
    >>> park = example.rectangle(x_km=0, y_km=0, width_km=0.5, height_km=1, justificatif="délibération")
    >>> cut = exempt(cover, park, kind="parc", park_min_m2=2500)
    >>> cut.loc[cut["exempted"]].area.div(10_000).tolist()
    [50.0]
    """
    measure.require_lambert93(cover=cover, areas=areas)
    if kind not in EXEMPTIONS:
        raise BadValue(f"Exemption inconnue : « {kind} ». Choisir {' ou '.join(EXEMPTIONS)}.")
    if "justificatif" not in areas or (areas["justificatif"].fillna("").astype(str).str.strip() == "").any():
        raise BadTable("Chaque périmètre exempté porte sa preuve dans « justificatif » (délibération…).")
    if kind == "PV" and REFUSAL not in areas:
        raise BadTable(
            "Parcs photovoltaïques non examinés : examine_photovoltaics vérifie d'abord chaque critère "
            "du décret."
        )
    eligible = areas[areas.area >= park_min_m2] if kind == "parc" else areas[areas[REFUSAL] == ""]
    union = shapely.union_all(eligible.geometry.to_numpy())
    shapely.prepare(union)
    shapes = cover.geometry.to_numpy()
    exemptable = cover["artificial"].to_numpy(dtype=bool)
    if kind == "parc":
        exemptable = exemptable & cover["code_cs"].astype(str).str.startswith(_VEGETATED).to_numpy()
    touched = exemptable & shapely.intersects(union, shapes)
    inside = cover[touched].assign(geometry=shapely.intersection(shapes[touched], union))
    outside = cover[touched].assign(geometry=shapely.difference(shapes[touched], union))
    already_exempted = cover["exempted"] if "exempted" in cover else Series(False, index=cover.index)
    pieces = [
        cover[~touched].assign(exempted=already_exempted[~touched]),
        outside.assign(exempted=already_exempted[touched]),
        inside.assign(exempted=True, artificial=False),
    ]
    cut_cover = pd.concat(pieces)
    return cut_cover[cut_cover.area > 0].reset_index(drop=True)


def _layer_status(column: Series) -> Series:
    status = column.astype("string").str.strip().str.lower().map(_ARTIF)
    if status.isna().any():
        raise BadTable(
            f"Statut inconnu dans « {column.name} » : « {column[status.isna()].iloc[0]} ».\n"
            "La couche ARTIFICIALISATION ne connaît que « artif » et « non artif »."
        )
    return status.astype(bool)
