"""What a call gives, read once at the door of a room by what the signature of the function says.

A notebook hands over a name for a list of names, a ``Path`` for a text, a constant for a number, a series
of shapes for a frame: what can only mean one thing is taken for it. What cannot is refused in French, with
the name of the argument and what to write, before anything is computed.
"""

import inspect
import sys
from collections.abc import Callable, Collection, Mapping
from functools import partial, wraps
from typing import Annotated, Any

from artois_geo.errors import ArtoisGeoError

__all__ = ["MaybeUnknown", "guard"]

UNKNOWN = "inconnu"  # mark of the annotation of a number that may be NaN
MaybeUnknown = Annotated[float, UNKNOWN]  # NaN where nobody knows; elsewhere NaN is refused

_READ = "__arguments_read__"  # marks a function whose arguments are read: it may have several doors


def guard(
    room: str,
    *,
    shapes: Callable[..., None] | None = None,
    spread: Mapping[str, Collection[str]] | None = None,
) -> None:
    """Read the arguments of the public functions of a room as their signatures say, from now on.

    Parameters
    ----------
    room
        ``__name__`` of the room, once its ``__all__`` stands.
    shapes
        What a frame of features must pass too, given by the name of its argument:
        ``measure.require_lambert93`` in a room that computes on the plane.
    spread
        Arguments that may be a frame of Dask, by function.

    Examples
    --------
    >>> from artois_geo import measure
    >>> measure.area_ha([1, 2])
    Traceback (most recent call last):
    artois_geo.errors.BadTable: « features » doit être un GeoDataFrame (reçu : une liste).
    Réunir d'abord ses couches, lues par layers.read : pd.concat(features, ignore_index=True).
    """
    module = sys.modules[room]
    for name in vars(module)["__all__"]:
        function = vars(module).get(name)
        if not inspect.isfunction(function) or hasattr(function, _READ):
            continue
        reading = _read(function, shapes, (spread or {}).get(name, ()))
        home = sys.modules[function.__module__]
        is_own = f"{home.__name__}.".startswith(f"{room}.")
        if is_own and vars(home).get(name) is function:  # pickled by the name that its own file gives it
            setattr(home, name, reading)
        setattr(module, name, reading)


def _read(
    function: Callable[..., Any], shapes: Callable[..., None] | None, spread: Collection[str]
) -> Callable[..., Any]:
    """Return the function, its arguments read first."""
    call: Any = None

    @wraps(function)
    def reading(*args: Any, **keywords: Any) -> Any:
        nonlocal call
        from artois_geo.arguments import (
            failures,
            signatures,
        )  # here, so that a room is imported without pandas

        if call is None:
            call = signatures.reader(function, shapes=shapes, spread=spread)
        args, keywords = call(args, keywords)
        try:
            answer = function(*args, **keywords)
        except (ArtoisGeoError, OSError):
            raise
        except (LookupError, TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
            refusal = failures.explained(error, signatures.named(function, args, keywords))
            if refusal is None:
                raise
            raise refusal from error
        if shapes is not None:  # tables and sheets write figures on purpose
            failures.refuse_joined_texts(answer, partial(signatures.named, function, args, keywords))
        return answer

    setattr(reading, _READ, True)
    return reading


def __dir__() -> list[str]:
    return sorted(__all__)
