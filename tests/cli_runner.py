"""Run the command line inside the tests, as a reader would."""

import re
from inspect import signature
from typing import Any

from click.testing import CliRunner, Result

from artois_geo.cli import root

# Words that English messages hold and French ones do not; « option », « format », « source » are both.
WORDS = (
    "the this that is are was not with without and or of for from to must should invalid missing unknown "
    "error show exit file directory path value values does required default choose one such try help command "
    "commands text integer float boolean range args unexpected extra takes did you mean aborted traceback"
).replace(" ", "|")
ENGLISH = re.compile(rf"\b({WORDS})\b", re.IGNORECASE)


class _Apart(Result):
    """What Click 8.1 kept apart, as newer ones show it: the two streams, and both of them together."""

    @property
    def output(self) -> str:
        return self.stdout_bytes.decode() + self.stderr


class Runner(CliRunner):
    """Click's runner, whose two streams are apart with every version of Click."""

    def __init__(self, **options: Any) -> None:
        if "mix_stderr" in signature(CliRunner).parameters:
            options["mix_stderr"] = False
        super().__init__(**options)

    def invoke(self, *arguments: Any, **options: Any) -> Result:
        result = super().invoke(*arguments, **options)
        if "mix_stderr" in signature(CliRunner).parameters:
            result.__class__ = _Apart
        return result


def run(*arguments: object, **environment: str) -> Result:
    """Exit code, ``stdout`` and ``stderr`` of one command line."""
    return Runner(env=environment).invoke(root, [str(argument) for argument in arguments])


def english(text: str) -> list[str]:
    """English words of a text, apart from what stands between quotes or is an option or a name."""
    bare = re.sub(r"'[^']*'|«[^»]*»|--?[a-z-]+|\[[a-z0-9|_-]+\]|artois-geo( [a-z]+)*", " ", text)
    return [match.group() for match in ENGLISH.finditer(bare)]
