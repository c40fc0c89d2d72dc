"""Vacancy and inventory of business parks (ZAE), from the tables of a field survey."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from artois_geo import constants, text, zae
from artois_geo.constants import Constant
from artois_geo.errors import BadTable
from artois_geo.studies import StudyTable, planner_files
from artois_geo.zae.attachment import CLASS, IN_UNIT
from artois_geo.zae.vacancy import NEVER

LABELS = {
    "unit_id": "Unité foncière",
    "zae": "ZAE",
    "owner_type": "Propriétaire (type)",
    "occupants": "Occupants",
    "reason": "À vérifier",
}


@dataclass(frozen=True)
class SurveyRequest:
    """Hold the tables of a survey, its day, and how answers without a unit are treated."""

    unites: Path
    etablissements: Path
    locaux: Path | None = None
    on: date | None = None
    key: str = "site_id"
    rattacher: bool = False
    autre_occupant: str | None = None

    @property
    def first_of_january(self) -> date:
        """Return the day of the account: the given one, or 1 January of this year."""
        return self.on or date(date.today().year, 1, 1)

    @property
    def sources(self) -> list[Path]:
        """Return the files of the survey."""
        return [self.unites, self.etablissements, *([self.locaux] if self.locaux else [])]


@dataclass(frozen=True)
class InventoryRequest:
    """Hold which form of the inventory is asked, and the columns that it takes.

    ``declarees`` is the number of parks that the territory declares; the published one of the Artois stands
    in for it where the territory is that of the shipped layers.
    """

    owner_type: str = "owner_type"
    occupant: str = "nom"
    publiable: bool = False
    avancement: bool = False
    done_on: str = "inventaire_date"
    emplois: bool = False
    declarees: int | None = None
    is_shipped_territory: bool = True


@dataclass(frozen=True)
class _Survey:
    """Units, establishments and vacant premises, each answer on a unit that exists."""

    units: pd.DataFrame
    establishments: pd.DataFrame
    premises: pd.DataFrame | None
    notes: list[str]
    unread: frozenset[str] = frozenset()  # units where an establishment of an unknown state stands


def vacancy(request: SurveyRequest, *, by_unit: bool = False, to_check: bool = False) -> StudyTable:
    """Compute the vacancy of each ZAE, in units (the law) and in area.

    Parameters
    ----------
    request
        Tables of the survey and day.
    by_unit
        One row per unité foncière.
    to_check
        Only the units to check before the consultation.

    Raises
    ------
    BadTable, BadValue
        A column is absent, an answer names no unit, or the day is no 1 January.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "uf.csv").write_text("unit_id;site_id;unit_ha\\nU1;A;1\\nU2;A;3\\n")
    >>> _ = (folder / "etab.csv").write_text("unit_id;active;closed_on\\nU1;oui;\\nU2;non;2020-01-01\\n")
    >>> request = SurveyRequest(folder / "uf.csv", folder / "etab.csv", on=date(2026, 1, 1))
    >>> vacancy(request).table[["vacancy_share", "vacancy_area_share"]].values.tolist()
    [[0.5, 0.75]]
    """
    survey = _survey(request)
    needed = {} if to_check or by_unit else {"unit_ha": "", request.key: "--zae"}
    planner_files.require_columns(survey.units, request.unites.name, needed)
    units, clock = _occupation(survey, request)
    if to_check:
        table = zae.to_check(units)
    elif by_unit:
        table = units
    else:
        table = zae.rates(units, key=request.key).reset_index()
    return StudyTable(
        table,
        title="Vacance",
        sources=request.sources,
        constants=[clock],
        notes=[*survey.notes, *_state_notes(units, request)],
        labels=LABELS,
    )


def inventory(request: SurveyRequest, form: InventoryRequest) -> StudyTable:
    """List the state, owner and occupants of each unité foncière, or what the inventory comes to by ZAE.

    Parameters
    ----------
    request
        Tables of the survey and day.
    form
        Whole list, publishable list, progress and calendar, or jobs; columns that it takes.

    Raises
    ------
    BadTable, BadValue
        A column is absent, an answer names no unit, or the day is no 1 January.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "uf.csv").write_text("unit_id;site_id;unit_ha;owner_type\\nU1;A;1;commune\\n")
    >>> _ = (folder / "etab.csv").write_text("unit_id;active;nom\\nU1;oui;Dupont SA\\n")
    >>> request = SurveyRequest(folder / "uf.csv", folder / "etab.csv", on=date(2026, 1, 1))
    >>> inventory(request, InventoryRequest()).table["occupants"].tolist()
    ['Dupont SA']
    """
    survey = _survey(request)
    needed = {} if form.emplois else {form.owner_type: "--type-proprietaire"}
    planner_files.require_columns(
        survey.units, request.unites.name, {"unit_ha": "", request.key: "--zae"} | needed
    )
    firm_columns = {"tranche": ""} if form.emplois else {form.occupant: "--occupant"}
    planner_files.require_columns(survey.establishments, request.etablissements.name, firm_columns)
    units, clock = _occupation(survey, request)
    firms = survey.establishments.assign(
        active=zae.active_on(survey.establishments, on=request.first_of_january)
    )
    table, used, notes = _in_form(units, firms, request, form)
    return StudyTable(
        table,
        title="Inventaire des ZAE",
        sources=request.sources,
        constants=[clock, *used],
        notes=[*survey.notes, *_state_notes(units, request), *notes],
        labels=LABELS,
    )


def _in_form(
    units: pd.DataFrame, firms: pd.DataFrame, request: SurveyRequest, form: InventoryRequest
) -> tuple[pd.DataFrame, list[Constant], list[str]]:
    """Return the inventory in the form asked, the constants that it used and what to say of it."""
    if form.emplois:
        table, source = _jobs(units, firms, request.key)
        return table, [], [source, "Emplois : intervalle des tranches, jamais un entier exact."]
    listed = zae.inventory(units, firms, key=request.key, owner_type=form.owner_type, occupant=form.occupant)
    if form.avancement:
        return _progress(units, listed, request, form)
    if form.publiable:
        notes = ["Version publiable : ni nom, ni parcelle, ni jour."]
        return zae.published(listed, key=request.key), [], notes
    return listed, [], ["Contient des noms : à ne pas publier ; voir --publiable."]


def _survey(request: SurveyRequest) -> _Survey:
    """Read the tables; an answer that names no unit is refused, or attached by its parcel and listed."""
    units = planner_files.table(request.unites, wanted=[request.key], as_written=[request.key])
    planner_files.require_columns(units, request.unites.name, {"unit_id": ""})
    establishments, notes, unread = _answers(request.etablissements, ("unit_id", "active"), units, request)
    premises = None
    if request.locaux is not None:
        premises, premises_notes, _ = _answers(request.locaux, ("unit_id",), units, request)
        notes = [*notes, *premises_notes]
    plain_units = pd.DataFrame(units.drop(columns="geometry", errors="ignore"))
    return _Survey(plain_units, establishments, premises, notes, unread)


def _answers(
    path: Path, columns: tuple[str, ...], units: pd.DataFrame, request: SurveyRequest
) -> tuple[pd.DataFrame, list[str], frozenset[str]]:
    """Read answers that each name a unit, what was done for that, and the units where a state is unread."""
    answers = planner_files.table(path, wanted=["nom", CLASS])
    planner_files.require_columns(answers, path.name, dict.fromkeys(columns, ""))
    answers, notes, unread = _on_units(answers, path.name)
    strangers = zae.unmatched(answers, units)
    if not len(strangers):
        return answers, notes, unread
    has_proposal = strangers["proposal"].notna()
    if request.rattacher and has_proposal.all():
        proposals = zae.unmatched_sentence(strangers, len(answers)).splitlines()[-1]
        plural = "s" if len(strangers) > 1 else ""
        note = (
            f"{path.name} : {len(strangers)} réponse{plural} rattachée{plural} à l'unité qui contient sa "
            "parcelle."
        )
        return zae.reattached(answers, units), [*notes, note, proposals], unread
    unsolved = strangers[~has_proposal] if request.rattacher else strangers
    if has_proposal.any() and not request.rattacher:
        advice = "Accepter ces rapprochements avec --rattacher, ou corriger unit_id."
    else:
        example = f", par exemple {units['unit_id'].iloc[0]}" if len(units) else ""
        advice = (
            f"Mettre dans unit_id un identifiant de {request.unites.name}{example}, ou la parcelle "
            "cadastrale et ajouter --rattacher."
        )
    raise BadTable(f"{path.name} : {zae.unmatched_sentence(unsolved, len(answers))}\n{advice}")


def _on_units(answers: pd.DataFrame, name: str) -> tuple[pd.DataFrame, list[str], frozenset[str]]:
    """Set aside what « zae rattacher » found on no unit, or in an unknown state, and say how many rows."""
    if CLASS not in answers:
        return answers, [], frozenset()
    is_on_unit = answers[CLASS].eq(IN_UNIT)
    has_state = answers["active"].notna() if "active" in answers else pd.Series(True, index=answers.index)
    aside = {
        "sur aucune unité foncière, sans effet ici": int((~is_on_unit).sum()),
        "sur une unité, d'état inconnu : son occupation est inconnue, sauf si un autre l'occupe": int(
            (is_on_unit & ~has_state).sum()
        ),
    }
    notes = [f"{name} : {text.counted(count, 'ligne')} {reason}." for reason, count in aside.items() if count]
    unread = frozenset(answers.loc[is_on_unit & ~has_state, "unit_id"].astype(str))
    return answers[is_on_unit & has_state], notes, unread


def _occupation(survey: _Survey, request: SurveyRequest) -> tuple[pd.DataFrame, Constant]:
    """State the occupation of each unit, by the number of years of the law."""
    day = request.first_of_january
    clock = constants.get("zae_vacance_annees", on=day)
    units = zae.occupation(
        survey.units,
        survey.establishments,
        survey.premises,
        on=day,
        vacancy_years=clock.value,
        other_occupant=request.autre_occupant,
    )
    return zae.with_unread(units, survey.unread), clock


def _state_notes(units: pd.DataFrame, request: SurveyRequest) -> list[str]:
    counts = units["state"].value_counts()
    states = ", ".join(f"{count} {_in_number(str(state), count)}" for state, count in counts.items())
    noun = "unité foncière" if len(units) == 1 else "unités foncières"
    return [
        f"Au {request.first_of_january:%d/%m/%Y} : {len(units)} {noun}, {states}.",
        "Un établissement actif de SIRENE est présumé soumis à la CFE (art. 1447 du CGI).",
    ]


def _in_number(state: str, count: int) -> str:
    """Make a state agree with its count: « jamais occupées », « vacances récentes »."""
    adverb = NEVER.split()[0]
    words = (word if word == adverb else f"{word}s" for word in state.split())
    return state if count < 2 else " ".join(words)


def _jobs(units: pd.DataFrame, firms: pd.DataFrame, key: str) -> tuple[pd.DataFrame, str]:
    """Count the jobs of each ZAE and per hectare, and name the source of the brackets."""
    brackets = constants.table("sirene_tranches_effectif")
    active = firms[firms["active"]]
    located = active.assign(**{key: active["unit_id"].map(units.set_index("unit_id")[key])})
    jobs = zae.jobs(located, brackets, by=key, code="tranche")
    table = zae.density(jobs, units.groupby(key)["unit_ha"].sum()).reset_index()
    return table, f"Tranches d'effectif : {brackets.attrs['source']}."


def _progress(
    units: pd.DataFrame, listed: pd.DataFrame, request: SurveyRequest, form: InventoryRequest
) -> tuple[pd.DataFrame, list[Constant], list[str]]:
    """Compute completeness and deadlines of each ZAE, with the constants of the calendar."""
    day, key, done_on = request.on or date.today(), request.key, form.done_on
    names = ["zae_actualisation_annees", "zae_premier_inventaire", "zae_consultation_jours"]
    if form.declarees is None and form.is_shipped_territory:
        names.append("zae_nombre_declare")
    years, first_due, days, *published = used = [constants.get(name, on=day) for name in names]
    declared = form.declarees or (published[0].value if published else None)
    if done_on in units.columns:
        zones = units.groupby(key, as_index=False).agg({done_on: "max"})
    else:
        zones = units[[key]].drop_duplicates().assign(**{done_on: None})
    progress = zae.completeness(zones, listed, key=key, declared=declared or len(zones))
    table = zae.calendar(
        progress,
        on=day,
        done_on=done_on,
        update_years=years.value,
        first_due=first_due.value,
        consultation_days=days.value,
    )
    started = f"{progress.attrs['started']} ZAE commencées"
    if declared is None:
        return table, used, [f"{started} ; nombre déclaré inconnu, sans jauge : le donner par --declarees."]
    gauge = text.number(100 * progress.attrs["gauge"], 1)
    return table, used, [f"{started} sur {declared} déclarées ; jauge {gauge} %."]
