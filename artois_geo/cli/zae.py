"""``artois-geo zae``: the inventory of business parks that the law asks for."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french, inputs, options, show

if TYPE_CHECKING:
    import pandas as pd

FILE = click.Path(path_type=Path, dir_okay=False)
LABELS = {
    "unit_id": "Unité foncière",
    "zae": "ZAE",
    "owner_type": "Propriétaire (type)",
    "occupants": "Occupants",
    "reason": "À vérifier",
}


@click.group(cls=french.Group)
def zae() -> None:
    """L'inventaire des ZAE (art. L.318-8-2 du code de l'urbanisme)."""


def _given(function: Any) -> Any:
    """Options that both commands share."""
    for option in reversed(
        (
            click.argument("unites", type=FILE),
            click.option(
                "--etablissements",
                type=FILE,
                required=True,
                metavar="FICHIER",
                help="Un établissement par ligne : unit_id, active (oui/non), closed_on, nom, tranche.",
            ),
            click.option(
                "--locaux",
                type=FILE,
                metavar="FICHIER",
                help="Locaux vacants : unit_id, vacant_since (LOCOMVAC).",
            ),
            click.option(
                "--au",
                "on",
                type=options.day,
                metavar="DATE",
                help="1er janvier ; par défaut celui de cette année.",
            ),
            click.option(
                "--zae", "key", default="site_id", show_default=True, metavar="COLONNE", help="Nom de la ZAE."
            ),
            click.option(
                "--autre-occupant", metavar="COLONNE", help="Vrai si quelqu'un occupe sans établissement."
            ),
        )
    ):
        function = option(function)
    return function


@zae.command()
@_given
@click.option("--unites-foncieres", "detail", is_flag=True, help="Une ligne par unité foncière.")
@click.option("--a-verifier", "check", is_flag=True, help="Les unités à vérifier avant la consultation.")
@options.agree(excludes={"--a-verifier": "--unites-foncieres"})
@options.output
def vacance(
    unites: Path,
    etablissements: Path,
    locaux: Path | None,
    on: date | None,
    key: str,
    autre_occupant: str | None,
    detail: bool,
    check: bool,
    output: dict[str, Any],
) -> None:
    """Taux de vacance de chaque ZAE, en unités (la loi) et en surface.

    UNITES : un tableau avec unit_id, unit_ha et la ZAE (par exemple la sortie de « foncier densifier »).
    """
    from artois_geo import zae as room

    told, constants = _told(unites, etablissements, locaux, on, autre_occupant)
    if check:
        shown = room.to_check(told)
    elif detail:
        shown = told
    else:
        shown = room.rates(told, key=key).reset_index()
    show.table(
        shown,
        sources=[unites, etablissements, *([locaux] if locaux else [])],
        constants=constants,
        notes=_notes(told, on),
        title="Vacance",
        labels=LABELS,
        **output,
    )


@zae.command()
@_given
@click.option(
    "--type-proprietaire",
    "owner_type",
    default="owner_type",
    show_default=True,
    metavar="COLONNE",
    help="Colonne de UNITES.",
)
@click.option(
    "--occupant", default="nom", show_default=True, metavar="COLONNE", help="Nom, dans --etablissements."
)
@click.option("--publiable", is_flag=True, help="Sans aucune donnée personnelle, prêt à publier.")
@click.option("--avancement", is_flag=True, help="Jauge de complétude et calendrier de six ans, par ZAE.")
@click.option(
    "--fait-le",
    "done_on",
    metavar="COLONNE",
    default="inventaire_date",
    show_default=True,
    help="Dans UNITES : date du dernier inventaire de la ZAE.",
)
@click.option("--emplois", is_flag=True, help="Emplois par ZAE, en intervalle, d'après les tranches SIRENE.")
@options.agree(
    needs={"--fait-le": "--avancement"},
    excludes={
        "--emplois": "--avancement --publiable --type-proprietaire --occupant",
        "--avancement": "--publiable",
    },
)
@options.output
def inventaire(
    unites: Path,
    etablissements: Path,
    locaux: Path | None,
    on: date | None,
    key: str,
    autre_occupant: str | None,
    owner_type: str,
    occupant: str,
    publiable: bool,
    avancement: bool,
    done_on: str,
    emplois: bool,
    output: dict[str, Any],
) -> None:
    """État parcellaire, propriétaires et occupants de chaque unité foncière."""
    from artois_geo import zae as room

    told, constants = _told(unites, etablissements, locaux, on, autre_occupant)
    firms = inputs.table(etablissements)
    firms["active"] = room.active_on(firms, on=on or date(date.today().year, 1, 1))
    notes = _notes(told, on)
    shown: pd.DataFrame
    if emplois:
        shown, source = _jobs(told, firms, key)
        notes += [source, "Emplois : intervalle des tranches, jamais un entier exact."]
    else:
        shown = room.inventory(told, firms, key=key, owner_type=owner_type, occupant=occupant)
        if avancement:
            shown, used, said = _progress(told, shown, key, done_on, on)
            constants, notes = [*constants, *used], [*notes, *said]
        elif publiable:
            shown = room.published(shown, key=key)
            notes.append("Version publiable : ni nom, ni parcelle, ni jour.")
        else:
            notes.append("Contient des noms : à ne pas publier ; voir --publiable.")
    show.table(
        shown,
        sources=[unites, etablissements, *([locaux] if locaux else [])],
        constants=constants,
        notes=notes,
        title="Inventaire des ZAE",
        labels=LABELS,
        **output,
    )


def _told(
    unites: Path, etablissements: Path, locaux: Path | None, on: date | None, other: str | None
) -> "tuple[pd.DataFrame, list[Any]]":
    import pandas as pd

    from artois_geo import constants
    from artois_geo import zae as room

    day = on or date(date.today().year, 1, 1)
    clock = constants.get("zae_vacance_annees", on=day)
    units = inputs.table(unites)
    told = room.occupation(
        pd.DataFrame(units.drop(columns="geometry", errors="ignore")),
        inputs.table(etablissements),
        inputs.table(locaux) if locaux else None,
        on=day,
        vacancy_years=clock.value,
        other_occupant=other,
    )
    return told, [clock]


def _notes(told: "pd.DataFrame", on: date | None) -> list[str]:
    day = on or date(date.today().year, 1, 1)
    counts = told["state"].value_counts()
    said = ", ".join(f"{count} {state}" for state, count in counts.items())
    return [
        f"Au {day:%d/%m/%Y} : {len(told)} unités foncières, {said}.",
        "Un établissement actif de SIRENE est présumé soumis à la CFE (art. 1447 du CGI).",
    ]


def _jobs(told: "pd.DataFrame", firms: "pd.DataFrame", key: str) -> "tuple[pd.DataFrame, str]":
    from artois_geo import constants
    from artois_geo import zae as room

    brackets = constants.table("sirene_tranches_effectif")
    placed = firms[firms["active"]].assign(
        place=lambda frame: frame["unit_id"].map(told.set_index("unit_id")[key])
    )
    source = f"Tranches d'effectif : {brackets.attrs['source']}."
    counted = room.jobs(placed.rename(columns={"place": key}), brackets, by=key, code="tranche")
    return room.density(counted, told.groupby(key)["unit_ha"].sum()).reset_index(), source


def _progress(
    told: "pd.DataFrame", listed: "pd.DataFrame", key: str, done_on: str, on: date | None
) -> "tuple[pd.DataFrame, list[Any], list[str]]":
    from artois_geo import constants
    from artois_geo import zae as room

    day = on or date.today()
    names = (
        "zae_actualisation_annees",
        "zae_premier_inventaire",
        "zae_consultation_jours",
        "zae_nombre_declare",
    )
    years, first, days, declared = (constants.get(name, on=day) for name in names)
    zones = told.groupby(key, as_index=False).agg({done_on: "max"}) if done_on in told.columns else None
    if zones is None:
        zones = told[[key]].drop_duplicates().assign(**{done_on: None})
    gauge = room.completeness(zones, listed, key=key, declared=declared.value)
    shown = room.calendar(
        gauge,
        on=day,
        done_on=done_on,
        update_years=years.value,
        first_due=first.value,
        consultation_days=days.value,
    )
    said = [
        f"{gauge.attrs['started']} ZAE commencées sur {declared.value} déclarées ;"
        f" jauge {100 * gauge.attrs['gauge']:.1f} %.".replace(".", ",", 1)
    ]
    return shown, [years, first, days, declared], said
