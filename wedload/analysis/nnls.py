"""Least squares with coefficients that are not negative, exactly, for a few columns. Pure.

The best such fit is the plain least-squares fit of the columns that it uses, and all of those have
positive coefficients (the Karush-Kuhn-Tucker conditions; Lawson & Hanson, Solving Least Squares
Problems, 1974, chapter 23). Of three columns there are seven sets, so all are tried.
"""

from __future__ import annotations

from itertools import chain, combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def fit_not_negative(
    design: NDArray[np.float64], targets: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Coefficients for each target; (columns, targets).

    Args:
        design: (rows, columns), of at most a few columns; more take 2^columns fits.
        targets: (rows, targets), fitted each for itself.
    """
    columns = design.shape[1]
    scale = np.linalg.norm(design, axis=0)
    scale[scale == 0] = 1.0
    scaled = design / scale  # or N² would drown the constant
    best = np.zeros((columns, targets.shape[1]))
    least = (targets**2).sum(axis=0)  # of using none
    sizes = range(1, columns + 1)
    for used in chain.from_iterable(combinations(range(columns), size) for size in sizes):
        part = scaled[:, used]
        found = np.linalg.pinv(part) @ targets
        rest = ((targets - part @ found) ** 2).sum(axis=0)
        better = (found >= 0).all(axis=0) & (rest < least)
        filled = np.zeros_like(best)
        filled[list(used)] = found
        best = np.where(better, filled, best)
        least = np.where(better, rest, least)
    return np.asarray(best / scale[:, None])
