"""Run alone, in a process of its own: read one file with one GDAL driver, and print what it holds.

Not imported by the library: :mod:`artois_geo.formats.read` starts it with a clean
environment (one driver, no network) and with limits on memory and time, so that a
crash or a bomb is a refused file and nothing more. Answers in JSON lines: a head,
then one line per feature.
"""

import json
import sys


def main() -> None:
    """Run ``gdal_child.py FILE LAYER ENCODING MEMORY_MIB SECONDS GEOMETRY_ONLY``."""
    path, layer, encoding, memory, seconds, geometry_only = sys.argv[1:7]
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (int(memory) << 20, int(memory) << 20))
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    except ImportError:  # Windows: time is limited by the parent alone
        pass
    _leave_aside(("pandas", "pyarrow") if geometry_only == "1" else ("pandas",))
    import pyogrio

    names = [str(name) for name, _ in pyogrio.list_layers(path)]
    if len(names) != 1 and layer not in names:
        _print({"layers": names})
        return
    layer = layer if layer in names else names[0]
    if geometry_only == "1":
        meta, fids, shapes, _ = pyogrio.raw.read(path, layer=layer, columns=[], return_fids=True)
        _print({"layer": layer, "crs": meta["crs"], "fields": []})
        for fid, shape in zip(fids.tolist(), shapes, strict=True):
            _print([fid, shape.hex() if shape is not None else None])
        return
    _print_features(path, layer, encoding)


def _leave_aside(unused: tuple[str, ...]) -> None:
    """Keep pyogrio from importing what it finds and this process never calls: three quarters of its time."""
    for name in (*unused, "geopandas", "pyproj", "shapely"):
        sys.modules[name] = None  # type: ignore[assignment]


def _print_features(path: str, layer: str, encoding: str) -> None:
    """Print the shapes and attributes of a layer."""
    import pyogrio

    keywords = {"encoding": encoding} if encoding else {}
    meta, table = pyogrio.raw.read_arrow(path, layer=layer, return_fids=True, **keywords)
    geometry = meta["geometry_name"] or "wkb_geometry"
    names = [
        name
        for name in table.column_names
        if name not in {geometry, "OGC_FID", "fid"} or name in meta["fields"]
    ]
    _print({"layer": layer, "crs": meta["crs"], "fields": names})
    shapes = table.column(geometry).to_pylist() if geometry in table.column_names else [None] * len(table)
    columns = [table.column(name).to_pylist() for name in names]
    for row, shape in enumerate(shapes):
        values = [_plain(column[row]) for column in columns]
        _print([row, shape.hex() if shape is not None else None, values])


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if value == value else None
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [_plain(element) for element in value]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _print(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    main()
