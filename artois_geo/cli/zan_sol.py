"""``artois-geo zan stock`` and ``artificialisation``: what a land cover tells."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french, options, show, zan_inputs

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from artois_geo.constants.rules import RuleSet
    from artois_geo.layers import Layer

CLASSES = {"cs": "code_cs", "us": "code_us", "categorie": "category"}
LABELS = {
    "code_cs": "Couverture",
    "code_us": "Usage",
    "category": "Catégorie du décret",
    "code_cs_before": "Couverture avant",
    "code_cs_after": "Couverture après",
    "code_us_before": "Usage avant",
    "code_us_after": "Usage après",
    "category_before": "Catégorie avant",
    "category_after": "Catégorie après",
}


def _zones(function: Any) -> Any:
    for option in reversed(
        [
            click.option(
                "--zones",
                type=options.layer_file,
                required=True,
                metavar="COUCHE",
                help="Communes, EPCI, ZAE, zones de PLU, sites… : polygones.",
            ),
            click.option("--cle", required=True, metavar="COLONNE", help="Colonne qui nomme chaque zone."),
            click.option(
                "--par", type=click.Choice(list(CLASSES)), help="Détail par couverture, usage ou catégorie."
            ),
            click.option("--tamis", is_flag=True, help="Applique les seuils du décret (50 m², 2 500 m²)."),
            click.option(
                "--largeur",
                is_flag=True,
                help="Écarte les infrastructures linéaires plus étroites que le décret ne dit (5 m).",
            ),
            click.option(
                "--parcs",
                type=options.layer_file,
                metavar="COUCHE",
                help="Parcs et jardins publics exemptés, avec leur justificatif.",
            ),
            click.option(
                "--photovoltaique",
                type=options.layer_file,
                metavar="COUCHE",
                help="Centrales photovoltaïques exemptées, avec leur justificatif.",
            ),
            click.option(
                "--regles", "rules_name", default="loi-2023-630", show_default=True, metavar="JEU|TOML"
            ),
        ]
    ):
        function = option(function)
    return function


@click.command(cls=french.Command)
@click.argument("ocsge", type=options.layer_file)
@_zones
@options.output
def stock(
    ocsge: "Layer | Path",
    zones: "Layer | Path",
    cle: str,
    par: str | None,
    tamis: bool,
    largeur: bool,
    parcs: "Layer | Path | None",
    photovoltaique: "Layer | Path | None",
    rules_name: str,
    output: dict[str, Any],
) -> None:
    """Surfaces artificialisées et imperméabilisées de chaque zone, d'après l'OCS GE.

    La couche ARTIFICIALISATION de l'IGN, qui applique les seuils, est préférée ; l'OCCUPATION_SOL passe par
    la matrice couverture × usage, un repli que le tableau signale.
    """
    from artois_geo import zan

    rules, notes = zan_inputs.read_rules(rules_name)
    places = zan_inputs.read_layer(zones)
    cover, said = classified(ocsge, rules, tamis, largeur, parcs, photovoltaique)
    if par:
        table = zan.stock_by(places, cover, key=cle, by=CLASSES[par])  # type: ignore[arg-type]
    else:
        table = zan.stock(places, cover, key=cle)
    show.table(
        table,
        sources=[ocsge, zones],
        surface="lambert93",
        notes=[*notes, *said, *show.warnings(places)],
        labels=LABELS | {cle: "Zone"},
        title="Stock artificialisé et imperméabilisé",
        **output,
    )


@click.command(cls=french.Command)
@click.option(
    "--avant", type=options.layer_file, metavar="COUCHE", help="OCS GE de la première photographie."
)
@click.option("--apres", type=options.layer_file, metavar="COUCHE", help="OCS GE de la seconde photographie.")
@click.option("--diff", type=options.layer_file, metavar="COUCHE", help="Couche DIFF ou ARTIF-DIFF de l'IGN.")
@click.option("--date-avant", type=options.day, help="Jour de la première photographie.")
@click.option("--date-apres", type=options.day, help="Jour de la seconde photographie.")
@_zones
@options.output
def artificialisation(
    avant: "Layer | Path | None",
    apres: "Layer | Path | None",
    diff: "Layer | Path | None",
    date_avant: date | None,
    date_apres: date | None,
    zones: "Layer | Path",
    cle: str,
    par: str | None,
    tamis: bool,
    largeur: bool,
    parcs: "Layer | Path | None",
    photovoltaique: "Layer | Path | None",
    rules_name: str,
    output: dict[str, Any],
) -> None:
    """Artificialisation, désartificialisation et solde entre deux photographies, zone par zone.

    Avec --avant et --apres, les flux viennent de l'intersection exacte des deux couches ; --diff lit la
    couche de l'IGN. Les trois ensemble : le solde de la DIFF est confronté à la différence des stocks.
    """
    from artois_geo import constants, zan

    if diff is None and (avant is None or apres is None):
        raise click.UsageError("Donner --avant et --apres, ou --diff.")
    rules, notes = zan_inputs.read_rules(rules_name)
    places = zan_inputs.read_layer(zones)
    covers = []
    for layer in (avant, apres):
        if layer is not None:
            cover, said = classified(layer, rules, tamis, largeur, parcs, photovoltaique)
            covers.append(cover)
            notes += [f"{name(layer)} : {sentence}" for sentence in said]
    if par:
        if len(covers) < 2:
            raise click.UsageError("--par demande --avant et --apres.")
        table = zan.flux_by(*covers, zones=places, key=cle, by=CLASSES[par])  # type: ignore[arg-type]
    elif diff is not None:
        table = zan.flux_from_diff(
            zan_inputs.read_layer(diff),
            zones=places,
            key=cle,
            matrix=constants.table("ocsge_artif"),
            sealed=_sealed(),
        )
    else:
        table = zan.flux(*covers, zones=places, key=cle)
    if not par:
        if len(covers) == 2:
            notes += gaps(places, covers, table, cle, rules)
        table, said = yearly(table, date_avant, date_apres)
        notes += said
    show.table(
        table,
        sources=[layer for layer in (avant, apres, diff, zones) if layer is not None],
        surface="lambert93",
        notes=[*notes, *show.warnings(places)],
        labels=LABELS | {cle: "Zone"},
        title="Artificialisation nette et imperméabilisation",
        **output,
    )


def classified(
    layer: "Layer | Path",
    rules: "RuleSet",
    sieved: bool,
    narrow: bool,
    parks: "Layer | Path | None",
    plants: "Layer | Path | None",
) -> "tuple[gpd.GeoDataFrame, list[str]]":
    """An OCS GE layer with its status, thresholds and exemptions applied if asked, and what to say of it."""
    from artois_geo import constants, measure, zan

    features = zan_inputs.read_layer(layer)
    cover = zan.classify(features, constants.table("ocsge_artif"), constants.table("ocsge_nomenclature"))
    notes = [f"statut tiré de : {cover['artificial_from'].iloc[0]}."] if len(cover) else []
    notes += show.warnings(features)
    held = rules.constants
    if narrow:
        width_m = held["artif_linear_width_m"].value
        cover = zan.narrow_strips(cover, linear_width_m=width_m).reset_index(drop=True)
        lost, kept = zan.narrow_effect_m2(cover) / measure.M2_PER_HA
        notes.append(
            f"infrastructures linéaires de moins de {width_m:g} m : {_ha(lost)} prennent l'état non "
            f"artificialisé de leurs abords, {_ha(kept)} restent artificialisés comme leurs abords."
        )
    if sieved:
        before = cover["artificial"]
        untested = " (largeur des infrastructures non testée : --largeur)"
        cover = zan.sieve(
            cover, building_m2=held["artif_building_m2"].value, patch_m2=held["artif_patch_m2"].value
        )
        gained = cover.area[~before & cover["artificial"]].sum() / measure.M2_PER_HA
        lost = cover.area[before & ~cover["artificial"]].sum() / measure.M2_PER_HA
        notes.append(
            f"seuils du décret : {_ha(gained)} devenus artificialisés, {_ha(lost)} "
            f"devenus non artificialisés{'' if narrow else untested}."
        )
    for kind, areas in (("parc", parks), ("PV", plants)):
        if areas is not None:
            cover = zan.exempt(
                cover,
                zan_inputs.read_layer(areas),
                kind=kind,
                park_min_m2=held["park_exemption_min_m2"].value,
            )
            notes.append(f"exemption appliquée ({kind}), au choix de la collectivité.")
    if plants is not None:
        notes += zan_inputs.doubts(rules, "pv_panel_height_m", "pv_row_spacing_m")
    return cover, notes


def gaps(
    places: "gpd.GeoDataFrame",
    covers: "list[gpd.GeoDataFrame]",
    table: "pd.DataFrame",
    key: str,
    rules: "RuleSet",
) -> list[str]:
    """Where the net flow leaves the difference of the stocks by more than the rules admit, in sentences."""
    from artois_geo import zan

    held = rules.constants
    first, last = (zan.stock(places, cover, key=key) for cover in covers)
    gaps = zan.stock_gaps(
        first,
        last,
        table,
        key=key,
        artificial_tolerance_ha=held["artif_stock_gap_ha"].value,
        sealed_tolerance_ha=held["sealed_stock_gap_ha"].value,
    )
    if gaps.empty:
        return [
            "Contrôle : le solde des flux vaut la différence des stocks dans "
            "chaque zone, à la tolérance près."
        ]
    return [f"Contrôle non tenu, {row.feature} : {row.message}" for row in gaps.itertuples()]


def yearly(table: "pd.DataFrame", first: date | None, last: date | None) -> "tuple[pd.DataFrame, list[str]]":
    """Flows per year between the two photographs, and what to say of their dates."""
    from artois_geo.zan.flux import DAYS_PER_YEAR

    if first is None or last is None:
        return table, [
            "Rythme annuel non calculé : --date-avant et --date-apres disent le jour des photographies."
        ]
    if last <= first:
        raise click.UsageError("--date-apres doit suivre --date-avant.")
    years = (last - first).days / DAYS_PER_YEAR
    return table.assign(net_artificialised_ha_per_year=table["net_artificialised_ha"] / years), [
        f"Photographies du {first:%d/%m/%Y} et du {last:%d/%m/%Y}, {years:.2f} ans".replace(".", ",")
        + ". Les dates diffèrent d'un département à l'autre : ne pas additionner."
    ]


def _sealed() -> list[str]:
    from artois_geo import constants

    names = constants.table("ocsge_nomenclature")
    return list(names.loc[names["sealed"] == "1", "code"])


def name(layer: "Layer | Path") -> str:
    """How a layer is called under a table."""
    return layer.name


def _ha(value: float) -> str:
    return f"{value:.2f} ha".replace(".", ",")
