"""``foncier densifier``: what could still be built on the plots of a business park."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french, options, show, waiting
from artois_geo.studies import planner_files

if TYPE_CHECKING:
    import geopandas as gpd

    from artois_geo.layers import Layer

ALONE = "_seule"  # owner of parcels that each are a unit


@click.command(cls=french.Command)
@click.argument("parcelles", type=options.layer_file)
@click.argument("batiments", type=options.layer_file)
@click.option(
    "--proprietaire", metavar="COLONNE", help="Regroupe les parcelles d'un propriétaire qui se touchent."
)
@click.option(
    "--cle",
    default="",
    metavar="COLONNE",
    help="Identifiant cadastral des parcelles ; par défaut id, idu, idpar, parcelle_id ou geo_parcelle.",
)
@click.option(
    "--garder",
    multiple=True,
    metavar="COLONNE",
    help="Colonne des parcelles à garder sur l'unité, d'après la plus grande ; à répéter.",
)
@click.option("--sites", type=options.layer_file, help="Périmètres des ZAE : les parcelles y sont coupées.")
@click.option(
    "--cle-site", default="site_id", show_default=True, metavar="COLONNE", help="Colonne de --sites."
)
@click.option(
    "--voies", metavar="COUCHE", help="Voies : un reliquat doit en toucher une, ou une autre unité."
)
@click.option("--par-site", is_flag=True, help="Une ligne par ZAE au lieu d'une par unité foncière.")
@click.option("--ces-reference", "reference_ces", metavar="PART|COLONNE", help="CES d'une unité sous-bâtie.")
@click.option(
    "--ces-max", "max_ces", metavar="PART|COLONNE", help="CES que le PLU permet (réserve réglementaire)."
)
@click.option("--recul", "setback_m", type=click.FloatRange(0), metavar="M", help="Autour des bâtiments.")
@click.option("--largeur-min", "min_width_m", type=click.FloatRange(0), metavar="M", help="D'un reliquat.")
@click.option("--reliquat-min", "min_part_ha", type=click.FloatRange(0), metavar="HA", help="D'un reliquat.")
@click.option(
    "--mobilisable", "mobilisable_share", type=click.FloatRange(0, 1), metavar="PART", help="Du théorique."
)
@options.agree(needs={"--par-site": "--sites", "--cle-site": "--sites"})
@options.waiting
@options.output
def densifier(
    parcelles: "Layer | Path",
    batiments: "Layer | Path",
    proprietaire: str | None,
    cle: str,
    garder: tuple[str, ...],
    sites: "Layer | Path | None",
    cle_site: str,
    voies: str | None,
    par_site: bool,
    reference_ces: str | None,
    max_ces: str | None,
    step: waiting.Step,
    output: dict[str, Any],
    **given: float | None,
) -> None:
    """Emprise bâtie, reliquats constructibles et réserve réglementaire de chaque unité foncière.

    Le gisement théorique et la part mobilisable sont deux chiffres : ils ne s'additionnent pas.
    """
    from artois_geo import constants, densification, layers

    asked: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    asked |= {"reference_ces": _share(reference_ces)} if reference_ces else {}
    defaults = densification.DEFAULTS
    used = [constants.get(name, on=date.today()) for key, name in defaults.items() if key not in asked]
    used = [constant for constant in used if voies or constant.name != defaults["min_access_m"]]
    settings: dict[str, Any] = {
        key: constants.get(name, on=date.today()).value for key, name in defaults.items()
    } | asked
    parcels = layers.read(parcelles)
    sources = [parcelles, batiments, *([sites] if sites else [])]
    planner_files.require_columns(parcels, parcelles.name, dict.fromkeys(garder, "--garder"))
    parcels, key = _named(parcels, parcelles.name, proprietaire, cle)
    zones = layers.read(sites) if sites else None
    if sites and zones is not None:
        planner_files.require_columns(zones, sites.name, {cle_site: "--cle-site"})
    step("Unités foncières")
    units = densification.land_units(
        parcels, owner=proprietaire or ALONE, key=key, keep=garder, sites=zones, site_key=cle_site
    )
    roads = None
    if voies:
        roads, source = planner_files.layer(voies, options.catalogue())
        sources.append(source)
    step("Reliquats")
    found = densification.potential(
        units, layers.read(batiments), max_ces=_share(max_ces) if max_ces else None, roads=roads, **settings
    )
    theoretical, mobilisable = (_ha(found[name].sum()) for name in ("theoretical_ha", "mobilisable_ha"))
    notes = [
        f"Théorique {theoretical} ha ; mobilisable {mobilisable} ha :"
        " deux lectures du même sol, à ne pas additionner."
    ]
    if not proprietaire:
        notes.append("Sans --proprietaire, chaque parcelle est prise pour une unité foncière.")
    elif not par_site:
        notes.append("Contient des propriétaires : à ne pas publier tel quel.")
    notes += [note for layer in (parcels, units) for note in show.warnings(layer)]
    if par_site:
        shown: Any = densification.by_site(found, key=cle_site).reset_index()
    else:
        # What still can be built is the shape worth a map.
        shown = found.drop(columns=ALONE, errors="ignore").set_geometry("remainder_geometry")
        shown = shown.drop(columns="geometry").rename_geometry("geometry")
        if output["format"] == "tableau":
            whole = len(shown)
            shown = shown[shown["theoretical_ha"] > 0].drop(columns=["geometry", "parcels"])
            if len(shown) < whole:
                notes.append(
                    f"Unités sans reliquat, non listées : {whole - len(shown)} sur {whole} ;"
                    " --format csv, json ou xlsx les donne toutes."
                )
    show.table(
        shown,
        sources=sources,
        constants=used,
        surface="lambert93",
        notes=notes,
        title="Densification",
        labels={"unit_id": "Unité foncière", "parcels": "Parcelles"},
        members={"parametres": settings},
        **output,
    )


def _named(
    parcels: "gpd.GeoDataFrame", name: str, owner: str | None, key: str
) -> "tuple[gpd.GeoDataFrame, str]":
    """Parcels with a column of owners, and the name of the column of their identifiers."""
    from artois_geo import densification
    from artois_geo.errors import BadTable

    planner_files.require_columns(
        parcels, name, ({owner: "--proprietaire"} if owner else {}) | ({key: "--cle"} if key else {})
    )
    try:
        key = key or densification.parcel_key(parcels)
    except BadTable as error:
        raise BadTable(f"{name} : {error}") from error
    return (parcels if owner else parcels.assign(**{ALONE: None})), key


def _share(value: str) -> float | str:
    try:
        return float(value.replace(",", "."))
    except ValueError:
        return value


def _ha(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")
