"""Every learner of the search space by its name there, and the points of reference outside it."""

from collections.abc import Callable
from dataclasses import dataclass

from metaml.evaluators.sklearn.learners import (
    adaboost,
    discriminant,
    forest,
    hist_gradient_boosting,
    knn,
    lightgbm,
    linear,
    mlp,
    naive_bayes,
    reference,
    svm,
    tree,
    xgboost,
)
from metaml.evaluators.sklearn.learners.contract import Grower, Learner, Parameters, Setting

LEARNERS: dict[str, Callable[[Parameters, Setting], Learner]] = {
    "random_forest": forest.make_random,
    "extra_trees": forest.make_extra,
    "svm": svm.make,
    "knn": knn.make,
    "linear": linear.make,
    "tree": tree.make,
    "adaboost": adaboost.make,
    "naive_bayes": naive_bayes.make,
    "lda": discriminant.make_linear,
    "qda": discriminant.make_quadratic,
}
"""The learners that learn in one go."""

REFERENCES: dict[str, Callable[[Parameters, Setting], Learner]] = {
    "reference_forest": reference.make_forest,
    "reference_boosting": reference.make_boosting,
}
"""Points of reference outside the search space, which learn in one go too."""


@dataclass(frozen=True)
class Growing:
    """How to make a learner that grows, and the numbers of iterations at which to look at it."""

    make: Callable[[Parameters, Setting], Grower]
    grid: tuple[int, ...]


GROWERS: dict[str, Growing] = {
    "lightgbm": Growing(lightgbm.make, lightgbm.GRID),
    "xgboost": Growing(xgboost.make, xgboost.GRID),
    "hist_gradient_boosting": Growing(hist_gradient_boosting.make, hist_gradient_boosting.GRID),
    "mlp": Growing(mlp.make, mlp.GRID),
}
"""The learners that learn in iterations."""
