"""Grad-CAM of the four networks, written with tf.GradientTape as the notebook's: softmax replaced by linear."""

import keras
import numpy as np
import tensorflow as tf

from networks import Network, as_floatx
from shared_numbers import batch, significant, sketch

# (network, input size, layer, classes). At 75 and 32 pixels the last feature map of these two is a single point, and
# the product reads an earlier layer. The classes are such that one map has nothing positive (baseline, class 0).
CASES = [
    ("baseline", 32, "conv2d", (0, 1, 2)),
    ("vgg16", 64, "block5_conv3", (2,)),
    ("inceptionv3", 139, "mixed10", (2,)),
    ("inceptionv3", 75, "mixed7", (1,)),
    ("densenet121", 96, "bn", (1,)),
    ("densenet121", 32, "pool3_conv", (2,)),
]


def make(write):
    lines = []
    for name, size, layer, classes in CASES:
        exact, probabilities = heatmaps(name, size, layer, "float64")
        rounded, _ = heatmaps(name, size, layer, "float32")
        for chosen in classes:
            line = {"network": name, "inputSize": size, "layer": layer, "classIndex": chosen}
            line["probabilities"] = significant(probabilities)
            line["map"] = line["resized"] = line["keras32"] = None
            if exact[chosen] is not None:
                resized = tf.image.resize(exact[chosen][..., None], (size, size), "bilinear").numpy()
                line["map"] = np.round(exact[chosen], 6).tolist()
                line["resized"] = sketch("resized", resized)
                line["keras32"] = significant(np.abs(rounded[chosen] - exact[chosen]).max(), 2)
            lines.append(line)
    write("grad-cam", lines)


def heatmaps(name, size, layer, floatx):
    """Each class' map scaled to 0..1, [height, width], None where nothing is positive; and the class probabilities."""
    keras.config.set_floatx(floatx)
    network = Network(name, size)
    network.fill()
    model = network.logits_model([layer])
    # From the feature map on, as a model of its own, so that the tape can watch the feature map.
    after = keras.Model(model.output[layer], model.output["logits"])
    features = model(as_floatx(batch("grad-cam", 1, size)), training=False)[layer]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(features)
        logits = after(features, training=False)
        scores = [logits[:, chosen] for chosen in range(3)]
    maps = []
    for score in scores:
        weights = tf.reduce_mean(tape.gradient(score, features), axis=(0, 1, 2))
        positive = tf.nn.relu(tf.reduce_sum(features[0] * weights, axis=-1)).numpy().astype(np.float64)
        maps.append(positive / positive.max() if positive.max() > 0 else None)
    return maps, tf.nn.softmax(logits)[0].numpy().astype(np.float64)
