"""An OCS GE left in its file: areas are counted by code, batch by batch, and what is found is classified.

The accounts are those of a classified frame. What lies outside the zones is not read, so neither
its codes nor its outlines are checked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import pandas as pd
from geopandas import GeoDataFrame
from pandas import DataFrame, MultiIndex

from artois_geo import overlay
from artois_geo.errors import BadTable
from artois_geo.overlay import Progress
from artois_geo.zan.flows import need
from artois_geo.zan.land_cover import LAYER, MATRIX, code_columns, codes, said_pairs, statuses

FileCover: TypeAlias = overlay.GeoPackage | overlay.GeoParquet | overlay.WorkingCopy

_NAMES = ("code_cs", "code_us", "artif")


@dataclass(frozen=True)
class ClassifiedFile:
    """A cover in its file, and the tables that say the status of what is read from it."""

    cover: FileCover
    columns: tuple[str, ...]  # of the file: cover, use, and ``artif`` where IGN gives it
    matrix: DataFrame
    nomenclature: DataFrame

    @property
    def artificial_from(self) -> str:
        return LAYER if len(self.columns) == len(_NAMES) else MATRIX


LandCover: TypeAlias = GeoDataFrame | ClassifiedFile


def classify_file(cover: FileCover, matrix: DataFrame, nomenclature: DataFrame) -> ClassifiedFile:
    """Same as ``classify`` for an OCS GE left in its file, to be given to ``stock`` and ``flux``.

    Parameters
    ----------
    cover
        What ``overlay.open_cover`` or ``overlay.working_copy`` gives.
    matrix, nomenclature
        As for ``classify``.

    Returns
    -------
    ClassifiedFile
        Nothing is read yet.

    Raises
    ------
    BadTable
        No column of codes.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "ocsge.gpkg"
    >>> plain.square(x_km=0, y_km=0, side_km=1, code_cs="CS1.1.1.1", code_us="US2").to_file(path)
    >>> matrix = DataFrame({"code_cs": ["CS1.1.1.1"], "code_us": ["US2"], "artificial": [1]})
    >>> names = DataFrame({"code": ["CS1.1.1.1"], "sealed": ["1"]})
    >>> cover = classify_file(overlay.open_cover(path), matrix, names)
    >>> from artois_geo import zan
    >>> zan.stock(plain.square(x_km=0, y_km=0, side_km=1, insee="1"), cover, key="insee")[
    ...     ["artificial_ha", "sealed_ha"]].values.tolist()
    [[100.0, 100.0]]
    """
    held = cover.labels.columns if isinstance(cover, overlay.WorkingCopy) else cover.columns
    return ClassifiedFile(cover, tuple(file_columns(list(held))), matrix, nomenclature)


def file_columns(columns: Sequence[str]) -> list[str]:
    """Columns of an OCS GE file that the accounts need: cover, use, and ``artif`` where it is.

    Examples
    --------
    >>> file_columns(["ID", "CODE_CS", "CODE_US", "SOURCE"])
    ['CODE_CS', 'CODE_US']
    """
    artif = [column for column in columns if column.lower() == "artif"]
    return [*code_columns(columns).values(), *artif[:1]]


def areas(
    zones: GeoDataFrame,
    cover: LandCover,
    *,
    by: Sequence[str],
    key: str,
    cores: int | None = None,
    progress: Progress | None = None,
) -> DataFrame:
    """``overlay.area_table`` of a classified cover, wherever it is."""
    if isinstance(cover, GeoDataFrame):
        need(cover, by, "cover")
        return overlay.area_table(zones, cover, by=by, key=key, cores=cores, progress=progress)
    raw = overlay.area_table(zones, cover.cover, by=cover.columns, key=key, cores=cores, progress=progress)
    status = _status(raw[list(cover.columns)], raw["area_ha"], cover)
    return _summed(raw[[key, "area_ha"]].join(status[list(by)]), zones, key, by)


def changes(
    before: LandCover,
    after: LandCover,
    *,
    zones: GeoDataFrame,
    by: Sequence[str],
    key: str,
    keep_unchanged: bool = False,
    cores: int | None = None,
    progress: Progress | None = None,
) -> DataFrame:
    """``overlay.change_table`` of two classified covers, both frames or both in their files."""
    if isinstance(before, GeoDataFrame) and isinstance(after, GeoDataFrame):
        need(before, by, "before")
        need(after, by, "after")
        return overlay.change_table(
            before[[*by, "geometry"]],
            after[[*by, "geometry"]],
            zones=zones,
            by=by,
            key=key,
            keep_unchanged=keep_unchanged,
            cores=cores,
            progress=progress,
        )
    if not comparable(before, after) or isinstance(before, GeoDataFrame) or isinstance(after, GeoDataFrame):
        raise BadTable(
            "« before » et « after » doivent être deux tableaux, ou deux fichiers de mêmes colonnes :\n"
            "lire les deux par layers, puis zan.classify."
        )
    names = list(_NAMES[: len(before.columns)])
    raw = overlay.change_table(
        _named(before, names),
        _named(after, names),
        zones=zones,
        by=names,
        key=key,
        keep_unchanged=keep_unchanged,
        cores=cores,
        progress=progress,
    )
    table, columns = raw[[key, "area_ha"]], list[str]()
    for cover, side in ((before, "_before"), (after, "_after")):
        codes_of_side = raw[[f"{name}{side}" for name in names]].set_axis(cover.columns, axis=1)
        status = _status(codes_of_side, raw["area_ha"], cover)[list(by)].add_suffix(side)
        table, columns = table.join(status), [*columns, *status.columns]
    if not keep_unchanged:  # two codes may have one status
        was, became = (table[[f"{name}{side}" for name in by]].to_numpy() for side in ("_before", "_after"))
        table = table[(was != became).any(axis=1)]
    return _summed(table, zones, key, columns)


def comparable(before: LandCover, after: LandCover) -> bool:
    """Whether the changes between two covers can be counted where they are.

    Examples
    --------
    >>> field = plain.square(x_km=0, y_km=0, side_km=1, artificial=False, sealed=False)
    >>> comparable(field, field)
    True
    """
    if isinstance(before, GeoDataFrame) or isinstance(after, GeoDataFrame):
        return isinstance(before, GeoDataFrame) and isinstance(after, GeoDataFrame)
    return len(before.columns) == len(after.columns)


def _named(cover: ClassifiedFile, names: list[str]) -> "overlay.Cover":
    """The same cover under our names: a file writes CODE_CS or code_cs."""
    given = dict(zip(cover.columns, names, strict=True))
    if isinstance(cover.cover, overlay.WorkingCopy):
        return replace(cover.cover, labels=cover.cover.labels.rename(columns=given))
    return overlay.renamed(cover.cover, {new: old for old, new in given.items()})


def _status(raw: DataFrame, area_ha: pd.Series, cover: ClassifiedFile) -> DataFrame:
    """Status of the classes found; one that nobody knows stops the account."""
    pairs = codes(raw)
    known = MultiIndex.from_frame(cover.matrix[["code_cs", "code_us"]])
    unknown = ~MultiIndex.from_frame(pairs).isin(known)
    if unknown.any():
        hectares = f"{area_ha[unknown].sum():.2f}".replace(".", ",")
        raise BadTable(
            f"{hectares} ha des zones ont un couple de codes OCS GE inconnu : {said_pairs(pairs[unknown])}.\n"
            "Vérifier la nomenclature (OCS2D emploie d'autres codes) ; voir land_cover_findings."
        )
    return statuses(raw, cover.matrix, cover.nomenclature)


def _summed(table: DataFrame, zones: GeoDataFrame, key: str, by: Sequence[str]) -> DataFrame:
    """One row per zone and class, zones in their order, classes sorted."""
    columns = [key, *by]
    total = table.groupby(columns, dropna=False, sort=False)["area_ha"].sum().reset_index()
    rank = pd.Index(zones[key]).get_indexer(pd.Index(total[key]))
    ordered = total.assign(_rank=rank).sort_values(["_rank", *by], ignore_index=True)
    return ordered[[*columns, "area_ha"]]
