"""The fidelity ``rows``: a part of the training rows."""

import numpy as np

from metaml.evaluators.sklearn.table import Floats, Ints

_TARGET_BINS = 10


def subset(train: Ints, target: Floats, classification: bool, fraction: float, seed: int) -> Ints:
    """Return the stratified part of the training rows that a fraction in (0, 1] stands for, in table order.

    Strata are classes, or tenths of the target's range of ranks. Every row has a fixed place in a queue, so that a
    smaller fraction's rows are among a larger one's and the same for all configurations: they then differ by the
    configuration, not by luck. At least two rows, and where there is one of a class at all, one of each class.
    """
    if fraction >= 1:
        return train
    values = target[train]
    if classification:
        strata = values.astype(np.int64)
    else:
        strata = np.argsort(np.argsort(values, kind="stable"), kind="stable") * _TARGET_BINS // len(values)
    order = np.random.default_rng(seed).permutation(len(train))
    place = np.empty(len(train))
    for stratum in np.unique(strata):
        members = order[strata[order] == stratum]
        place[members] = np.arange(len(members)) / len(members)  # the first of every stratum comes before all others
    queue = order[np.argsort(place[order], kind="stable")]
    count = max(2, len(np.unique(strata)) if classification else 2, round(fraction * len(train)))
    return np.sort(train[queue[:count]])
