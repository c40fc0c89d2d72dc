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


@numba.njit(nogil=True, cache=True, error_model="numpy")
def numbers_in(text, ends, depth, numbers, closed):  # type: ignore[no-untyped-def]
    """Numbers of many texts, each one list that holds ``depth`` lists in one another; how many, -1 if unsure.

    ``ends`` says where each text ends. ``closed[level]`` receives, for each list at that level, how many
    lists of the next level there were by its end: positions for the last one; ``closed[level, 0]`` is
    for the zero before them all.
    """
    count, at = 0, 0
    lists = np.zeros(depth + 1, np.int64)  # lists closed so far at each level, from 1
    for end in ends:
        level, wanted, held = 0, True, 0
        while at < end:
            one = text[at]
            at += 1
            if one in _SPACES:
                continue
            if one == _OPEN:
                if not wanted or level == depth:
                    return -1
                level += 1
                held = 0
                continue
            if one == _COMMA:
                if wanted or level == 0:
                    return -1
                wanted = True
                continue
            if one == _CLOSE:
                if wanted or level == 0 or (level == depth and held != 2):
                    return -1
                lists[level] += 1
                if level < depth:
                    closed[level, lists[level]] = lists[level + 1]
                level -= 1
                if level == 0 and at < end:
                    return -1
                continue
            if not wanted or level != depth or held == 2:
                return -1
            minus = one == _MINUS
            if minus:
                if at == end:
                    return -1
                one = text[at]
                at += 1
            if one < _ZERO or one > _ZERO + 9:
                return -1
            whole, digits, decimals = np.int64(one) - _ZERO, 1, 0
            zero = one == _ZERO
            point = False
            while at < end:
                one = text[at]
                if one == _DOT:
                    if point:
                        return -1
                    point = True
                elif _ZERO <= one <= _ZERO + 9:
                    if zero and not point:
                        return -1
                    whole = whole * 10 + (np.int64(one) - _ZERO)
                    digits += 1
                    decimals += point
                else:
                    break
                at += 1
            if digits > _DIGITS or (point and decimals == 0) or (minus and whole == 0):
                return -1
            value = whole / _TENS[decimals]
            numbers[count] = -value if minus else value
            count += 1
            held += 1
            wanted = False
        if level != 0 or wanted:
            return -1
    return count
