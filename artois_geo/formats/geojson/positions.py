"""Lists of positions read straight from their text, compiled (extra ``rapide``): no Python object stays.

Only what is plain is read here: positions of two numbers without an exponent, in lists that
are not empty. A number of at most 15 digits is one division of two exact ones, so it is the one that any
other reader finds.
"""

import numba
import numpy as np

# as they stand in the text
_OPEN, _CLOSE, _COMMA, _MINUS, _DOT, _ZERO = b"[],-.0"
_SPACES = (9, 10, 13, 32)
_DIGITS = 15
_TENS = 10.0 ** np.arange(_DIGITS + 1)


# The two functions below are one automaton each, a branch per sort of character: the compiled code keeps its
# state in registers, which a function per state would spill for each of the bytes of a file.
@numba.njit(nogil=True, cache=True, error_model="numpy")
def numbers_in(text, ends, depth, numbers, closed):  # type: ignore[no-untyped-def]
    """Read the numbers of many texts, each a list that nests ``depth`` lists; count them, -1 if unsure.

    ``ends`` tells where each text ends. ``closed[level]`` receives, for each list at that level, how many
    lists of the next level there were by its end: positions for the last one; ``closed[level, 0]`` is
    for the zero before them all.
    """
    count, position = 0, 0
    lists = np.zeros(depth + 1, np.int64)  # lists closed so far at each level, from 1
    for end in ends:
        level, expects_element, coordinates = 0, True, 0
        while position < end:
            byte = text[position]
            if byte in _SPACES:
                position += 1
            elif byte == _OPEN:
                if not expects_element or level == depth:
                    return -1
                level += 1
                coordinates = 0
                position += 1
            elif byte == _COMMA:
                if expects_element or level == 0:
                    return -1
                expects_element = True
                position += 1
            elif byte == _CLOSE:
                if expects_element or level == 0 or (level == depth and coordinates != 2):
                    return -1
                lists[level] += 1
                if level < depth:
                    closed[level, lists[level]] = lists[level + 1]
                level -= 1
                position += 1
                if level == 0 and position < end:
                    return -1
            else:
                if not expects_element or level != depth or coordinates == 2:
                    return -1
                numbers[count], position = _number(text, position, end)
                if position < 0:
                    return -1
                count += 1
                coordinates += 1
                expects_element = False
        if level != 0 or expects_element:
            return -1
    return count


@numba.njit(nogil=True, cache=True, error_model="numpy")
def _number(text, position, end):  # type: ignore[no-untyped-def]
    """Read the plain number that begins at a position, and where it ends; -1 if unsure."""
    minus = text[position] == _MINUS
    if minus:
        position += 1
    if position == end or text[position] < _ZERO or text[position] > _ZERO + 9:
        return 0.0, -1
    leading_zero = text[position] == _ZERO
    mantissa, digits, decimals, point = np.int64(0), 0, 0, False
    while position < end:
        byte = text[position]
        if byte == _DOT:
            if point:
                return 0.0, -1
            point = True
        elif _ZERO <= byte <= _ZERO + 9:
            if leading_zero and digits > 0 and not point:
                return 0.0, -1
            mantissa = mantissa * 10 + (np.int64(byte) - _ZERO)
            digits += 1
            decimals += point
        else:
            break
        position += 1
    if digits > _DIGITS or (point and decimals == 0) or (minus and mantissa == 0):
        return 0.0, -1
    value = mantissa / _TENS[decimals]
    return -value if minus else value, position
