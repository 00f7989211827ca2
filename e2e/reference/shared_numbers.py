"""Numbers both sides make for themselves: weights, pictures, and the sketch in which large arrays are compared.

The twin is src/base/reference-test-kit.ts; both use only integer arithmetic modulo 2^32 and float64 operations that
IEEE 754 rounds correctly (+, -, *, /, sqrt), in the same order, so that the numbers agree to the last bit.
"""

import numpy as np

MULTIPLIER = np.uint32(1664525)
INCREMENT = np.uint32(1013904223)
THIRD_WORD = np.uint32(0x9E3779B9)
CHUNK = 1 << 22
BUCKETS = 32
WHOLE_UP_TO = 64


def seed_of(name):
    """FNV-1a of an ASCII name."""
    value = 0x811C9DC5
    for byte in name.encode("ascii"):
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return np.uint32(value)


def stream_of(name, seed):
    """The seed of a stream of weights or pixels. Seed 1 is the plain name, so that its fixtures stay what they were."""
    return seed_of(name if seed == 1 else f"seed{seed}/{name}")


def hash_words(seed, start, stop):
    """The first word of pcg3d(seed, index, THIRD_WORD) for start <= index < stop, as uint32."""
    with np.errstate(over="ignore"):
        index = np.arange(start, stop, dtype=np.uint32)
        x = np.uint32(seed) * MULTIPLIER + INCREMENT
        y = index * MULTIPLIER + INCREMENT
        z = THIRD_WORD * MULTIPLIER + INCREMENT
        x = x + y * z
        y = y + z * x
        z = z + x * y
        x = x ^ (x >> np.uint32(16))
        y = y ^ (y >> np.uint32(16))
        z = z ^ (z >> np.uint32(16))
        return x + y * z


def uniform(name, size, seed=1):
    """Uniform in [0, 1) with 24 bits, float64, of the stream with this name."""
    return (hash_words(stream_of(name, seed), 0, size) >> np.uint32(8)) / 2.0**24


def weight_values(layer, name, shape, style="lively", seed=1):
    """The float32 weight with this key.

    lively: kernels within He's limit sqrt(6 / fan in), so that a signal neither dies nor explodes through VGG16's
    thirteen unnormalised layers and every layer shows in the logits; biases +-0.05, gamma 1 +- 0.1, beta +-0.1,
    moving mean +-0.1, moving variance 1 +- 0.2.
    calm: the same, but each BatchNorm shifts three channels of four well above zero and one well below (beta 3 or
    -3, +- 0.1), so that the ReLUs after them are seldom near their kink, where rounding makes a gradient jump.
    initial: as a network starts: kernels within Glorot's limit, everything else 0 or 1.
    """
    size = int(np.prod(shape))
    field = int(np.prod(shape[:-2]))
    if name == "kernel":
        fans = shape[-2] * field + (shape[-1] * field if style == "initial" else 0)
        centre, reach = 0.0, float(np.sqrt(6.0 / fans))
    else:
        centre = 1.0 if name in ("gamma", "moving_variance") else 0.0
        reach = {"bias": 0.05, "gamma": 0.1, "beta": 0.1, "moving_mean": 0.1, "moving_variance": 0.2}[name]
        if style == "initial":
            reach = 0.0
    stream = stream_of(f"weight/{layer}/{name}", seed)
    values = np.empty(size, np.float32)
    for start in range(0, size, CHUNK):
        stop = min(start + CHUNK, size)
        words = hash_words(stream, start, stop)
        share = (words >> np.uint32(8)) / 2.0**24
        if style == "calm" and name == "beta":
            centre = np.where(words & np.uint32(3), 3.0, -3.0)
        values[start:stop] = centre + (share * 2.0 - 1.0) * reach
    return values.reshape(shape)


def picture(name, size, seed=1):
    """A smooth and textured RGB picture, uint8 [size, size, 3]: value noise of cells 37 and 9 pixels wide, and grain.

    Brightness and contrast differ from picture to picture, the coarse and the fine pattern from channel to channel.
    """
    tone = uniform(f"{name}/tone", 2, seed)
    contrast = 0.5 + 0.5 * tone[1]
    brightness = (1.0 - contrast) * tone[0]
    channels = []
    for channel in range(3):
        coarse = value_noise(f"{name}/coarse/{channel}", size, 37, seed)
        fine = value_noise(f"{name}/fine/{channel}", size, 9, seed)
        grain = uniform(f"{name}/grain/{channel}", size * size, seed).reshape(size, size)
        value = (coarse * 0.6 + fine * 0.3) + grain * 0.1
        channels.append(np.floor((brightness + contrast * value) * 255.0))
    return np.stack(channels, -1).astype(np.uint8)


def value_noise(name, size, cell, seed):
    """Bilinear between uniform numbers on a lattice, [size, size]."""
    side = (size - 1) // cell + 2
    lattice = uniform(name, side * side, seed).reshape(side, side)
    place = np.arange(size)
    at = place // cell
    share = (place % cell) / float(cell)
    across = share[None, :]
    rows = lattice[at][:, at] * (1.0 - across) + lattice[at][:, at + 1] * across
    below = lattice[at + 1][:, at] * (1.0 - across) + lattice[at + 1][:, at + 1] * across
    down = share[:, None]
    return rows * (1.0 - down) + below * down


def batch(name, count, size, seed=1):
    """Network input [count, size, size, 3], float32 0..1: pictures `name/0`, `name/1`, ... divided by 255."""
    pictures = np.stack([picture(f"{name}/{index}", size, seed) for index in range(count)])
    return (pictures / 255.0).astype(np.float32)


def sketch(key, values):
    """All values of a small array; of a large one its norm and a count sketch of it.

    Each element is added, with a random sign, to one of 32 buckets. The sketch is linear, and the expected squared norm
    of the sketch of a difference is that of the difference itself (Charikar, Chen and Farach-Colton 2002), with a
    relative standard deviation of sqrt(2 / 32) = 25 %, that is 12.5 % of the norm. A single wrong element shows in full.
    """
    flat = np.asarray(values, np.float64).reshape(-1)
    if flat.size <= WHOLE_UP_TO:
        return {"values": significant(flat)}
    buckets = np.zeros(BUCKETS)
    squares = 0.0
    seed = seed_of(f"sketch/{key}")
    for start in range(0, flat.size, CHUNK):
        part = flat[start : start + CHUNK]
        words = hash_words(seed, start, start + part.size)
        signed = np.where(words >> np.uint32(31), -part, part)
        buckets += np.bincount((words >> np.uint32(16)) & np.uint32(BUCKETS - 1), signed, BUCKETS)
        squares += float(part @ part)
    return {"norm": significant(np.sqrt(squares)), "sketch": significant(buckets)}


def relative_error(actual, expected):
    """Norm of the difference over the norm of the expected, one significant digit of it kept by the caller."""
    actual = np.asarray(actual, np.float64)
    expected = np.asarray(expected, np.float64)
    norm = np.linalg.norm(expected)
    return float(np.linalg.norm(actual - expected) / norm) if norm > 0 else 0.0


def significant(values, digits=7):
    """Numbers rounded to so many significant digits, as plain Python lists."""
    if isinstance(values, (list, tuple, np.ndarray)):
        return [significant(value, digits) for value in np.asarray(values).tolist()]
    return float(f"{float(values):.{digits - 1}e}")
