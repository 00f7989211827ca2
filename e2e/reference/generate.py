"""Makes the fixtures under fixtures/ from real Keras. See README.md.

    python generate.py                  all of them
    python generate.py training         one part: architectures, forward, training, augmentation, grad_cam, known_wrongs,
                                        class_weights, early_stopping
    python generate.py --seed 7         the training fixtures from other weights and pictures, under the names of seed 1, so
                                        that the tests compare with them: to be looked at, and not kept
"""

import argparse
import importlib
import json
import os
import platform
from pathlib import Path

# One thread and no choice of algorithm at run time, so that a sum has one order; no GPU.
os.environ.update(
    CUDA_VISIBLE_DEVICES="-1", KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="2", TF_ENABLE_ONEDNN_OPTS="0"
)

import keras
import numpy
import scipy
import tensorflow

FIXTURES = Path(__file__).parent / "fixtures"
PARTS = [
    "architectures",
    "forward",
    "training",
    "augmentation",
    "grad_cam",
    "known_wrongs",
    "class_weights",
    "early_stopping",
]


def write(name, lines, **facts):
    """A file of JSON lines: the first says what it is and which versions made it."""
    header = {
        "fixture": name,
        **facts,
        "madeBy": {
            "keras": keras.__version__,
            "tensorflow": tensorflow.__version__,
            "numpy": numpy.__version__,
            "scipy": scipy.__version__,
            "python": platform.python_version(),
        },
    }
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in [header, *lines])
    FIXTURES.mkdir(exist_ok=True)
    (FIXTURES / f"{name}.jsonl").write_text(text, encoding="utf-8")
    print(f"{name}: {len(lines)} lines, {len(text) / 1024:.0f} KiB", flush=True)


def main():
    tensorflow.config.threading.set_intra_op_parallelism_threads(1)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    tensorflow.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(1)
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []])
    parser.add_argument("--seed", type=int)
    asked = parser.parse_args()
    if asked.seed is not None:
        importlib.import_module("training").make(write_as_first_seed, (asked.seed,))
        return
    for part in asked.parts or PARTS:
        importlib.import_module(part).make(write)


def write_as_first_seed(name, lines, **facts):
    write(name.removesuffix(f"-seed{facts['seed']}"), lines, **facts)


if __name__ == "__main__":
    main()
