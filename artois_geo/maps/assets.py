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

COMMENT = re.compile(r"//.*|/\*[^*]*\*/")  # a whole line of our scripts or style sheets
# of a script: its texts, templates and regular expressions, which stay as they are; remarks; blanks
TEXTS = re.compile(
    r"""'(?:\\.|[^'\\\n])*' | "(?:\\.|[^"\\\n])*"
    | `(?:\\.|\$\{(?:[^{}`]|`[^`]*`|\{[^{}]*\})*\}|[^`\\])*`
    | (?<=[(,=:\[!&|?{};>])[ ]?
      (?P<pattern>/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*)
    | (?P<remark>[ \t]*//[^\n]*)
    | (?P<blank>\s+)""",
    re.VERBOSE,
)
IN_WORD = re.compile(r"[\w$]")
GOES_ON_AFTER, GOES_ON_BEFORE = ";,{([=&|?:>", ")]}.,;?:&|=*"  # no statement ends there

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
def leaflet_css(*, images: bool = True) -> str:
    """Return Leaflet's style sheet, its images inlined unless the map uses none."""
    css = _leaflet("leaflet.css").decode("utf-8").replace("\r\n", "\n")  # as the browser reads and hashes it
    return re.sub(
        r"url\(images/([\w.-]+)\)",
        lambda link: f"url({_image(link[1])})" if images else "none",
        tight_css(css),
    )


@cache
def leaflet_js(*, images: bool = True) -> str:
    """Return Leaflet's script with its licence, and default icons that need no other file.

    Without ``images`` there is no default icon: for a map to which folium adds nothing.
    """
    script = re.sub(r"\n//# sourceMappingURL=.*", "", _leaflet("leaflet.js").decode("utf-8"))
    if not images:
        return f"{_licence()}\n{script};"
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
    return tight_css(joined) if names[0].endswith(".css") else tight_script(joined)


def tight_script(script: str) -> str:
    """Remove the blanks and remarks of a script that change nothing; names and ends of statements stay.

    Examples
    --------
    >>> tight_script("const a = x => {\\n  return 'b  c' + x; // why\\n};\\nlet d = / {2}/g")
    "const a=x=>{return'b  c'+x;};let d=/ {2}/g"
    """
    return TEXTS.sub(lambda match: _tightened(match, script), script)


def _tightened(match: re.Match[str], script: str) -> str:
    """Return what stays of a text, a remark or a blank of a script."""
    if match["remark"]:
        return ""
    if match["pattern"]:
        return match["pattern"]
    if not match["blank"]:
        return match[0]
    before, after = script[match.start() - 1 : match.start()], script[match.end() : match.end() + 1]
    if "\n" in match["blank"]:
        return "" if before in GOES_ON_AFTER or after in GOES_ON_BEFORE else "\n"
    joins = (IN_WORD.match(before) and IN_WORD.match(after)) or (before == after and before in "+-")
    return " " if joins else ""


def tight_css(css: str) -> str:
    """Remove the blanks of a style sheet that change nothing.

    Examples
    --------
    >>> tight_css("a :hover,\\nb > i {\\n  color: red;\\n  margin: 0 1px;\\n}")
    'a :hover,b>i{color:red;margin:0 1px}'
    """
    css = re.sub(r"/\*[^!*][^*]*\*/", "", css)
    css = re.sub(r"\s*([{};]|(?<=[\w\])]),|(?<=[\w\])])\s>(?=\s))\s*", lambda sign: sign[1].strip(), css)
    css = re.sub(r"(?<=[{;(])([\w-]+):\s+", r"\1:", css)
    return css.replace(";}", "}").strip()


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
