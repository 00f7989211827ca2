"""Fifty transforms that Keras' ImageDataGenerator drew, with the notebook's settings, and what it made of a picture.

Two files: the draws with a sketch of each result (all three channels, unrounded), and a PNG with one channel of every
result in whole grey levels, so that each pixel can be compared: ten columns by five rows of 224 x 224.
"""

import numpy as np
from keras.src.legacy.preprocessing.image import ImageDataGenerator
from PIL import Image

from generate import FIXTURES
from shared_numbers import picture, sketch

SIZE, COUNT, COLUMNS = 224, 50, 10
FIELDS = ["theta", "tx", "ty", "zx", "zy"]


def make(write):
    generator = ImageDataGenerator(
        rotation_range=25,
        width_shift_range=0.3,
        height_shift_range=0.3,
        zoom_range=0.2,
        horizontal_flip=True,
        fill_mode="nearest",
    )
    generator.channel_axis, generator.row_axis, generator.col_axis = 3, 1, 2
    mosaic = np.zeros((COUNT // COLUMNS * SIZE, COLUMNS * SIZE), np.uint8)
    lines = []
    for index in range(COUNT):
        draw = generator.get_random_transform((SIZE, SIZE, 3), seed=1000 + index)
        source = picture(f"augmentation/{index}", SIZE)
        result = generator.apply_transform(source.astype(np.float64), draw)
        top, left = index // COLUMNS * SIZE, index % COLUMNS * SIZE
        mosaic[top : top + SIZE, left : left + SIZE] = np.rint(result[..., index % 3]).astype(np.uint8)
        parameters = {field: float(draw[field]) for field in FIELDS}
        flip = bool(draw["flip_horizontal"])
        lines.append({**parameters, "flip": flip, **sketch(f"augmentation/{index}", result)})
    write("augmentation", lines, size=SIZE, columns=COLUMNS)
    Image.fromarray(mosaic).save(FIXTURES / "augmentation.png", optimize=True)
