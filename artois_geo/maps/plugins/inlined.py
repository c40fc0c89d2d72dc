"""The files of folium's plugins that need no network: of an installed package, or ours in their place."""

import base64
import mimetypes
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from pathlib import Path
from typing import Any

from artois_geo.maps import assets

EXTRA = "artois-geo[greffons]"
FOLDER = "plugins"
IMAGE = re.compile(r"""url\(\s*["']?(?!data:|https?:|//)([^"')]+)["']?\s*\)""")
SOURCE_MAP = re.compile(r"\n?(//# sourceMappingURL=.*|/\*# sourceMappingURL=.*?\*/)")


@dataclass(frozen=True)
class Asset:
    """Name a file that folium asks a network for, and where it is here.

    ``asks``: the end of its address, in small letters. ``path``: its place among the packages of Python,
    or ``own``, a file of this folder. ``then``: a file of this folder that follows it. ``sha256``: of the
    version that was tried.
    """

    asks: str
    path: str = ""
    own: str = ""
    then: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Plugin:
    """Name a plugin of folium that needs no network, who made it and which package carries it."""

    name: str
    classes: tuple[str, ...]
    files: tuple[Asset, ...]
    version: str = ""
    distribution: str = ""
    licence: str = ""
    copyright: str = ""
    home: str = ""


@cache
def plugins() -> tuple[Plugin, ...]:
    """List the plugins of folium that need no network, by the files of ``assets.toml``.

    Examples
    --------
    >>> sorted(plugin.name for plugin in plugins() if plugin.distribution == "django-leaflet")
    ['Draw', 'MiniMap']
    """
    return tuple(
        Plugin(
            **{
                **entry,
                "classes": tuple(entry["classes"]),
                "files": tuple(Asset(**asset) for asset in entry["files"]),
            }
        )
        for entry in _read()["plugin"]
    )


def offline_names() -> list[str]:
    """List the names of folium that fit in one file, sorted."""
    return sorted({"Icon", *(name for plugin in plugins() for name in plugin.classes)})


def plugin_of(url: str) -> Plugin | None:
    """Return the plugin whose file an address asks for; None where none needs no network."""
    return next((plugin for plugin in plugins() if _asset(plugin, url)), None)


def text_of(plugin: Plugin, url: str) -> str | None:
    """Return the text of the file that an address asks for; None where its package is not installed."""
    asset = _asset(plugin, url)
    if asset is None:
        return None
    if asset.own:
        return own(asset.own)
    file = installed(plugin, asset)
    if file is None:
        return None
    text = SOURCE_MAP.sub("", file.read_text(encoding="utf-8").replace("\r\n", "\n"))
    if asset.asks.endswith(".css"):
        return _notice(plugin) + IMAGE.sub(lambda link: f"url({_image(file.parent / link[1])})", text)
    return _notice(plugin) + text + (f"\n{own(asset.then)}" if asset.then else "")


def installed(plugin: Plugin, asset: Asset) -> Path | None:
    """Return where a file of a plugin is installed; None where its package is not."""
    try:
        file = Path(str(distribution(plugin.distribution).locate_file(asset.path)))
    except PackageNotFoundError:
        return None
    return file if file.is_file() else None


def _asset(plugin: Plugin, url: str) -> Asset | None:
    file_name = url.split("?")[0].rsplit("/", 1)[-1].lower().replace(".min.", ".")
    return next((asset for asset in plugin.files if asset.asks == file_name), None)


def own(name: str) -> str:
    """Return one of our own files; a control that measures brings the ellipsoid with it."""
    if name.endswith(".css"):
        return assets.own_text(f"{FOLDER}/{name}")
    names: Sequence[str] = (
        ("geodesy.js", f"{FOLDER}/{name}") if name.startswith("measure") else (f"{FOLDER}/{name}",)
    )
    return f"(() => {{\n{assets.own_text(*names)}\n}})();"


def _notice(plugin: Plugin) -> str:
    """Write who made the plugin and under which licence, as the licence asks of every copy."""
    lines = (
        f"{plugin.home} {plugin.version}",
        f"Copyright (c) {plugin.copyright}. {plugin.licence}",
        _read()["licences"][plugin.licence].strip(),
    )
    return "/*! " + "\n".join(lines) + " */\n"


@cache
def _read() -> dict[str, Any]:
    text = files("artois_geo.maps").joinpath(FOLDER, "assets.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _image(file: Path) -> str:
    mime = mimetypes.types_map.get(file.suffix.lower(), "application/octet-stream")
    return f"data:{mime};base64," + base64.b64encode(file.read_bytes()).decode("ascii")
