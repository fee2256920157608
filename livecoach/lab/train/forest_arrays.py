"""The trees of scikit-learn as plain arrays."""

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier


def as_arrays(forest: HistGradientBoostingClassifier, depth: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the features, thresholds and leaves of whole trees; the leaves of the first tree include the prior."""
    inner = 2**depth - 1
    feature, threshold = np.zeros((len(forest._predictors), inner), int), np.zeros((len(forest._predictors), inner))
    leaf = np.zeros((len(forest._predictors), 2**depth))

    def put(tree: int, nodes: np.ndarray, node: int, place: int) -> None:
        here = nodes[node]
        if place >= inner:
            leaf[tree, place - inner] = here["value"]
            return
        below = (node, node) if here["is_leaf"] else (int(here["left"]), int(here["right"]))
        if not here["is_leaf"]:
            feature[tree, place], threshold[tree, place] = here["feature_idx"], here["num_threshold"]
        for side, child in enumerate(below):
            put(tree, nodes, child, 2 * place + 1 + side)

    for tree, (predictor,) in enumerate(forest._predictors):
        put(tree, predictor.nodes, 0, 0)
    leaf[0] += float(np.ravel(forest._baseline_prediction)[0])
    return feature, threshold, leaf
