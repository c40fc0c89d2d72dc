"""Sites and plots with what their standard lets us deduce: EPCI, family, origin, status, what counts."""

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from artois_geo import layers, meaning
from artois_geo.kinds import deductions
from artois_geo.kinds.deductions import DEDUCED, EPCI
from artois_geo.layers import Catalogue, Layer
from artois_geo.layers.shipped import LAND, SITES
from artois_geo.text import counted

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

Plots = TypeVar("Plots", bound="pd.DataFrame")

# what a plot says of its site, where its own layer does not
OF_THE_SITE = (
    "site_nom",
    "site_type",
    "site_vocadomi",
    "site_comm_nom",
    "site_comm_insee",
    "site_epci_nom",
    "site_epci_siren",
    "site_surf_brute",
    "site_moa_nom",
    "site_evol_urba",
    "communes",
    "communes_insee",
    "famille",
    "foncier_origine",
    "epci_sigle",
)
TOWN_KINDS = (*meaning.TOWN_KINDS, "epci_contour")
GROUPS = (EPCI, "famille")  # by which an offer is summed, where nothing else is asked
_NAMES = {
    "epci_sigle": ("EPCI", "le SIREN ou la commune"),
    "famille": ("famille", "site_vocadomi"),
    "foncier_origine": ("origine du foncier", "site_evol_urba"),
    "dispo_statut": ("statut", "terr_stade_comm"),
    "compte_dans_total": ("ce qui compte dans le total", "terr_stade_comm"),
}
_REPORTED = ("famille", "foncier_origine")  # a value without an answer is worth a line


def read(source: "Layer | Path", catalogue: Catalogue | None = None) -> "gpd.GeoDataFrame":
    """Read a layer; one of sites or plots gets what can be deduced, from its folder where it is of one.

    Parameters
    ----------
    source
        Layer of a catalogue, or path of a file: its columns then say what it is.
    catalogue
        Where the communes, the sites of plots and ``deductions.toml`` are; by default the folder of
        the layer.

    Examples
    --------
    >>> int(read(layers.read_catalogue()["sites_eco"])["epci_sigle"].notna().sum())
    63
    """
    frame = layers.read(source)
    kind = kind_of(source, frame)
    if kind not in (SITES, LAND):
        return frame
    if catalogue is None and isinstance(source, Layer):
        catalogue = layers.read_catalogue(source.path.parent)
    return complete(frame, kind, catalogue)


def kind_of(source: "Layer | Path", frame: "pd.DataFrame") -> str:
    """Return the kind of a layer; of a file, what its columns say: plots, sites, or nothing."""
    if isinstance(source, Layer) and source.kind:
        return source.kind
    if "terr_id" in frame and ("terr_stade_comm" in frame or "dispo_statut" in frame):
        return LAND
    return SITES if {"site_id", "site_vocadomi"} <= set(frame.columns) else ""


def complete(
    frame: "gpd.GeoDataFrame",
    kind: str,
    catalogue: Catalogue | None,
    sites: "pd.DataFrame | None" = None,
) -> "gpd.GeoDataFrame":
    """Fill what the layer does not say: of its site for a plot, then EPCI, family, origin, status.

    Parameters
    ----------
    frame
        Layer of kind ``site_eco`` or ``terrain_eco``, EPSG:2154; left as it is.
    kind
        Which of the two.
    catalogue
        Where the communes, the sites of plots and ``deductions.toml`` are.
    sites
        Sites of the same catalogue, completed, where they are read already.

    Returns
    -------
    GeoDataFrame
        With ``<champ>_deduit`` beside each column where a value was deduced; always with an EPCI and a
        family, empty where nothing tells them.
    """
    if kind == LAND:
        sites = _sites(catalogue) if sites is None else sites
        frame = _with_site(frame, sites)
    needs_epci = EPCI not in frame or frame[EPCI].isna().any()
    if needs_epci:
        frame = deductions.with_epci(frame, _towns(catalogue))
    frame = deductions.deduced(frame, deductions.read_deductions(catalogue.folder if catalogue else None))
    return frame.assign(**{name: None for name in GROUPS if name not in frame})


def notes(frame: "pd.DataFrame") -> list[str]:
    """Say what of a completed layer is deduced, and which values no table has.

    Examples
    --------
    >>> import pandas as pd
    >>> zones = pd.DataFrame({"famille": ["hub logistique", None], "famille_deduit": [True, False]})
    >>> notes(zones.assign(site_vocadomi=["portuaire", "touristique"]))[0]
    "Déduit d'après deductions.toml : famille (site_vocadomi) pour 1 objet."
    """
    sentences = [
        f"{name} ({source}) pour {counted(int(frame[f'{field}{DEDUCED}'].sum()), 'objet')}"
        for field, (name, source) in _NAMES.items()
        if f"{field}{DEDUCED}" in frame and frame[f"{field}{DEDUCED}"].any()
    ]
    lines = [f"Déduit d'après deductions.toml : {', '.join(sentences)}."] if sentences else []
    for field in _REPORTED:
        name, source = _NAMES[field]
        unknown = deductions.unknown_values(frame, field, source)
        if len(unknown):
            values = ", ".join(
                f"« {value} » ({counted(int(count), 'objet')})" for value, count in unknown.items()
            )
            lines.append(f"Sans {name} dans deductions.toml, laissée vide : {source} {values}.")
    if "compte_dans_total" in frame and f"compte_dans_total{DEDUCED}" in frame:
        lines.append(
            "Un terrain compte quand terr_stade_comm dit « en vente » ou « en vente avec contraintes »."
        )
    return lines


def sites_layer(catalogue: Catalogue) -> Layer | None:
    """Return the first layer of sites of a catalogue, None without any.

    Examples
    --------
    >>> sites_layer(layers.read_catalogue()).name
    'sites_eco'
    """
    return _first(catalogue, (SITES,))


def _with_site(frame: "gpd.GeoDataFrame", sites: "pd.DataFrame | None") -> "gpd.GeoDataFrame":
    """Copy on each plot what its site says and it does not."""
    if sites is None or "site_id" not in sites or "site_id" not in frame:
        return frame
    by_id = sites.drop_duplicates("site_id").set_index("site_id")
    for column in [name for name in OF_THE_SITE if name in by_id]:
        if column in frame and frame[column].notna().any():
            continue
        frame = frame.assign(**{column: frame["site_id"].map(by_id[column]).astype(object)})
    return frame


def _sites(catalogue: Catalogue | None) -> "pd.DataFrame | None":
    layer = _first(catalogue, (SITES,))
    return None if layer is None else complete(layers.read(layer), SITES, catalogue)


def _towns(catalogue: Catalogue | None) -> "pd.DataFrame | None":
    """Read the communes of a catalogue, else its EPCI: what a SIREN or a code is called there.

    Communes that have but the SIREN of their EPCI take its name from the EPCI of the catalogue.
    """
    layer, epci = _first(catalogue, TOWN_KINDS), _first(catalogue, ("epci_contour",))
    towns = None if layer is None else layers.read(layer)
    is_unnamed = towns is not None and "epci_siren" in towns and not {EPCI, "epci_nom"} & set(towns.columns)
    if towns is None or epci is None or not is_unnamed:
        return towns
    return towns.assign(epci_nom=towns["epci_siren"].map(deductions.epci_names(layers.read(epci))))


def _first(catalogue: Catalogue | None, kinds: tuple[str, ...]) -> Layer | None:
    layer_of_kind = {} if catalogue is None else {layer.kind: layer for layer in reversed(catalogue.values())}
    return next((layer_of_kind[kind] for kind in kinds if kind in layer_of_kind), None)
