"""The nomenclatures that tell ENAF from other ground: those that come with the tool, or a planner's own."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import geopandas as gpd

from artois_geo import land
from artois_geo.errors import BadTable, UnreadableFile, toml_place
from artois_geo.studies import planner_files

#: In the order in which a layer is held against them.
SHIPPED = ("ocsge", "ocs2d", "naf", "plu")
OTHER_ACCOUNTS = (
    "Ce partage n'est ni l'artificialisation nette ni l'imperméabilisation : trois comptes"
    " qui ne s'ajoutent pas."
)


@dataclass(frozen=True)
class SoilReading:
    """Hold the nature of each row of a layer, and what must be said of how it was read."""

    natures: "Sequence[str]"
    notes: list[str]


def read(cover: gpd.GeoDataFrame, layer: str, nomenclature: str | None = None) -> SoilReading:
    """Read what the rows of a land cover, a zoning or a MOS are for the consumption of ENAF.

    Parameters
    ----------
    cover
        Layer as delivered.
    layer
        What it is called, for the message.
    nomenclature
        One of ``SHIPPED`` or the path of a TOML; None: the first whose columns the layer has.

    Raises
    ------
    BadTable
        No nomenclature knows the columns of the layer, or the one that was chosen does not.
    UnreadableFile, UnknownName
        A file that is no nomenclature.

    Examples
    --------
    >>> from artois_geo import example
    >>> zones = example.square(x_km=0, y_km=0, side_km=1, typezone="AUc")
    >>> read(zones, "plu.gpkg").natures
    ['inconnu']
    """
    table = by_name(nomenclature) if nomenclature else _recognised(cover, layer)
    natures = land.classed(cover, table)
    columns = ", ".join((land.axis_columns(cover, table) or {}).values())
    notes = [
        f"Sol lu de {layer} avec la nomenclature « {table.title} » (colonnes {columns}) ; compte :"
        f" {table.account or 'non dit'} ; certitude : {table.certainty or 'non dite'}.",
        *([f"{table.note}"] if table.note else []),
        *([f"Nomenclature : {table.source}."] if table.source else []),
        OTHER_ACCOUNTS,
    ]
    return SoilReading(natures.tolist(), notes)


def by_name(name: str) -> land.Nomenclature:
    """Read a nomenclature by its name among the shipped ones, or by the path of a TOML file.

    Examples
    --------
    >>> by_name("plu").title
    'Zonage de PLU'
    """
    if name in SHIPPED:
        folder = files("artois_geo.studies.library").joinpath("nomenclatures")
        text = folder.joinpath(f"{name}.toml").read_text(encoding="utf-8")
    elif Path(name).suffix.lower() == ".toml":
        text = planner_files.text_of(Path(name))
    else:
        raise BadTable(
            f"Nomenclature inconnue : « {name} ». Donner {', '.join(SHIPPED)}, ou un fichier .toml."
        )
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableFile(f"{name} : TOML illisible ({toml_place(error, text)}).") from error
    return land.read_nomenclature(content, name=name)


def _recognised(cover: gpd.GeoDataFrame, layer: str) -> land.Nomenclature:
    for name in SHIPPED:
        if land.axis_columns(cover, table := by_name(name)) is not None:
            return table
    columns = ", ".join(str(column) for column in cover.columns if column != cover.geometry.name)
    raise BadTable(
        f"{layer} : ni OCS GE (code_cs, code_us), ni OCS2D (cs24, us24), ni zonage (typezone). Ses colonnes :"
        f" {columns}.\nDonner --nature COLONNE avec --nature-de, ou --nomenclature FICHIER.toml."
    )
