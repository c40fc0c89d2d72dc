"""A partner's file becomes a typed layer in Lambert-93, and everything that was wrong with it is reported.

Refuse by default, repair only what has one answer, warn on what is the planner's
decision. Nothing disappears: features kept and features set aside add up to the
features of the file.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd

from artois_geo.deliveries import steps
from artois_geo.deliveries.records import Delivery, DeliveryOptions, Stage, findings_table
from artois_geo.formats.opening import Opened
from artois_geo.kinds.schema import Schema, read_kind
from artois_geo.suffixes import FilePath

__all__ = ["Delivery", "DeliveryOptions", "findings_table", "read_delivery", "receive"]


def read_delivery(
    path: FilePath,
    kind: FilePath,
    *,
    crs: str | None = None,
    layer: str = "",
    columns: Mapping[str, str] | None = None,
    encoding: str = "",
    territory: str = "",
) -> gpd.GeoDataFrame:
    """Read a partner's file as a typed table; what cannot be parsed stays as text for ``validate``.

    Shapefile (folder or zip), GeoPackage, GeoJSON, CSV or TSV, GeoParquet,
    FlatGeobuf, KML, MapInfo and XLSX. What has one answer is repaired; :func:`receive`
    also gives the findings.

    Parameters
    ----------
    path
        File or folder.
    kind
        Name of a kind, or path of a TOML that describes one.
    crs
        System of the coordinates when the file does not say it, or says it wrong;
        ``"auto"`` accepts the only reading that falls in the territory.
    layer
        Layer or sheet, where the file holds several.
    columns
        Field of the kind to column of the file.
    encoding
        Encoding of the texts, where the file does not say it.
    territory
        ``france`` (by default), ``monde``, ``ouest,sud,est,nord`` or a layer.

    Returns
    -------
    GeoDataFrame
        EPSG:2154, one row per feature of the file.

    Raises
    ------
    UnreadableFile
        Not what it claims to be, damaged, or over a limit.
    BadCRS
        Coordinates that fall nowhere near the territory; candidates are listed.

    Examples
    --------
    >>> from artois_geo.deliveries import read_delivery
    >>> from pathlib import Path
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "quais.csv"
    ...     _ = file.write_text("QUAI_ID;quai_nom;quai_statut;lon;lat\\n1;Béthune;En service;2,64;50,53\\n")
    ...     quays = read_delivery(file, "quai")
    >>> quays["quai_statut"].tolist(), quays.crs.to_epsg()
    (['en service'], 2154)
    """
    return receive(
        path, kind, crs=crs or "", layer=layer, columns=columns, encoding=encoding, territory=territory
    ).features


def receive(
    path: FilePath, kind: FilePath | Schema, options: DeliveryOptions | None = None, **settings: Any
) -> Delivery:
    """Read the file of a partner, type, place, repair and check it; report everything that was wrong.

    Parameters
    ----------
    path, kind
        See :func:`read_delivery`.
    options
        How to read, place, repair and check.
    settings
        Options given one by one: ``receive(path, kind, crs="EPSG:3950")``; they replace those of ``options``.

    Returns
    -------
    Delivery
        ``outcome`` is ``accept``, ``warn``, ``repair`` or ``reject``.

    Raises
    ------
    UnreadableFile, BadCRS
        As :func:`read_delivery`.

    Examples
    --------
    >>> from artois_geo.deliveries import receive
    >>> from pathlib import Path
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "quais.csv"
    ...     _ = file.write_text("quai_id;quai_nom;quai_statut;lon;lat\\n1;Lens;ouvert;2,83;50,43\\n")
    ...     received = receive(file, "quai")
    >>> received.outcome, received.rows()[0]["rule"], received.rows()[0]["found"]
    ('warn', 'valeur retirée', 'ouvert')
    """
    options = replace(options or DeliveryOptions(), **settings)
    schema = kind if isinstance(kind, Schema) else read_kind(kind)
    with steps.opened(Path(path), schema, options) as (stage, file):
        return follow(stage, file)


def follow(stage: Stage, file: Opened) -> Delivery:
    """Take a delivery that was read through its steps, while its file is open."""
    for step in (steps.match, steps.place, steps.repair, steps.complete, steps.check):
        stage = step(stage)
    return steps.with_set_aside(steps.decide(stage), file, stage.options.encoding)
