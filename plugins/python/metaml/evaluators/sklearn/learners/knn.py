"""k nearest neighbours."""

from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from metaml.evaluators.sklearn.learners.contract import Estimator, Learner, Parameters, Setting
from metaml.evaluators.sklearn.preparation import Prepared


def make(parameters: Parameters, setting: Setting) -> Learner:
    """Return nearest neighbours."""
    kind = KNeighborsClassifier if setting.classification else KNeighborsRegressor
    estimator = kind(parameters["k"], weights=parameters["weights"], p=parameters["p"])
    return _Neighbours(estimator, setting, weighted=False)


class _Neighbours(Estimator):
    """Asks for no more neighbours than there are rows."""

    def fit(self, fold: Prepared) -> None:
        """Keep the training rows."""
        self._estimator.set_params(n_neighbors=min(self._estimator.n_neighbors, len(fold.matrix)))
        super().fit(fold)
