"""An OCS GE left in its file: areas are counted by code, batch by batch, and the codes are classified.

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
from artois_geo.measure import require_lambert93
from artois_geo.overlay import Progress
from artois_geo.text import comma
from artois_geo.zan.flows import need
from artois_geo.zan.land_cover.classification import (
    LAYER,
    MATRIX,
    code_columns,
    codes,
    commonest_pairs,
    statuses,
)

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
        """Tell whether the status comes from IGN's layer or from the matrix."""
        return LAYER if len(self.columns) == len(_NAMES) else MATRIX


LandCover: TypeAlias = GeoDataFrame | ClassifiedFile


def classify_file(cover: FileCover, matrix: DataFrame, nomenclature: DataFrame) -> ClassifiedFile:
    """Classify an OCS GE left in its file, to be given to ``stock`` and ``flux``.

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
    >>> from artois_geo.zan import classify_file
    >>> from pandas import DataFrame
    >>> from artois_geo import example, overlay
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "ocsge.gpkg"
    >>> example.square(x_km=0, y_km=0, side_km=1, code_cs="CS1.1.1.1", code_us="US2").to_file(path)
    >>> matrix = DataFrame({"code_cs": ["CS1.1.1.1"], "code_us": ["US2"], "artificial": [1]})
    >>> names = DataFrame({"code": ["CS1.1.1.1"], "sealed": ["1"]})
    >>> cover = classify_file(overlay.open_cover(path), matrix, names)
    >>> from artois_geo import zan
    >>> zan.stock(example.square(x_km=0, y_km=0, side_km=1, insee="1"), cover, key="insee")[
    ...     ["artificial_ha", "sealed_ha"]].values.tolist()
    [[100.0, 100.0]]
    """
    file_names = cover.labels.columns if isinstance(cover, overlay.WorkingCopy) else cover.columns
    return ClassifiedFile(cover, tuple(file_columns(list(file_names))), matrix, nomenclature)


def file_columns(columns: Sequence[str]) -> list[str]:
    """List the columns of an OCS GE file that the accounts need: cover, use, and ``artif`` where it is.

    Examples
    --------
    >>> from artois_geo.zan import file_columns
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
    """Return ``overlay.area_table`` of a classified cover, wherever it is."""
    if isinstance(cover, GeoDataFrame):
        need(cover, by, "cover")
        return overlay.area_table(zones, cover, by=by, key=key, cores=cores, progress=progress)
    if not isinstance(cover, ClassifiedFile):
        require_lambert93(cover=cover)
    raw = overlay.area_table(zones, cover.cover, by=cover.columns, key=key, cores=cores, progress=progress)
    status = _status(raw[list(cover.columns)], raw["area_ha"], cover)
    return _sum_by_class(raw[[key, "area_ha"]].join(status[list(by)]), zones, key, by)


def changes(
    covers: tuple[LandCover, LandCover],
    *,
    zones: GeoDataFrame,
    by: Sequence[str],
    key: str,
    keep_unchanged: bool = False,
    cores: int | None = None,
    progress: Progress | None = None,
) -> DataFrame:
    """Return ``overlay.change_table`` of the covers of two dates, both frames or both in their files."""
    before, after = covers
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
    code_names = list(_NAMES[: len(before.columns)])
    raw = overlay.change_table(
        _with_names(before, code_names),
        _with_names(after, code_names),
        zones=zones,
        by=code_names,
        key=key,
        keep_unchanged=keep_unchanged,
        cores=cores,
        progress=progress,
    )
    table, columns = raw[[key, "area_ha"]], list[str]()
    for cover, side in ((before, "_before"), (after, "_after")):
        codes_of_side = raw[[f"{name}{side}" for name in code_names]].set_axis(cover.columns, axis=1)
        status = _status(codes_of_side, raw["area_ha"], cover)[list(by)].add_suffix(side)
        table, columns = table.join(status), [*columns, *status.columns]
    if not keep_unchanged:  # two codes may have one status
        status_before, status_after = (
            table[[f"{name}{side}" for name in by]].to_numpy() for side in ("_before", "_after")
        )
        table = table[(status_before != status_after).any(axis=1)]
    return _sum_by_class(table, zones, key, columns)


def comparable(before: LandCover, after: LandCover) -> bool:
    """Tell whether the changes between two covers can be counted where they are.

    Examples
    --------
    >>> from artois_geo.zan import comparable
    >>> from artois_geo import example
    >>> field = example.square(x_km=0, y_km=0, side_km=1, artificial=False, sealed=False)
    >>> comparable(field, field)
    True
    """
    if isinstance(before, GeoDataFrame) or isinstance(after, GeoDataFrame):
        return isinstance(before, GeoDataFrame) and isinstance(after, GeoDataFrame)
    return len(before.columns) == len(after.columns)


def _with_names(cover: ClassifiedFile, code_names: list[str]) -> "overlay.Cover":
    """Return the same cover under our names: a file writes CODE_CS or code_cs."""
    new_names = dict(zip(cover.columns, code_names, strict=True))
    if isinstance(cover.cover, overlay.WorkingCopy):
        return replace(cover.cover, labels=cover.cover.labels.rename(columns=new_names))
    return overlay.renamed(cover.cover, {new_name: file_name for file_name, new_name in new_names.items()})


def _status(raw: DataFrame, area_ha: pd.Series, cover: ClassifiedFile) -> DataFrame:
    """Return the status of the classes read; one that the matrix does not have stops the account."""
    pairs = codes(raw)
    known_pairs = MultiIndex.from_frame(cover.matrix[["code_cs", "code_us"]])
    unknown = ~MultiIndex.from_frame(pairs).isin(known_pairs)
    if unknown.any():
        hectares = comma(f"{area_ha[unknown].sum():.2f}")
        raise BadTable(
            f"{hectares} ha des zones ont un couple de codes OCS GE inconnu : "
            f"{commonest_pairs(pairs[unknown])}.\n"
            "Vérifier la nomenclature (OCS2D emploie d'autres codes) ; voir land_cover_findings."
        )
    return statuses(raw, cover.matrix, cover.nomenclature)


def _sum_by_class(table: DataFrame, zones: GeoDataFrame, key: str, by: Sequence[str]) -> DataFrame:
    """Sum to one row per zone and class, zones in their order, classes sorted."""
    columns = [key, *by]
    sums = table.groupby(columns, dropna=False, sort=False)["area_ha"].sum().reset_index()
    zone_rank = pd.Index(zones[key]).get_indexer(pd.Index(sums[key]))
    ordered = sums.assign(_rank=zone_rank).sort_values(["_rank", *by], ignore_index=True)
    return ordered[[*columns, "area_ha"]]
