"""When Keras' EarlyStopping ends a training, for courses of the validation loss."""

import keras

COURSES = [
    [1.0, 0.9, 0.8, 0.7, 0.6, 0.5],
    [1.0, 0.9, 0.95, 0.85, 0.9, 0.9, 0.9, 0.8],
    [1.0, 1.0, 1.0, 1.0, 0.5],
    [0.5, 0.6, 0.7, 0.4, 0.6, 0.5, 0.45, 0.41, 0.3],
    [3.0, 3.0000001, 2.9999999, 3.0, 2.9999999, 2.9999999, 2.9999999],
]


def make(write):
    lines = [
        {"validationLosses": course, "patience": patience, **ended(course, patience)}
        for course in COURSES
        for patience in (1, 2, 3, 5)
    ]
    write("early-stopping", lines)


def ended(course, patience):
    """Counted from 1: the epoch after which the training ends, null where it does not, and the best epoch until then."""
    callback = keras.callbacks.EarlyStopping(monitor="val_loss", patience=patience)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    callback.set_model(model)
    callback.on_train_begin()
    model.stop_training = False
    for epoch, loss in enumerate(course):
        callback.on_epoch_end(epoch, {"val_loss": loss})
        if model.stop_training:
            return {"stoppedAfter": epoch + 1, "bestEpoch": callback.best_epoch + 1}
    return {"stoppedAfter": None, "bestEpoch": callback.best_epoch + 1}
