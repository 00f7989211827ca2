"""The notebook's four networks as its cells build them, from keras.applications, and their numbers."""

import keras
import numpy as np

import shared_numbers

LAYERS_FROZEN_BUT_LAST = {"vgg16": 8, "inceptionv3": 82}
RECIPES = {
    "baseline": ("adam", 2e-4),
    "vgg16": ("adam", 1e-6),
    "inceptionv3": ("adam", 1e-6),
    "densenet121": ("sgd", 1e-3),
}


class Network:
    """Keras' layers in the order of their lists, and one functional model through base and head."""

    def __init__(self, name, size):
        keras.backend.clear_session()
        self.name, self.size = name, size
        base, head = build(name, size)
        self.layers = list(base.layers) + head
        self.head = head
        x = base.output
        self.outputs = {layer.name: layer.output for layer in base.layers}
        for layer in head:
            x = layer(x)
            self.outputs[layer.name] = x
        self.model = keras.Model(base.input, x)

    def weights(self):
        """(layer, weight name, variable) in Keras' order."""
        for layer in self.layers:
            for variable in layer.weights:
                yield layer.name, variable.name, variable

    def trainable(self):
        """The same of what the optimizer moves."""
        movable = {id(variable) for variable in self.model.trainable_variables}
        return [entry for entry in self.weights() if id(entry[2]) in movable]

    def statistics(self):
        """Moving means and variances of the BatchNorm layers that learn."""
        frozen = {layer.name for layer in self.layers if not layer.trainable}
        return [(n, w, v) for n, w, v in self.weights() if w.startswith("moving") and n not in frozen]

    def let_frozen_use_batch_statistics(self):
        """Frozen BatchNorm as in Keras 2.3, see keras23.py: of this Keras, layers that could learn and are not asked to.

        To be called after `trainable` and `statistics`. The statistics these layers then move are read by nobody.
        """
        for layer in self.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.trainable = True

    def fill(self, style="lively", seed=1):
        for layer, name, variable in self.weights():
            variable.assign(shared_numbers.weight_values(layer, name, tuple(variable.shape), style, seed))

    def logits_model(self, outputs=()):
        """From the input to these layers' outputs and the logits: the last layer's softmax replaced by linear."""
        self.layers[-1].activation = keras.activations.linear
        tensors = {name: self.outputs[name] for name in outputs}
        before = self.outputs[self.layers[-2].name] if len(self.head) > 1 else self.outputs["avg_pool"]
        tensors["logits"] = self.layers[-1](before)
        return keras.Model(self.model.input, tensors)

    def optimizer(self):
        kind, rate = RECIPES[self.name]
        return keras.optimizers.Adam(rate) if kind == "adam" else keras.optimizers.SGD(rate)


def build(name, size):
    shape = (size, size, 3)
    layers, applications = keras.layers, keras.applications
    if name == "baseline":
        inputs = keras.Input(shape, name="input_layer")
        base = keras.Model(inputs, layers.Conv2D(11, (3, 3), activation="relu")(inputs))
        return base, [layers.Flatten(), layers.Dense(3, activation="softmax")]
    if name == "vgg16":
        base = applications.VGG16(weights=None, include_top=False, classes=3, input_shape=shape)
        freeze(base, LAYERS_FROZEN_BUT_LAST[name])
        dense = [layers.Dense(4096, activation="relu") for _ in range(2)]
        return base, [layers.Flatten(), *dense, layers.Dense(3, activation="softmax")]
    if name == "inceptionv3":
        base = applications.InceptionV3(weights=None, include_top=False, classes=3, input_shape=shape)
        freeze(base, LAYERS_FROZEN_BUT_LAST[name])
        return base, [layers.Flatten(), layers.Dense(2048, activation="relu"), layers.Dense(3, activation="softmax")]
    whole = applications.DenseNet121(weights=None, include_top=True, classes=3, input_shape=shape)
    # The head of this one comes with it; the part before counts as the base.
    base = keras.Model(whole.input, whole.layers[-2].output)
    return base, [whole.layers[-1]]


def freeze(base, trained):
    for layer in base.layers[:-trained]:
        layer.trainable = False


def as_floatx(values):
    return np.asarray(values, keras.config.floatx())
