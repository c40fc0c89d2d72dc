"""Error messages in the words of the command line: the planner's files instead of Python arguments.

An analysis says « units », index 3; the planner typed ``--unites uf.gpkg``: the message shown says
« uf.gpkg », objet n° 4. A new argument that holds a file needs its line in ``GIVEN_BY``.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: Argument of an analysis -> names of the command-line parameters that may hold its file, likeliest first.
GIVEN_BY = {
    "after": ("apres",),
    "answers": ("etablissements", "locaux"),
    "areas": ("parcs", "photovoltaique", "zones"),
    "base": ("couche", "sites", "lieux", "taches", "routes", "voies"),
    "before": ("avant",),
    "budgets": ("enveloppe", "budgets"),
    "buildings": ("batiments",),
    "communes": ("communes", "territoires", "contours"),
    "constraints": ("rules", "regles", "contraintes"),
    "corridors": ("corridors_",),
    "cover": ("ocsge", "couche", "soil", "avant"),
    "criteria": ("criteria", "criteres", "profil"),
    "deductions": ("deductions",),
    "diff": ("diff",),
    "establishments": ("etablissements",),
    "features": ("couche", "fichier", "sites"),
    "flows": ("flux", "fichier"),
    "increment": ("ajout", "ajout_sites", "ajout_rues", "ajout_routes", "ajout_voies"),
    "left": ("couche", "sites"),
    "lines": ("couche", "rues", "routes", "voies"),
    "membership": ("territoires",),
    "missing": ("couche",),
    "mos": ("couche",),
    "obstacles": ("obstacles",),
    "parcels": ("parcelles",),
    "passages": ("passages",),
    "patches": ("taches",),
    "people": ("population",),
    "places": ("lieux",),
    "points": ("lieux",),
    "premises": ("locaux",),
    "projects": ("projets",),
    "roads": ("routes", "voies", "roads"),
    "sites": ("sites", "couche", "tableau", "fichier"),
    "targets": ("objectifs",),
    "territories": ("territoires",),
    "units": ("unites", "parcelles"),
    "waterways": ("voies",),
    "ways": ("couche", "voies"),
    "zones": ("zones",),
}
#: What a planner calls the argument of an analysis that no file of the command gave.
WORDS = {
    "after": "la couche d'après",
    "answers": "la table des réponses",
    "before": "la couche d'avant",
    "budgets": "la table des enveloppes",
    "buildings": "la couche des bâtiments",
    "constraints": "la couche des contraintes",
    "cover": "l'occupation du sol",
    "deductions": "la table des déductions",
    "establishments": "la table des établissements",
    "features": "la couche",
    "flows": "la table des flux",
    "left": "la couche des sites",
    "membership": "la table des territoires",
    "mos": "le MOS",
    "parcels": "la couche des parcelles",
    "passages": "la table des passages",
    "premises": "la table des locaux",
    "projects": "la table des projets",
    "sites": "la couche des sites",
    "targets": "la table des objectifs",
    "territories": "la table des territoires",
    "units": "la table des unités foncières",
    "zones": "la couche des territoires",
}
_QUOTED = re.compile(r"« ([a-z_]+) »")
_POSITION = re.compile(r"\bindex (\d+(?:, \d+)*)")


def with_file_names(message: str, given: Mapping[str, Any]) -> str:
    """Replace in a message each argument by the file that the command took for it.

    A row without a line of its own is an object, numbered from 1 as in the reports of a file.

    Examples
    --------
    >>> with_file_names("« units », index 3 : vide. Voir « units ».", {"unites": Path("demo/uf.gpkg")})
    '« uf.gpkg », objet n° 4 : vide. Voir « uf.gpkg ».'
    >>> with_file_names("« units » : colonne vide.", {"unites": None})
    'La table des unités foncières : colonne vide.'
    """

    def file(match: re.Match[str]) -> str:
        for parameter in GIVEN_BY.get(match[1], ()):
            name = _name(given.get(parameter))
            if name:
                return f"« {name} »"
        words = WORDS.get(match[1], match[0])
        return f"{words[0].upper()}{words[1:]}" if match.start() == 0 else words

    def objects(match: re.Match[str]) -> str:
        numbers = [str(int(number) + 1) for number in match[1].split(", ")]
        return f"objet{'s' if len(numbers) > 1 else ''} n° {', '.join(numbers)}"

    return _POSITION.sub(objects, _QUOTED.sub(file, message))


def _name(value: Any) -> str:
    """Name a file by its name, a layer of the catalogue by its own; the first of several."""
    if isinstance(value, (list, tuple)):
        return _name(value[0]) if value else ""
    if isinstance(value, Path):
        return value.name
    if isinstance(value, str):
        return Path(value).name
    return str(getattr(value, "name", "") or "")
