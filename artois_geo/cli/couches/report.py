"""What ``couches importer`` says of a delivery: lines to read, or one JSON object."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artois_geo.cli import french
from artois_geo.text import counted, number

if TYPE_CHECKING:
    from artois_geo.deliveries.delivery import Delivery

SAID = {
    "accept": "accepté",
    "warn": "accepté, avec des alertes",
    "repair": "accepté après réparation",
    "reject": "refusé",
}
SHOWN = 20  # lines of one rule on the terminal; the JSON has them all


def _counts(delivery: "Delivery") -> dict[str, int]:
    kept = 0 if delivery.outcome == "reject" else len(delivery.features)
    copies = sum(one.rule == "objet en double" for one in delivery.findings)
    aside = 0 if delivery.outcome == "reject" else len(delivery.aside)
    return {"in": delivery.counted, "kept": kept, "set_aside": aside, "copies_removed": copies if kept else 0}


def as_json(delivery: "Delivery", layer: str, event: dict[str, Any]) -> str:
    """Write the report of an import as one JSON object."""
    contents = {
        "outcome": delivery.outcome,
        "file": delivery.name,
        "layer": layer,
        "kind": delivery.schema.name,
        "format": delivery.format,
        "crs": delivery.reading,
        "counts": _counts(delivery),
        "hectares": {"before": round(delivery.before_ha, 4), "after": round(delivery.after_ha, 4)},
        "identifiers": delivery.features.attrs.get("identifiers"),
        "matches": [
            {"column": match.source, "field": match.field, "how": match.how} for match in delivery.matches
        ],
        "rows": delivery.rows(),
        "version": event.get("version"),
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


def as_text(delivery: "Delivery", layer: str) -> str:
    """Write the report of an import for a terminal."""
    counts = _counts(delivery)
    target = f" → couche « {layer} »" if delivery.outcome != "reject" else ""
    lines = [
        f"{delivery.name}{target} : {SAID[delivery.outcome]}.",
        f"{counted(counts['in'], 'objet lu', 'objets lus')}, {counted(counts['kept'], 'gardé')},"
        f" {counted(counts['set_aside'], 'mis de côté', 'mis de côté')},"
        f" {counted(counts['copies_removed'], 'copie retirée')} ; {delivery.format}, {delivery.reading}.",
        f"Surface : {number(delivery.before_ha, 2)} ha reçus"
        + (f", {number(delivery.after_ha, 2)} ha gardés" if delivery.outcome != "reject" else "")
        + " (plane, Lambert-93 EPSG:2154).",
    ]
    inexact = [match for match in delivery.matches if match.how != "exact"]
    columns = [f"{match.source} → {match.field} ({match.how})" for match in inexact]
    exact = len(delivery.matches) - len(inexact)
    lines.append(f"Colonnes : {exact} au nom exact" + (f" ; {', '.join(columns)}" if columns else "") + ".")
    if "identifiers" in delivery.features.attrs:
        lines.append(_identifiers(delivery))
    return french.visible("\n".join([*lines, *_findings(delivery)]))


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
    if all(finding["position"] for finding in errors):
        advice += ", ou importer le reste avec --ecarter"
    elif absent := {finding["field"] for finding in errors if finding["rule"] == "champ absent"}:
        advice += ", ou indiquer la colonne par --correspondance"
        if absent - {delivery.schema.key}:
            advice += ".\n--incomplet accepte un fichier sans certains champs obligatoires"
        if delivery.schema.key in absent:
            advice += ".\n--completer crée les identifiants à partir des formes"
    count = counted(len(errors), "erreur")
    return f"{delivery.name} : import refusé, {count}, rien n'a été changé.\n{advice}."
