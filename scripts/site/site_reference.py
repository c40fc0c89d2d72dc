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

from artois_geo import ROOMS, constants, kinds, layers, meaning, tables, vocabulary
from artois_geo.cli import root

DOCS = Path(__file__).parents[2] / "docs"
ENGLISH = "Phrases et titres sont en français ; ce qui est sous chaque titre est dans le code, en anglais."
GLOSSARY = """# Glossaire

Ce que veut dire chaque colonne calculée, par ordre alphabétique ; la dernière colonne donne son nom en
Python, en CSV brut et en JSON. Un mot précis : `artois-geo glossaire vacance`.
"""
RECORDS = "Les enregistrements que ces fonctions reçoivent ou renvoient."
BULLET = re.compile(r"^- `([a-z]+\.[a-z_0-9]+)` : (.+)$", re.M)
FIRST_CLAUSE = re.compile(r" [:;] ")
ROOM_ROW = re.compile(r"^\| [\d,]+ \| `(\w+)` \| (.+) \|$", re.M)
SECTION = re.compile(r"^(?P<title>[A-Z][a-z]+)\n-{3,}\n", re.M)
ITEM = re.compile(r"^(?P<name>\S.*)\n(?P<body>(?:(?:[ ].*)?\n)*[ ].*)$", re.M)
LAST_NAME = re.compile(r"(?:[a-z_]\w*\.)+(?=[A-Z])()")
UNNAMED = re.compile(r"<function .+>")
UNPACKED = re.compile(r"\*<class '(\w+)'>")
TITLES = {
    "Parameters": "Paramètres",
    "Returns": "Renvoie",
    "Raises": "Erreurs",
    "Notes": "Méthode et source",
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
    return {name: _capitalised(sentence) for name, sentence in BULLET.findall(text)}


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


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
    """Write the public functions of a room: a table of French sentences, then each with its docstring."""
    public = functions(room)
    sentence = f"{room} : {rooms()[room]}"
    title = room_title(room)
    pages = [f"# {title}\n", *([f"{_capitalised(rooms()[room])}.\n"] * (title != sentence)), ENGLISH + "\n"]
    full_names = [full_name for full_name in sentences() if full_name.partition(".")[0] == room]
    in_order = [name for name in (full_name.partition(".")[2] for full_name in full_names) if name in public]
    rows = [[f"[{name}](#{room}{name})", sentences()[f"{room}.{name}"]] for name in in_order]
    pages.append(table(["Fonction", "Ce qu’elle fait"], rows))
    for name, function in public.items():
        pages += [f"## {room}.{name}\n", sentences()[f"{room}.{name}"] + "\n"]
        pages += [fence(_signature(name, function)), _docstring(function)]
    if records(room):
        pages += ["## Enregistrements\n", RECORDS + "\n"]
    for name, record in records(room).items():
        pages += [f"### {room}.{name}\n", _docstring(record)]
    return "\n".join(pages)


def room_title(room: str) -> str:
    """Return the name of a room and what it knows, in a few words: what a search shows of its page."""
    return f"{room} : {FIRST_CLAUSE.split(rooms()[room])[0]}"


def _signature(name: str, function: Callable[..., Any]) -> str:
    """Write how a function is called, one parameter a line, its types by their last name."""
    signature = inspect.signature(function)
    lines = [LAST_NAME.sub(r"\1", str(parameter)) for parameter in signature.parameters.values()]
    lines = [UNNAMED.sub("…", UNPACKED.sub(r"Unpack[\1]", line)) for line in lines]
    first_keyword = [part.kind is part.KEYWORD_ONLY for part in signature.parameters.values()]
    if True in first_keyword:
        lines.insert(first_keyword.index(True), "*")
    inside = "".join(f"    {line},\n" for line in lines)
    answer = LAST_NAME.sub(r"\1", inspect.formatannotation(signature.return_annotation))
    return f"{name}(\n{inside}) -> {answer}" if lines else f"{name}() -> {answer}"


def _docstring(documented: object) -> str:
    parts = SECTION.split(inspect.getdoc(documented) or "")
    pages = [_paragraphs(parts[0])]
    for title, body in zip(parts[1::2], parts[2::2], strict=True):
        text = body.strip("\n")
        pages.append(f"**{TITLES[title]}**\n")
        pages.append(fence(text, "pycon") if title == "Examples" else _items(text))
    return "\n".join(pages)


def _items(text: str) -> str:
    """Write names and what they mean as a list of definitions; a text without names as it is."""
    items = [(match["name"], " ".join(match["body"].split())) for match in ITEM.finditer(text)]
    return "\n".join(f"{code(name)}\n: {prose(body)}\n" for name, body in items) or _paragraphs(text)


def _paragraphs(text: str) -> str:
    return "\n".join(prose(paragraph) + "\n" for paragraph in text.split("\n\n") if paragraph.strip())


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
                plain(tables.quantity(value.value, value.unit)),
                f"{value.since:%d/%m/%Y}",
                plain(value.certainty),
                plain(value.source),
            ]
            for value in values
        ]
        pages.append(table(["Valeur", "Depuis", "Nature", "Source"], rows))
        pages += [plain(value.note) + "\n" for value in values[:1] if value.note]
    return "\n".join(pages)


def glossary_page() -> str:
    """Write every computed column by its French heading: its unit, what it means, its name in the code."""
    terms = sorted(vocabulary.terms().values(), key=lambda term: meaning.fold(term.label))
    rows = [[plain(vocabulary.heading(term.name)), plain(term.definition), code(term.name)] for term in terms]
    return f"{GLOSSARY}\n{table(['Intitulé', 'Sens', 'Colonne'], rows)}"


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
    toctree = "\n".join(f"{room} <python/{room}>" for room in listed_rooms)
    rows = [[f"[{room}](python/{room}.md)", _capitalised(rooms()[room])] for room in listed_rooms]
    page_texts["reference/python.md"] = (
        "# Python, pièce par pièce\n\nUne pièce répond à une question de planificateur, ou tient un savoir : "
        "`from artois_geo import land`. Toutes leurs fonctions sur une page : "
        "[en une phrase](../fonctions.md).\n\n"
        f"{table(['Pièce', 'Ce qu’elle sait'], rows)}\n"
        f"```{{toctree}}\n:hidden:\n\n{toctree}\n```\n"
    )
    return page_texts
