"""Writes the Keras files that the tests of reading compare against.

    pip install keras tensorflow tf_keras h5py
    python e2e/reference/roundtrip_fixtures.py            # Keras 3
    python e2e/reference/roundtrip_fixtures.py --keras2   # tf_keras, which is Keras 2

src/weights/fixtures: one tiny model (a functional model inside a Sequential, as the notebook's heads make them) in every
layout. Weight number k, counted over `WEIGHTS`, holds ((37 i + 101 k) mod 127 - 63) / 64 at place i: exact in float32.

src/worker/fixtures: the three large networks under the notebook's heads, in every layout, as Keras names them and
without their numbers: the datasets are declared and never written, so they read as zeros.

Made with Keras 3.15.1, tf_keras 2.21.0, TensorFlow 2.21.0, h5py 3.14.0.
"""

import gzip
import io
import os
import pathlib
import sys
import tempfile
import zipfile

KERAS2 = "--keras2" in sys.argv
if KERAS2:
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tf_keras as keras
else:
    import keras

import h5py
import numpy as np

L = keras.layers
SOURCE = pathlib.Path(__file__).resolve().parents[2] / "src"
TAG = "keras2" if KERAS2 else "keras3"

WEIGHTS = [
    ("stem", "kernel"), ("stem", "bias"),
    ("conv2d", "kernel"),
    ("batch_normalization", "beta"), ("batch_normalization", "moving_mean"), ("batch_normalization", "moving_variance"),
    ("conv2d_1", "kernel"),
    ("batch_normalization_1", "gamma"), ("batch_normalization_1", "beta"),
    ("batch_normalization_1", "moving_mean"), ("batch_normalization_1", "moving_variance"),
    ("dense", "kernel"), ("dense", "bias"),
    ("dense_1", "kernel"), ("dense_1", "bias"),
]


def tiny_base():
    image = L.Input((6, 6, 3))
    x = L.Conv2D(4, 3, padding="same", activation="relu", name="stem")(image)
    x = L.Conv2D(5, 3, padding="same", use_bias=False)(x)
    x = L.Activation("relu")(L.BatchNormalization(scale=False)(x))
    x = L.Conv2D(2, 3, padding="same", use_bias=False)(x)
    return keras.Model(image, L.BatchNormalization()(x), name="base")


def tiny_model():
    base = tiny_base()
    base.layers[1].trainable = False
    return keras.Sequential([base, L.Flatten(), L.Dense(4, activation="relu"), L.Dense(3, activation="softmax")])


def fill(model):
    """Sets every weight by the rule above; layers with weights come in the order of `WEIGHTS`."""
    layers = [layer for layer in model.layers[0].layers + model.layers[1:] if layer.weights]
    number = 0
    for layer in layers:
        values = []
        for weight in layer.get_weights():
            i = np.arange(weight.size)
            values.append((((37 * i + 101 * number) % 127 - 63) / 64).astype("float32").reshape(weight.shape))
            number += 1
        layer.set_weights(values)
    assert number == len(WEIGHTS)


def write_tiny():
    folder = SOURCE / "weights" / "fixtures"
    folder.mkdir(exist_ok=True)
    tiny_model()  # so that automatic names of the second one are counted on
    model = tiny_model()
    fill(model)
    if KERAS2:
        model.save_weights(folder / f"{TAG}-weights.h5")
    model.save_weights(folder / f"{TAG}.weights.h5")
    model.save(folder / f"{TAG}-model.keras")
    model.compile("sgd", "categorical_crossentropy")
    model.save(folder / f"{TAG}-model.h5")
    if not KERAS2:
        deflated = folder / f"{TAG}-deflated.keras"
        with zipfile.ZipFile(folder / f"{TAG}-model.keras") as stored, zipfile.ZipFile(deflated, "w", zipfile.ZIP_DEFLATED) as out:
            for entry in stored.infolist():
                out.writestr(entry.filename, stored.read(entry.filename))


def network(name):
    applications = keras.applications
    if name == "densenet121":
        return applications.DenseNet121(weights=None, include_top=True, classes=3, input_shape=(64, 64, 3))
    if name == "vgg16":
        base = applications.VGG16(weights=None, include_top=False, input_shape=(64, 64, 3))
        return keras.Sequential([base, L.Flatten(), L.Dense(4096, "relu"), L.Dense(4096, "relu"), L.Dense(3, "softmax")])
    base = applications.InceptionV3(weights=None, include_top=False, input_shape=(75, 75, 3))
    return keras.Sequential([base, L.Flatten(), L.Dense(2048, "relu"), L.Dense(3, "softmax")])


def hollow(source, target):
    """Copies an HDF5 file without its numbers: datasets are declared and never allocated."""
    with h5py.File(source) as full, h5py.File(target, "w") as empty:
        def copy(path, item):
            if isinstance(item, h5py.Dataset):
                made = empty.create_dataset(path, item.shape, item.dtype)
            else:
                made = empty.require_group(path)
            for key, value in item.attrs.items():
                made.attrs[key] = value
        for key, value in full.attrs.items():
            empty.attrs[key] = value
        full.visititems(lambda path, item: path.startswith("optimizer") or copy(path, item) and None)


def write_networks():
    folder = SOURCE / "worker" / "fixtures"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("vgg16", "inceptionv3", "densenet121"):
            model = network(name)
            for ending in ("-model.h5", ".weights.h5"):
                full = pathlib.Path(scratch) / f"full{ending}"
                empty = pathlib.Path(scratch) / f"empty{ending}"
                (model.save if ending == "-model.h5" else model.save_weights)(full)
                hollow(full, empty)
                full.unlink()
                target = folder / f"{name}-{TAG}{ending}.gzip"
                buffer = io.BytesIO()
                with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as out:
                    out.write(empty.read_bytes())
                target.write_bytes(buffer.getvalue())
                empty.unlink()


write_tiny()
write_networks()
