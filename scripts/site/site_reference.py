"""Pages of reference, made from the package: commands, Python by room, constants, glossary, data."""

import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click
from site_markdown import code, fence, plain, prose, table

from artois_geo import ROOMS, constants, kinds, layers, vocabulary
from artois_geo.cli import root

DOCS = Path(__file__).parents[2] / "docs"
ENGLISH = "Une phrase en français, puis comment s'écrit l'appel, puis la description du code, en anglais."
RECORDS = "Les enregistrements que ces fonctions reçoivent ou rendent."
BULLET = re.compile(r"^- (.+)$", re.M)
CLAUSE = re.compile(r" ; |(?<=\.) ")
FUNCTION = re.compile(r"`([a-z]+\.[a-z_0-9]+)`")
ROOM_ROW = re.compile(r"^\| [\d,]+ \| `(\w+)` \| (.+) \|$", re.M)
SECTION = re.compile(r"^(?P<title>[A-Z][a-z]+)\n-{3,}\n", re.M)
LAST_NAME = re.compile(r"(?:[a-z_]\w*\.)+(?=[A-Z])()")
TITLES = {
    "Parameters": "Paramètres",
    "Returns": "Rend",
    "Raises": "Erreurs",
    "Notes": "Méthode",
    "Examples": "Exemple",
}


def commands() -> Iterator[tuple[str, click.Command]]:
    """List every command with its words, in alphabetical order."""

    def walk(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
        if isinstance(command, click.Group):
            context = click.Context(command)
            for child in sorted(command.list_commands(context)):
                below = command.get_command(context, child)
                if below and not below.hidden:
                    yield from walk(f"{name} {child}".strip(), below)
        else:
            yield name, command

    return walk("", root)


def functions(room: str) -> dict[str, Callable[..., Any]]:
    """Return the public functions of a room, by name."""
    module = importlib.import_module(f"artois_geo.{room}")
    names = getattr(module, "__all__", None) or [name for name in dir(module) if name[0] != "_"]
    return {
        name: member
        for name in sorted(names)
        if inspect.isfunction(member := getattr(module, name))
        and member.__module__.startswith("artois_geo")
        and (hasattr(module, "__all__") or member.__module__ == module.__name__)
    }


def records(room: str) -> dict[str, type]:
    """Return the public classes of a room that a caller fills or reads, by name."""
    module = importlib.import_module(f"artois_geo.{room}")
    classes = {name: getattr(module, name) for name in sorted(getattr(module, "__all__", []))}
    return {name: member for name, member in classes.items() if inspect.isclass(member)}


@cache
def sentences() -> dict[str, str]:
    """Return the French sentence of each public function, from the page that says them all."""
    text = (DOCS / "fonctions.md").read_text(encoding="utf-8")
    clauses = [clause for bullet in BULLET.findall(text) for clause in CLAUSE.split(bullet)]
    return {name: f"{clause.rstrip('.')}." for clause in clauses[::-1] for name in FUNCTION.findall(clause)}


@cache
def rooms() -> dict[str, str]:
    """Return what each room knows, in French, from the table of the architecture."""
    return dict(ROOM_ROW.findall((DOCS / "architecture.md").read_text(encoding="utf-8")))


def command_page() -> str:
    """Write each command: what it answers, how it is called, its options with their sentence."""
    pages = ["# Les commandes\n", "L'aide d'une commande : `artois-geo COMMANDE --help`.\n"]
    answers = [[_link(name), plain((command.help or "").split("\n\n")[0])] for name, command in commands()]
    pages.append(table(["Commande", "Ce qu'elle répond"], answers))
    for name, command in commands():
        context = click.Context(command, info_name=f"artois-geo {name}")
        arguments = [
            part.make_metavar(context) for part in command.params if isinstance(part, click.Argument)
        ]
        pages += [f"## {name}\n", *(plain(part) + "\n" for part in (command.help or "").split("\n\n"))]
        pages.append(fence(" ".join([f"artois-geo {name}", "[OPTIONS]", *arguments])))
        rows = [
            [code(", ".join((*option.opts, *option.secondary_opts))), plain(option.help or "")]
            for option in command.params
            if isinstance(option, click.Option) and not option.hidden
        ]
        pages.append(table(["Option", "Sens"], rows))
    return "\n".join(pages)


def _link(name: str) -> str:
    return f"[{name}](#{name.replace(' ', '-')})"


def room_page(room: str) -> str:
    """Write the public functions of a room: a French sentence each, then their docstring."""
    sentence = rooms()[room]
    pages = [f"# {room}\n", f"{sentence[0].upper()}{sentence[1:]}.\n", ENGLISH + "\n"]
    for name, function in functions(room).items():
        pages += [f"## {room}.{name}\n", sentences()[f"{room}.{name}"] + "\n"]
        pages += [fence(_signature(name, function)), _docstring(function)]
    if records(room):
        pages += ["## Enregistrements\n", RECORDS + "\n"]
    for name, record in records(room).items():
        pages += [f"### {room}.{name}\n", _docstring(record)]
    return "\n".join(pages)


def _signature(name: str, function: Callable[..., Any]) -> str:
    """Write how a function is called, one parameter a line, its types by their last name."""
    signature = inspect.signature(function)
    lines = [LAST_NAME.sub(r"\1", str(parameter)) for parameter in signature.parameters.values()]
    first_keyword = [part.kind is part.KEYWORD_ONLY for part in signature.parameters.values()]
    if True in first_keyword:
        lines.insert(first_keyword.index(True), "*")
    inside = "".join(f"    {line},\n" for line in lines)
    answer = LAST_NAME.sub(r"\1", inspect.formatannotation(signature.return_annotation))
    return f"{name}(\n{inside}) -> {answer}" if lines else f"{name}() -> {answer}"


def _docstring(documented: object) -> str:
    parts = SECTION.split(inspect.getdoc(documented) or "")
    pages = [*(prose(paragraph) + "\n" for paragraph in parts[0].split("\n\n") if paragraph.strip())]
    for title, body in zip(parts[1::2], parts[2::2], strict=True):
        pages.append(f"**{TITLES.get(title, title)}**\n")
        pages.append(fence(body.strip("\n"), "pycon" if title == "Examples" else "text"))
    return "\n".join(pages)


def constant_page() -> str:
    """Write each constant with every value that it has had, its date, its source."""
    pages = [
        "# Les constantes\n",
        "Une loi qui change ajoute une valeur : une ancienne étude garde son chiffre.\n",
    ]
    for name in constants.names():
        values = constants.values(name)
        pages += [f"## {name}\n", plain(values[0].title) + ".\n"]
        rows = [
            [
                code(value.value),
                plain(value.unit),
                f"{value.since:%d/%m/%Y}",
                plain(value.certainty),
                plain(value.source),
            ]
            for value in values
        ]
        pages.append(table(["Valeur", "Unité", "Depuis", "Certitude", "Source"], rows))
        pages += [plain(value.note) + "\n" for value in values[:1] if value.note]
    return "\n".join(pages)


def glossary_page() -> str:
    """Write every computed column: its French heading, its unit, what it means."""
    rows = [
        [code(term.name), plain(term.label), plain(term.unit), plain(term.definition)]
        for term in vocabulary.terms().values()
    ]
    return "# Glossaire des colonnes calculées\n\n" + table(["Colonne", "Intitulé", "Unité", "Sens"], rows)


def layer_page() -> str:
    """Write the shipped layers from their catalogue."""
    pages = ["# Les couches livrées\n", "Faits publics cités ; rien n'est ajusté pour retrouver un total.\n"]
    for name, layer in layers.read_catalogue().items():
        facts = {
            "Type": code(layer.kind),
            "Source": plain(layer.source),
            "Licence": plain(layer.licence),
            "Millésime": plain(layer.vintage),
            "Géométrie": plain(layer.geometry_note),
        }
        pages += [f"## {name} : {plain(layer.title)}\n", plain(layer.description) + "\n"]
        pages.append(table(["", ""], [[key, text] for key, text in facts.items() if text]))
    return "\n".join(pages)


def kind_page() -> str:
    """Write each kind of layer: its standard, its key, its fields."""
    pages = ["# Les types de couches\n", "Ce que `couches valider` et `couches importer` vérifient.\n"]
    for name in layers.kinds():
        kind = kinds.read_kind(name)
        pages += [
            f"## {name} : {plain(kind.title)}\n",
            f"Source du modèle : {plain(kind.source or 'artois-geo')}.\n",
        ]
        rows = [
            [
                code(part.name),
                plain(part.label),
                plain(part.unit),
                "oui" if part.required else "",
                plain(", ".join(map(str, part.enum))),
            ]
            for part in kind.fields
        ]
        if rows:
            pages.append(table(["Champ", "Libellé", "Unité", "Obligatoire", "Valeurs"], rows))
    return "\n".join(pages)


def pages() -> dict[str, str]:
    """Write every generated page, by its path in the site."""
    page_texts = {
        "reference/commandes.md": command_page(),
        "reference/constantes.md": constant_page(),
        "reference/glossaire.md": glossary_page(),
        "donnees/couches.md": layer_page(),
        "donnees/types.md": kind_page(),
    }
    listed_rooms = [room for room in ROOMS if functions(room)]
    page_texts |= {f"reference/python/{room}.md": room_page(room) for room in listed_rooms}
    toctree = "\n".join(f"python/{room}" for room in listed_rooms)
    rows = [[f"[{room}](python/{room}.md)", rooms()[room]] for room in listed_rooms]
    page_texts["reference/python.md"] = (
        "# Python, pièce par pièce\n\nUne pièce répond à une question de planificateur, ou tient un savoir : "
        "`from artois_geo import land`.\n\n"
        f"{table(['Pièce', 'Ce qu’elle sait'], rows)}\n"
        f"```{{toctree}}\n:hidden:\n\n{toctree}\n```\n"
    )
    return page_texts
