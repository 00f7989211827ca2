"""What the networks answer: logits, and at small sizes the output of every layer, in inference and training mode."""

import keras
import numpy as np

from networks import Network, as_floatx
from shared_numbers import batch, relative_error, significant, sketch

SMALL = {"baseline": 32, "vgg16": 32, "inceptionv3": 75, "densenet121": 64}
FULL = {"baseline": 224, "vgg16": 224, "inceptionv3": 299, "densenet121": 224}
HAS_BATCH_NORM = ("inceptionv3", "densenet121")
SMALL_BATCH = 4


def make(write):
    for name, size in SMALL.items():
        for training in modes(name):
            kind = "training" if training else "inference"
            exact = run(name, size, SMALL_BATCH, training, True, "float64")
            rounded = run(name, size, SMALL_BATCH, training, True, "float32")
            lines = [
                {"layer": layer, **sketch(f"forward/{layer}", values), "keras32": error(rounded[layer], values)}
                for layer, values in exact.items()
            ]
            write(f"forward-{name}-{size}-{kind}", lines, network=name, inputSize=size, batch=SMALL_BATCH)
    for name, size in FULL.items():
        lines = []
        for training in modes(name):
            exact = run(name, size, 1, training, False, "float64")["logits"]
            rounded = run(name, size, 1, training, False, "float32")["logits"]
            mode = "training" if training else "inference"
            lines.append({"mode": mode, "logits": significant(exact), "keras32": error(rounded, exact)})
        write(f"forward-{name}-{size}", lines, network=name, inputSize=size, batch=1)


def modes(name):
    """Without BatchNorm the two modes are one."""
    return (False, True) if name in HAS_BATCH_NORM else (False,)


def run(name, size, count, training, every_layer, floatx):
    keras.config.set_floatx(floatx)
    network = Network(name, size)
    network.fill()
    layers = [layer.name for layer in network.layers[1:-1]] if every_layer else []
    model = network.logits_model(layers)
    outputs = model(as_floatx(batch("forward", count, size)), training=training)
    return {layer: np.asarray(values, np.float64) for layer, values in outputs.items()}


def error(actual, expected):
    return significant(relative_error(actual, expected), 2)
