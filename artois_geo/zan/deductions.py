"""Deductions from the consumption of ENAF: PENE, photovoltaics, renaturation, each with its evidence.

A line that is refused stays in the ledger with its reason: it is shown and deducts nothing.
"""

from pandas import DataFrame, Series

from artois_geo import meaning
from artois_geo.errors import BadTable
from artois_geo.text import comma
from artois_geo.zan.flows import need, numbers
from artois_geo.zan.photovoltaics import REFUSAL, examine_photovoltaics

PENE, PV, RENATURATION = DEDUCTIONS = ("PENE", "PV", "renaturation")
DEDUCTED = {
    PENE: "deducted_pene_ha",
    PV: "deducted_pv_ha",
    RENATURATION: "deducted_renaturation_ha",
}
REFUSED = "refused_pv_ha"


def examine_deductions(
    ledger: DataFrame,
    *,
    key: str,
    panel_height_m: float | None = None,
    row_spacing_m: float | None = None,
) -> DataFrame:
    """Check a ledger of deductions and say which lines deduct, and why the others do not.

    Parameters
    ----------
    ledger
        ``key``, ``annee``, ``surface_ha``, ``nature`` (``PENE``, ``PV`` or ``renaturation``),
        ``justificatif`` (never empty); ``projet_id`` if it is known. The lines ``PV`` also
        have the columns of ``PV_CRITERIA``.
    key
        Column of the territory.
    panel_height_m, row_spacing_m
        As for :func:`examine_photovoltaics`; only a ledger without photovoltaics does without.

    Returns
    -------
    DataFrame
        ``ledger`` with ``year``, ``deducted_ha`` (0 where refused), ``refused_ha`` and
        ``refusal`` (why, empty where accepted).

    Raises
    ------
    BadTable
        A line without year, area or evidence, of an unknown nature, the same deduction twice,
        or photovoltaics without the thresholds to examine them.

    Examples
    --------
    >>> from artois_geo.zan import examine_deductions
    >>> from pandas import DataFrame
    >>> ledger = DataFrame({"epci": "A", "annee": [2022, 2023], "surface_ha": [40.0, 3.0],
    ...     "nature": ["PENE", "PV"], "justificatif": ["arrêté du 31 mai 2024", "PC 062 123"]})
    >>> examined = examine_deductions(ledger, key="epci", panel_height_m=1.1, row_spacing_m=2)
    >>> examined[["deducted_ha", "refused_ha"]].values.tolist()
    [[40.0, 0.0], [0.0, 3.0]]
    """
    lines = _checked_ledger(ledger, key)
    parks = lines[lines["nature"] == PV]
    reasons = Series("", index=lines.index, dtype=object)
    if len(parks):
        if panel_height_m is None or row_spacing_m is None:
            raise BadTable(
                "Déductions photovoltaïques non examinées : il manque les seuils de l'arrêté du 29 décembre "
                "2023\n(jeu de règles loi-2023-630 ; en Python, examine_deductions avec panel_height_m et "
                "row_spacing_m)."
            )
        examined = examine_photovoltaics(parks, panel_height_m=panel_height_m, row_spacing_m=row_spacing_m)
        reasons[parks.index] = examined[REFUSAL]
    accepted = reasons == ""
    return lines.assign(
        refusal=reasons,
        deducted_ha=lines["surface_ha"].where(accepted, 0.0),
        refused_ha=lines["surface_ha"].mask(accepted, 0.0),
    )


def deducted_by_year(ledger: DataFrame, *, key: str) -> DataFrame:
    """Add up a ledger by territory and year: one column per nature, and what was refused.

    Examples
    --------
    >>> ledger = DataFrame({"epci": "A", "annee": 2022, "surface_ha": [2.0, 1.0],
    ...     "nature": ["PENE", "renaturation"], "justificatif": ["arrêté", "délibération"]})
    >>> deducted_by_year(ledger, key="epci").loc[("A", 2022)].tolist()
    [2.0, 0.0, 1.0, 0.0]
    """
    lines = ledger if REFUSAL in ledger else examine_deductions(ledger, key=key)
    sums = lines.pivot_table(index=[key, "year"], columns="nature", values="deducted_ha", aggfunc="sum")
    table = sums.reindex(columns=list(DEDUCTIONS), fill_value=0.0).rename(columns=DEDUCTED).fillna(0.0)
    table[REFUSED] = lines.groupby([key, "year"])["refused_ha"].sum()
    table.columns.name = None
    return table


def _checked_ledger(ledger: DataFrame, key: str) -> DataFrame:
    """Return the ledger with years and hectares as numbers; refuse a line without proof or counted twice."""
    need(ledger, [key, "annee", "surface_ha", "nature", "justificatif"], "deductions")
    lines = ledger.reset_index(drop=True)
    lines["surface_ha"], lines["year"] = numbers(lines["surface_ha"]), numbers(lines["annee"])
    if lines["year"].isna().any() or lines["surface_ha"].isna().any() or (lines["surface_ha"] < 0).any():
        raise BadTable("Chaque déduction a une année et une surface positive en hectares.")
    lines["year"] = lines["year"].astype(int)
    nature_of_word = {meaning.fold(nature): nature for nature in DEDUCTIONS} | {"photovoltaique": PV}
    natures = lines["nature"].map(lambda nature: nature_of_word.get(meaning.fold(str(nature))))
    if natures.isna().any():
        wrong = lines.loc[natures.isna(), "nature"].iloc[0]
        raise BadTable(f"Déduction inconnue : « {wrong} ». Choisir {', '.join(DEDUCTIONS)}.")
    lines["nature"] = natures
    unproved = lines["justificatif"].map(meaning.is_missing)
    if unproved.any():
        row = lines[unproved].iloc[0]
        raise BadTable(
            f"Déduction sans justificatif : {row['nature']}, {row[key]}, {row['year']}.\n"
            "Une déduction se prouve (arrêté, délibération, autorisation…) : remplir « justificatif »."
        )
    _refuse_repeated_lines(lines, key)
    return lines


def _refuse_repeated_lines(lines: DataFrame, key: str) -> None:
    """Refuse the same hectares deducted twice: a line copied, or a project under two natures."""
    project_ids = lines["projet_id"] if "projet_id" in lines else Series("", index=lines.index)
    project = project_ids.where(~project_ids.map(meaning.is_missing), "").astype(str)
    lines_with_project = lines.assign(project=project)
    repeats_project = (project != "") & lines_with_project.duplicated([key, "year", "project"])
    repeats_line = lines_with_project.duplicated(
        [key, "year", "nature", "surface_ha", "justificatif", "project"]
    )
    if (repeats_project | repeats_line).any():
        row = lines[repeats_project | repeats_line].iloc[0]
        area = comma(f"{row['surface_ha']:g} ha")
        raise BadTable(
            f"Déduction comptée deux fois : {row['nature']}, {row[key]}, {row['year']}, {area} "
            f"({row['justificatif']}).\n"
            "Deux projets distincts portent chacun leur « projet_id »."
        )
