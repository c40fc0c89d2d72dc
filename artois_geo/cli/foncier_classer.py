"""``foncier classer``: which site first, and how far that can be trusted."""

import tomllib
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french, inputs, options, show

if TYPE_CHECKING:
    import pandas as pd

    from artois_geo.constants import Constant
    from artois_geo.ranking import Criterion

FILE = click.Path(path_type=Path, dir_okay=False)
PROFILES = ("industrie_canal", "pme_artisanat", "renaturation", "site_cle_en_main", "sobriete")


@click.command(cls=french.Command)
@click.argument("tableau", type=FILE)
@click.option("--profil", type=click.Choice(PROFILES), help="Jeu de critères livré avec l'outil.")
@click.option("--criteres", type=FILE, metavar="FICHIER.toml", help="Votre jeu de critères.")
@click.option("--montrer", is_flag=True, help="Affiche le profil, à copier dans un fichier, sans classer.")
@click.option(
    "--cle", metavar="COLONNE", help="Colonne qui nomme les sites ; par défaut site_nom, nom ou site_id."
)
@click.option(
    "--tirages", type=click.IntRange(1), default=10_000, show_default=True, help="Pondérations tirées."
)
@click.option("--graine", default=1, show_default=True, help="Même graine, mêmes tirages.")
@click.option("--site", metavar="NOM", help="Site du graphique.")
@click.option(
    "--graphique",
    type=options.OutputFile("svg"),
    metavar="FICHIER.svg",
    help="Profil d'un site (--profil sobriete --site).",
)
@options.output
def classer(
    tableau: Path,
    profil: str | None,
    criteres: Path | None,
    montrer: bool,
    cle: str | None,
    tirages: int,
    graine: int,
    site: str | None,
    graphique: Path | None,
    output: dict[str, Any],
) -> None:
    """Classe les sites de TABLEAU (.csv, ou la sortie .json/.geojson d'une commande) et dit si cela tient.

    Une valeur absente élargit la note en intervalle ; une colonne absente est inconnue pour tous.
    """
    from artois_geo import ranking

    if graphique and (profil != "sobriete" or site is None):
        raise click.UsageError("--graphique demande --profil sobriete et --site.")
    if (profil is None) == (criteres is None):
        raise click.UsageError("Donner --profil ou --criteres, l'un des deux.")
    text = inputs.text_of(criteres) if criteres else _shipped(str(profil))
    if montrer:
        click.echo(text, nl=False)
        return
    criteria, vetoes, settings = ranking.read_profile(_parsed(text, criteres))
    sites = _keyed(inputs.table(tableau), cle)
    sites, absent = _padded(sites, criteria, vetoes)
    notes = [f"Profil : {settings['titre'] or criteres}. {settings['note']}".strip(), settings["source"]]
    notes += [f"Critère « {name} » : colonne absente, inconnu pour tous les sites." for name in absent]
    notes += _schematic(sites)
    if profil == "sobriete":
        shown = ranking.profile(sites, criteria)
        notes.append("Profil en six axes, de 0 à 100 : il ne s'additionne pas.")
        if graphique:
            _draw(graphique, shown, str(site))
        _table(shown, tableau, notes, (), {"profil": settings}, output, title="Sobriété")
        return
    constants = _constants()
    criteria = ranking.compared(
        criteria,
        settings["comparaisons"],
        random_index=constants["ahp_indice_aleatoire"].value,
        max_consistency_ratio=constants["ahp_ratio_maximal"].value,
    )
    method: Any = "geometric" if settings["methode"] == "geometrique" else "additive"
    ranked = ranking.rank(sites, criteria, vetoes=vetoes, method=method)
    held = ranking.stability(sites, criteria, draws=tirages, seed=graine, vetoes=vetoes, method=method)
    change = constants["sensibilite_variation"].value
    turns = ranking.one_at_a_time(sites, criteria, change_share=change, vetoes=vetoes, method=method)
    ranked = ranked.join(held)
    if ranked["completeness"].mean() < 0.5:
        known = _percent(ranked["completeness"].mean())
        notes.insert(0, f"Les critères ne sont connus qu'à {known} : ce classement ne décide de rien.")
    members: dict[str, Any] = {
        "criteres": [vars(criterion) for criterion in criteria],
        "sensibilite": turns.to_dict("records"),
        "tirages": tirages,
        "graine": graine,
    }
    notes += _sensitivity(turns, criteria, change, tirages, graine)
    if method == "additive":
        ranked["said"] = ranking.said(sites, criteria, draws=tirages, seed=graine, vetoes=vetoes)
        critical = ranking.critical_weights(sites, criteria, vetoes=vetoes)
        members["poids_critiques"] = critical.to_dict("records")
        notes += _critical(critical, criteria)
    ranked = ranked.sort_values("rank", na_position="last", kind="stable")
    if output["format"] == "tableau":
        columns = ["rank", "score", "score_low", "score_high", "completeness", "first_share"]
        ranked = ranked[[*columns, "best_rank", "worst_rank", "veto"]]
    _table(ranked, tableau, notes, constants.values(), members, output, title="Classement")


def _table(
    frame: "pd.DataFrame",
    source: Path,
    notes: list[str],
    constants: Any,
    members: dict[str, Any],
    output: dict[str, Any],
    *,
    title: str,
) -> None:
    show.table(
        frame.reset_index(names="site") if "site" not in frame.columns else frame,
        sources=[source],
        constants=[constant for constant in constants if constant.name == "sensibilite_variation"],
        notes=[note for note in notes if note],
        title=title,
        labels={"site": "Site"} | _heads(frame),
        members=members,
        **output,
    )


def _heads(frame: "pd.DataFrame") -> dict[str, str]:
    """Headings of the columns that a profile names by its axes."""
    suffix = "_completeness"
    return {
        column: f"{column.removesuffix(suffix)} : part connue"
        for column in frame.columns
        if column.endswith(suffix)
    }


def _draw(path: Path, shown: "pd.DataFrame", site: str) -> None:
    from artois_geo import charts
    from artois_geo.errors import UnknownName

    rows = shown.set_axis(shown.index.astype(str))
    if site not in rows.index:
        raise UnknownName("site", site, rows.index)
    axes = [column for column in rows.columns if not column.endswith("_completeness")]
    known = {axis: float(value) for axis, value in zip(axes, rows.loc[site, axes].to_numpy(), strict=True)}
    drawn = charts.profile(known, title=f"Sobriété : {site}")
    show.save(drawn.encode(), path)


def _shipped(name: str) -> str:
    return files("artois_geo.ranking").joinpath("profiles", f"{name}.toml").read_text(encoding="utf-8")


def _parsed(text: str, path: Path | None) -> dict[str, Any]:
    from artois_geo.errors import UnreadableFile

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableFile(f"{path.name if path else 'profil'} : TOML illisible ({error}).") from error


def _keyed(table: "pd.DataFrame", key: str | None) -> "pd.DataFrame":
    from artois_geo.errors import BadTable, UnknownName

    name = key or next(
        (name for name in ("site", "site_nom", "nom", "site_id") if name in table.columns), None
    )
    if name is None:
        raise BadTable("Aucune colonne ne nomme les sites : la donner avec --cle.")
    if name not in table.columns:
        raise UnknownName("colonne", name, map(str, table.columns))
    if table[name].duplicated().any():
        twice = table.loc[table[name].duplicated(), name].iloc[0]
        raise BadTable(
            f"Deux lignes s'appellent « {twice} » dans « {name} ». Choisir une autre colonne avec --cle."
        )
    return table.set_index(name)


def _padded(sites: "pd.DataFrame", criteria: Any, vetoes: Any) -> "tuple[pd.DataFrame, list[str]]":
    """A criterion whose column is absent is unknown for all, which completeness then says."""
    wanted = {item.column: item.name for item in (*vetoes, *criteria)}
    absent = [column for column in wanted if column not in sites.columns]
    padded = sites.assign(**{column: float("nan") for column in absent})
    return padded, [criterion.name for criterion in criteria if criterion.column in absent]


def _schematic(sites: "pd.DataFrame") -> list[str]:
    if "schematic" not in sites.columns:
        return []
    count = int(sites["schematic"].eq(True).sum())
    return [f"Tracé schématique pour {count} site(s) sur {len(sites)} : ordres de grandeur."] if count else []


def _constants() -> "dict[str, Constant]":
    from artois_geo import constants

    names = ("ahp_indice_aleatoire", "ahp_ratio_maximal", "sensibilite_variation")
    return {name: constants.get(name, on=date.today()) for name in names}


def _sensitivity(
    turns: "pd.DataFrame", criteria: "list[Criterion]", change: float, draws: int, seed: int
) -> list[str]:
    names = {criterion.column: criterion.name for criterion in criteria}
    said = [f"Part des pondérations : {draws} tirages au hasard, graine {seed}."]
    turning = turns[turns["turned"]]
    for _, row in turning.iterrows():
        said.append(
            f"Si « {names[row['column']]} » passe de {_percent(row['weight_before'])} à"
            f" {_percent(row['weight_after'])}, le premier devient {row['first']}."
        )
    if not len(turning):
        shown = f"{100 * change:g}".replace(".", ",")
        said.append(f"Aucun poids, modifié seul de ± {shown} %, ne change le premier.")
    return said


def _critical(critical: "pd.DataFrame", criteria: "list[Criterion]") -> list[str]:
    names = {criterion.column: criterion.name for criterion in criteria}
    said = []
    for _, row in critical.iterrows():
        limits = []
        if row["below"] == row["below"]:
            limits.append(f"moins de {_percent(row['below'])} ({row['rival_below']})")
        if row["above"] == row["above"]:
            limits.append(f"plus de {_percent(row['above'])} ({row['rival_above']})")
        if limits:
            said.append(f"Le premier change si « {names[row['column']]} » pèse {' ou '.join(limits)}.")
    return said


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %".replace(".", ",")
