"""The multilayer perceptron, trained by Adam (Kingma and Ba 2015)."""

from sklearn.neural_network import MLPClassifier, MLPRegressor

from metaml.evaluators.sklearn.iterations import EPOCH_GRID
from metaml.evaluators.sklearn.learners.contract import Grower, Parameters, Portable, Setting, location, predict
from metaml.evaluators.sklearn.preparation import Prepared
from metaml.evaluators.sklearn.scoring import Prediction

GRID = EPOCH_GRID


def make(parameters: Parameters, setting: Setting) -> Grower:
    """Return a perceptron with rectified linear units."""
    return _Perceptron(parameters, setting)


class _Perceptron:
    """Grows by epochs; regression sees the target standardised."""

    def __init__(self, parameters: Parameters, setting: Setting) -> None:
        self._parameters = parameters
        self._setting = setting
        self._grown = 0
        self._shift, self._scale = 0.0, 1.0

    def start(self, fold: Prepared) -> None:
        """Keep the training rows."""
        self._fold = fold
        self._target = fold.target
        if not self._setting.classification:
            self._shift, self._scale = location(fold.target)
            self._target = (fold.target - self._shift) / self._scale
        kind = MLPClassifier if self._setting.classification else MLPRegressor
        self._estimator = kind(
            hidden_layer_sizes=(self._parameters["width"],) * self._parameters["layers"],
            alpha=self._parameters["alpha"],
            batch_size=min(self._parameters["batch_size"], len(fold.matrix)),
            learning_rate_init=self._parameters["learning_rate"],
            random_state=self._setting.seed,
        )

    def grow(self, iterations: int) -> None:
        """Train for more epochs."""
        extra = {"classes": range(len(self._fold.classes))} if self._setting.classification else {}
        for _ in range(self._grown, iterations):
            self._estimator.partial_fit(self._fold.matrix, self._target, sample_weight=self._fold.weight, **extra)
        self._grown = max(self._grown, iterations)

    def predict(self, fold: Prepared) -> Prediction:
        """Predict with the weights so far."""
        prediction = predict(self._estimator, fold.held_out, self._setting.classification)
        if self._setting.classification:
            return prediction
        return Prediction(prediction.values * self._scale + self._shift)

    def portable(self) -> Portable:
        """Return the estimator, with how predictions of regression are mapped back."""
        found: Portable = {"kind": "estimator", "estimator": self._estimator}
        return found if self._setting.classification else found | {"scale": self._scale, "shift": self._shift}
