"""The models that ship. Unlike all other tests of the engine, these need the files in clipit/weights (`make train`)."""

from clipit import Settings, draw, load_models, recipe
from clipit.weights.checkpoints import WEIGHTS, shipped


def test_the_shipped_models_are_there_and_small():
    assert "small" in shipped("clip") and "small" in shipped("vqgan") and "small" in shipped("sketcher"), (
        f"no models in {WEIGHTS}"
    )
    assert sum(file.stat().st_size for file in WEIGHTS.iterdir()) <= 40e6


def test_the_shipped_models_draw_and_better_with_each_step():
    first, last = (
        draw("castle underwater", size=(64, 64), iterations=iterations, cuts=8, seed=1) for iterations in (1, 12)
    )
    assert last.image.size == (64, 64)
    assert last.score > first.score
    assert set(last.recipe["weights"]) == {f"{kind}-small.safetensors" for kind in ("clip", "sketcher", "vqgan")}


def test_the_shipped_sketcher_is_loaded_whatever_the_start_and_told_of_where_it_draws():
    sketched, noisy = (Settings(prompts="a", drawer="fft", start=start).resolved() for start in ("sketch", "noise"))
    models = load_models(noisy, "cpu")
    assert models.sketcher is not None
    assert set(models.weights(noisy)) == {"clip-small.safetensors"}
    assert set(models.weights(sketched)) == {f"{kind}-small.safetensors" for kind in ("clip", "sketcher", "vqgan")}
    assert (recipe(sketched, models)["start"], recipe(noisy, models)["start"]) == ("sketch", "noise")
