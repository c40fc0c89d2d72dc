"""A file that a command writes is what its name says: any other name is refused, and nothing is touched."""

from collections.abc import Iterator
from pathlib import Path

import click
import geopandas as gpd
import plain
import pytest
from cli_runner import english, run

from artois_geo import layers, maps, suffixes
from artois_geo.cli import COMMANDS, options, root
from artois_geo.errors import BadValue

WRITES = {"--sortie", "--carte", "--image", "--graphique", "--etats", "--copier", "--dossier"}
ENDS = sorted({end for ends in suffixes.SUFFIXES.values() for end in ends} | {".exe", ".PDF", ".geojson.bak"})
STARTS = {  # how a file of each form begins
    "txt": b"",
    "csv": b"",
    "json": b"{\n",
    "geojson": b'{"type":"FeatureCollection"',
    "xlsx": b"PK",
    "gpkg": b"SQLite format 3\0",
    "html": b"<!doctype html",
    "shp": b"PK",
    "parquet": b"PAR1",
    "fgb": b"fgb",
    "gpx": b"<?xml",
}
FORMS = {  # --format of a table -> form of its file
    "tableau": "txt",
    "csv": "csv",
    "csv-brut": "csv",
    "json": "json",
    "geojson": "geojson",
    "xlsx": "xlsx",
    "gpkg": "gpkg",
}


def commands(
    group: click.Group = root, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    ctx = click.Context(group)
    for name in COMMANDS if group is root else group.commands:
        command = group.get_command(ctx, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


OUTPUTS = [
    pytest.param(path, option, param.type, id=" ".join([*path, option]))
    for path, command in commands()
    for param in command.params
    for option in param.opts
    if option in WRITES and path != ("couches", "exporter")
]


def begins_as_it_should(file: Path, form: str) -> bool:
    return file.read_bytes().lower().startswith(STARTS[form].lower())


@pytest.mark.parametrize(("path", "option", "kind"), OUTPUTS)
def test_every_output_knows_the_ends_it_takes(
    path: tuple[str, ...], option: str, kind: click.ParamType
) -> None:
    assert isinstance(kind, options.OutputFile | options.OutputFolder)


@pytest.mark.parametrize(("path", "option", "kind"), OUTPUTS)
def test_a_name_that_promises_something_else_is_refused_and_nothing_is_overwritten(
    path: tuple[str, ...], option: str, kind: click.ParamType, tmp_path: Path
) -> None:
    accepted_suffixes = [end for form in getattr(kind, "forms", ()) for end in suffixes.SUFFIXES[form]]
    for end in ENDS:
        if end.lower() in accepted_suffixes:
            continue
        if isinstance(kind, options.OutputFolder) and not suffixes.promises(f"x{end}"):
            continue
        folder = tmp_path / end
        folder.mkdir()
        file = folder / f"x{end}"
        if isinstance(kind, options.OutputFile):
            file.write_bytes(b"a layer of mine")
        result = run(*path, option, file)
        assert (result.exit_code, result.stdout) == (1, ""), (end, result.output)
        assert result.stderr.count("Erreur :") == 1
        assert english(result.stderr.replace(file.name, "")) == []
        assert [file_in_folder.read_bytes() for file_in_folder in folder.iterdir()] in (
            [],
            [b"a layer of mine"],
        )


@pytest.mark.parametrize("format", [None, *FORMS])
@pytest.mark.parametrize("end", [*ENDS, ""])
def test_format_and_name_agree_or_nothing_is_written(format: str | None, end: str, tmp_path: Path) -> None:
    square = tmp_path / "carre.geojson"
    layers.write(plain.square(x_km=0, y_km=0, side_km=1, site_id="a"), square)
    folder = tmp_path / "out"
    folder.mkdir()
    file = folder / f"x{end}"
    format_words = ("--format", format) if format else ()
    result = run("couches", "comparer", square, square, "--cle", "site_id", *format_words, "--sortie", file)
    names = {file_in_folder.name for file_in_folder in folder.iterdir()}
    if result.exit_code:
        assert (result.exit_code, names) == (1, set()), result.output
        return
    form = FORMS[format] if format else {"": "txt", ".shp.zip": "shp"}.get(end, end.lower().removeprefix("."))
    assert begins_as_it_should(file, form)
    assert not end or end.lower() in suffixes.SUFFIXES[form]
    assert names == ({file.name, "x.sources.csv"} if form == "csv" else {file.name})


@pytest.mark.parametrize("end", [*ENDS, ""])
def test_a_layer_is_exported_as_what_its_name_says(end: str, tmp_path: Path) -> None:
    file = tmp_path / f"x{end}"
    file.write_bytes(b"a layer of mine")
    result = run("couches", "exporter", "voies_vertes", "--sortie", file)
    if result.exit_code:
        assert (result.exit_code, file.read_bytes()) == (1, b"a layer of mine")
        advice = ".geojson, .gpkg, .shp.zip, .parquet, .fgb, .gpx, .csv ou .xlsx"
        assert advice in result.stderr
        return
    form = {".json": "geojson", ".shp.zip": "shp"}.get(end, end.removeprefix("."))
    assert begins_as_it_should(file, form)


@pytest.mark.parametrize("end", [*ENDS, ""])
def test_a_layer_is_written_as_what_its_name_says(end: str, tmp_path: Path) -> None:
    file = tmp_path / f"x{end}"
    square = plain.square(x_km=0, y_km=0, side_km=1, nom="A")
    if end in {".geojson", ".json"}:
        layers.write(square, file)
        assert layers.read(file)["nom"].tolist() == ["A"]
    elif end == ".gpkg":
        for frame in (square, square.to_crs(4326)):
            layers.write(frame, file)
            back = gpd.read_file(file)
            assert (back.crs.to_epsg(), back["nom"].tolist()) == (2154, ["A"])
            assert back.area.item() == pytest.approx(1e6, abs=1)
    else:
        with pytest.raises(BadValue, match=r"\.geojson ou \.gpkg"):
            layers.write(square, file)
        assert not file.exists()


def test_the_refusal_of_a_map_names_what_works_instead(tmp_path: Path) -> None:
    refusal = run("carte", "--sortie", tmp_path / "carte.pdf").stderr
    for way in (".html", "--image FICHIER.svg ou .png", "imprimer la page"):
        assert way in refusal


@pytest.mark.parametrize("name", ["x.html", "x.HTM"])
def test_a_map_is_a_page_under_the_name_of_one(name: str, tmp_path: Path) -> None:
    result = run("carte", "voies_vertes", "--sans-analyses", "--sortie", tmp_path / name)
    assert result.exit_code == 0, result.output
    assert begins_as_it_should(tmp_path / name, "html")


def test_a_map_of_the_library_is_no_page_under_another_name(tmp_path: Path) -> None:
    carte = maps.build({"A": plain.square(x_km=0, y_km=0, side_km=1, nom="A")})
    with pytest.raises(BadValue, match=r"Finir le nom par \.html"):
        carte.save(tmp_path / "carte.png")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_may_have_a_dot_in_its_name_and_an_old_one_any_name(tmp_path: Path) -> None:
    (tmp_path / "ancien.html").mkdir()
    for name in ("livraison_v1.2", "ancien.html"):
        assert options.OutputFolder().convert(str(tmp_path / name), None, None) == tmp_path / name
