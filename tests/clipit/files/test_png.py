from io import BytesIO

import pytest
from PIL import Image

from clipit import ClipitError, read_recipe, save_png
from tests.clipit.files.films import RECIPE


def written(image, recipe=RECIPE):
    file = BytesIO()
    save_png(image, file, recipe)
    return file


def test_the_recipe_comes_back():
    assert read_recipe(written(Image.new("RGB", (4, 3), "red"))) == RECIPE


def test_the_picture_is_untouched_and_its_prompt_readable_by_others():
    image = Image.effect_noise((9, 7), 80).convert("RGB")
    with Image.open(written(image)) as read:
        assert read.text["Comment"] == RECIPE["prompts"]
        assert read.tobytes() == image.tobytes()


def test_the_same_picture_and_recipe_are_the_same_bytes():
    image = Image.new("RGB", (4, 3), "red")
    assert written(image).getvalue() == written(image, dict(reversed(RECIPE.items()))).getvalue()


def test_a_recipe_that_could_not_be_read_back_is_refused():
    with pytest.raises(ClipitError, match="recipe"):
        written(Image.new("RGB", (4, 3)), {"scale": float("inf")})
