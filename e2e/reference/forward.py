"""What the networks answer: at small sizes the output of every layer, at full size the last feature map, and the logits.

In inference mode and, where there is BatchNorm, in training mode."""

import keras
import numpy as np

from networks import Network, as_floatx
from shared_numbers import batch, relative_error, significant, sketch

SMALL = {"baseline": 32, "vgg16": 32, "inceptionv3": 75, "densenet121": 64}
FULL = {"baseline": 224, "vgg16": 224, "inceptionv3": 299, "densenet121": 224}
FEATURE_MAPS = {"baseline": "conv2d", "vgg16": "block5_conv3", "inceptionv3": "mixed10", "densenet121": "bn"}
HAS_BATCH_NORM = ("inceptionv3", "densenet121")
SMALL_BATCH = 4


def make(write):
    for name, size in SMALL.items():
        for training in modes(name):
            kind = "training" if training else "inference"
            exact = run(name, size, SMALL_BATCH, training, None, "float64")
            rounded = run(name, size, SMALL_BATCH, training, None, "float32")
            lines = [
                {"layer": layer, **sketch(f"forward/{layer}", values), "keras32": error(rounded[layer], values)}
                for layer, values in exact.items()
            ]
            write(f"forward-{name}-{size}-{kind}", lines, network=name, inputSize=size, batch=SMALL_BATCH)
    for name, size in FULL.items():
        lines = []
        for training in modes(name):
            exact = run(name, size, 1, training, [FEATURE_MAPS[name]], "float64")
            rounded = run(name, size, 1, training, [FEATURE_MAPS[name]], "float32")
            for layer, values in exact.items():
                line = {"mode": "training" if training else "inference", "layer": layer}
                lines.append({**line, **sketch(f"forward/{layer}", values), "keras32": error(rounded[layer], values)})
        write(f"forward-{name}-{size}", lines, network=name, inputSize=size, batch=1)


def modes(name):
    """Without BatchNorm the two modes are one."""
    return (False, True) if name in HAS_BATCH_NORM else (False,)


def run(name, size, count, training, layers, floatx):
    """Outputs of these layers (None: of all) and the logits."""
    keras.config.set_floatx(floatx)
    network = Network(name, size)
    network.fill()
    every = [layer.name for layer in network.layers[1:-1]]
    model = network.logits_model(every if layers is None else layers)
    outputs = model(as_floatx(batch("forward", count, size)), training=training)
    return {layer: np.asarray(values, np.float64) for layer, values in outputs.items()}


def error(actual, expected):
    return significant(relative_error(actual, expected), 2)
