"""``foncier classer``: which site first, and how far that can be trusted."""

import tomllib
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import drawn, french, options, rank_map, show
from artois_geo.studies import planner_files

if TYPE_CHECKING:
    import pandas as pd

    from artois_geo.constants import Constant
    from artois_geo.ranking import Criterion

FILE = click.Path(path_type=Path, dir_okay=False)
UNKNOWN_OR_NOT = ", quelles que soient les valeurs inconnues"
NAMED = 5  # sites that a sentence names
ON_SHOW = ("sensibilite_variation", "classement_part_connue_min")
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
@drawn.option
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
    carte: Path | None,
    output: dict[str, Any],
) -> None:
    """Classe les sites de TABLEAU (.csv, ou la sortie .json/.geojson d'une commande) et dit si cela tient.

    Une valeur absente élargit la note et le rang en intervalles ; une colonne absente est inconnue pour tous.
    Une valeur connue à peu près se donne par ses bornes : net_low_ha et net_high_ha à côté de net_ha.
    """
    from artois_geo import ranking

    if graphique and (profil != "sobriete" or site is None):
        raise click.UsageError("--graphique demande --profil sobriete et --site.")
    if carte and profil == "sobriete":
        raise click.UsageError("--carte dessine un classement : le profil de sobriété n'en est pas un.")
    if (profil is None) == (criteres is None):
        raise click.UsageError("Donner --profil ou --criteres, l'un des deux.")
    text = planner_files.text_of(criteres) if criteres else _shipped(str(profil))
    if montrer:
        click.echo(text, nl=False)
        return
    criteria, vetoes, settings = ranking.read_profile(_parsed(text, criteres))
    sites = _keyed(planner_files.table(tableau), cle)
    if carte:
        rank_map.require_shapes(sites, tableau)
    sites, absent = _padded(sites, criteria, vetoes)
    notes = [f"Profil : {settings['titre'] or criteres}. {settings['note']}".strip(), settings["source"]]
    notes += [f"Critère « {name} » : colonne absente, inconnu pour tous les sites." for name in absent]
    sites = ranking.without_sketches(sites, criteria, vetoes=vetoes)
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
    study = Study(
        sites,
        criteria,
        {"vetoes": vetoes, "method": "geometric" if settings["methode"] == "geometrique" else "additive"},
        {"draws": tirages, "seed": graine},
    )
    ranked, verdict, members = _ranked(study, constants)
    notes = [*(verdict[:1] if output["format"] != "tableau" else []), *notes, *verdict[1:]]
    if carte:
        rank_map.write(ranked, carte, settings["titre"] or str(criteres), verdict[:1], tableau)
    _table(
        _ordered(ranked, criteria, brief=output["format"] == "tableau"),
        tableau,
        notes,
        constants.values(),
        members,
        output,
        title=f"Classement. {verdict[0]}" if output["format"] == "tableau" else "Classement",
    )


@dataclass(frozen=True)
class Study:
    """Sites with the criteria, the rules (vetoes, method) and the draws (number, seed) of a ranking."""

    sites: "pd.DataFrame"
    criteria: "list[Criterion]"
    rules: dict[str, Any]
    draws: dict[str, Any]


def _ranked(
    study: Study, constants: "dict[str, Constant]"
) -> "tuple[pd.DataFrame, list[str], dict[str, Any]]":
    """The ranking with its sensitivity, what must be said of it (the verdict first), what a file keeps."""
    from artois_geo import ranking

    sites, criteria, rules, draws = study.sites, study.criteria, study.rules, study.draws
    enough = constants["classement_part_connue_min"].value
    ranked = ranking.rank(sites, criteria, **rules)
    known = ranking.known_share(ranked)
    settled = known >= enough
    ranked["standing"] = ranking.standing(ranked, settled=settled)
    members: dict[str, Any] = {
        "criteres": [vars(criterion) for criterion in criteria],
        "part_connue": known,
        "tirages": draws["draws"],
        "graine": draws["seed"],
    }
    unknown = int((ranked["completeness"] == 0).sum())
    plural = "s" if unknown > 1 else ""
    aside = [f"{unknown} site{plural} sur {len(ranked)} sans rang : aucun critère connu."] if unknown else []
    ranked["said"] = ranking.said(sites, criteria, min_known_share=enough, **rules, **draws)
    if not settled:
        # What rests on the little that is known would be read as a place: only the score's bounds are shown.
        places = {name: ranked[name].mask(ranked[name].notna()) for name in ("rank", "rank_low", "rank_high")}
        ranked = ranked.assign(**places, score=float("nan"))
        verdict = f"Critères connus à {_percent(known)} du poids : le classement ne départage pas les sites."
        return ranked.sort_values("score_high", ascending=False, kind="stable"), [verdict, *aside], members
    stable = ranking.stability(sites, criteria, **rules, **draws)
    vague = ranked["completeness"] < enough
    stable.loc[vague, ["first_share", "top3_share"]] = float("nan")
    change = constants["sensibilite_variation"].value
    turns = ranking.one_at_a_time(sites, criteria, change_share=change, **rules)
    members["sensibilite"] = _records(turns)
    leaders = ranking.contenders(sites, criteria, **rules)
    verdict = _first(leaders, vague=bool(vague[leaders[0]]), whole=bool((ranked["completeness"] == 1).all()))
    notes = [
        f"Part des pondérations : {draws['draws']} tirages au hasard des poids et de ce qui est"
        f" inconnu, graine {draws['seed']}."
    ]
    notes += _sensitivity(turns, criteria, change, certain=len(leaders) == 1 and not vague[leaders[0]])
    if rules["method"] == "additive":
        critical = ranking.critical_weights(sites, criteria, vetoes=rules["vetoes"])
        members["poids_critiques"] = _records(critical)
        notes += _critical(critical, criteria) if len(leaders) == 1 and not vague[leaders[0]] else []
    ranked = ranked.join(stable).sort_values("rank", na_position="last", kind="stable")
    return ranked, [verdict, *aside, *notes], members


def _first(leaders: list[Any], *, vague: bool, whole: bool) -> str:
    """Who is first, or who may be."""
    if vague:
        return (
            f"{leaders[0]} a la meilleure note, mais ses critères sont trop peu connus pour le dire premier."
        )
    if len(leaders) == 1:
        return f"Premier aux poids choisis : {leaders[0]}{'' if whole else UNKNOWN_OR_NOT}."
    named = ", ".join(map(str, leaders[1:NAMED])) + (" …" if len(leaders) > NAMED else "")
    return (
        f"Première place non départagée : {leaders[0]} a la meilleure note ; peuvent aussi être premiers,"
        f" selon leurs valeurs inconnues ou à égalité : {named}."
    )


def _ordered(ranked: "pd.DataFrame", criteria: "list[Criterion]", *, brief: bool) -> "pd.DataFrame":
    """What the ranking says, then its criteria, then the rest of the table; the first alone if brief."""
    from artois_geo.ranking.criteria import bound_columns

    front = ["score_low", "score_high", "completeness", "veto"]
    if ranked["rank"].notna().any():
        front = ["rank", "best_rank", "worst_rank", "score", *front[:-1], "first_share", "veto"]
    if brief:
        return ranked[front]
    front += ["rank", "rank_low", "rank_high", "score", "standing", "said"]
    for criterion in criteria:
        bounds = [name for pair in bound_columns(criterion.column) for name in pair]
        front += [criterion.column, *bounds, f"score_{criterion.column}"]
    first = [name for name in dict.fromkeys(front) if name in ranked.columns]
    return ranked[[*first, *(name for name in ranked.columns if name not in first)]]


def _records(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    """Rows for a JSON member: what is missing is null."""
    from artois_geo.tables import values

    names = [str(name) for name in frame.columns]
    rows = values.rows(frame)
    return [
        {name: None if values.is_missing(cell) else cell for name, cell in zip(names, row, strict=True)}
        for row in rows
    ]


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
        constants=[constant for constant in constants if constant.name in ON_SHOW],
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
    from artois_geo.errors import UnreadableFile, toml_place

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableFile(
            f"{path.name if path else 'profil'} : TOML illisible ({toml_place(error, text)})."
        ) from error


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
    from artois_geo.ranking.criteria import bound_columns

    wanted = [item.column for item in (*vetoes, *criteria)]
    padded = sites.assign(**{column: float("nan") for column in wanted if column not in sites.columns})
    absent = [
        criterion.name
        for criterion in criteria
        if not {criterion.column, *sum(bound_columns(criterion.column), ())} & set(sites.columns)
    ]
    return padded, absent


def _schematic(sites: "pd.DataFrame") -> list[str]:
    """Which sites are drawn for show, and which criteria that leaves unknown."""
    from artois_geo import meaning

    count = int(meaning.schematic(sites).sum())
    if not count:
        return []
    drawn_for_show = f"Tracé schématique pour {count} site{'s' if count > 1 else ''} sur {len(sites)}"
    emptied: dict[str, bool] = sites.attrs["emptied"]
    parts = []
    for bounded, words in ((True, "pris entre ses bornes"), (False, "compté comme inconnu")):
        named = [f"« {name} »" for name, has_bounds in emptied.items() if has_bounds is bounded]
        if len(named) > 1:
            words = "pris entre leurs bornes" if bounded else "comptés comme inconnus"
        if named:
            parts.append(f"{', '.join(named)} : critère{'s' if len(named) > 1 else ''} {words}")
    return [f"{drawn_for_show}, à ne pas mesurer. {' ; '.join(parts)}{'.' if parts else ''}".rstrip()]


def _constants() -> "dict[str, Constant]":
    from artois_geo import constants

    names = (
        "ahp_indice_aleatoire",
        "ahp_ratio_maximal",
        "sensibilite_variation",
        "classement_part_connue_min",
    )
    return {name: constants.get(name, on=date.today()) for name in names}


def _sensitivity(
    turns: "pd.DataFrame", criteria: "list[Criterion]", change: float, *, certain: bool
) -> list[str]:
    """What one weight changes to the first place; nothing is steady where the first is not certain."""
    names = {criterion.column: criterion.name for criterion in criteria}
    becomes = "le premier devient" if certain else "la meilleure note devient celle de"
    notes = [
        f"Si « {names[row['column']]} » passe de {_percent(row['weight_before'])} à"
        f" {_percent(row['weight_after'])}, {becomes} {row['first']}."
        for _, row in turns[turns["turned"]].iterrows()
    ]
    shown = f"{100 * change:g}".replace(".", ",")
    if certain and not notes:
        if (turns["contenders"] == 1).all():
            return [f"Aucun poids, modifié seul de ± {shown} %, ne change le premier."]
        doubtful = turns.loc[turns["contenders"] > 1, "column"].unique()
        named = ", ".join(f"« {names[column]} »" for column in doubtful)
        return [
            f"Modifié seul de ± {shown} %, le poids de {named} peut changer le premier, selon les valeurs"
            " inconnues."
        ]
    return notes


def _critical(critical: "pd.DataFrame", criteria: "list[Criterion]") -> list[str]:
    names = {criterion.column: criterion.name for criterion in criteria}
    notes = []
    for _, row in critical.iterrows():
        limits = []
        if row["below"] == row["below"]:
            limits.append(f"moins de {_percent(row['below'])} ({row['rival_below']})")
        if row["above"] == row["above"]:
            limits.append(f"plus de {_percent(row['above'])} ({row['rival_above']})")
        if limits:
            notes.append(f"Le premier change si « {names[row['column']]} » pèse {' ou '.join(limits)}.")
    return notes


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %".replace(".", ",")
