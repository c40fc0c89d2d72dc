"""Kilometres of greenway by state and territory, each line counted once."""

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from artois_geo import deprecated, meaning, network, territory
from artois_geo.errors import BadTable

M_PER_KM = 1000
UNKNOWN = "inconnu"
IN_SERVICE = "en service"
LINE_TYPES = ("LineString", "MultiLineString", "LinearRing")
STATES = {"EN SERVICE": IN_SERVICE, "PROVISOIRE": "provisoire", "EN TRAVAUX": "en travaux"}  # best first


@deprecated.renamed_keywords("corridors.balance", zones="territories")
def balance(
    lines: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame | None = None,
    *,
    state: str,
    snap_m: float,
    key: str | None = None,
    published_km: str | None = None,
) -> pd.DataFrame:
    """Sum the kilometres of lines by territory and state (bilan du linéaire).

    A line drawn twice, or a stretch shared by two lines, counts once: the first row that
    draws it gives its state. Put the lines in the order in which their state should win. A
    schematic line stands for a way without being its course: it is never measured. The outline of a
    polygon is no way.

    Parameters
    ----------
    lines
        Lines in EPSG:2154, unique index, with a column ``state``; null is « inconnu ».
    zones
        Polygons in EPSG:2154 with a column ``key``; by default no cut is made. Where two of
        them overlap, the shared stretch is given to each.
    state
        Column of the state (``corridor_etat``, or the result of :func:`cycle_state`).
    snap_m
        Tolerance of ``network.build``.
    key
        Column that names a territory.
    published_km
        Column of the published length of a line, in km, for the lines that cannot be
        measured: schematic, not a line, or without geometry. They are counted where their own column
        ``key`` says, outside every territory when it is silent.

    Returns
    -------
    DataFrame
        One row per territory and state, in order of first appearance: ``key`` (null: outside
        every territory), ``state``, ``network_km`` (counted once), ``drawn_km`` (as drawn); both
        null where no line could be measured. With ``published_km`` also ``published_km`` (sum of
        the published lengths of the lines not measured, null without any) and ``unmeasured_lines``.

    Raises
    ------
    BadCRS
        A frame is not in EPSG:2154.
    BadTable
        A column is absent, or ``zones`` is given without ``key``.

    Examples
    --------
    Two kilometres built, of which one was drawn again as planned:

    >>> from artois_geo.corridors import balance
    >>> from artois_geo import example
    >>> import pandas as pd
    >>> built = example.line((0, 0), (2, 0), etat="réalisé")
    >>> planned = example.line((1, 0), (4, 0), etat="prévu")
    >>> ways = pd.concat([built, planned], ignore_index=True)
    >>> balance(ways, state="etat", snap_m=5).values.tolist()
    [['réalisé', 2.0, 2.0], ['prévu', 2.0, 3.0]]

    A way of which only the towns are known has no measured length, but a published one:

    >>> sketch = example.line((0, 5), (9, 5), etat="réalisé", geometrie="schématique", longueur_km=12.0)
    >>> table = balance(sketch, state="etat", snap_m=5, published_km="longueur_km")
    >>> table["network_km"].isna().tolist(), table["published_km"].tolist()
    ([True], [12.0])
    """
    if state not in lines.columns:
        raise BadTable(f"La colonne d'état « {state} » manque dans les lignes.")
    if (zones is None) != (key is None):
        raise BadTable("Donner à la fois les territoires et la colonne « key » qui les nomme.")
    if published_km is not None and published_km not in lines.columns:
        raise BadTable(f"La colonne de longueur publiée « {published_km} » manque dans les lignes.")
    states = meaning.one_spelling(lines[state].astype("string")).fillna(UNKNOWN)
    measurable = lines.geom_type.isin(LINE_TYPES) & ~meaning.schematic(lines)
    measurable_lines = lines.loc[measurable, ["geometry"]].assign(**{state: states[measurable]})
    edges = network.build(measurable_lines, snap_m=snap_m).edges
    unique_lines = edges[["geometry"]].assign(**{state: states.reindex(edges["line"]).to_numpy()})
    group_columns = [state] if key is None else [key, state]
    network_km = _km(unique_lines, zones, key, group_columns)
    drawn_km = _km(measurable_lines, zones, key, group_columns)
    groups = network_km.index.append(drawn_km.index).unique()  # pandas sorts a union, or not, by its version
    table = pd.DataFrame({"network_km": network_km, "drawn_km": drawn_km}).reindex(groups).fillna(0.0)
    if published_km is None:
        return table.reset_index()
    unmeasured = lines.loc[~measurable].assign(**{state: states[~measurable]})
    published = _published(unmeasured, published_km, group_columns)
    return table.join(published, how="outer", sort=False).reset_index()


def cycle_state(ways: pd.DataFrame, *, facilities: Sequence[str]) -> pd.Series:
    """Return the state of each line of a cycling layer for the requested facilities, the line counted once.

    In the standard (Schéma aménagements cyclables v0.3.5) a line carries a facility on its
    right and on its left; a greenway has the same on both. The length of the line counts
    once, with the better of its two states.

    Parameters
    ----------
    ways
        Columns ``ame_d``, ``ame_g``, and ``statut_d``, ``statut_g`` where known.
    facilities
        Values of ``ame_*`` that count, for example ``["VOIE VERTE"]``.

    Returns
    -------
    Series
        ``en service``, ``provisoire``, ``en travaux``, ``inconnu`` where the status is not said,
        null where neither side has the facility. Index of ``ways``, named ``state``.

    Raises
    ------
    BadTable
        ``ame_d`` or ``ame_g`` is absent.

    Examples
    --------
    >>> from artois_geo.corridors import cycle_state
    >>> import pandas as pd
    >>> ways = pd.DataFrame({"ame_d": ["VOIE VERTE", "AUCUN"], "ame_g": ["VOIE VERTE", "AUCUN"],
    ...                      "statut_d": ["EN SERVICE", None], "statut_g": ["EN TRAVAUX", None]})
    >>> cycle_state(ways, facilities=["VOIE VERTE"]).fillna("aucune").tolist()
    ['en service', 'aucune']
    """
    absent = [name for name in ("ame_d", "ame_g") if name not in ways.columns]
    if absent:
        raise BadTable(f"Colonnes absentes : {', '.join(absent)} (schéma des aménagements cyclables).")
    result = pd.Series(None, index=ways.index, dtype=object, name="state")
    requested = {_normalised(name) for name in facilities}
    for side in ("g", "d"):
        has_facility = ways[f"ame_{side}"].map(_normalised).isin(requested)
        result[has_facility & result.isna()] = UNKNOWN
    for status, label in reversed(STATES.items()):
        for side in ("g", "d"):
            has_facility = ways[f"ame_{side}"].map(_normalised).isin(requested)
            has_status = (
                ways.get(f"statut_{side}", pd.Series(index=ways.index, dtype=object)).map(_normalised)
                == status
            )
            result[has_facility & has_status] = label
    return result


def _published(lines: gpd.GeoDataFrame, column: str, group_columns: list[str]) -> pd.DataFrame:
    """Sum the published kilometres of the lines that cannot be measured, and count these lines."""
    group_values = {name: lines[name] if name in lines.columns else pd.NA for name in group_columns}
    length = pd.to_numeric(lines[column], errors="coerce").astype(float)
    rows = pd.DataFrame({**group_values, "published_km": length}, index=lines.index)
    keys = group_columns if len(group_columns) > 1 else group_columns[0]
    grouped = rows.groupby(keys, dropna=False, sort=False)["published_km"]
    return pd.DataFrame({"published_km": grouped.sum(min_count=1), "unmeasured_lines": grouped.size()})


def _km(
    lines: gpd.GeoDataFrame, zones: gpd.GeoDataFrame | None, key: str | None, group_columns: list[str]
) -> pd.Series:
    if zones is None or key is None:
        return (lines.length / M_PER_KM).groupby(lines[group_columns[0]], sort=False).sum()
    pieces = territory.split(lines.reset_index(drop=True), zones, key=key)
    return pieces.groupby(group_columns, dropna=False, sort=False)["piece_km"].sum()


def _normalised(text: object) -> str:
    return str(text).strip().upper() if isinstance(text, str) else ""
