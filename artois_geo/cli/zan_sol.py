"""``artois-geo zan stock`` and ``artificialisation``: what a land cover tells."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french, options, show, waiting, zan_cover, zan_inputs, zan_vintages

if TYPE_CHECKING:
    import pandas as pd

    from artois_geo.constants import Constant
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


def _account(function: Any) -> Any:
    """Options that every account of the soil shares."""
    added: list[Any] = [
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
        click.option("--regles", "rules_name", default="loi-2023-630", show_default=True, metavar="JEU|TOML"),
        zan_cover.treatment,
        options.waiting,
        options.output,
    ]
    for option in reversed(added):
        function = option(function)
    return function


@click.command(cls=french.Command)
@click.argument("ocsge", type=options.layer_file)
@_account
def stock(
    ocsge: "Layer | Path",
    zones: "Layer | Path",
    cle: str,
    par: str | None,
    rules_name: str,
    asked: zan_cover.Treatment,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Surfaces artificialisées et imperméabilisées de chaque zone, d'après l'OCS GE.

    La couche ARTIFICIALISATION de l'IGN, qui applique les seuils, est préférée ; l'OCCUPATION_SOL passe par
    la matrice couverture × usage, un repli que le tableau signale. Un GeoPackage ou un GeoParquet en
    Lambert-93 est compté dans son fichier, sans être chargé en mémoire.
    """
    from artois_geo import zan

    rules, notes = zan_inputs.read_rules(rules_name)
    places = zan_inputs.read_layer(zones)
    cover, said = zan_cover.classified(ocsge, rules, asked, step=step)
    counted = {"key": cle, "cores": asked.cores, "progress": step(f"Surfaces de {ocsge.name}")}
    if par:
        table = zan.stock_by(places, cover, by=CLASSES[par], **counted)  # type: ignore[arg-type]
    else:
        table = zan.stock(places, cover, **counted)  # type: ignore[arg-type]
    show.table(
        table,
        sources=[ocsge, zones],
        constants=zan_cover.used(rules, asked),
        surface="lambert93",
        notes=[*notes, *said, *show.warnings(places)],
        labels=LABELS | {cle: "Zone"},
        title="Stock artificialisé et imperméabilisé",
        **output,
    )


def photographs(function: Any) -> Any:
    """Add ``--avant``, ``--apres``, ``--date-avant`` and ``--date-apres``: two land covers and their days."""
    sides = (("avant", "première"), ("apres", "seconde"))
    for side, rank in reversed(sides):
        said = f"Jour de la {rank} photographie."
        function = click.option(f"--date-{side}", type=options.day, help=said)(function)
    for side, rank in reversed(sides):
        said = f"OCS GE de la {rank} photographie."
        function = click.option(f"--{side}", type=options.layer_file, metavar="COUCHE", help=said)(function)
    pairs = {"--avant": "--apres", "--apres": "--avant", "--date-apres": "--date-avant"}
    return options.agree(needs=pairs | {"--date-avant": "--date-apres"})(function)


@click.command(cls=french.Command)
@photographs
@click.option("--diff", type=options.layer_file, metavar="COUCHE", help="Couche DIFF ou ARTIF-DIFF de l'IGN.")
@_account
@options.agree(
    needs={"--copie": "--avant", "--couche-source": "--avant", "--par": "--avant"},
    excludes={
        "--diff": "--par --tamis --largeur --parcs --photovoltaique",
        "--par": "--date-avant --date-apres",
    },
)
def artificialisation(
    avant: "Layer | Path | None",
    apres: "Layer | Path | None",
    diff: "Layer | Path | None",
    date_avant: date | None,
    date_apres: date | None,
    zones: "Layer | Path",
    cle: str,
    par: str | None,
    rules_name: str,
    asked: zan_cover.Treatment,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Artificialisation, désartificialisation et solde entre deux photographies, zone par zone.

    --diff lit la différence officielle de l'IGN, qui passe avant : des deux années de ses colonnes, la plus
    petite est la première. Avec --avant et --apres, les flux viennent de l'intersection exacte des deux
    couches. Les trois ensemble : le solde de la DIFF est confronté à la différence des stocks.
    """
    from artois_geo import constants, zan

    if diff is None and avant is None:
        raise click.UsageError("Donner --avant et --apres, ou --diff.")
    rules, notes = zan_inputs.read_rules(rules_name)
    places = zan_inputs.read_layer(zones)
    given = [layer for layer in (avant, apres) if layer is not None]
    covers, said = zan_cover.classified_pair(given, rules, asked, step=step)
    notes += said
    tolerances: list[Constant] = []
    if par:
        table = zan.flux_by(
            *covers,
            zones=places,
            key=cle,
            by=CLASSES[par],  # type: ignore[arg-type]
            cores=asked.cores,
            progress=step("Changements"),
        )
    else:
        stocks = [
            zan.stock(places, cover, key=cle, cores=asked.cores, progress=step(f"Surfaces de {layer.name}"))
            for layer, cover in zip(given, covers, strict=True)
        ]
        if diff is not None:
            step(f"Lecture de {diff.name}")
            official = zan_inputs.read_layer(diff)
            notes += zan_vintages.corrected(rules, zan_vintages.of_frame(official, diff))
            table = zan.flux_from_diff(
                official,
                zones=places,
                key=cle,
                matrix=constants.table("ocsge_artif"),
                sealed=_sealed(),
                cores=asked.cores,
            )
        else:
            table = zan.flux(
                *covers,
                zones=places,
                key=cle,
                coverage=zan.Coverage(stocks=(stocks[0], stocks[1])),
                cores=asked.cores,
                progress=step("Changements"),
            )
            notes.append(zan_vintages.OFFICIAL)
        if len(covers) == 2:
            notes += gaps(stocks, table, cle, rules)
            tolerances = [rules.constants[name] for name in ("artif_stock_gap_ha", "sealed_stock_gap_ha")]
        table, said = yearly(table, date_avant, date_apres)
        notes += said
    show.table(
        table,
        sources=[layer for layer in (avant, apres, diff, zones) if layer is not None],
        constants=[*zan_cover.used(rules, asked), *tolerances],
        surface="lambert93",
        notes=[*notes, *show.warnings(places)],
        labels=LABELS | {cle: "Zone"},
        title="Artificialisation nette et imperméabilisation",
        **output,
    )


def gaps(stocks: "Sequence[pd.DataFrame]", table: "pd.DataFrame", key: str, rules: "RuleSet") -> list[str]:
    """Where the net flow leaves the difference of the stocks by more than the rules admit, in sentences."""
    from artois_geo import zan

    held = rules.constants
    first, last = stocks
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
    failed = [f"Contrôle non tenu, {row.feature} : {row.message}" for row in gaps.itertuples()]
    return failed + zan_vintages.perhaps_corrected(rules)


def yearly(table: "pd.DataFrame", first: date | None, last: date | None) -> "tuple[pd.DataFrame, list[str]]":
    """Flows per year between the two photographs, and what to say of their dates."""
    from artois_geo.zan.land_cover.flux import DAYS_PER_YEAR

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
