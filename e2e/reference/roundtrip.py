"""Carries models from Keras to Thorax and from Thorax to Keras, on real X-rays, and compares every prediction.

    npm start                                   # once, so that everything is installed; then Ctrl+C
    pip install -r e2e/reference/requirements.txt h5py
    python e2e/reference/roundtrip.py [--images FOLDER]

FOLDER holds a folder of radiographs per class (COVID, HEALTHY, PNEUMONIA). Without one, and without the folder named by
THORAX_XRAYS, drawn noise stands in. All pictures are brought to PNG first, so that both sides decode the same pixels.

Keras to Thorax: the notebook's models with random weights and random BatchNorm statistics, saved in each format, dropped
on the Compare screen; Thorax' test predictions against Keras' own. Thorax to Keras: networks trained for an epoch and
exported, and the VGG16 and InceptionV3 that were taken in exported again; `keras.models.load_model` and its predictions
against those that Thorax stored. Then the weights alone, into a model built as the notebook's cells do: `load_weights` where that
is flat (baseline, DenseNet121). The notebook's Sequential around a base is one layer to Keras where Thorax' file lists
each of them, so there `load_weights` refuses, and `set_weights(load_model(file).get_weights())` is the way.
Ends with 1 if any probability differs by more than 1e-5.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import keras
import numpy as np
from PIL import Image

L = keras.layers
ROOT = pathlib.Path(__file__).resolve().parents[2]
CLASSES = ["COVID", "HEALTHY", "PNEUMONIA"]
COUNTS = {"train": 4, "validation": 1, "test": 4}
SIDE = 128
TOLERANCE = 1e-5


def pictures(folder, class_name):
    """The first pictures of a class, as PNG-ready images."""
    wanted = sum(COUNTS.values())
    if folder is None:
        noise = np.random.default_rng(CLASSES.index(class_name))
        return [Image.fromarray(noise.integers(0, 256, (SIDE, SIDE, 3), dtype="uint8")) for _ in range(wanted)]
    paths = sorted(p for p in (folder / class_name).rglob("*") if p.suffix.lower() in (".png", ".jpg", ".jpeg"))
    if len(paths) < wanted:
        sys.exit(f"{folder / class_name} holds {len(paths)} pictures; {wanted} are needed.")
    random.Random(1).shuffle(paths)
    return [Image.open(path).convert("RGB").resize((SIDE, SIDE), Image.BILINEAR) for path in paths[:wanted]]


def make_dataset(images, target):
    for class_name in CLASSES:
        found = iter(pictures(images, class_name))
        for split, count in COUNTS.items():
            folder = target / split / class_name
            folder.mkdir(parents=True)
            for i in range(count):
                next(found).save(folder / f"{split}-{class_name}-{i}.png")


def notebook_model(network, size):
    """As the notebook's cells build it."""
    apps = keras.applications
    shape = (size, size, 3)
    if network == "baseline":
        return keras.Sequential([L.Input(shape), L.Conv2D(11, 3, activation="relu"), L.Flatten(), L.Dense(3, "softmax")])
    if network == "densenet121":
        return apps.DenseNet121(weights=None, classes=3, input_shape=shape)
    make, units = {"vgg16": (apps.VGG16, [4096, 4096]), "inceptionv3": (apps.InceptionV3, [2048])}[network]
    base = make(weights=None, include_top=False, input_shape=shape)
    return keras.Sequential([base, L.Flatten(), *[L.Dense(n, "relu") for n in units], L.Dense(3, "softmax")])


def keras_models():
    """The four at small inputs, each with the format it is saved in."""
    yield "baseline.weights.h5", notebook_model("baseline", 224)
    yield "vgg16.h5", notebook_model("vgg16", 64)
    yield "inceptionv3.keras", notebook_model("inceptionv3", 75)
    yield "densenet121.keras", notebook_model("densenet121", 64)


def stir(model):
    """Random statistics, biases and scales, so that no weight can stand in for another; kernels of He's size, so that what is
    in a picture reaches the prediction."""
    numbers = np.random.default_rng(11)
    for weight in model.weights:
        name = weight.path.split("/")[-1]
        if name in ("gamma", "moving_variance"):
            weight.assign(numbers.uniform(0.8, 1.2, weight.shape))
        elif name in ("beta", "moving_mean", "bias"):
            weight.assign(numbers.uniform(-0.2, 0.2, weight.shape))
        else:
            fan_in = np.prod(weight.shape[:-1])
            weight.assign(numbers.uniform(-1, 1, weight.shape) * np.sqrt(6 / fan_in))


def predict(model, dataset, path, size):
    image = Image.open(dataset / path).convert("RGB").resize((size, size), Image.NEAREST)
    return model.predict(np.asarray(image, "float32")[None] / 255, verbose=0)[0]


def worst_difference(model, dataset, answer):
    worst = 0.0
    spread = []
    for prediction in answer["predictions"]:
        path = prediction["path"].split("/", 1)[1] if not (dataset / prediction["path"]).exists() else prediction["path"]
        own = predict(model, dataset, path, answer["inputSize"])
        spread.append(own)
        worst = max(worst, float(np.abs(own - np.asarray(prediction["probabilities"])).max()))
    return worst, float(np.ptp(np.stack(spread), axis=0).max())


def carry_weights(row):
    """The notebook's model with the weights of an exported file, and how they came there."""
    model = notebook_model(row["network"], row["inputSize"])
    try:
        model.load_weights(row["model"])
        return model, "load_weights"
    except ValueError as refusal:
        if "Layer count mismatch" not in str(refusal):
            raise
    model.set_weights(keras.models.load_model(row["model"], compile=False).get_weights())
    return model, "set_weights"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=pathlib.Path, default=os.environ.get("THORAX_XRAYS"))
    parser.add_argument("--keep", type=pathlib.Path, help="folder for what is made on the way")
    options = parser.parse_args()
    images = pathlib.Path(options.images) if options.images else None
    work = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="thorax-roundtrip-"))
    dataset = work / "xrays"
    make_dataset(images, dataset)

    models = {}
    for name, model in keras_models():
        stir(model)
        path = work / name
        (model.save_weights if name.endswith(".weights.h5") else model.save)(path)
        models[str(path)] = model
    plan = {
        "folder": str(dataset),
        "counts": {name: list(COUNTS.values()) for name in CLASSES},
        "models": list(models),
        "exportAgain": ["VGG16", "InceptionV3"],
        "train": {"networks": ["Baseline", "DenseNet121"], "inputSize": "32"},
        "answers": str(work),
    }
    (work / "plan.json").write_text(json.dumps(plan))
    command = ["npx", "playwright", "test", "--config", "e2e/reference/roundtrip.config.ts"]
    environment = {**os.environ, "THORAX_ROUNDTRIP": str(work / "plan.json")}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)

    answers = json.loads((work / "answers.json").read_text())
    failed = False

    def report(direction, row, model):
        nonlocal failed
        worst, spread = worst_difference(model, dataset, row)
        failed = failed or worst > TOLERANCE
        name = pathlib.Path(row["model"]).name
        print(f"{direction:32} {name:22} input {row['inputSize']:3}  worst difference {worst:.2e}  (predictions spread {spread:.2e})")

    for row in answers["taken"]:
        report("Keras to Thorax", row, models[row["model"]])
    for row in answers["exported"]:
        report("Thorax to Keras, load_model", row, keras.models.load_model(row["model"], compile=False))
        model, way = carry_weights(row)
        report(f"Thorax to Keras, {way}", row, model)
    print("real X-rays" if images else "drawn noise", "-", "FAILED" if failed else "all within 1e-5")
    sys.exit(1 if failed else 0)


main()
