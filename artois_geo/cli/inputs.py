"""Tables and rules that a planner hands over: CSV from a spreadsheet, or the output of an earlier command."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.errors import BadTable, UnreadableFile, reason

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from artois_geo import land
    from artois_geo.layers import Layer


def text_of(path: Path) -> str:
    """Content of a text file: UTF-8, or what French spreadsheets write."""
    content = _content(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"{path.name} : {reason(error)}.") from error


def table(path: Path) -> "pd.DataFrame":
    """Rows of a CSV (``;``, ``,`` or tab), of a GeoJSON, or of the JSON that a command wrote.

    Numbers are read as numbers unless one starts with a zero: a code stays text.
    """
    import pandas as pd

    suffix = path.suffix.lower()
    if suffix == ".geojson":
        from artois_geo import layers

        return layers.read(path)
    if suffix == ".json":
        try:
            rows = json.loads(text_of(path))["rows"]
            return pd.DataFrame(rows)
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableFile(
                f"{path.name} : pas un tableau écrit par artois-geo (clé « rows » absente)."
            ) from error
    if suffix not in (".csv", ".tsv", ".txt"):
        raise UnreadableFile(f"{path.name} : un tableau se donne en .csv, .json ou .geojson.")
    from artois_geo import tables

    return tables.from_csv(_content(path), name=path.name).apply(_typed)


def require_columns(frame: "pd.DataFrame", name: str, columns: Mapping[str, str]) -> None:
    """Refuse, by the name of its file, a table that lacks a column; each has the option that gives it."""
    for column, option in columns.items():
        if column not in frame.columns:
            known = ", ".join(str(found) for found in frame.columns if found != "geometry")
            advice = f" Donner avec {option} une de ses colonnes" if option else " Ses colonnes"
            raise BadTable(f"{name} n'a pas de colonne « {column} ».{advice} : {known}.")


def layer(name: str, *, beside: Path | None = None) -> "tuple[gpd.GeoDataFrame, Layer | Path]":
    """A layer by path (relative to the rules file, then to here) or by its name in the catalogue."""
    from artois_geo import layers, measure
    from artois_geo.cli import options

    for folder in (beside, Path()):
        if folder is not None and (folder / name).is_file():
            path = folder / name
            if path.suffix.lower() in (".geojson", ".json"):
                return layers.read(path), path
            return measure.to_lambert93(layers.read_any(path)[0]), path
    found = options.layer_file.convert(name, None, click.get_current_context())
    return layers.read(found), found


def fingerprint(source: "Layer | Path") -> str:
    """sha256 of the file behind a layer."""
    path = source if isinstance(source, Path) else source.path
    return sha256(path.read_bytes()).hexdigest()


def rules(path: Path) -> "tuple[list[land.Rule], land.Options, dict[str, str]]":
    """Constraints, options, and the fingerprints that an earlier output kept of its layers."""
    from artois_geo import land

    text = text_of(path)
    form = {".toml": "toml", ".csv": "csv", ".json": "json", ".geojson": "json"}.get(path.suffix.lower())
    if form is None:
        raise UnreadableFile(f"{path.name} : une table de contraintes se donne en .toml, .csv ou .json.")
    found, options = land.read_rules(text, form=form)
    kept: Any = json.loads(text).get("entrees", {}) if form == "json" else {}
    return found, options, dict(kept)


def _typed(column: "pd.Series") -> "pd.Series":
    import pandas as pd

    values = column.str.strip()
    filled = values[values != ""]
    codes = filled.str.fullmatch(r"0\d+").any()
    plain = filled.str.replace(r"[\u00a0\u202f ]", "", regex=True).str.replace(",", ".", regex=False)
    numbers = pd.to_numeric(plain, errors="coerce")
    if len(filled) and not codes and numbers.notna().all():
        return numbers.reindex(column.index)
    said = filled.str.lower()
    if len(filled) and said.isin(["oui", "non", "vrai", "faux", "true", "false"]).all():
        return said.isin(["oui", "vrai", "true"]).reindex(column.index)
    return values.where(values != "", None)
