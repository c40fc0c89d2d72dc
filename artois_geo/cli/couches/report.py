"""What ``couches importer`` says of a delivery: lines to read, or one JSON object."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artois_geo.cli import french
from artois_geo.text import argument, counted, number

if TYPE_CHECKING:
    from artois_geo.deliveries.delivery import Delivery
    from artois_geo.studies.layers.importing import Imported, Proposed

SHOWN = 20  # lines of one rule on the terminal; the JSON has them all


def as_json(answer: "Imported") -> str:
    """Write the report of an import as one JSON object."""
    from artois_geo.studies.layers.import_summary import object_counts

    delivery, layer, event = answer.delivery, answer.layer, answer.event
    contents = {
        "outcome": delivery.outcome,
        "file": delivery.name,
        "layer": layer,
        "kind": delivery.schema.name,
        "format": delivery.format,
        "crs": delivery.reading,
        "counts": object_counts(delivery),
        "hectares": {"before": round(delivery.before_ha, 4), "after": round(delivery.after_ha, 4)},
        "identifiers": delivery.features.attrs.get("identifiers"),
        "matches": [
            {"column": match.source, "field": match.field, "how": match.how} for match in delivery.matches
        ],
        "rows": delivery.rows(),
        "version": event.get("version"),
        "recipe": event.get("recipe"),
    }
    return json.dumps(contents, ensure_ascii=False, indent=1, default=str)


def refusal(fichier: Path, error: Exception) -> str:
    """Write the same object for a file that could not be read at all."""
    row = {"feature": "", "position": None, "field": "", "rule": "fichier", "level": "erreur"}
    contents = {
        "outcome": "reject",
        "file": fichier.name,
        "counts": {"in": None, "kept": 0, "set_aside": 0, "copies_removed": 0},
        "rows": [row | {"found": fichier.name, "message": str(error)}],
    }
    return json.dumps(contents, ensure_ascii=False, indent=1)


def about_recipe(answer: "Imported") -> Iterator[str]:
    """Say which recipe was followed without being named, and which were written."""
    if answer.recognised:
        yield f"Recette reprise : recettes/{answer.recognised} (--sans-recette l'ignore)."
    if answer.recipe_path is not None:
        yield f"Recette écrite : {answer.recipe_path}"
    if "recipe" in answer.event:
        yield f"Recette gardée pour la prochaine livraison : {answer.event['recipe']}"


def proposed(proposal: "Proposed", fichier: Path, target: Path | None) -> Iterator[str]:
    """Say what a proposed recipe holds, and what to do with it."""
    yield (
        f"{counted(proposal.matched, 'champ rapproché', 'champs rapprochés')}, "
        f"{counted(proposal.doubtful, 'ligne')} à confirmer."
    )
    if target is not None:
        command = f"couches importer {argument(fichier)} --recette {argument(target)} --essai"
        yield f"Relire {target}, puis : {command}"


def as_text(answer: "Imported", *, is_trial: bool = False) -> str:
    """Write the report of an import for a terminal; of a trial, some objects before and after."""
    delivery = answer.delivery
    identifiers = [_identifiers(delivery)] if "identifiers" in delivery.features.attrs else []
    examples = _before_and_after(answer) if is_trial else ()
    lines = [*_outcome(answer), _columns(answer), *identifiers, *_findings(delivery), *examples]
    return french.visible("\n".join(lines))


def _outcome(answer: "Imported") -> Iterator[str]:
    """Say what became of the file, of its objects, and of their area."""
    from artois_geo.studies.layers.import_summary import object_counts

    delivery = answer.delivery
    counts = object_counts(delivery)
    is_refused = delivery.outcome == "reject"
    target = "" if is_refused else f" → couche « {answer.layer} »"
    yield f"{delivery.name}{target} : {delivery.outcome_label}."
    yield (
        f"{counted(counts['in'], 'objet lu', 'objets lus')}, {counted(counts['kept'], 'gardé')},"
        f" {counted(counts['set_aside'], 'mis de côté', 'mis de côté')},"
        f" {counted(counts['copies_removed'], 'copie retirée')} ; {delivery.format}, {delivery.reading}."
    )
    imported = "" if is_refused else f", {number(delivery.after_ha, 2)} ha gardés"
    yield f"Surface : {number(delivery.before_ha, 2)} ha reçus{imported} (plane, Lambert-93 EPSG:2154)."


def _columns(answer: "Imported") -> str:
    """Say how the columns were matched: each that bears another name, or how many in each way."""
    from artois_geo.studies.layers.import_summary import matched_columns

    columns = matched_columns(answer)
    listed = [f"{match.source} → {match.field} ({match.how})" for match in columns.listed]
    if len(listed) > SHOWN:
        listed = [f"{count} par {how}" for how, count in columns.ways.items()]
    by_recipe = [f"{columns.by_recipe} d'après la recette"] if columns.by_recipe else []
    parts = [f"{columns.exact} au nom exact", *by_recipe, *([", ".join(listed)] if listed else [])]
    return f"Colonnes : {' ; '.join(parts)}."


def _before_and_after(answer: "Imported") -> Iterator[str]:
    """Show what some objects of a trial were, and what they would be."""
    examples = answer.examples()
    if examples:
        yield f"Essai, rien n'a été écrit. {counted(len(examples), 'objet')} avant → après :"
    for label, changes in examples.items():
        yield f"  {label}"
        for column, cell, field, imported in changes:
            source = f"{column} « {cell} » → " if column else ""
            yield f"    {source}{field} « {imported} »"


def _findings(delivery: "Delivery") -> Iterator[str]:
    """Write a line for each thing that was wrong, the gravest first; long lists are cut, and say so."""
    from artois_geo.kinds.readable_findings import condensed

    group_counts: Counter[tuple[str, str, str]] = Counter()
    lines = condensed(delivery.rows())
    for line in lines:
        group = (line["level"], line["rule"], line["field"])
        group_counts[group] += 1
        if line["level"] != "note" and group_counts[group] <= SHOWN:
            yield "  " + _line(line)
    for (level, rule, field), count in group_counts.items():
        if level != "note" and count > SHOWN:
            more = counted(count - SHOWN, "autre ligne")
            yield f"  {level} · {field} · {rule} : {more} (--format json les donne toutes)"
    notes = sum(line["count"] for line in lines if line["level"] == "note")
    if notes:
        yield f"  {counted(notes, 'note')} sans conséquence (--format json)."


def _identifiers(delivery: "Delivery") -> str:
    """Tell where the identifiers of an import come from: the file, the workspace, or a new number."""
    ends = {"given": "donné{s} par le fichier", "known": "déjà connu{s}", "new": "nouveau{x}"}
    counts = {name: count for name, count in delivery.features.attrs["identifiers"].items() if count}
    parts = [
        f"{count} {ends[name].format(s='s' if count > 1 else '', x='x' if count > 1 else '')}"
        for name, count in counts.items()
    ]
    return f"Identifiants : {', '.join(parts) or 'aucun'}."


def _line(finding: dict[str, Any]) -> str:
    feature = finding["feature"] or "fichier"
    if finding["count"] == 1 and finding["position"] and finding["feature"] != f"n° {finding['position']}":
        feature += f" (n° {finding['position']})"
    field = f" · {finding['field']}" if finding["field"] else ""
    excerpt = f" « {finding['found']} »" if finding["found"] not in {"", "None"} else ""
    return f"{finding['level']} · {feature}{field} · {finding['rule']}{excerpt} : {finding['message']}"


def refused(delivery: "Delivery") -> str:
    """Write the last words of an import that was refused."""
    errors = [finding for finding in delivery.rows() if finding["level"] == "erreur"]
    advice = "Corriger le fichier"
    if len({finding["position"] for finding in errors} - {None}) == delivery.counted:
        advice += " : chaque objet est en erreur, --ecarter n'en garderait aucun"
    elif all(finding["position"] for finding in errors):
        advice += ", ou importer le reste avec --ecarter"
    elif absent := {finding["field"] for finding in errors if finding["rule"] == "champ absent"}:
        advice += ", ou indiquer la colonne par --correspondance"
        if absent - {delivery.schema.key}:
            advice += ".\n--incomplet accepte un fichier sans certains champs obligatoires"
        if delivery.schema.key in absent:
            advice += ".\n--completer crée les identifiants à partir des formes"
    count = counted(len(errors), "erreur")
    return f"{delivery.name} : import refusé, {count}, rien n'a été changé.\n{advice}."
