"""Texts that try to run, to break a page or to mislead; each must be shown exactly as it is written."""

import re
import tempfile
from pathlib import Path
from types import SimpleNamespace

from artois_geo.sheets import wording

CANARY = Path(tempfile.gettempdir()) / "pwned-by-a-map"  # written only by a text that runs
MARK = "window.PWN"
RUN = f"{MARK}=({MARK}||0)+1"

TEXTS = [
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<details open ontoggle={RUN}>",
    f"<body onload={RUN}>",
    f"<a href=javascript:{RUN}>clic</a>",
    f"javascript:{RUN}",
    f"data:text/html,<script>{RUN}</script>",
    f'" onmouseover="{RUN}" x="',
    f"' onfocus='{RUN}' autofocus x='",
    f"`+({RUN})+`",
    f"${{{RUN}}}",
    f"$\\{{{RUN}}}",
    "{{ 7*7 }}",
    f"{{{{ cycler.__init__.__globals__.os.system('touch {CANARY}') }}}}",
    "{% for x in [1] %}{{ x }}{% endfor %}",
    "{% 10",
    "lot {# 12",
    "{{ this.get_name() }}",
    f"</textarea></title></style><img src=x onerror={RUN}>",
    f"<!--<img src=x onerror={RUN}>-->",
    f"]]><img src=x onerror={RUN}>",
    f"</noscript><img src=x onerror={RUN}>",
    f"<math><mtext><img src=x onerror={RUN}></mtext></math>",
    "&lt;b&gt; &amp; &#60;",
    "fin\\",
    "\\u003cscript\\u003e",
    "ligne\u2028coupée\u2029deux fois",
    "avant\x00après",
    "\u202eetxet\u202c à l'envers",
    "zéro\u200blargeur\ufeff",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "%3Cscript%3E",
    "=1+1",
    f"url(javascript:{RUN})",
    f"expression({RUN})",
    "😀 é̂̃ ﷽",
    "x" * 3000,
]

WHOLE = " ".join(TEXTS)
ALIVE = "img:not([src^='data:image/']), iframe, object, embed, math, body > script:not([type]) ~ script[src]"
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


def bare(text: str) -> str:
    without = POLICY.sub("", text)
    assert without != text
    return without


def as_shown(text: str) -> str:
    """As a reader sees it: spaces run together in a page."""
    return " ".join(wording.visible(text).split())


def described(text: str, kind: str = "") -> SimpleNamespace:
    return SimpleNamespace(
        title=text,
        title_en=text,
        kind=kind,
        group=text,
        source=text,
        licence=text,
        vintage=text,
        geometry_note=text,
    )
