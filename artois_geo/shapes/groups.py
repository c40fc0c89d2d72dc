"""Which things hold together, given the pairs that touch."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph


def joined_groups(first: NDArray[np.intp], second: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """Number the group of each of several things, from 0: those that a chain of pairs joins share a number.

    Parameters
    ----------
    first, second
        Positions of the two things of each pair, in either order.
    count
        Number of things.

    Examples
    --------
    >>> import numpy as np
    >>> from artois_geo.shapes import joined_groups
    >>> joined_groups(np.array([0, 1]), np.array([1, 3]), 4).tolist()
    [0, 0, 1, 0]
    """
    if not count:
        return np.zeros(0, dtype=np.intp)
    # A matrix: of an array, SciPy 1.11 keeps 64-bit positions, which its own graphs refuse in silence.
    links = sparse.coo_matrix((np.ones(len(first), dtype=bool), (first, second)), shape=(count, count))
    return csgraph.connected_components(links, directed=False)[1].astype(np.intp)
