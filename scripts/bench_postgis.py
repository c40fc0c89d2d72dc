"""A private PostGIS for the benchmarks: started in a temporary folder, on its own socket, stopped at the end.

Loading is not counted. The processor time of its processes is, and so is their memory (PSS).
"""

import glob
import io
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bench_child
import geopandas as gpd
import pandas as pd
import shapely

SOCKET = "ARTOIS_BENCH_POSTGIS"
SETTINGS = {
    "shared_buffers": "2GB",
    "work_mem": "512MB",
    "maintenance_work_mem": "1GB",
    "max_parallel_workers_per_gather": 1,  # with its leader: two cores
    "max_parallel_workers": 2,
    "parallel_setup_cost": 10,
    "parallel_tuple_cost": 0.001,
    "min_parallel_table_scan_size": 0,
    "max_wal_size": "8GB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",
    "listen_addresses": "''",
}
T1 = """SELECT z.code, o.code_cs, o.code_us, sum(CASE WHEN ST_CoveredBy(o.geometry, z.geometry)
    THEN ST_Area(o.geometry) ELSE ST_Area(ST_Intersection(o.geometry, z.geometry)) END) AS m2
  FROM ocsge_{size}_2021 o JOIN zones z ON ST_Intersects(z.geometry, o.geometry) GROUP BY 1, 2, 3"""
_CHANGES = """WITH pieces AS MATERIALIZED (
    SELECT a.code_cs AS code_cs_before, a.code_us AS code_us_before,
           b.code_cs AS code_cs_after, b.code_us AS code_us_after,
           ST_Intersection(a.geometry, b.geometry) AS geometry
    FROM ocsge_{{size}}_2021 a JOIN {other}_{{size}}_2024 b ON ST_Intersects(a.geometry, b.geometry)
    WHERE (a.code_cs, a.code_us) <> (b.code_cs, b.code_us) AND NOT ST_Touches(a.geometry, b.geometry))
  SELECT c.code, code_cs_before, code_us_before, code_cs_after, code_us_after,
         sum(ST_Area(ST_Intersection(p.geometry, c.geometry))) AS m2
  FROM pieces p JOIN communes c ON ST_Intersects(p.geometry, c.geometry)
  WHERE ST_Area(p.geometry) > 1e-6 GROUP BY 1, 2, 3, 4, 5"""
T2, T2B = _CHANGES.format(other="ocsge"), _CHANGES.format(other="mos")


def programs() -> Path | None:
    """Where ``initdb`` and ``pg_ctl`` of a PostgreSQL that has PostGIS are, the newest first."""
    for control in sorted(glob.glob("/usr/share/postgresql/*/extension/postgis.control"), reverse=True):
        home = Path("/usr/lib/postgresql") / Path(control).parts[4] / "bin"
        if (home / "initdb").is_file():
            return home
    return None


@contextmanager
def server(folder: Path, size: str, tasks: list[str]) -> Iterator[str]:
    """A loaded server, which the environment names to the measures; the reason when there is none."""
    home = programs()
    if home is None:
        yield "PostGIS absent (paquets postgresql et postgis)"
        return
    socket_folder = Path(tempfile.mkdtemp(prefix="artois-pg-"))
    os.environ[SOCKET] = str(socket_folder)
    try:
        yield _ready(home, socket_folder, folder, size, tasks)
    finally:
        os.environ.pop(SOCKET)
        _as_owner([str(home / "pg_ctl"), "-D", f"{socket_folder}/d", "-m", "immediate", "stop"], check=False)
        shutil.rmtree(socket_folder, ignore_errors=True)


def _ready(home: Path, socket_folder: Path, folder: Path, size: str, tasks: list[str]) -> str:
    try:
        _started(home, socket_folder)
        _load(folder, size, tasks)
    except (OSError, subprocess.SubprocessError) as error:
        reason = str(getattr(error, "stderr", None) or error)
        return "PostGIS ne démarre pas : " + reason.strip().splitlines()[-1][:90]
    return ""


def ask(query: str, size: str) -> pd.DataFrame:
    """The table of one query; processor time and memory of the server go to the measure."""
    if SOCKET not in os.environ:
        raise RuntimeError("PostGIS absent")
    peak, is_finished = [0.0], threading.Event()

    def watch() -> None:
        while not is_finished.wait(0.2):
            peak[0] = max(peak[0], sum(_pss_mb(pid) for pid in _family()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    before = _server_cpu_s()
    try:
        text = _psql(f"COPY ({query.format(size=size)}) TO STDOUT (FORMAT csv, HEADER)")
    finally:
        is_finished.set()
        watcher.join()
    time.sleep(0.2)  # the session that answered is reaped
    bench_child.engine_figures |= {"server_cpu_s": _server_cpu_s() - before, "server_mb": peak[0]}
    return pd.read_csv(io.StringIO(text), dtype={"m2": float})


def _started(home: Path, socket_folder: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(socket_folder, "postgres")
    _as_owner(
        [str(home / "initdb"), "-D", f"{socket_folder}/d", "-A", "trust", "-U", "postgres", "--no-sync"]
    )
    with (socket_folder / "d" / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = {value}\n" for name, value in SETTINGS.items())
    _as_owner([
        str(home / "pg_ctl"), "-D", f"{socket_folder}/d", "-o", f"-k {socket_folder}",
        "-l", f"{socket_folder}/journal", "-w", "start",
    ])  # fmt: skip


def _as_owner(command: list[str], *, check: bool = True) -> None:
    """PostgreSQL refuses to be run by root."""
    before = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run(
        [*before, *command], check=check, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        cwd="/", timeout=120,
    )  # fmt: skip


def _psql(command: str, rows: str | None = None) -> str:
    psql_command = [
        "psql",
        "-h",
        os.environ[SOCKET],
        "-U",
        "postgres",
        "-v",
        "ON_ERROR_STOP=1",
        "-q",
        "-c",
        command,
    ]
    return subprocess.run(psql_command, check=True, capture_output=True, text=True, input=rows).stdout


def _load(folder: Path, size: str, tasks: list[str]) -> None:
    _psql("CREATE EXTENSION postgis")
    _copy("communes", gpd.read_parquet(folder / "communes.parquet")[["code", "geometry"]])
    names = {"T1": {"ocsge_{}_2021"}, "T2": {"ocsge_{}_2021", "ocsge_{}_2024"}}
    names["T2b"] = {"ocsge_{}_2021", "mos_{}_2024"}
    for name in sorted(set().union(*(names.get(task, set()) for task in tasks))):
        name = name.format(size)
        frame = gpd.read_parquet(folder / f"{name}.parquet", columns=["code_cs", "code_us", "geometry"])
        _copy(name, frame)
    _psql("CREATE TABLE zones AS SELECT code, ST_Subdivide(geometry, 128) AS geometry FROM communes")
    _psql("CREATE INDEX ON zones USING gist (geometry)")
    _psql("ANALYZE zones")


def _copy(table: str, frame: gpd.GeoDataFrame) -> None:
    names = [name for name in frame.columns if name != "geometry"]
    columns = ", ".join(f"{name} text" for name in names)
    _psql(f"CREATE UNLOGGED TABLE {table} ({columns}, geometry geometry(Geometry, 2154))")
    for start in range(0, len(frame), 20_000):
        part = frame.iloc[start : start + 20_000]
        shapes = shapely.set_srid(part.geometry.to_numpy(), 2154)
        hexes = shapely.to_wkb(shapes, hex=True, include_srid=True)
        rows = zip(*(part[name] for name in names), hexes, strict=True)
        _psql(f"COPY {table} FROM STDIN", "".join("\t".join(row) + "\n" for row in rows))
    _psql(f"CREATE INDEX ON {table} USING gist (geometry)")
    _psql(f"VACUUM ANALYZE {table}")


def _family() -> list[int]:
    """The server and the processes it started, in order."""
    head = int((Path(os.environ[SOCKET]) / "d" / "postmaster.pid").read_text().split()[0])
    process_ids = [head]
    for stat in glob.glob("/proc/[0-9]*/stat"):
        fields = _fields(stat)
        if fields and int(fields[1]) == head:
            process_ids.append(int(Path(stat).parent.name))
    return process_ids


def _fields(stat: str) -> list[str]:
    """Fields of /proc/PID/stat from the third on; none when the process is gone."""
    try:
        return Path(stat).read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _server_cpu_s() -> float:
    ticks = 0
    for process_rank, pid in enumerate(_family()):
        fields = _fields(f"/proc/{pid}/stat")
        if fields:  # of the server itself, also what its ended processes used
            ticks += sum(int(tick_count) for tick_count in fields[11 : 15 if process_rank == 0 else 13])
    return ticks / os.sysconf("SC_CLK_TCK")


def _pss_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)
