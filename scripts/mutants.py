"""Put each fault of ``tests/mutants.toml`` into a copy of the project, and see that a test fails.

python scripts/mutants.py [MOT]     only the rules that hold this word
"""

import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
COPIED = (
    "artois_geo",
    "data",
    "docs",
    "tests",
    "scripts",
    "conftest.py",
    "setup.cfg",
    "pyproject.toml",
    "README.md",
)


def main(words: list[str]) -> int:
    """Try the faults; 0 when each makes a test fail."""
    mutants = tomllib.loads((PROJECT / "tests" / "mutants.toml").read_text(encoding="utf-8"))["mutant"]
    mutants = [mutant for mutant in mutants if all(word in mutant["rule"] for word in words)]
    survivors = [mutant["rule"] for mutant in mutants if not is_killed(mutant)]
    print(f"{len(mutants)} fautes essayées, {len(survivors)} que rien ne voit.")
    return 1 if survivors else 0


def is_killed(mutant: dict[str, object]) -> bool:
    """Tell whether a test fails when one line says what it must not."""
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(Path(folder))
        change(copy / "artois_geo", str(mutant["was"]), str(mutant["becomes"]))
        tests = [str(path) for name in mutant["tests"] for path in test_files(copy, name)]  # type: ignore[attr-defined]
        words = [
            "-m",
            "pytest",
            "-q",
            "-x",
            "-n0",
            "-p",
            "no:cacheprovider",
            "-m",
            "not long and not browser",
        ]
        run = subprocess.run(
            [sys.executable, *words, *tests], cwd=copy, capture_output=True, text=True, check=False
        )
    failed = [line for line in run.stdout.splitlines() if line.startswith("FAILED")]
    killed = run.returncode == 1 and bool(failed)
    print(
        f"{'vue ' if killed else 'NON VUE'} · {mutant['rule']} · {failed[0][:110] if failed else ''}",
        flush=True,
    )
    return killed


def copied(folder: Path) -> Path:
    """Copy what the tests need, with the real files beside it where they are."""
    copy = folder / "projet"
    copy.mkdir()
    for name in COPIED:
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.is_file():
            shutil.copy(source, copy / name)
    if (PROJECT.parent / "shared").is_dir():
        (folder / "shared").symlink_to(PROJECT.parent / "shared")
    return copy


def change(package: Path, was: str, becomes: str) -> None:
    """Replace the one line of the package that says this."""
    files = [path for path in package.rglob("*.py") if was in path.read_text(encoding="utf-8")]
    if len(files) != 1 or files[0].read_text(encoding="utf-8").count(was) != 1:
        raise SystemExit(f"« {was} » doit se trouver une fois dans le code : {len(files)} fichiers.")
    files[0].write_text(files[0].read_text(encoding="utf-8").replace(was, becomes), encoding="utf-8")


def test_files(copy: Path, name: str) -> list[Path]:
    """Return the file of a room, named « room/module »; refuse a name that is no file: all would run."""
    room, _, module = name.partition("/")
    path = copy / "tests" / room / f"test_{module}.py"
    if not path.is_file():
        raise SystemExit(f"tests/mutants.toml : pas de fichier d'essai « {name} ».")
    return [path]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
