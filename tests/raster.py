"""Archives of made-up tiles (fictif): plain colours as PNG, in MBTiles and PMTiles."""

import gzip
import sqlite3
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

Place = tuple[int, int, int]
ATTRIBUTION = '<a href="javascript:alert(1)">&copy; Fictif</a> <script>window.hacked = 1</script>'


def png(colour: tuple[int, int, int], side: int = 256, noise: bytes = b"") -> bytes:
    """A square of one colour; ``noise`` makes it heavier."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    line = b"\0" + bytes(colour) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    comment = chunk(b"tEXt", b"Comment\0" + noise) if noise else b""
    body = chunk(b"IDAT", zlib.compress(line * side))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + comment + body + chunk(b"IEND", b"")


def mbtiles(path: Path, tiles: Mapping[Place, bytes], **metadata: str) -> Path:
    """Rows given from the north, written from the south as the standard asks."""
    tile_metadata = {"name": "Fond fictif", "format": "png", "attribution": ATTRIBUTION, **metadata}
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE metadata (name text, value text)")
    base.execute("CREATE TABLE tiles (zoom_level int, tile_column int, tile_row int, tile_data blob)")
    base.executemany("INSERT INTO metadata VALUES (?, ?)", tile_metadata.items())
    rows = [(z, x, 2**z - 1 - y, data) for (z, x, y), data in tiles.items()]
    base.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
    base.commit()
    base.close()
    return path


def pmtiles(path: Path, tiles: Mapping[Place, bytes], *, vector: bool = False, zipped: bool = False) -> Path:
    from pmtiles.tile import Compression, TileType, zxy_to_tileid
    from pmtiles.writer import write

    zooms = [z for z, _, _ in tiles]
    header = {
        "tile_type": TileType.MVT if vector else TileType.PNG,
        "tile_compression": Compression.GZIP if zipped else Compression.NONE,
        "min_zoom": min(zooms),
        "max_zoom": max(zooms),
        "min_lon_e7": 20_000_000,
        "min_lat_e7": 500_000_000,
        "max_lon_e7": 32_000_000,
        "max_lat_e7": 510_000_000,
        "center_zoom": min(zooms),
        "center_lon_e7": 28_000_000,
        "center_lat_e7": 505_000_000,
    }
    with write(str(path)) as writer:
        for tile in sorted(tiles, key=lambda tile: zxy_to_tileid(*tile)):
            data = gzip.compress(tiles[tile]) if zipped else tiles[tile]
            writer.write_tile(zxy_to_tileid(*tile), data)
        writer.finalize(header, {"name": "Fond fictif", "attribution": ATTRIBUTION})
    return path
