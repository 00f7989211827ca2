"""Small numbers of Keras' where TensorFlow.js 4.22 computes something else."""

import keras
import numpy as np
import tensorflow as tf

from shared_numbers import significant, uniform


def make(write):
    keras.config.set_floatx("float64")
    keras.backend.clear_session()  # Else layers keep the type of the part before.
    write("known-wrongs", [{"averagePool": pool()}, {"frozen": frozen()}, {"adam": adam()}, {"crossEntropy": loss()}])


def pool():
    """Gradient of sum(direction * AveragePooling2D(3, strides 1, same)(x)): windows at the border cover fewer pixels."""
    x = tf.constant(uniform("known/x", 50).reshape(1, 5, 5, 2))
    direction = tf.constant(uniform("known/direction", 50).reshape(1, 5, 5, 2))
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = tf.reduce_sum(direction * keras.layers.AveragePooling2D(3, strides=1, padding="same")(x))
    return {"gradient": significant(tape.gradient(score, x).numpy().reshape(-1))}


def frozen():
    """A BatchNorm layer that is not trainable, called with training=True: its loaded statistics, which stay."""
    layer = keras.layers.BatchNormalization(epsilon=1e-3, trainable=False)
    x = tf.constant(uniform("known/x", 50).reshape(1, 5, 5, 2))
    layer.build(x.shape)
    for weight, values in zip(layer.weights, ([1.1, 0.9], [0.1, -0.1], [0.4, 0.6], [0.09, 0.04])):
        weight.assign(values)
    mean = tf.reduce_mean(layer(x, training=True), axis=(1, 2))
    return {"mean": significant(mean.numpy().reshape(-1)), "movingMean": significant(layer.moving_mean.numpy())}


def adam():
    """Three steps on three weights whose gradients are tiny, small and large beside epsilon = 1e-7."""
    weights = keras.Variable([1.0, 1.0, 1.0], dtype="float64")
    optimizer = keras.optimizers.Adam(0.01)
    gradients = [[1e-7, 1e-4, 1.0], [3e-7, -1e-4, 2.0], [-1e-7, 2e-4, -0.5]]
    steps = []
    for gradient in gradients:
        optimizer.apply([tf.constant(gradient, tf.float64)], [weights])
        steps.append(significant(weights.numpy(), 9))
    return {"learningRate": 0.01, "gradients": gradients, "weights": steps}


def loss():
    """Samples so sure of a wrong class that the right one's probability underflows the clip at 1e-7."""
    logits = [[0.0, 40.0, 3.0], [2.0, 1.0, -1.0], [-60.0, 10.0, 60.0]]
    labels = [0, 0, 0]
    softmax = keras.layers.Softmax()

    @tf.function
    def run(z):
        with tf.GradientTape() as tape:
            tape.watch(z)
            losses = keras.losses.categorical_crossentropy(tf.constant(np.eye(3)[labels]), softmax(z))
            mean = tf.reduce_mean(losses)
        return losses, tape.gradient(mean, z)

    losses, gradient = run(tf.constant(logits, tf.float64))
    return {
        "logits": logits,
        "labels": labels,
        "losses": significant(losses.numpy()),
        "gradient": significant(gradient.numpy()),
    }
