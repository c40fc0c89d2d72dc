"""``artois-geo zan``: the three accounts, the rules they follow, and the report."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import (
    french,
    options,
    show,
    zan_budget,
    zan_deductions,
    zan_drawn,
    zan_inputs,
    zan_names,
    zan_places,
)
from artois_geo.cli.zan_projets import effet, mos
from artois_geo.cli.zan_rapport import rapport
from artois_geo.cli.zan_sol import artificialisation, stock
from artois_geo.text import counted

if TYPE_CHECKING:
    import pandas as pd

    from artois_geo.constants import Constant
    from artois_geo.layers import Layer


@click.group(cls=french.Group)
def zan() -> None:
    """Comptes ZAN : consommation, trajectoire, projets, artificialisation, rapport.

    Consommation d'ENAF, artificialisation nette et imperméabilisation sont trois comptes distincts :
    aucune commande ne les additionne.
    """


for command in (stock, artificialisation, effet, mos, rapport):
    zan.add_command(command)


@zan.command()
@click.argument("jeu", default="loi-2023-630")
@click.option(
    "--copier",
    type=options.OutputFile("toml"),
    metavar="FICHIER.toml",
    help="Écrit le jeu dans un fichier à modifier, que --regles relit.",
)
@options.output
def regles(jeu: str, copier: Path | None, output: dict[str, Any]) -> None:
    """Valeurs d'un JEU de règles : taux, dates, planchers, seuils, avec leur source."""
    import pandas as pd

    from artois_geo import tables
    from artois_geo.constants import rules

    held = rules.read(jeu)
    if copier is not None:
        show.save(rules.text(held).encode(), copier)
        return
    told = output["format"] == "tableau"

    def shown(entry: "Constant") -> object:
        return tables.quantity(entry.value, entry.unit) if told else entry.value

    rows = [
        (entry.name, entry.title, shown(entry), entry.unit, entry.since, entry.certainty, entry.source)
        for entry in held.constants.values()
    ]
    labels = {
        "name": "Nom",
        "title": "Objet",
        "value": "Valeur",
        "unit": "Unité",
        "since": "Depuis",
        "certainty": "Nature",
        "source": "Source",
    }
    frame = pd.DataFrame(rows, columns=list(labels)).astype(object)
    if told:
        frame = frame.drop(columns="unit")
    notes = [f"Jeux livrés : {', '.join(rules.names())}.", *rules.uncertain(held)]
    show.table(frame, title=f"{held.name} : {held.title}", labels=labels, notes=notes, **output)


@zan.command()
@click.argument("fichier", type=click.Path(path_type=Path))
@options.output
def controle(fichier: Path, output: dict[str, Any]) -> None:
    """Anomalies du fichier du Cerema ou d'une couche OCS GE : codes, sommes, unités, signes."""
    from artois_geo import constants
    from artois_geo import zan as accounts

    records = zan_inputs.read_table(fichier)
    if zan_inputs.is_cerema(records):
        findings = accounts.cerema_findings(records)
    else:
        findings = accounts.land_cover_findings(records, constants.table("ocsge_artif"))
    counts = findings["level"].value_counts()
    said = ", ".join(
        counted(int(counts[level]), level) for level in ("erreur", "alerte", "note") if level in counts
    )
    labels = {
        "feature": "Objet",
        "field": "Champ",
        "rule": "Règle",
        "level": "Gravité",
        "found": "Trouvé",
        "message": "Message",
    }
    notes = [f"{said or 'Aucune anomalie'} sur {len(records)} lignes."]
    show.table(findings, sources=[fichier], notes=notes, labels=labels, title="Contrôle", **output)


@zan.command()
@zan_inputs.options_of_flows
@click.option(
    "--de", "first", type=int, metavar="ANNÉE", help="Premier flux ; par défaut celui de la référence."
)
@click.option(
    "--a", "last", type=int, metavar="ANNÉE", help="Dernier flux ; par défaut celui de la référence."
)
@click.option("--par-an", is_flag=True, help="Une ligne par territoire et par année.")
@options.output
def consommation(
    rules_name: str, first: int | None, last: int | None, par_an: bool, output: dict[str, Any], **inputs: Any
) -> None:
    """Consommation d'ENAF, totale et par destination, d'après FICHIER.

    FICHIER est celui du Cerema (toute édition, en m²) ou son propre tableau, une ligne par territoire et
    par an ou une colonne par an. L'année est celle où le flux commence : 2020 va jusqu'au 1er janvier 2021.
    """
    from artois_geo import zan as accounts

    rules, notes = zan_inputs.read_rules(rules_name)
    flows = zan_inputs.read_flows(**inputs)
    reference, _ = zan_inputs.decades(rules)
    years = {"first_year": first or reference[0], "last_year": last or reference[1]}
    if par_an:
        table = accounts.consumption(flows.frame, key=flows.key, **years)
    else:
        table = accounts.summary(
            flows.frame, key=flows.key, area_ha=flows.area_ha, population=flows.population, **years
        )
        table = _with_names(table, flows)
    show.table(
        table,
        surface=flows.surface,
        notes=[*flows.notes, *notes],
        labels=_labels(flows.key),
        title=f"Consommation d'ENAF, flux {years['first_year']} à {years['last_year']}",
        **output,
    )


@zan.command()
@zan_inputs.options_of_flows
@zan_budget.demand
@click.option(
    "--pression",
    metavar="COLONNE",
    help="Montre, par EPCI ou SCoT, ce que coûte la garantie, commune par commune quel que soit --par.",
)
@click.option(
    "--mutualiser",
    multiple=True,
    metavar="INSEE",
    help="Commune qui met sa garantie en commun, avec --pression ; à répéter. « toutes » les prend toutes.",
)
@click.option(
    "--graphique",
    type=options.OutputFile("svg", "png"),
    metavar="FICHIER.svg|.png",
    help="Dessine la trajectoire d'un seul territoire.",
)
@click.option("--sur", metavar="CODE|NOM", help="Territoire à dessiner, si le tableau en a plusieurs.")
@options.agree(needs={"--sur": "--graphique", "--mutualiser": "--pression --garantie"})
@options.output
def trajectoire(
    rules_name: str,
    demand: zan_budget.Demand,
    pression: str | None,
    mutualiser: tuple[str, ...],
    graphique: Path | None,
    sur: str | None,
    output: dict[str, Any],
    **inputs: Any,
) -> None:
    """Enveloppe d'ENAF de chaque territoire, ce qui est consommé, ce qui reste, où mène le rythme observé."""
    rules, notes = zan_inputs.read_rules(rules_name)
    if pression is not None:
        inputs = zan_budget.by_commune(inputs, pression)
    flows = zan_inputs.read_flows(**inputs)
    table, said = zan_budget.trajectory(flows, rules, demand)
    said = [*zan_budget.remaining(table), *said]
    table = _with_names(table, flows)
    if graphique is not None:
        zan_drawn.trajectory(graphique, flows, table, rules, on=sur)
    if pression is not None:
        table, told = zan_budget.pressed(table, flows, pression, mutualiser)
        said = [*said, *told]
    show.table(
        _brief(table, output["format"]),
        constants=zan_budget.used(rules, demand),
        surface=flows.surface,
        notes=[*flows.notes, *notes, *said],
        labels=_labels(pression or flows.key),
        title="Trajectoire de consommation d'ENAF",
        **output,
    )


@zan.command()
@zan_inputs.options_of_flows
@zan_budget.demand
@click.option(
    "--territoire",
    "wanted",
    multiple=True,
    metavar="CODE|NOM",
    help="Ne montre que ce territoire ; à répéter.",
)
@click.option(
    "--projets",
    type=options.layer_file,
    metavar="COUCHE|CSV",
    help="Projets : projet_id, code du territoire, projet_compte, consommation_ha, annee_debut ou phasage.",
)
@click.option(
    "--scenario", "named", multiple=True, metavar="NOM=ID,ID", help="Projets d'un scénario ; à répéter."
)
@click.option("--diffus", type=click.FloatRange(0), default=0.0, help="Hectares par an hors projets.")
@click.option(
    "--offre",
    type=options.layer_file,
    metavar="COUCHE|CSV",
    help="Sites : site_id, code du territoire, consumed_ha. Montre ceux qui entrent dans le reste.",
)
@click.option(
    "--critere",
    type=click.Choice(["hectares", "sites", "valeur"]),
    default="hectares",
    show_default=True,
    help="Ce que l'ensemble retenu rend maximal.",
)
@click.option("--valeur", metavar="COLONNE", help="Colonne à additionner avec --critere valeur.")
@options.agree(
    needs={
        "--scenario": "--projets",
        "--diffus": "--projets",
        "--critere": "--offre",
        "--valeur": "--offre --critere",
    },
    excludes={"--projets": "--offre"},
)
@options.output
def simuler(
    rules_name: str,
    demand: zan_budget.Demand,
    wanted: tuple[str, ...],
    projets: "Layer | Path | None",
    named: tuple[str, ...],
    diffus: float,
    offre: "Layer | Path | None",
    critere: str,
    valeur: str | None,
    output: dict[str, Any],
    **inputs: Any,
) -> None:
    """Ce que deviennent les budgets avec les projets, ou quels sites de l'offre y entrent."""
    from artois_geo import zan as accounts
    from artois_geo.sheets import wording

    if projets is None and offre is None:
        raise click.UsageError("Donner --projets ou --offre.")
    rules, notes = zan_inputs.read_rules(rules_name)
    flows = zan_inputs.read_flows(**inputs)
    budgets, said = zan_budget.trajectory(flows, rules, demand)
    codes = {zan_places.resolved(flows.frame, flows.key, name) for name in wanted}
    if offre is not None:
        sites = _ledger(offre, flows.key, "consumed_ha")
        left = budgets.set_index(flows.key)["left_ha"]
        table = accounts.offers_within_budget(
            sites, left_ha=left, by=[flows.key], criterion=critere, value=valeur
        )
        table["remaining_on"] = budgets["remaining_on"].iloc[0]
        day = wording.day(budgets["remaining_on"].iloc[0], "fr")
        title = f"Sites de l'offre qui entrent dans le reste au {day} (critère : {critere})"
    else:
        assert projets is not None
        ledger = _ledger(projets, flows.key, "consommation_ha")
        ledger, told = zan_deductions.examined_projects(ledger, rules)
        said = [*said, *told]
        table = accounts.scenario(
            budgets,
            ledger,
            key=flows.key,
            budget_years=zan_inputs.decades(rules)[1],
            scenarios=_scenarios(named),
            other_ha_per_year=diffus,
        )
        table = _with_names(zan_budget.completed(table, budgets, flows.key), flows)
        title = "Enveloppes d'ENAF avec les projets"
    if codes:
        table = table[table[flows.key].astype(str).isin(codes)].reset_index(drop=True)
    show.table(
        _brief(table, output["format"]),
        constants=zan_budget.used(rules, demand),
        surface=flows.surface,
        notes=[*flows.notes, *notes, *zan_budget.remaining(budgets), *said],
        labels=_labels(flows.key),
        title=title,
        **output,
    )


def _brief(table: "pd.DataFrame", format: str) -> "pd.DataFrame":
    """The table to read: its day stands in headings and notes, the source of its rates in notes."""
    if format != "tableau":
        return table
    unread = ["counted_on", "target_source"]
    if "scenario" in table:  # what led to the budget is for « trajectoire » to show
        unread += ["reference_ha", "consumed_ha", "observed_years", "last_observed_year"]
    return table.drop(columns=unread, errors="ignore")


def _ledger(layer: "Layer | Path", key: str, area: str = "") -> "pd.DataFrame":
    """A ledger or an offer; where ``area`` is not declared, the hectares of what is drawn."""
    import pandas as pd

    from artois_geo import measure

    table = zan_inputs.read_table(layer) if isinstance(layer, Path) else zan_inputs.read_layer(layer)
    plain = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
    if area and "geometry" in table:
        drawn = measure.area_ha(table)
        plain[area] = pd.to_numeric(plain[area], errors="coerce").fillna(drawn) if area in plain else drawn
    plain = zan_names.with_usual_name(plain, key)
    if key == "commune" and key not in plain:
        return zan_names.named_key(plain, key, "La couche")
    return plain


def _scenarios(named: tuple[str, ...]) -> dict[str, list[str]] | None:
    if not named:
        return None
    found = {}
    for text in named:
        name, equal, ids = text.partition("=")
        if not equal or not name:
            raise click.UsageError(f"--scenario s'écrit NOM=ID,ID ; reçu : {text}")
        found[name] = [part.strip() for part in ids.split(",") if part.strip()]
    return found


def _with_names(table: "pd.DataFrame", flows: zan_inputs.Flows) -> "pd.DataFrame":
    if "nom" not in flows.frame:
        return table
    names = flows.frame.drop_duplicates(flows.key).set_index(flows.key)["nom"]
    named = table.copy()
    codes = named[flows.key]
    named.insert(named.columns.tolist().index(flows.key) + 1, "nom", codes.map(names))
    return named


def _labels(key: str) -> dict[str, str]:
    names = {"commune": "Commune", "epci": "EPCI", "scot": "SCoT", "pma": "Pôle métropolitain"}
    return {key: names.get(key, key), "nom": "Nom"}
