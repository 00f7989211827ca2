"""The training step of the notebook's networks in real Keras on this processor, for the table of `npm run bench`.

    python bench_keras.py --json keras.json                     the sizes that `--device processor` measures
    python bench_keras.py --json keras.json --network vgg16 --threads 2 --steps 5
    npm run bench -- --device processor --with keras.json       prints both side by side

A step is `train_on_batch`: Keras' own compiled graph, from NumPy arrays to the loss as a number. No augmentation: the notebook
makes it in Python, beside the step. Each network has a process of its own, so that its peak of memory is its own.
"""

import argparse
import json
import math
import multiprocessing
import resource
import statistics
import sys
import time

import host

# What the processor is measured with: input size and batch.
CASES = {"baseline": (224, 32), "vgg16": (224, 8), "inceptionv3": (150, 8), "densenet121": (224, 8)}
CLASSES = 3
WARM_UP = 2
# Short steps are repeated until a reading lasts about this long.
READING_SECONDS = 0.5


def main():
    asked = parse()
    report = None
    for name in asked.network:
        size, batch = CASES[name]
        case = (name, asked.input_size or size, asked.batch or batch, asked.steps, asked.threads, asked.jit)
        loads = [host.load()]
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            header, measured = pool.apply(measure, case)
        loads.append(host.load())
        if report is None:
            report = {**header, "networks": {}}
            print(f"{report['adapter']}\n{report['processor']}, {report['threads']} threads, {report['date']}")
        report["networks"][name] = {**measured, "load": loads}
        side = measured["sides"]["keras"]
        spread = side["spreadMs"]
        print(
            f"{name}, {measured['inputSize']} px, batch {measured['batch']}: {side['ms']:.0f} ms a step"
            f" ({spread['least']:.0f} to {spread['most']:.0f}), {measured['batch'] / side['ms'] * 1000:.1f} images/s,"
            f" peak {side['peakBytes'] / 1e9:.2f} GB, load {loads[0]} to {loads[1]}",
            flush=True,
        )
        if asked.json:
            with open(asked.json, "w", encoding="utf-8") as file:
                json.dump(report, file, indent=2)
                file.write("\n")


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", type=lambda words: words.split(","), default=list(CASES), help="names, with commas")
    parser.add_argument("--input-size", type=int, help="pixels; by default those that the processor is measured with")
    parser.add_argument("--batch", type=int)
    parser.add_argument("--steps", type=int, default=5, help="readings")
    parser.add_argument("--threads", type=int, default=host.available_threads())
    parser.add_argument("--jit", action="store_true", help="compiled by XLA, which Keras leaves off where there is no GPU")
    parser.add_argument("--json", help="file to write the numbers to")
    asked = parser.parse_args()
    unknown = [name for name in asked.network if name not in CASES]
    if unknown:
        parser.error(f"There is no network {unknown[0]}; there are {', '.join(CASES)}.")
    return asked


def measure(name, size, batch, steps, threads, jit):
    """In a process of its own. Returns the report's head, and what was measured of the network."""
    host.start_tensorflow(threads)
    import keras
    import numpy

    from networks import Network

    keras.utils.set_random_seed(1)
    network = Network(name, size)
    model = network.model
    model.compile(
        optimizer=network.optimizer(),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=True if jit else "auto",
    )
    random = numpy.random.default_rng(1)
    x = random.random((batch, size, size, 3), numpy.float32)
    y = numpy.eye(CLASSES, dtype=numpy.float32)[numpy.arange(batch) % CLASSES]

    def seconds(repeats):
        started = time.perf_counter()
        for _ in range(repeats):
            loss = float(model.train_on_batch(x, y)[0])
        elapsed = time.perf_counter() - started
        if not math.isfinite(loss):
            raise SystemExit(f"{name}: the loss was {loss}, so the step did not compute what it should.")
        return elapsed / repeats

    for _ in range(WARM_UP):
        last = seconds(1)
    repeats = max(1, math.ceil(READING_SECONDS / last))
    readings = [1000 * seconds(repeats) for _ in range(steps)]
    made_by = host.versions()
    header = {
        "device": "keras",
        "adapter": f"Keras {made_by['keras']} on TensorFlow {made_by['tensorflow']},"
        f" XLA {'on' if model.jit_compile is True else 'off'}",
        "madeBy": made_by,
        "processor": host.processor(),
        "threads": threads,
        "date": host.now(),
    }
    # Kilobytes on Linux, bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    side = {
        "ms": statistics.median(readings),
        "spreadMs": {"median": statistics.median(readings), "least": min(readings), "most": max(readings)},
        "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit,
    }
    return header, {"inputSize": size, "batch": batch, "augmentation": False, "sides": {"keras": side}}


if __name__ == "__main__":
    main()
