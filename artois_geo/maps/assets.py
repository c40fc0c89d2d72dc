"""What the page needs besides our own code, read from an installed package; and the hashes for its CSP."""

import base64
import hashlib
import mimetypes
import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.metadata import distribution
from importlib.resources import files

PACKAGE = "js_lib_leaflet"
DISTRIBUTION = "django-js-lib-leaflet"  # carries Leaflet 1.9.4; Django is not imported
ICONS = ("marker-icon.png", "marker-icon-2x.png", "marker-shadow.png")

# a line of a script that goes on in the next, and where no remark or text of several lines could begin
OPEN_LINE = re.compile(r"^((?:(?!//)[^`\n])*[;,{(])\n", re.MULTILINE)
COMMENT = re.compile(r"//.*|/\*[^*]*\*/")  # a whole line of our scripts or style sheets

# folium.Popup calls $(`<div …>`)[0] and nothing else of jQuery
JQUERY_SHIM = """
window.$ = window.jQuery = what => {
  if (typeof what !== 'string') return {
    ready: run => document.readyState === 'loading'
      ? document.addEventListener('DOMContentLoaded', run) : run(),
  };
  const box = document.createElement('template');
  box.innerHTML = what.trim();
  return box.content.children;
};
"""


@cache
def leaflet_css() -> str:
    """Return Leaflet's style sheet, its images inlined."""
    css = _leaflet("leaflet.css").decode("utf-8").replace("\r\n", "\n")  # as the browser reads and hashes it
    return re.sub(r"url\(images/([\w.-]+)\)", lambda link: f"url({_image(link[1])})", css)


@cache
def leaflet_js() -> str:
    """Return Leaflet's script with its licence, and default icons that need no other file."""
    script = re.sub(r"\n//# sourceMappingURL=.*", "", _leaflet("leaflet.js").decode("utf-8"))
    icon, retina, shadow = (_image(name) for name in ICONS)
    return (
        f"{_licence()}\n{script};L.Icon.Default.imagePath='';"
        f"L.Icon.Default.mergeOptions({{iconUrl:'{icon}',iconRetinaUrl:'{retina}',shadowUrl:'{shadow}'}});"
    )


def own_text(*names: str) -> str:
    """Join our own style sheets or scripts, without what only their readers need.

    Indents and comments on a line of their own are a tenth of the page of an investor.
    """
    folder = files("artois_geo.maps")
    texts = (folder.joinpath(name).read_text(encoding="utf-8") for name in names)
    lines = (line.strip() for text in texts for line in text.splitlines())
    joined = "\n".join(line for line in lines if line and not COMMENT.fullmatch(line))
    if names[0].endswith(".css"):
        return re.sub(r"(?<=[{};,])\n", "", joined)
    return OPEN_LINE.sub(r"\1", joined)


def csp(
    *,
    scripts: Iterable[str],
    styles: Iterable[str] | None,
    image_hosts: Sequence[str] = (),
    online_hosts: Sequence[str] | None = None,
    handlers: Sequence[str] = (),
) -> str:
    """Write the Content-Security-Policy that allows only what is inlined in the page.

    Parameters
    ----------
    scripts
        Texts of the inline scripts.
    styles
        Texts of the inline style sheets; None allows any inline style.
    image_hosts
        Hosts of tiles, none by default.
    online_hosts
        Hosts of the scripts of an online view, which may read pictures and data of any host; None for a
        page that reads none.
    handlers
        What buttons in the page run.
    """
    images = ["data:", *(f"https://{host}" for host in image_hosts)]
    style_sources = ["'unsafe-inline'"] if styles is None else _hashes(styles)
    script_sources = _hashes(scripts)
    if handlers:
        script_sources += ["'unsafe-hashes'", *_hashes(handlers)]
    anywhere = ""
    if online_hosts is not None:
        addresses = [f"https://{host}" for host in online_hosts]
        script_sources += addresses
        style_sources += addresses
        images += ["https:", "blob:"]
        anywhere = "connect-src https:; worker-src blob:; "
    fonts = "data:" if online_hosts is None else "data: https:"
    return (
        f"default-src 'none'; img-src {' '.join(images)}; font-src {fonts}; "
        f"style-src {' '.join(style_sources)}; script-src {' '.join(script_sources)}; "
        f"{anywhere}base-uri 'none'; form-action 'none'"
    )


def _hashes(texts: Iterable[str]) -> list[str]:
    digests = (hashlib.sha256(text.encode("utf-8")).digest() for text in texts)
    return [f"'sha256-{base64.b64encode(digest).decode('ascii')}'" for digest in digests]


def _leaflet(name: str) -> bytes:
    return files(PACKAGE).joinpath("static", PACKAGE, name).read_bytes()


def _image(name: str) -> str:
    mime = mimetypes.types_map.get("." + name.rsplit(".", 1)[-1], "application/octet-stream")
    return f"data:{mime};base64," + base64.b64encode(_leaflet(f"images/{name}")).decode("ascii")


def _licence() -> str:
    licence = (
        distribution(DISTRIBUTION).read_text("LICENSE") or "Leaflet, BSD-2-Clause, https://leafletjs.com"
    )
    return "/*! Leaflet\n" + licence.strip().replace("*/", "* /") + "\n*/"
