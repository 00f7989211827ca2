"""The full list of layers of the four networks: names, order, wiring, shapes, settings, trainable flags, counts."""

import keras

from networks import Network

SIZES = {"baseline": [224, 32], "vgg16": [224, 32], "inceptionv3": [299, 75], "densenet121": [224, 32]}


def make(write):
    for name, sizes in SIZES.items():
        for size in sizes:
            write(f"architecture-{name}-{size}", list(records(name, size)), network=name, inputSize=size)


def records(name, size):
    network = Network(name, size)
    trainable = sum(v.value.shape.num_elements() for v in network.model.trainable_variables)
    yield {"parameters": network.model.count_params(), "trainableParameters": trainable}
    kept = {id(variable) for variable in network.model.trainable_variables}
    names = {layer.name for layer in network.layers}
    for layer in network.layers:
        yield {
            "name": layer.name,
            "class": type(layer).__name__,
            "inputs": [] if isinstance(layer, keras.layers.InputLayer) else inputs_of(layer, names),
            "outputShape": list(network.outputs[layer.name].shape[1:]),
            "trainable": layer.trainable,
            "weights": [[v.name, list(v.shape), id(v) in kept] for v in layer.weights],
            "settings": settings_of(layer),
        }


def inputs_of(layer, names):
    node = next(n for n in layer._inbound_nodes if all(t._keras_history[0].name in names for t in n.input_tensors))
    return [tensor._keras_history[0].name for tensor in node.input_tensors]


def settings_of(layer):
    """What the layer computes with, from its own configuration."""
    config = layer.get_config()
    wanted = {
        "Conv2D": ["filters", "kernel_size", "strides", "padding", "dilation_rate", "groups", "use_bias", "activation"],
        "BatchNormalization": ["axis", "momentum", "epsilon", "center", "scale"],
        "Activation": ["activation"],
        "MaxPooling2D": ["pool_size", "strides", "padding"],
        "AveragePooling2D": ["pool_size", "strides", "padding"],
        "ZeroPadding2D": ["padding"],
        "Concatenate": ["axis"],
        "Dense": ["units", "use_bias", "activation"],
    }.get(type(layer).__name__, [])
    return {key: config[key] for key in wanted}
