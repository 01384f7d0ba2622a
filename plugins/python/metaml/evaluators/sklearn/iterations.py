"""The numbers of iterations at which iterative learners are looked at."""

BOOSTER_GRID = (8, 16, 32, 64, 128, 256, 500)
"""Trees of the gradient boosters, doubling."""
EPOCH_GRID = (3, 9, 27, 100)
"""Epochs of the multilayer perceptron, tripling."""
PATIENCE = 2
"""Stages without improvement after which growth ends. In a doubling grid they are three quarters of all iterations so
far, more than the usual 50 rounds of early stopping from 32 trees on."""


def stages(grid: tuple[int, ...], fidelity: float | None) -> tuple[int, ...]:
    """Return the numbers of iterations to stop at under a fidelity (None: the whole grid), which is the last one."""
    if fidelity is None or fidelity >= grid[-1]:
        return grid
    last = max(1, round(fidelity))
    return (*(n for n in grid if n < last), last)
