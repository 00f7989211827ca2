"""Keras' `class_weight`, as `fit` itself applies it: one epoch of the baseline with a short last batch, then its validation.

The gradients of the first batch are those that `fit` hands to the optimizer. The reference is float64; `keras32` is how far
float32 Keras is from it, the farthest of several runs, as in training.py.
"""

import keras
import numpy as np

from networks import Network, as_floatx
from shared_numbers import batch, significant, relative_error, sketch
from training import FLOAT32_RUNS, deviation, nudged

SIZE = 32
BATCH = 4
LABELS = [0, 0, 1, 0, 2, 0, 0, 1, 0, 0, 2, 0, 0, 1]
VALIDATION_LABELS = [0, 1, 2, 2, 1]
WEIGHTS = [0.5, 2.0, 3.25]


def make(write):
    exact = run("float64")
    rounded = [run("float32", index) for index in range(FLOAT32_RUNS)]
    reported = {
        name: {"value": significant(value, 9), "keras32": max(deviation(one["reported"][name], value) for one in rounded)}
        for name, value in exact["reported"].items()
    }
    lines = [{"reported": reported}]
    for part in ("gradient", "change"):
        for key, values in exact[part].items():
            keras32 = max(relative_error(one[part][key], values) for one in rounded)
            lines.append({part: key, **sketch(f"{part}/{key}", values), "keras32": significant(keras32, 2)})
    write(
        "class-weights-baseline-32",
        lines,
        network="baseline",
        inputSize=SIZE,
        batch=BATCH,
        labels=LABELS,
        validationLabels=VALIDATION_LABELS,
        classWeights=WEIGHTS,
    )


def run(floatx, nudge=0):
    keras.config.set_floatx(floatx)
    network = Network("baseline", SIZE)
    network.fill()
    if nudge:
        for layer, weight, variable in network.weights():
            variable.assign(nudged(layer, weight, variable.numpy(), nudge))
    trainable = network.trainable()
    before = {f"{layer}/{weight}": v.numpy().astype(np.float64) for layer, weight, v in trainable}
    names = {v.path: f"{layer}/{weight}" for layer, weight, v in trainable}
    gradients = {}

    class Recording(keras.optimizers.Adam):
        def apply(self, grads, trainable_variables=None):
            for gradient, variable in zip(grads, trainable_variables):
                gradients.setdefault(names[variable.path], gradient.numpy().astype(np.float64))
            return super().apply(grads, trainable_variables)

    model = network.model
    model.compile(Recording(2e-4), "categorical_crossentropy", metrics=["accuracy"], run_eagerly=True)
    history = model.fit(
        as_floatx(batch("train", len(LABELS), SIZE)),
        as_floatx(np.eye(3)[LABELS]),
        batch_size=BATCH,
        epochs=1,
        shuffle=False,
        verbose=0,
        class_weight=dict(enumerate(WEIGHTS)),
        validation_data=(as_floatx(batch("validation", len(VALIDATION_LABELS), SIZE)), as_floatx(np.eye(3)[VALIDATION_LABELS])),
        validation_batch_size=BATCH,
    ).history
    change = {f"{n}/{w}": v.numpy().astype(np.float64) - before[f"{n}/{w}"] for n, w, v in trainable}
    return {"reported": {name: values[0] for name, values in history.items()}, "gradient": gradients, "change": change}
