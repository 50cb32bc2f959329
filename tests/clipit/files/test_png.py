from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from clipit import ClipitError, read_recipe, save_png

RECIPE = {"prompts": "castle 🏰 | 海底城堡:0.5", "size": [64, 32], "scale": None, "quotes": "\"'<script>\n"}


def written(image, recipe=RECIPE):
    file = BytesIO()
    save_png(image, file, recipe)
    return file


def foreign(*texts):
    file, info = BytesIO(), PngInfo()
    for text in texts:
        info.add_text(*text)
    Image.new("RGB", (2, 2)).save(file, "PNG", pnginfo=info)
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


@pytest.mark.parametrize("texts", [[], [("Comment", "castle")], [("recipe", "two eggs")]])
def test_a_foreign_png_has_no_recipe(texts):
    with pytest.raises(ClipitError, match="no recipe"):
        read_recipe(foreign(*texts))
