"""Remake the pictures of the README and of the gallery: run a command, open what it wrote, keep the view."""

import argparse
import io
import shlex
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import page_blocks
from chromium import Opened, chromium
from PIL import Image

FOLDER = Path(__file__).parents[1] / "docs" / "images"
LARGEST_KB = 300
SCREEN, PAGE = (1440, 900), (794, 1123)  # a laptop; an A4 page at 96 dots per inch
THUMBNAIL_WIDTH = 480
SETTLED_MS = 2_000
CONSUMPTION = "pays/consommation.csv"
LOCAL = "artois-geo --donnees pays --sans-livrees"


@dataclass(frozen=True)
class Picture:
    """What is shown: the command that writes a file, that file, the window, the width and colours kept."""

    command: str
    file: str
    window: tuple[int, int] = SCREEN
    width: int = 1200
    colours: int = 200


README = {
    "carte": Picture("artois-geo carte --sortie carte.html", "carte.html"),
    "fiche": Picture("artois-geo fiche port-de-harnes --sortie fiche.html", "fiche.html", PAGE, 794),
    "rapport": Picture(
        f"artois-geo zan rapport {CONSUMPTION} --par epci --territoire 999000011 --sortie rapport.html",
        "rapport.html",
        PAGE,
        794,
    ),
}


def thumbnail(command: str, file: str) -> Picture:
    return Picture(command, file, (1200, 750), THUMBNAIL_WIDTH, 128)


STUDIES = {
    "fichier_partenaire": thumbnail(f"{LOCAL} carte communes sites_eco --sortie a.html", "a.html"),
    "foncier_net": thumbnail(
        f"{LOCAL} foncier disponible sites_eco --regles pays/contraintes.toml --carte b.html", "b.html"
    ),
    "zan_trajectoire": thumbnail(
        "artois-geo zan trajectoire pays/consommation.csv --par epci --sur 999000011 --graphique c.svg",
        "c.svg",
    ),
    "ocs_ge": thumbnail(f"{LOCAL} carte communes ocsge_2021 --sortie d.html", "d.html"),
    "zae_inventaire": thumbnail(f"{LOCAL} carte terrains batiments --sortie e.html", "e.html"),
    "canal_fret": thumbnail(f"{LOCAL} carte canal quais sites_eco --sortie f.html", "f.html"),
    "voies_vertes": thumbnail(
        f"{LOCAL} trame manques voies_vertes --ecart-max 5000 --carte g.html", "g.html"
    ),
    "dossier_salon": thumbnail("artois-geo simi --sans-pdf --sans-analyses --sortie h", "h/index.html"),
}
PICTURES = README | {f"etudes/{name}": picture for name, picture in STUDIES.items()}


def shot(browser: Any, picture: Picture, folder: Path) -> bytes:
    """Run the command of a picture in a folder and return the view of what it wrote, as PNG."""
    page_blocks.Session(folder).run(page_blocks.Block("bash", picture.command, 0))
    opened = Opened(browser, size=picture.window, script=True)
    opened.page.goto((folder / picture.file).as_uri())
    opened.page.wait_for_timeout(SETTLED_MS)
    view = opened.page.screenshot()
    opened.context.close()
    return view


def reduced(view: bytes, picture: Picture) -> bytes:
    """Return a view at the width and the colours of its picture."""
    image = Image.open(io.BytesIO(view)).convert("RGB")
    height = round(image.height * picture.width / image.width)
    small = image.resize((picture.width, height), Image.Resampling.LANCZOS)
    png = io.BytesIO()
    small.quantize(picture.colours, dither=Image.Dither.NONE).save(png, "PNG", optimize=True)
    return png.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NOM")
    names = parser.parse_args().names or list(PICTURES)
    unknown = sorted(set(names) - set(PICTURES))
    if unknown:
        parser.error(f"image inconnue : {', '.join(unknown)} ; connues : {', '.join(PICTURES)}")
    with tempfile.TemporaryDirectory() as work, chromium() as browser:
        page_blocks.territory(Path(work))
        for name in names:
            picture = PICTURES[name]
            content = reduced(shot(browser, picture, Path(work)), picture)
            if len(content) > LARGEST_KB * 1000:
                raise SystemExit(f"{name} : {len(content) // 1000} ko, plus que {LARGEST_KB}.")
            path = FOLDER / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            print(f"{path} ({len(content) // 1000} ko) : {shlex.join(shlex.split(picture.command))}")


if __name__ == "__main__":
    main()
