"""Training sets for TensorFlow.

>>> import slicehouse.tensorflow
>>> batches = slicehouse.tensorflow.dataset(training_set, split="train", batch_size=32, epoch=0)
>>> model.fit(batches)
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from ._warehouse import TrainingSet


def dataset(training_set: TrainingSet, **options: Any) -> tf.data.Dataset:
    """A `tf.data.Dataset` of (image, mask), (image, target), or image where the set has neither.

    Args:
        options: What `TrainingSet.batches` takes. The layout of the recipe should be NHWC or NDHWC.
    """
    with training_set.batches(**{**options, "threads": 1, "prefetch": 1}) as batches:
        info = batches.info

    def spec(form: dict[str, Any]) -> tf.TensorSpec:
        return tf.TensorSpec([None, *form["shape"]], form["dtype"])

    parts = [name for name in ("image", "mask", "target") if info[name]]
    specs = tuple(spec(info[name]) for name in parts)

    def generate():
        with training_set.batches(**options) as batches:
            for batch in batches:
                arrays = tuple(getattr(batch, name) for name in parts)
                yield arrays if len(arrays) > 1 else arrays[0]

    return tf.data.Dataset.from_generator(generate, output_signature=specs if len(specs) > 1 else specs[0])
