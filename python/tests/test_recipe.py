"""Every part of a recipe against NumPy, Pillow (11.3) and SciPy."""

import json

import numpy as np
import pytest
import slicehouse
from PIL import Image
from scipy import ndimage

from philox import draws, noise
from training_sets import create
from warehouses import run

chance = np.random.default_rng(5)
CT = chance.integers(-1024, 3000, (61, 47)).astype(np.int16)
MASK = ndimage.gaussian_filter(chance.standard_normal(CT.shape), 4) > 0.03


def recipe(*steps, **members):
    return slicehouse.Recipe({"steps": list(steps), **members})


def window(x, center, width, low=0.0, high=1.0):
    return np.clip((x - (center - width / 2)) * (high - low) / width + low, low, high)


def pillow(x, size, kernel):
    return np.asarray(Image.fromarray(x.astype(np.float32), "F").resize(size[::-1], kernel))


KERNELS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "area": Image.Resampling.BOX,
}
SIZES = [(61, 47), (32, 32), (128, 96), (20, 100), (61, 11), (7, 47), (1, 1)]
TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]


@pytest.mark.parametrize("dtype", TYPES)
def test_a_window_of_every_stored_type(dtype):
    stored = CT.astype(dtype)
    image, mask = recipe({"step": "window", "windows": [{"center": 40, "width": 120}]}).render(
        stored, slope=1.5, intercept=-3.25)
    assert mask is None and image.shape == (1, 61, 47)
    expected = window(stored.astype(np.float64) * 1.5 - 3.25, 40, 120).astype(np.float32)
    assert np.array_equal(image[0], expected)


@pytest.mark.parametrize("steps", [[], [{"step": "resize", "shape": [33, 20], "kernel": "nearest"}]])
def test_wrapped_values_of_twelve_bits_are_turned_back(steps):
    """As the kernels of RSNA 2019 do it, where unsigned values of 12 bits have an intercept above -100."""
    stored = (CT.astype(np.int64) % 4096).astype(np.uint16)
    shifted = stored.astype(np.float64) + 1000
    shifted[shifted >= 4096] -= 4096
    for values, dtype, bits, intercept, hu in [
        ("unwrapped", np.uint16, 12, 0, shifted - 1000), ("unwrapped", np.uint16, 12, -99, shifted - 1000),
        ("unwrapped", np.uint16, 12, -100, stored - 100.0), ("unwrapped", np.int16, 12, 0, stored + 0.0),
        ("unwrapped", np.uint16, 16, 0, stored + 0.0), ("unwrapped", np.uint16, None, 0, stored + 0.0),
        ("rescaled", np.uint16, 12, 0, stored + 0.0), ("stored", np.uint16, 12, -1024, stored + 0.0),
    ]:  # fmt: skip
        image, _ = recipe(*steps, values=values).render(stored.astype(dtype), intercept=intercept, bits_stored=bits)
        expected = pillow(hu, (33, 20), KERNELS["nearest"]) if steps else hu.astype(np.float32)
        assert np.array_equal(image[0], expected), (values, dtype, bits, intercept)
    beyond = np.array([[4095, 4096, 65535]], np.uint16)
    image, _ = recipe(values="unwrapped").render(beyond, intercept=0, bits_stored=12)
    assert image[0].tolist() == [[-1, 4096, 65535]]


def test_windows_become_channels_in_every_layout():
    windows = [{"center": 40, "width": 80}, {"center": 80, "width": 200}, {"center": 600, "width": 2800}]
    step = {"step": "window", "windows": windows}
    value = CT.astype(np.float64) - 1024
    expected = np.stack([window(value, w["center"], w["width"]) for w in windows]).astype(np.float32)
    for layout, form in {
        "NCHW": expected, "NHWC": expected.transpose(1, 2, 0), "NCDHW": expected[:, None],
        "NDHWC": expected.transpose(1, 2, 0)[None],
    }.items():  # fmt: skip
        image, _ = recipe(step, layout=layout).render(CT, intercept=-1024)
        assert np.array_equal(image, form), layout


def test_slices_and_colours_are_channels_without_depth():
    slices = chance.integers(0, 255, (3, 8, 9, 2)).astype(np.uint8)
    image, _ = recipe({"step": "window", "windows": [{"center": 90, "width": 50}, {"center": 9, "width": 99}]}).render(slices)
    expected = [window(slices[d, :, :, s].astype(float), c, w) for d in range(3) for s in range(2) for c, w in [(90, 50), (9, 99)]]
    assert np.array_equal(image, np.stack(expected).astype(np.float32))
    image, _ = recipe(layout="NDHWC").render(slices)
    assert np.array_equal(image, slices.astype(np.float32))


def test_the_linear_function_of_dicom():
    """PS3.3 C.11.2.1.2.1, the formula as it stands there."""
    c, w = 40.0, 121.0
    x = CT.astype(np.float64)
    y = ((x - (c - 0.5)) / (w - 1) + 0.5) * 255
    y = np.where(x <= c - 0.5 - (w - 1) / 2, 0, np.where(x > c - 0.5 + (w - 1) / 2, 255, y))
    image, _ = recipe({"step": "window", "windows": [{"center": c, "width": w}], "function": "LINEAR", "to": [0, 255]}).render(CT)
    assert np.allclose(image[0], y, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("dtype,low,high", [("uint8", 0, 255), ("int16", -32768, 32767)])
def test_integers_are_rounded_to_even_and_clamped(dtype, low, high):
    step = {"step": "scale", "from": [0, 2], "to": [0, 1]}
    stored = np.arange(-600, 70000, 1, dtype=np.int32)[None]
    image, _ = recipe(step, dtype=dtype).render(stored)
    assert np.array_equal(image[0], np.clip(np.rint(stored / 2), low, high).astype(dtype))
    narrow = np.arange(-600, 600, dtype=np.int16)[None]
    image, _ = recipe(step, dtype=dtype).render(narrow)
    assert np.array_equal(image[0], np.clip(np.rint(narrow / 2), low, high).astype(dtype))


def test_float16_is_rounded_from_float32():
    image, _ = recipe({"step": "scale", "from": [-1000, 3000], "to": [0, 1]}, dtype="float16").render(CT)
    expected = ((CT.astype(float) + 1000) / 4000).astype(np.float32).astype(np.float16)
    assert image.dtype == np.float16 and np.array_equal(image[0], expected)


def test_clip_scale_and_standardise_in_order():
    steps = [{"step": "clip", "range": [-1000, 400]}, {"step": "scale", "from": [-1000, 400], "to": [-1, 1]},
             {"step": "standardize", "mean": 0.25, "deviation": 0.5}]  # fmt: skip
    image, _ = recipe(*steps).render(CT)
    x = (np.clip(CT.astype(float), -1000, 400) + 1000) * 2 / 1400 - 1
    assert np.array_equal(image[0], ((x - 0.25) / 0.5).astype(np.float32))


def test_standardise_by_the_sample():
    image, _ = recipe({"step": "clip", "range": [-1000, 400]}, {"step": "standardize"}).render(CT)
    x = np.clip(CT.astype(np.float32), -1000, 400).astype(float)
    assert np.allclose(image[0], (x - x.mean()) / x.std(), rtol=1e-6, atol=1e-6)
    flat, _ = recipe({"step": "standardize"}).render(np.full((4, 4), 7, np.int16))
    assert np.array_equal(flat, np.zeros((1, 4, 4), np.float32))
    apart, _ = recipe({"step": "standardize", "mean": 5}).render(np.full((4, 4), 7, np.int16))
    assert (apart == 2).all()


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("size", SIZES)
def test_resize_is_that_of_pillow(kernel, size):
    image, mask = recipe({"step": "resize", "shape": size, "kernel": kernel}).render(CT, MASK)
    assert np.array_equal(image[0], pillow(CT, size, KERNELS[kernel]))
    nearest = np.asarray(Image.fromarray(MASK.astype(np.uint8), "L").resize(size[::-1], Image.Resampling.NEAREST))
    assert np.array_equal(mask[0], nearest)


def test_windows_before_and_behind_a_resize():
    step = {"step": "window", "windows": [{"center": 40, "width": 120}, {"center": 300, "width": 900}]}
    size = {"step": "resize", "shape": [40, 40], "kernel": "bicubic"}
    before, _ = recipe(step, size).render(CT)
    for channel, (c, w) in enumerate([(40, 120), (300, 900)]):
        x = window(CT.astype(float), c, w).astype(np.float32)
        assert np.array_equal(before[channel], pillow(x, (40, 40), KERNELS["bicubic"]))
    behind, _ = recipe(size, step).render(CT)
    resized = pillow(CT, (40, 40), KERNELS["bicubic"]).astype(float)
    assert np.array_equal(behind[1], window(resized, 300, 900).astype(np.float32))


@pytest.mark.parametrize("share", [0.25, 0.5, 1.0])
def test_a_mask_by_coverage(share):
    rule = {"rule": "coverage", "coverage": share, "value": 255, "dtype": "int64"}
    _, mask = recipe({"step": "resize", "shape": [15, 12]}, mask=rule).render(CT, MASK)
    cover = pillow(MASK, (15, 12), Image.Resampling.BOX)
    assert mask.dtype == np.int64 and np.array_equal(mask[0], np.where(cover >= share - 1e-6, 255, 0))


@pytest.mark.parametrize("kernel", KERNELS)
def test_resample_three_axes(kernel):
    """Slices by Pillow too: the planes as one picture, [slices] × [rows × columns]."""
    volume = chance.integers(-1000, 1000, (9, 14, 11)).astype(np.int16)
    mask = volume > 300
    spacing, wanted = (5.0, 0.5, 0.75), (2.0, 1.0, 1.0)
    step = {"step": "resample", "spacing_mm": wanted, "kernel": kernel}
    image, marks = recipe(step, layout="NCDHW").render(volume, mask, spacing=spacing)
    size = [max(1, round(n * a / b)) for n, a, b in zip(volume.shape, spacing, wanted)]
    assert list(image.shape) == [1, *size] == list(marks.shape)

    def resized(x, kernel):
        planes = np.stack([pillow(p, size[1:], KERNELS[kernel]) for p in x])
        return pillow(planes.reshape(len(x), -1), (size[0], size[1] * size[2]), KERNELS[kernel]).reshape(size)

    assert np.array_equal(image[0], resized(volume, kernel))
    assert np.array_equal(marks[0], resized(mask, "nearest").astype(np.uint8))


def test_crop_takes_the_middle_and_pads():
    image, mask = recipe({"step": "crop", "shape": [40, 60], "fill": -5}).render(CT, MASK)
    top, left = 61 // 2 - 40 // 2, 60 // 2 - 47 // 2
    expected = np.full((40, 60), -5.0)
    marks = np.zeros((40, 60), np.uint8)
    expected[:, left:left + 47] = CT[top:top + 40]
    marks[:, left:left + 47] = MASK[top:top + 40]
    assert np.array_equal(image[0], expected) and np.array_equal(mask[0], marks)
    with pytest.raises(slicehouse.PlanError, match="fill"):
        recipe({"step": "crop", "shape": [40, 60]}).render(CT)


def test_black_borders_go_with_their_mask():
    """crop_black_borders as systems-and-datasets B.2 has it, then Pillow's resize."""
    picture = np.zeros((30, 40, 3), np.uint8)
    picture[4:20, 7:33] = chance.integers(0, 255, (16, 26, 3))
    mask = np.zeros((30, 40), bool)
    mask[6:12, 9:15] = True
    step = {"step": "crop_black_borders", "threshold": 10}
    image, marks = recipe(step, {"step": "resize", "shape": [24, 24]}, layout="NHWC").render(picture[None], mask)
    g = picture.max(2)
    rows, columns = np.flatnonzero(g.max(1) > 10), np.flatnonzero(g.max(0) > 10)
    cut = np.s_[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
    for c in range(3):
        assert np.array_equal(image[..., c], pillow(picture[cut][..., c], (24, 24), KERNELS["bilinear"]))
    nearest = pillow(mask[cut], (24, 24), Image.Resampling.NEAREST)
    assert np.array_equal(marks[..., 0], nearest) and marks.any()
    # A resize to the size that was there before the borders were cut is not left out.
    same, same_mask = recipe(step, {"step": "resize", "shape": [30, 40]}, layout="NHWC").render(picture[None], mask)
    assert np.array_equal(same[..., 1], pillow(picture[cut][..., 1], (30, 40), KERNELS["bilinear"]))
    assert np.array_equal(same_mask[..., 0], pillow(mask[cut], (30, 40), Image.Resampling.NEAREST))
    dark, _ = recipe(step, {"step": "resize", "shape": [2, 2]}).render(np.zeros((5, 5), np.uint8))
    assert not dark.any()


AUGMENT = {"flip_rows": 0.5, "flip_columns": 0.5, "rotation_degrees": 20, "scale": [0.8, 1.3], "shift": 0.1, "fill": 0.125}


def affine(x, u, order, fill):
    if u[1] < 0.5:
        x = x[::-1]
    if u[2] < 0.5:
        x = x[:, ::-1]
    theta, s = np.deg2rad(-20 + 40 * u[3]), 0.8 + u[4] * (1.3 - 0.8)
    shift = (-0.1 + 0.2 * u[5]) * x.shape[0], (-0.1 + 0.2 * u[6]) * x.shape[1]
    centre = (x.shape[0] - 1) / 2, (x.shape[1] - 1) / 2
    r, c = np.mgrid[0:x.shape[0], 0:x.shape[1]].astype(float)
    dy, dx = r - centre[0] - shift[0], c - centre[1] - shift[1]
    cosine, sine = np.cos(theta) / s, np.sin(theta) / s
    places = [cosine * dy + sine * dx + centre[0], cosine * dx - sine * dy + centre[1]]
    return ndimage.map_coordinates(x, places, order=order, mode="constant", cval=fill, prefilter=False)


@pytest.mark.parametrize("sample", range(8))
def test_augmentation_is_one_affine_for_image_and_mask(sample):
    step = {"step": "window", "windows": [{"center": 500, "width": 4000}]}
    made = recipe(step, augment=AUGMENT)
    image, mask = made.render(CT, MASK, augmentation=(99, 3, sample))
    u = draws(99, 3, sample)
    plain = window(CT.astype(float), 500, 4000).astype(np.float32)
    expected = affine(plain.astype(float), u, 1, 0.125)
    # A coordinate may fall on the other side of the border by the last bit of a cosine.
    close = np.isclose(image[0], expected, rtol=1e-6, atol=1e-7)
    assert (~close).sum() <= 2
    assert set(np.unique(mask)) <= {0, 1}
    assert (mask[0] != affine(MASK.astype(np.uint8), u, 0, 0)).sum() <= 4
    again, _ = made.render(CT, MASK, augmentation=(99, 3, sample))
    assert np.array_equal(image, again)


HU = {"step": "clip", "range": [-1000, 1000]}
BRAIN = {"step": "window", "windows": [{"center": 40, "width": 120}]}


@pytest.mark.parametrize("step,fill,air,corner", [
    (HU, {}, -1000, 0), (HU, {"fill": -1000}, -1000, -1000), (BRAIN, {}, 0, 0), (BRAIN, {"fill": 0}, 0, 0),
    ({**BRAIN, "to": [-1, 1]}, {"fill": -1}, -1, -1),
])  # fmt: skip
def test_what_a_rotation_brings_in_is_the_fill_as_the_steps_leave_it(step, fill, air, corner):
    stored = np.full((21, 21), -1000, np.int16)
    image, _ = recipe(step, augment={"rotation_degrees": [45, 45], **fill}).render(stored, augmentation=(1, 0, 0))
    assert image[0, 10, 10] == air and {image[0, r, c] for r in (0, -1) for c in (0, -1)} == {corner}


@pytest.mark.parametrize("step,augment,told", [
    (HU, {"rotation_degrees": 10}, "is 0, while the steps of the recipe make -1000 of the lowest values"),
    (HU, {"rotation_degrees": 10, "fill": -1000}, None), (HU, {"flip_rows": 0.5}, None), (BRAIN, {"shift": 0.1}, None),
    ({**BRAIN, "to": [-1, 1]}, {"scale": [0.9, 1]}, "fill: -1 in its augment would bring that in"), (HU, None, None),
])  # fmt: skip
def test_a_fill_that_is_not_that_of_air_is_told(warehouse, tmp_path, step, augment, told):
    run("split", "create", "filled", "--folds", "all=1", "--database", warehouse.url)
    members = {} if augment is None else {"augment": augment}
    _, said = create(warehouse, tmp_path, "filled", {"steps": [step], **members}, "--target", "none", split="filled")
    assert [told in note for note in said["notes"]] == ([] if told is None else [True])


def test_rotation_is_anticlockwise_and_flips_are_mirrors():
    """Known values: a bright pixel right of the centre moves up by +90°, and left by a flip of columns."""
    x = np.zeros((5, 5), np.int16)
    x[2, 4] = 1
    turned, mask = recipe(augment={"rotation_degrees": [90, 90]}).render(x, x, augmentation=(1, 0, 0))
    assert np.isclose(turned[0, 0, 2], 1) and mask[0, 0, 2] == 1
    flipped, mask = recipe(augment={"flip_columns": 1}).render(x, x, augmentation=(1, 0, 0))
    assert flipped[0, 2, 0] == 1 and mask[0, 2, 0] == 1
    moved, mask = recipe(augment={"shift": [0.2, 0.2]}).render(x.T.copy()[::-1], x.T[::-1], augmentation=(1, 0, 0))
    assert np.isclose(moved[0, 1, 3], 1) and mask[0, 1, 3] == 1


def test_slices_are_mirrored_with_their_mask():
    volume = np.arange(5 * 3 * 2, dtype=np.int16).reshape(5, 3, 2)
    image, mask = recipe(layout="NCDHW", augment={"flip_slices": 1}).render(volume, volume > 17, augmentation=(1, 0, 0))
    assert np.array_equal(image[0], volume[::-1]) and np.array_equal(mask[0], (volume > 17)[::-1])


def test_noise_is_that_of_the_generator():
    made = recipe(augment={"noise": [0.5, 2]})
    image, _ = made.render(CT, augmentation=(7, 2, 11))
    deviation = 0.5 + draws(7, 2, 11)[7] * 1.5
    expected = CT + deviation * noise(CT.size, 7, 2, 11).reshape(CT.shape)
    assert np.allclose(image[0], expected, rtol=1e-5, atol=1e-4)
    second, _ = made.render(CT, augmentation=(7, 2, 11, 1))
    assert not np.array_equal(image, second)


def test_image_and_mask_are_not_swapped():
    stored = np.array([[0, 40], [100, 30]], np.int16)
    image, mask = recipe({"step": "window", "windows": [{"center": 50, "width": 100}]}).render(
        stored, np.array([[1, 0], [0, 1]]))
    assert image.dtype == np.float32 and np.allclose(image[0], [[0, 0.4], [1, 0.3]])
    assert mask.dtype == np.uint8 and np.array_equal(mask[0], [[1, 0], [0, 1]])


def test_canonical_json_has_every_default():
    made = recipe({"step": "resize", "shape": [8, 8]})
    assert json.loads(made.json) == {
        "format": "slicehouse-sample-1", "values": "rescaled", "dtype": "float32", "layout": "NCHW",
        "mask": {"dtype": "uint8", "rule": "nearest", "value": 1},
        "steps": [{"kernel": "bilinear", "shape": [8, 8], "step": "resize"}],
    }  # fmt: skip
    assert slicehouse.Recipe(made.json).json == made.json
    assert made.json == json.dumps(json.loads(made.json), sort_keys=True, separators=(",", ":"))


@pytest.mark.parametrize("text,word", [
    ("{", "JSON"), ('{"stesp": []}', "stesp"), ('{"dtype": "float"}', "dtype"), ('{"steps": [{"step": "blur"}]}', "step 1"),
    ('{"steps": [{"step": "resize", "shape": [0, 3]}]}', "shape"), ('{"steps": [{"step": "resize", "shape": [2, 3, 4]}]}', "NCDHW"),
    ('{"steps": [{"step": "window", "windows": []}]}', "windows"), ('{"steps": [{"step": "crop_black_borders"}]}', "resize or crop"),
    ('{"steps": [{"step": "clip", "range": [3, 1]}]}', "range"), ('{"augment": {"flip_rows": 2}}', "flip_rows"),
    ('{"steps": [{"step": "window", "windows": [{"center": 1, "width": 0}]}]}', "width"), ('{"mask": {"value": 0}}', "value"),
])  # fmt: skip
def test_a_wrong_recipe_is_refused_by_name(text, word):
    with pytest.raises(slicehouse.PlanError, match=word):
        slicehouse.Recipe(text)


@pytest.mark.parametrize("dtype", ["int64", "uint64", "float16", "bool", "complex64"])
def test_pixels_of_another_type_are_named(dtype):
    with pytest.raises(slicehouse.Error, match=f"its pixels are {dtype}, and taken are uint8, .*float64; convert them"):
        recipe().render(CT.astype(dtype))


@pytest.mark.parametrize("shape", [(5,), (1, 2, 3, 4, 5)])
def test_pixels_of_other_axes_are_named(shape):
    with pytest.raises(slicehouse.Error, match=f"have {len(shape)} axes"):
        recipe().render(np.zeros(shape, np.int16))


@pytest.mark.parametrize("dtype", [">i2", ">f4"])
def test_pixels_in_the_other_order_of_bytes_are_the_same(dtype):
    assert np.array_equal(recipe().render(CT.astype(dtype))[0], recipe().render(CT)[0])


def test_geometric_steps_that_change_nothing_are_as_if_absent():
    step = {"step": "window", "windows": [{"center": 40, "width": 120}, {"center": 0, "width": 3000}]}
    scale = {"step": "scale", "from": [0, 1], "to": [-1, 1]}
    plain, _ = recipe(step, scale).render(CT, MASK)
    same = [{"step": "resize", "shape": [61, 47]}, {"step": "crop", "shape": [61, 47]}]
    image, mask = recipe(same[0], step, same[1], scale, same[0]).render(CT, MASK, spacing=(1, 1, 1))
    assert np.array_equal(image, plain) and np.array_equal(mask[0], MASK)


@pytest.mark.parametrize("kernel", ["bilinear", "bicubic", "area"])
def test_what_is_not_a_number_stays_where_pillow_leaves_it(kernel):
    stored = CT.astype(np.float32)
    stored[:, 3] = np.nan
    for size in [(61, 20), (61, 90), (61, 9)]:
        image, _ = recipe({"step": "resize", "shape": size, "kernel": kernel}).render(stored)
        assert np.array_equal(image[0], pillow(stored, size, KERNELS[kernel]), equal_nan=True)
