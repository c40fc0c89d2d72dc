"""``artois-geo zae``: the inventory of business parks that the law asks for."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french, options, show
from artois_geo.studies import planner_files

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
                help="Un établissement par ligne : unit_id (celui de UNITES), active (oui/non), closed_on,"
                " nom, tranche.",
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
                "--rattacher",
                is_flag=True,
                help="Rattache par sa parcelle une réponse dont l'unité n'existe plus, et le dit.",
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
    rattacher: bool,
    autre_occupant: str | None,
    detail: bool,
    check: bool,
    output: dict[str, Any],
) -> None:
    """Taux de vacance de chaque ZAE, en unités (la loi) et en surface.

    UNITES : un tableau avec unit_id, unit_ha et la ZAE (par exemple la sortie de « foncier densifier »).
    """
    from artois_geo import zae as room

    survey = _survey(unites, etablissements, locaux, rattacher)
    needed = {"unit_ha": "", key: "--zae"} if not (check or detail) else {}
    planner_files.require_columns(survey.units, unites.name, needed)
    units, constants = _occupation(survey, on, autre_occupant)
    if check:
        shown = room.to_check(units)
    elif detail:
        shown = units
    else:
        shown = room.rates(units, key=key).reset_index()
    show.table(
        shown,
        sources=[unites, etablissements, *([locaux] if locaux else [])],
        constants=constants,
        notes=[*survey.notes, *_notes(units, on)],
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
    rattacher: bool,
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

    survey = _survey(unites, etablissements, locaux, rattacher)
    needed = {"unit_ha": "", key: "--zae"} | ({} if emplois else {owner_type: "--type-proprietaire"})
    planner_files.require_columns(survey.units, unites.name, needed)
    firms = survey.establishments.copy()
    needed = {"tranche": ""} if emplois else {occupant: "--occupant"}
    planner_files.require_columns(firms, etablissements.name, needed)
    units, constants = _occupation(survey, on, autre_occupant)
    firms["active"] = room.active_on(firms, on=on or date(date.today().year, 1, 1))
    notes = [*survey.notes, *_notes(units, on)]
    shown: pd.DataFrame
    if emplois:
        shown, source = _jobs(units, firms, key)
        notes += [source, "Emplois : intervalle des tranches, jamais un entier exact."]
    else:
        shown = room.inventory(units, firms, key=key, owner_type=owner_type, occupant=occupant)
        if avancement:
            shown, used, progress = _progress(units, shown, key, done_on, on)
            constants, notes = [*constants, *used], [*notes, *progress]
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


@dataclass(frozen=True)
class Survey:
    """Units, establishments and vacant premises, each answer on a unit that exists."""

    units: "pd.DataFrame"
    establishments: "pd.DataFrame"
    premises: "pd.DataFrame | None"
    notes: list[str]


def _survey(unites: Path, etablissements: Path, locaux: Path | None, attach: bool) -> Survey:
    """Read the tables; an answer that names no unit is refused, or attached by its parcel and listed."""
    import pandas as pd

    units = planner_files.table(unites)
    planner_files.require_columns(units, unites.name, {"unit_id": ""})
    read, notes = [], []
    for path, columns in ((etablissements, ("unit_id", "active")), (locaux, ("unit_id",))):
        answers = None if path is None else planner_files.table(path)
        if path is not None and answers is not None:
            planner_files.require_columns(answers, path.name, dict.fromkeys(columns, ""))
            answers, found = _matched(answers, path, units, unites, attach)
            notes += found
        read.append(answers)
    establishments, premises = read
    assert establishments is not None
    return Survey(
        pd.DataFrame(units.drop(columns="geometry", errors="ignore")), establishments, premises, notes
    )


def _matched(
    answers: "pd.DataFrame", path: Path, units: "pd.DataFrame", unites: Path, attach: bool
) -> "tuple[pd.DataFrame, list[str]]":
    """Answers that each name a unit, and what was done for that."""
    from artois_geo import zae as room
    from artois_geo.errors import BadTable

    strangers = room.unmatched(answers, units)
    if not len(strangers):
        return answers, []
    proposed = strangers["proposal"].notna()
    if attach and proposed.all():
        message = room.unmatched_sentence(strangers, len(answers)).splitlines()[-1]
        count = len(strangers)
        plural = "s" if count > 1 else ""
        note = f"{path.name} : {count} réponse{plural} rattachée{plural} à l'unité qui contient sa parcelle."
        return room.reattached(answers, units), [note, message]
    sentence = room.unmatched_sentence(strangers[~proposed] if attach else strangers, len(answers))
    if proposed.any() and not attach:
        advice = "Accepter ces rapprochements avec --rattacher, ou corriger unit_id."
    else:
        example = f", par exemple {units['unit_id'].iloc[0]}" if len(units) else ""
        advice = (
            f"Mettre dans unit_id un identifiant de {unites.name}{example}, ou la parcelle cadastrale et"
            " ajouter --rattacher."
        )
    raise BadTable(f"{path.name} : {sentence}\n{advice}")


def _occupation(survey: Survey, on: date | None, other: str | None) -> "tuple[pd.DataFrame, list[Any]]":
    from artois_geo import constants
    from artois_geo import zae as room

    day = on or date(date.today().year, 1, 1)
    clock = constants.get("zae_vacance_annees", on=day)
    units = room.occupation(
        survey.units,
        survey.establishments,
        survey.premises,
        on=day,
        vacancy_years=clock.value,
        other_occupant=other,
    )
    return units, [clock]


def _notes(units: "pd.DataFrame", on: date | None) -> list[str]:
    day = on or date(date.today().year, 1, 1)
    counts = units["state"].value_counts()
    states = ", ".join(f"{count} {_plural(str(state), count)}" for state, count in counts.items())
    whole = "unité foncière" if len(units) == 1 else "unités foncières"
    return [
        f"Au {day:%d/%m/%Y} : {len(units)} {whole}, {states}.",
        "Un établissement actif de SIRENE est présumé soumis à la CFE (art. 1447 du CGI).",
    ]


def _plural(state: str, count: int) -> str:
    """« jamais occupées », « vacances récentes »: every word that can bear it takes an s."""
    return (
        state if count < 2 else " ".join(word if word == "jamais" else f"{word}s" for word in state.split())
    )


def _jobs(units: "pd.DataFrame", firms: "pd.DataFrame", key: str) -> "tuple[pd.DataFrame, str]":
    from artois_geo import constants
    from artois_geo import zae as room

    brackets = constants.table("sirene_tranches_effectif")
    placed = firms[firms["active"]].assign(
        place=lambda frame: frame["unit_id"].map(units.set_index("unit_id")[key])
    )
    source = f"Tranches d'effectif : {brackets.attrs['source']}."
    counted = room.jobs(placed.rename(columns={"place": key}), brackets, by=key, code="tranche")
    return room.density(counted, units.groupby(key)["unit_ha"].sum()).reset_index(), source


def _progress(
    units: "pd.DataFrame", listed: "pd.DataFrame", key: str, done_on: str, on: date | None
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
    zones = units.groupby(key, as_index=False).agg({done_on: "max"}) if done_on in units.columns else None
    if zones is None:
        zones = units[[key]].drop_duplicates().assign(**{done_on: None})
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
