"""The notebook's recipes trained by real Keras from random weights on a folder in the notebook's layout.

    python train_keras.py --data FOLDER --network baseline --size 224 --epochs 15 --seed 1,2,3,4,5 --out keras.jsonl

The folder holds training.txt, validation.txt and testing.txt, one path a line with the class's name in it. Images: RGB, resized to the
nearest pixel; in training one random affine, flip and noise each, which is not clipped; times 1/255. Every run that ends adds one line to
the file; a run that stands there already is left out, so that the command can be given again. Counterpart: e2e/measure-training.mjs.
"""

import argparse
import json
import math
import time
from pathlib import Path

import host

LISTS = {"train": "training.txt", "validation": "validation.txt", "test": "testing.txt"}
NETWORKS = ["baseline", "vgg16", "inceptionv3", "densenet121"]
# Grey levels of 0..255, drawn per image.
MOST_NOISE = 50.0


def main():
    asked = parse()
    splits, classes = read_lists(Path(asked.data))
    host.start_tensorflow(asked.threads)
    for seed in asked.seed:
        recipe = {
            "network": asked.network,
            "inputSize": asked.size,
            "batch": asked.batch,
            "epochs": asked.epochs,
            "seed": seed,
            "weights": "random",
        }
        if asked.out and is_done(Path(asked.out), recipe):
            print(f"seed {seed}: done before", flush=True)
            continue
        result = {"trainedBy": "keras", **recipe, **train(recipe, splits, classes)}
        result.update(madeBy=host.versions(), processor=host.processor(), threads=asked.threads, date=host.now())
        if asked.out:
            with open(asked.out, "a", encoding="utf-8") as file:
                file.write(json.dumps(result) + "\n")
        print(f"seed {seed}: test accuracy {result['testAccuracy']:.3f}, {result['seconds']:.0f} s", flush=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder")
    parser.add_argument("--network", required=True, choices=NETWORKS)
    parser.add_argument("--size", type=int, default=224, help="pixels")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--seed", type=lambda text: [int(word) for word in text.split(",")], default=[1], help="with commas")
    parser.add_argument("--threads", type=int, default=host.available_threads())
    parser.add_argument("--out", help="file of JSON lines that the runs are added to")
    return parser.parse_args()


def is_done(path, recipe):
    if not path.exists():
        return False
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return any(line["trainedBy"] == "keras" and all(line[key] == recipe[key] for key in recipe) for line in lines)


def read_lists(folder):
    """(path, class index) of each split, and the classes: the folder's own folders, sorted by name as Keras does."""
    classes = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    splits = {}
    for split, name in LISTS.items():
        lines = [line.strip() for line in (folder / name).read_text(encoding="utf-8").splitlines()]
        splits[split] = [(folder / line, class_of(line, classes)) for line in lines if line]
    return splits, classes


def class_of(line, classes):
    found = [index for index, name in enumerate(classes) if name in Path(line).parts]
    if len(found) != 1:
        raise SystemExit(f"No single class stands in the path {line}.")
    return found[0]


def train(recipe, splits, classes):
    import keras
    import numpy as np

    from networks import Network

    size, batch, seed = recipe["inputSize"], recipe["batch"], recipe["seed"]
    started = time.perf_counter()
    loaded = {split: load(entries, size) for split, entries in splits.items()}
    print(f"seed {seed}: {', '.join(f'{len(x)} {split}' for split, (x, _) in loaded.items())} images", flush=True)
    keras.utils.set_random_seed(seed)
    network = Network(recipe["network"], size)
    model = network.model
    model.compile(optimizer=network.optimizer(), loss="categorical_crossentropy", metrics=["accuracy"])
    random = np.random.default_rng(seed)
    draw = transform_of(size)
    pixels, labels = loaded["train"]
    targets = np.eye(len(classes), dtype=np.float32)
    epochs = []
    training_seconds = 0.0
    for epoch in range(1, recipe["epochs"] + 1):
        began = time.perf_counter()
        order = random.permutation(len(pixels))
        losses, right = 0.0, 0.0
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            x = np.stack([augment(pixels[index], draw, random) for index in chosen])
            # Means of this batch alone.
            model.reset_metrics()
            loss, accuracy = model.train_on_batch(x, targets[labels[chosen]])
            losses += float(loss) * len(chosen)
            right += float(accuracy) * len(chosen)
        validation = evaluate(model, *loaded["validation"], targets)
        # As the notebook times it: training and validation.
        seconds = time.perf_counter() - began
        training_seconds += seconds
        test = evaluate(model, *loaded["test"], targets)
        log = {
            "epoch": epoch,
            "loss": losses / len(pixels),
            "accuracy": right / len(pixels),
            "validationLoss": validation[0],
            "validationAccuracy": validation[1],
            "testAccuracy": test[1],
            "seconds": round(seconds, 2),
        }
        if not math.isfinite(log["loss"]):
            raise SystemExit(f"seed {seed}: the loss of epoch {epoch} was {log['loss']}.")
        epochs.append(log)
        print(f"  epoch {epoch}: loss {log['loss']:.4f}, accuracy {log['accuracy']:.3f}, validation {validation[1]:.3f}, "
              f"test {test[1]:.3f}, {seconds:.1f} s", flush=True)
    best = min(epochs, key=lambda log: log["loss"])
    return {
        "counts": {split: len(x) for split, (x, _) in loaded.items()},
        "testAccuracy": epochs[-1]["testAccuracy"],
        "bestTestAccuracy": best["testAccuracy"],
        "bestEpoch": best["epoch"],
        "seconds": round(training_seconds, 1),
        "secondsInAll": round(time.perf_counter() - started, 1),
        "epochLogs": epochs,
    }


def load(entries, size):
    import keras
    import numpy as np

    images = [
        np.asarray(keras.utils.load_img(path, color_mode="rgb", target_size=(size, size), interpolation="nearest"))
        for path, _ in entries
    ]
    return np.stack(images), np.array([index for _, index in entries])


def transform_of(size):
    """Keras' own transform with the notebook's settings; it draws from NumPy's global state, which the seed has set."""
    from keras.src.legacy.preprocessing.image import ImageDataGenerator

    generator = ImageDataGenerator(
        rotation_range=25,
        width_shift_range=0.3,
        height_shift_range=0.3,
        zoom_range=0.2,
        horizontal_flip=True,
        fill_mode="nearest",
    )
    generator.channel_axis, generator.row_axis, generator.col_axis = 3, 1, 2
    return lambda image: generator.apply_transform(image, generator.get_random_transform((size, size, 3)))


def augment(image, draw, random):
    import numpy as np

    moved = draw(image.astype(np.float32))
    noise = random.standard_normal(moved.shape, np.float32) * np.float32(random.uniform(0.0, MOST_NOISE))
    return (moved + noise) / np.float32(255)


def evaluate(model, pixels, labels, targets):
    """(loss, accuracy) in inference mode, 32 images at a time."""
    import numpy as np

    if len(pixels) == 0:
        return None, None
    parts = [
        model.predict_on_batch(pixels[start : start + 32].astype(np.float32) / np.float32(255))
        for start in range(0, len(pixels), 32)
    ]
    probabilities = np.concatenate(parts)
    own = np.clip((probabilities * targets[labels]).sum(axis=1), 1e-7, 1.0)
    return float(-np.log(own).mean()), float((probabilities.argmax(axis=1) == labels).mean())


if __name__ == "__main__":
    main()
