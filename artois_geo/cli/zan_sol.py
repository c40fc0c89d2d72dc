"""``artois-geo zan stock``, ``artificialisation`` and ``rapport``: what needs a land cover."""

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
            notes += [f"{_name(layer)} : {sentence}" for sentence in said]
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
            notes += _gaps(places, covers, table, cle, rules)
        table, said = _yearly(table, date_avant, date_apres)
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


@click.command(cls=french.Command)
@zan_inputs.options_of_flows
@click.option(
    "--territoire", required=True, metavar="CODE", help="Code du territoire, dans la colonne de --par."
)
@click.option("--nom", default="", help="Nom du territoire, tel qu'il s'écrit en tête.")
@click.option("--taux", type=click.FloatRange(0, 1), help="Baisse demandée (0,5447 pour 54,47 %).")
@click.option("--objectifs", metavar="CSV|sraddet-hdf", help="Objectifs des documents.")
@click.option("--region", default="32", show_default=True, help="Région, pour le SRADDET.")
@click.option(
    "--avant", type=options.layer_file, metavar="COUCHE", help="OCS GE de la première photographie."
)
@click.option("--apres", type=options.layer_file, metavar="COUCHE", help="OCS GE de la seconde photographie.")
@click.option("--date-avant", type=options.day, help="Jour de la première photographie.")
@click.option("--date-apres", type=options.day, help="Jour de la seconde photographie.")
@click.option(
    "--contours", type=options.layer_file, metavar="COUCHE", help="Contours des communes (comm_insee)."
)
@click.option("--surface", "area", type=click.FloatRange(0), help="Surface du territoire, en hectares.")
@click.option("--fictif", is_flag=True, help="Écrit « données fictives » en tête.")
@click.option(
    "--sortie",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FICHIER.html|.docx",
    help="Rapport à écrire ; pour un PDF, imprimer le HTML.",
)
def rapport(
    territoire: str,
    nom: str,
    taux: float | None,
    objectifs: str | None,
    region: str,
    avant: "Layer | Path | None",
    apres: "Layer | Path | None",
    date_avant: date | None,
    date_apres: date | None,
    contours: "Layer | Path | None",
    area: float | None,
    fictif: bool,
    sortie: Path,
    rules_name: str,
    **inputs: Any,
) -> None:
    """Rapport local de suivi : indicateurs 1° à 4°, sources, et ce qui manque (R. 2231-1 CGCT).

    Pour un PDF, ouvrir le HTML dans un navigateur et l'imprimer (A4) ; sans écran, voir docs/zan.md.
    """
    from artois_geo import sheets
    from artois_geo.cli import zan as commands

    if sortie.suffix.lower() not in {".html", ".docx"}:
        raise click.UsageError("--sortie se termine par .html ou .docx.")
    rules, notes = zan_inputs.read_rules(rules_name)
    flows = zan_inputs.read_flows(**inputs)
    if territoire not in set(flows.frame[flows.key]):
        from artois_geo.errors import UnknownName

        raise UnknownName("territoire", territoire, flows.frame[flows.key].unique())
    budgets, said = commands._trajectory(flows, rules, taux, objectifs, region, None, None)
    mine = flows.frame[flows.frame[flows.key] == territoire]
    known = flows.area_ha.get(territoire) if flows.area_ha is not None else None
    places = _places(contours, flows, territoire)
    tables, told = _soil(avant, apres, date_avant, date_apres, places, rules)
    content = sheets.local_report(
        name=nom or territoire,
        flows=mine,
        trajectory=budgets[budgets[flows.key] == territoire].iloc[0],
        area_ha=area if area is not None else known,
        stocks=tables["stocks"],
        flux=tables["flux"],
        communes=places,
        rules=rules,
        sources=[*flows.notes, *told],
        notes=[*notes, *said],
        fictitious=fictif,
    )
    if sortie.suffix.lower() == ".docx":
        show.save(sheets.local_report_docx(content), sortie)
    else:
        show.save(sheets.local_report_html(content).encode(), sortie)


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


def _gaps(
    places: "gpd.GeoDataFrame",
    covers: "list[gpd.GeoDataFrame]",
    table: "pd.DataFrame",
    key: str,
    rules: "RuleSet",
) -> list[str]:
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


def _yearly(table: "pd.DataFrame", first: date | None, last: date | None) -> "tuple[pd.DataFrame, list[str]]":
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


def _places(
    contours: "Layer | Path | None", flows: zan_inputs.Flows, territory: str
) -> "gpd.GeoDataFrame | None":
    if contours is None:
        return None
    frame = zan_inputs.read_layer(contours)
    key = next((name for name in ("comm_insee", "idcom", "insee") if name in frame), None)
    if key is None:
        raise click.UsageError("--contours : la couche n'a pas de colonne comm_insee.")
    frame = zan_inputs.with_usual_name(frame.rename(columns={key: "comm_insee"}), flows.key)
    if flows.key == "commune":
        return frame[frame["comm_insee"].astype(str) == territory]
    if flows.key in frame:
        return frame[frame[flows.key].astype(str) == territory]
    return frame


def _soil(
    before: "Layer | Path | None",
    after: "Layer | Path | None",
    first: date | None,
    last: date | None,
    places: "gpd.GeoDataFrame | None",
    rules: "RuleSet",
) -> "tuple[dict[str, pd.DataFrame | None], list[str]]":
    from artois_geo import zan

    if before is None or after is None:
        return {"stocks": None, "flux": None}, []
    if places is None:
        raise click.UsageError("--avant et --apres demandent --contours.")
    covers, notes = [], []
    for layer in (before, after):
        cover, said = classified(layer, rules, False, False, None, None)
        covers.append(cover)
        notes += [f"OCS GE {_name(layer)} : {sentence}" for sentence in said]
    stocks = [zan.stock(places, cover, key="comm_insee") for cover in covers]
    flux = zan.flux(*covers, zones=places, key="comm_insee")
    notes += _gaps(places, covers, flux, "comm_insee", rules)
    table, said = _yearly(flux, first, last)
    import pandas as pd

    return {"stocks": pd.concat(stocks, keys=["avant", "après"], names=["date", None]), "flux": table}, [
        *notes,
        *said,
    ]


def _sealed() -> list[str]:
    from artois_geo import constants

    names = constants.table("ocsge_nomenclature")
    return list(names.loc[names["sealed"] == "1", "code"])


def _name(layer: "Layer | Path") -> str:
    return layer.name


def _ha(value: float) -> str:
    return f"{value:.2f} ha".replace(".", ",")
