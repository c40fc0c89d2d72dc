"""Run the command line inside the tests, as a reader would."""

import re
from inspect import signature

from click.testing import CliRunner, Result

from artois_geo.cli import root

# Words that English messages hold and French ones do not; « option », « format », « source » are both.
WORDS = (
    "the this that is are was not with without and or of for from to must should invalid missing unknown "
    "error show exit file directory path value values does required default choose one such try help command "
    "commands text integer float boolean range args unexpected extra takes did you mean aborted traceback"
).replace(" ", "|")
ENGLISH = re.compile(rf"\b({WORDS})\b", re.IGNORECASE)


def run(*arguments: object, **environment: str) -> Result:
    """Exit code, ``stdout`` and ``stderr`` of one command line."""
    apart = {"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}  # Click 8.1
    return CliRunner(env=environment, **apart).invoke(root, [str(argument) for argument in arguments])


def english(text: str) -> list[str]:
    """English words of a text, apart from what stands between quotes or is an option or a name."""
    bare = re.sub(r"'[^']*'|«[^»]*»|--?[a-z-]+|\[[a-z0-9|_-]+\]|artois-geo( [a-z]+)*", " ", text)
    return [match.group() for match in ENGLISH.finditer(bare)]
