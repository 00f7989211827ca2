"""What the notebook's own Keras, 2.3.1 on TensorFlow 2.2, does with InceptionV3's frozen BatchNorm layers.

    python3.7 -m venv /some/where && . /some/where/bin/activate
    pip install -r requirements-keras23.txt
    python keras23.py

In Keras 2.3 `trainable` decides nothing in `BatchNormalization.call` (keras/layers/normalization.py): a frozen layer
normalizes by the batch while the network trains. But `Layer.get_updates_for` (keras/engine/base_layer.py) gives no
updates of a layer that is not trainable, so its moving statistics stay as they were loaded, and testing uses those.

Writes fixtures/training-inceptionv3-75-keras23.jsonl: loss and gradients of step one of the case
training-inceptionv3-75-frozen-batch, in which Keras 3 imitates this. BatchNorm exists here in float32 only; `keras32` is
the distance from that case's float64. Later steps are left out: in this Keras on this TensorFlow, Adam now and then reads its
step counter after it has been raised, and two runs differ. Ends with 1 when a frozen layer's weight or statistic has moved
in training, or a learning layer's has not.
"""

import json
import os
import platform
import sys
from pathlib import Path

os.environ.update(CUDA_VISIBLE_DEVICES="-1", KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3")

import keras
import numpy as np
import tensorflow
from keras import backend as K
from keras.backend.tensorflow_backend import get_graph

from shared_numbers import batch, significant, sketch, weight_values

FIXTURES = Path(__file__).parent / "fixtures"
SIZE, BATCH, TRAINED_LAYERS, STYLE = 75, 16, 82, "calm"
STEMS = {"Conv2D": "conv2d", "BatchNormalization": "batch_normalization", "Dense": "dense"}


def main():
    with open(FIXTURES / f"training-inceptionv3-{SIZE}-frozen-batch.jsonl", encoding="utf-8") as file:
        exact = [json.loads(line) for line in file]
    base, model = build()
    names = fill([*base.layers, *model.layers[1:]])
    x, labels = batch("step0", BATCH, SIZE), exact[1]["labels"]
    loss, gradients = differentiate(model, names, x, np.eye(3)[labels])
    off = significant(abs(loss / exact[1]["loss"] - 1), 2)
    lines = [{"step": 1, "labels": labels, "loss": significant(loss, 9), "keras32": off, "nudged": exact[1]["nudged"]}]
    print(f"Loss {loss:.7f}, off by {off:.1e}")
    for line in exact:
        if "gradient" in line:
            own = sketch(f"gradient/{line['gradient']}", gradients[line["gradient"]])
            lines.append({"gradient": line["gradient"], **own, "keras32": distance(own, line)})
    distances = sorted(line["keras32"] for line in lines[1:])
    print(f"Gradients off by {distances[len(distances) // 2]:.1e} in the median")

    before = [layer.get_weights() for layer in base.layers]
    model.train_on_batch(x, np.eye(3)[labels])
    check(base, before)
    write(lines)


def build():
    """As the notebook's cells."""
    layers = keras.layers
    base = keras.applications.InceptionV3(weights=None, include_top=False, classes=3, input_shape=(SIZE, SIZE, 3))
    for layer in base.layers[:-TRAINED_LAYERS]:
        layer.trainable = False
    head = [layers.Flatten(), layers.Dense(2048, activation="relu"), layers.Dense(3, activation="softmax")]
    model = keras.models.Sequential([base, *head])
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.Adam(lr=1e-6))
    return base, model


def fill(layers):
    """The weights of the style, by the keys of Keras 3, which counts layers from 0; returns each variable's key."""
    keys = {}
    for layer in layers:
        stem = STEMS.get(type(layer).__name__)
        if stem is None:
            continue
        rank = int(layer.name.split("_")[-1]) - 1
        name = stem if rank == 0 else f"{stem}_{rank}"
        weights = [(w.name.split("/")[-1].split(":")[0], tuple(w.shape.as_list())) for w in layer.weights]
        layer.set_weights([weight_values(name, weight, shape, STYLE) for weight, shape in weights])
        keys.update({variable.name: f"{name}/{weight}" for variable, (weight, _) in zip(layer.weights, weights)})
    return keys


def differentiate(model, keys, x, y):
    """Loss and gradients in the training phase, by key."""
    variables = model.trainable_weights
    target = K.placeholder((None, 3))
    with get_graph().as_default():
        loss = K.mean(keras.losses.categorical_crossentropy(target, model.outputs[0]))
        gradients = K.gradients(loss, variables)
    run = K.function([model.inputs[0], target, K.learning_phase()], [loss, *gradients])
    value, *arrays = run([x, y, 1])
    return float(value), {keys[variable.name]: np.asarray(array) for variable, array in zip(variables, arrays)}


def distance(own, line):
    """Relative, from the sketches; the other side's own where the gradient is zero but for rounding."""
    if line["keras32"] > 1:
        return line["keras32"]
    part = "sketch" if "sketch" in line else "values"
    size = line.get("norm", np.linalg.norm(line[part]))
    return significant(np.linalg.norm(np.subtract(own[part], line[part])) / size, 2)


def check(base, before):
    wrong = []
    for layer, old in zip(base.layers, before):
        moved = [not np.array_equal(a, b) for a, b in zip(old, layer.get_weights())]
        if any(moved) and not layer.trainable:
            wrong.append(f"{layer.name} is frozen and moved.")
        if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable and not all(moved[-2:]):
            wrong.append(f"{layer.name} learns and its statistics stayed.")
    if wrong:
        sys.exit("\n".join(wrong))
    print("Frozen layers kept every weight and statistic; the BatchNorm layers that learn moved theirs.")


def write(lines):
    versions = {"keras": keras.__version__, "tensorflow": tensorflow.__version__, "numpy": np.__version__}
    header = {
        "fixture": f"training-inceptionv3-{SIZE}-keras23",
        "network": "inceptionv3",
        "inputSize": SIZE,
        "batch": BATCH,
        "steps": 1,
        "style": STYLE,
        "frozenBatchNorm": "batch",
        "madeBy": {**versions, "python": platform.python_version()},
    }
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in [header, *lines])
    (FIXTURES / f"{header['fixture']}.jsonl").write_text(text, encoding="utf-8")


main()
