"""The theme: one file for colours, fonts and logos; nothing in it can leave its place."""

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artois_geo import maps, sheets, theme
from artois_geo.errors import BadValue, UnknownName, UnreadableFile
from artois_geo.maps import style
from artois_geo.theme import ThemeRequest, reading

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>'


def write_theme(folder: Path, text: str) -> Path:
    path = folder / "theme.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_text_of_the_shipped_theme_can_be_read_on_what_it_stands_on() -> None:
    look = theme.read()
    for name in ("navy", "teal", "ink", "soft"):
        for ground in ("#ffffff", look.colours["ground"], look.colours["tip"]):
            assert theme.contrast(look.colours[name], ground) >= 4.5, (name, ground)
    assert theme.contrast(look.colours["pale"], look.colours["navy"]) >= 4.5
    assert theme.contrast(look.colours["refusal"], look.colours["ground"]) >= 4.5
    assert theme.contrast(look.colours["teal"], look.colours["tint"]) >= 4.5


def test_the_theme_and_the_map_have_the_same_ground() -> None:
    map_colours, map_ground = theme.read().map, style.read_style()["ground"]
    assert {name: map_ground[name] for name in ("outside", "land", "limit", "label")} == {
        name: map_colours[name] for name in ("outside", "land", "limit", "label")
    }


def test_the_theme_and_the_panels_of_the_map_have_the_same_colours() -> None:
    css = files("artois_geo.maps").joinpath("page.css").read_text(encoding="utf-8")
    for name in ("navy", "teal", "ink", "soft", "line", "ground", "accent"):
        assert f"--{name}: {theme.read().colours[name]};" in css


def test_what_a_theme_leaves_out_keeps_its_value(tmp_path: Path) -> None:
    look = theme.read(write_theme(tmp_path, '[colours]\nteal = "#7a003c"\n[owner]\nname = "Agence"\n'))
    assert look.colours == {**theme.read().colours, "teal": "#7a003c"}
    assert (look.owner["name"], look.fonts) == ("Agence", theme.read().fonts)


def test_one_theme_colours_the_sheet_the_board_the_page_and_the_map(tmp_path: Path) -> None:
    import pandas as pd
    import plain

    look = theme.read(write_theme(tmp_path, '[colours]\nteal = "#7a003c"\n'))
    pages = [
        sheets.site(pd.Series({"site_nom": "A"}), {}, look=look),
        sheets.board(title="A", figure="", look=look),
        sheets.front_page(title="A", subtitle="", links=[sheets.Link("a.html", "A")], look=look),
        maps.standalone(maps.build({"A": plain.square(x_km=0, y_km=0, side_km=1)}, look=look)),
    ]
    for page in pages:
        assert "--teal: #7a003c" in page


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('[colours]\nteal = "red; } * { display: none"', BadValue),
        ('[colours]\nteal = "#fff"', BadValue),
        ('[colours]\nink = "#cccccc"', BadValue),
        ('[colours]\nnavy = "#556677"', BadValue),
        ('[colours]\ntael = "#123456"', UnknownName),
        ('[colors]\nteal = "#123456"', UnknownName),
        ('[fonts]\ntext = ["A\'; } * { color: red"]', BadValue),
        ('colours = "rouge"', BadValue),
        ("[colours", UnreadableFile),
        ('[[logos]]\nfile = "absent.svg"', UnreadableFile),
        ('[[logos]]\nfile = "theme.toml"', UnreadableFile),
    ],
)
def test_a_wrong_theme_is_refused_in_french(text: str, error: type[Exception], tmp_path: Path) -> None:
    with pytest.raises(error):
        theme.read(write_theme(tmp_path, text))


@pytest.mark.parametrize(("colour", "ratio"), [("#8fa3ad", "2,6"), ("#ffffff", "1,0")])
def test_a_brand_that_cannot_be_read_on_white_is_refused_with_its_contrast(
    colour: str, ratio: str, tmp_path: Path
) -> None:
    with pytest.raises(BadValue, match=f"« brand ».*{colour}, contraste de {ratio} pour 1"):
        theme.read(write_theme(tmp_path, f'[colours]\nbrand = "{colour}"'))


def test_a_brand_colours_what_the_theme_does_not_colour_itself(tmp_path: Path) -> None:
    look = theme.read(write_theme(tmp_path, '[colours]\nbrand = "#0b5a4a"\nteal = "#7a003c"\n'))
    assert [look.colours[name] for name in ("brand", "navy", "teal")] == ["#0b5a4a", "#0b5a4a", "#7a003c"]
    assert theme.contrast(look.colours["pale"], look.colours["navy"]) >= 4.5


def test_a_theme_made_from_a_request_says_who_publishes(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(SVG, encoding="utf-8")
    request = ThemeRequest(
        nom='Agence « fictive » "A"',
        courriel="a@exemple.fr",
        couleur="#0b5a4a",
        logo=tmp_path / "logo.svg",
        mention="Mention fictive",
    )
    path = tmp_path / "a" / "theme.toml"
    path.parent.mkdir()
    path.write_bytes(theme.template(request, path.parent))
    look = theme.read(path)
    assert look.owner["name"] == request.nom
    assert look.colours["brand"] == "#0b5a4a"
    assert [logo.name for logo in look.logos] == [request.nom]
    assert theme.contact_line(look) == "a@exemple.fr"
    assert theme.legal_mention(look, "en") == '<span lang="fr">Mention fictive</span>'


def test_no_mark_stands_in_the_place_of_a_name_that_no_theme_gives() -> None:
    assert theme.identity(theme.read()) == ""


def test_the_typeface_travels_in_the_page_with_its_licence() -> None:
    css = theme.css(theme.read())
    face = theme.typeface()
    assert f"{face.name} {face.version}, {face.licence}" in css
    assert css.count("url(") == css.count('url("data:font/woff2;base64,') == len(face.weights)
    assert len(css) < 70_000


def test_another_first_font_carries_no_letters(tmp_path: Path) -> None:
    assert "@font-face" not in theme.css(theme.read(write_theme(tmp_path, '[fonts]\ntext = "Arial"\n')))


def test_an_absent_theme_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="introuvable"):
        theme.read(tmp_path / "absent.toml")


def test_a_logo_travels_inside_the_page_under_its_name(tmp_path: Path) -> None:
    import pandas as pd

    (tmp_path / "logo.svg").write_text(SVG, encoding="utf-8")
    look = theme.read(write_theme(tmp_path, '[[logos]]\nfile = "logo.svg"\nname = "<Agence>"'))
    page = sheets.site(pd.Series({"site_nom": "A"}), {}, look=look)
    assert '<img class="logo" src="data:image/svg+xml;base64,' in page
    assert 'alt="&lt;Agence&gt;"' in page


def test_a_heavy_logo_is_refused(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(theme.LARGEST_LOGO))
    with pytest.raises(UnreadableFile, match="300 ko"):
        theme.read(write_theme(tmp_path, '[[logos]]\nfile = "logo.png"'))


@given(st.text(min_size=1))
def test_a_font_name_never_leaves_its_string(name: str) -> None:
    try:
        font = reading._font(name)
    except BadValue:
        return
    assert not set(font) & set("'\"\\;{}<>\n\r")


def test_the_shipped_file_holds_every_key_that_is_read() -> None:
    shipped = tomllib.loads(files("artois_geo.theme").joinpath("theme.toml").read_text(encoding="utf-8"))
    assert set(shipped) == {"owner", "colours", "map", "fonts"}


def test_a_lone_font_is_one_font(tmp_path: Path) -> None:
    assert theme.read(write_theme(tmp_path, '[fonts]\ntext = "Arial"\n')).fonts == ("Arial",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[owner]\nmail = "pas une adresse"', "nom@domaine"),
        ('[owner]\nurl = "javascript:alert(1)"', "https://"),
        ('[owner]\nurl = "exemple.fr"', "https://"),
    ],
)
def test_a_mail_and_a_page_are_what_they_say(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "theme.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadValue, match=message):
        theme.read(tmp_path / "theme.toml")


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.png", b"<html>"), ("a.jpg", b"GIF89a"), ("a.svg", b"<html><svg></svg>"), ("a.svg", b"\x89PNG")],
)
def test_a_logo_is_an_image_and_not_only_its_name(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "theme.toml").write_text(f'[[logos]]\nfile = "{name}"', encoding="utf-8")
    with pytest.raises(UnreadableFile, match="n'est pas une image"):
        theme.read(tmp_path / "theme.toml")
