from itertools import product

import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from clipit import ImagePrompt
from clipit.aesthetic import AestheticHead
from clipit.critic import Critic, Verdict
from clipit.cutouts import Part, Views, gentle_views
from clipit.labels import label_texts
from clipit.masks import disc
from clipit.perceptor import Perceptor, spherical_distance
from clipit.starts import image_picture

SIZE = (24, 16)


@pytest.fixture
def eye(tiny):
    return Perceptor(tiny.vit, torch.device("cpu"), torch.float32)


def pictures(batch=1, seed=0):
    drawn = torch.rand(batch, 3, SIZE[1], SIZE[0], generator=torch.Generator().manual_seed(seed))
    return drawn.requires_grad_()


def random_views(eye, batch=1, count=3):
    return gentle_views(count, eye.resolution, 1.5, [torch.Generator().manual_seed(i) for i in range(batch)], 0.5, 0.0)


def still(eye, batch=1, count=1):
    """Views of the whole picture, without noise."""
    whole = torch.eye(3).expand(batch, count, 3, 3)
    noise = torch.zeros(batch, count, 3, eye.resolution, eye.resolution)
    return Views(eye.resolution, (Part(count, 1, "zeros"),), whole, whole, noise)


def judge(eye, settings, drawn, progress=0.0, views=None, **more):
    batch = settings if isinstance(settings, list) else [settings]
    critic = Critic(eye, [each.resolved() for each in batch], SIZE, **more)
    return critic.judge(drawn, views or random_views(eye, len(batch)), progress * batch[0].resolved().iterations)


def gradient(loss, drawn):
    (found,) = torch.autograd.grad(loss.sum(), drawn, retain_graph=True)
    return found


def told(eye, drawn, text, views):
    """Distance and cosine of one text, the mean over the views, each (B,)."""
    seen = eye.embed_pictures(views(drawn)).unflatten(0, (len(drawn), -1))
    (wished,) = eye.embed_texts([text])
    return spherical_distance(seen, wished).mean(1), (seen * wished).sum(-1).mean(1)


def test_losses_and_scores_are_weighted_means_over_views(tiny, eye):
    drawn, views = pictures(), random_views(eye)
    castle, cat = told(eye, drawn, "castle", views), told(eye, drawn, "cat", views)
    verdict = judge(eye, tiny.settings("castle:2 | cat:0.5"), drawn)
    torch.testing.assert_close(verdict.losses, 2 * castle[0] + 0.5 * cat[0])
    torch.testing.assert_close(verdict.scores, (2 * castle[1] + 0.5 * cat[1]) / 2.5)


def test_what_is_unwished_counts_against(tiny, eye):
    drawn, views = pictures(), random_views(eye)
    castle, cat = told(eye, drawn, "castle", views), told(eye, drawn, "cat", views)
    verdict = judge(eye, tiny.settings("castle | cat:-0.5"), drawn)
    torch.testing.assert_close(verdict.losses, castle[0] - 0.5 * cat[0])
    torch.testing.assert_close(verdict.scores, (castle[1] - 0.5 * cat[1]) / 1.5)


@pytest.mark.parametrize(("weight", "stop", "pulls"), [(1, 9, False), (1, 0, True), (-1, 0, False), (-1, -9, True)])
def test_what_is_nearer_than_its_stop_no_longer_pulls_but_still_counts(tiny, eye, weight, stop, pulls):
    drawn = pictures()
    free = judge(eye, tiny.settings(f"castle:1:9 | cat:{weight}"), drawn)
    stopped = judge(eye, tiny.settings(f"castle:1:9 | cat:{weight}:{stop}"), drawn)
    torch.testing.assert_close(stopped.losses, free.losses)
    torch.testing.assert_close(stopped.scores, free.scores)
    assert (gradient(stopped.losses, drawn) != 0).any() == pulls
    if pulls:
        torch.testing.assert_close(gradient(stopped.losses, drawn), gradient(free.losses, drawn))


def test_a_stop_is_of_each_view(tiny, eye):
    drawn, views = pictures(), random_views(eye, count=8)
    seen = eye.embed_pictures(views(drawn))
    distances = spherical_distance(seen, eye.embed_texts(["cat"])[0])
    stop = float(distances.detach().median())
    verdict = judge(eye, tiny.settings(f"cat:1:{stop}"), drawn, views=views)
    expected = gradient(distances[distances > stop].sum() / 8, drawn)
    torch.testing.assert_close(gradient(verdict.losses, drawn), expected)


def test_a_label_is_the_mean_of_its_sentences(tiny, eye):
    drawn, views = pictures(), still(eye)
    middle = F.normalize(eye.embed_texts(label_texts("cat")).mean(0), dim=0)
    verdict = judge(eye, tiny.settings("", labels="cat:2"), drawn, views=views)
    seen = eye.embed_pictures(views(drawn))
    torch.testing.assert_close(verdict.losses, 2 * spherical_distance(seen, middle))
    torch.testing.assert_close(verdict.scores, (seen * middle).sum(1))


def test_noise_prompts_are_directions_of_their_seeds(tiny, eye):
    drawn = pictures()
    one, again, other = (
        judge(eye, tiny.settings("", noise_prompts=((seed, 1.0),)), drawn).losses for seed in (1, 1, 2)
    )
    assert torch.equal(one, again)
    assert not torch.allclose(one, other)
    against = judge(eye, tiny.settings("", noise_prompts=((1, -2.0),)), drawn).losses
    torch.testing.assert_close(against, -2 * one)


@pytest.mark.parametrize(
    ("progress", "shares"), [(0.0, (1, 0)), (0.44, (1, 0)), (0.5, (0.5, 0.5)), (0.56, (0, 1)), (0.99, (0, 1))]
)
def test_a_story_is_judged_by_the_scene_it_has_come_to(tiny, eye, progress, shares):
    drawn = pictures()
    (castle, cat), verdict = (
        (judge(eye, tiny.settings(text), drawn) for text in ("castle", "cat")),
        judge(eye, tiny.settings("castle ^ cat"), drawn, progress),
    )
    torch.testing.assert_close(verdict.losses, shares[0] * castle.losses + shares[1] * cat.losses)
    torch.testing.assert_close(verdict.scores, shares[0] * castle.scores + shares[1] * cat.scores)


def test_a_picture_like_the_image_prompt_is_nearest(tiny, eye):
    image = Image.linear_gradient("L").resize(SIZE).convert("RGB")
    wish = tiny.settings("", image_prompts=(ImagePrompt(image),))
    same = image_picture(image, *SIZE)[0][None]
    views = still(eye)
    assert judge(eye, wish, same, views=views).losses.item() < 1e-6
    assert judge(eye, wish, same, views=views).scores.item() == pytest.approx(1, abs=1e-3)
    assert judge(eye, wish, 1 - same, views=views).losses.item() > 1e-3


def test_image_prompts_have_weights_and_stops(tiny, eye):
    image, drawn = Image.new("RGB", SIZE, "red"), pictures()
    plain, avoided, stopped = (
        judge(eye, tiny.settings("", image_prompts=(ImagePrompt(image, *rest),)), drawn)
        for rest in ((1.0,), (-0.5,), (1.0, 9.0))
    )
    torch.testing.assert_close(avoided.losses, -0.5 * plain.losses)
    torch.testing.assert_close(avoided.scores, -plain.scores)
    torch.testing.assert_close(stopped.losses, plain.losses)
    assert (gradient(stopped.losses, drawn) == 0).all() and (gradient(plain.losses, drawn) != 0).any()


def test_every_view_is_compared_with_every_view_of_the_image(tiny, eye):
    image, drawn, views = Image.linear_gradient("L"), pictures(), random_views(eye)
    seen, wished = (eye.embed_pictures(views(each)) for each in (drawn, image_picture(image, *SIZE)[0][None]))
    expected = torch.stack([spherical_distance(one, other) for one, other in product(seen, wished)]).mean()
    verdict = judge(eye, tiny.settings("", image_prompts=(ImagePrompt(image),)), drawn)
    torch.testing.assert_close(verdict.losses[0], expected)


@pytest.mark.parametrize(("name", "inside"), [("spot_prompts", True), ("spot_prompts_off", False)])
def test_a_spot_prompt_pulls_only_at_its_side_of_the_mask(tiny, eye, name, inside):
    drawn, mask = pictures(), Image.new("L", SIZE, 0)
    mask.paste(255, (0, 0, 12, 16))
    white = torch.zeros(SIZE[1], SIZE[0], dtype=torch.bool)
    white[:, :12] = True
    views = random_views(eye, count=16)
    verdict = judge(eye, tiny.settings("", **{name: "cat"}, spot_mask=mask), drawn, views=views)
    pulled = gradient(verdict.losses, drawn)[0].abs().sum(0) > 0
    assert not pulled[white != inside].any()
    assert pulled[white == inside].float().mean() > 0.9


def test_a_spot_in_the_middle_is_the_default(tiny, eye):
    drawn = pictures()
    pulled = gradient(judge(eye, tiny.settings("", spot_prompts="cat"), drawn).losses, drawn)[0].abs().sum(0) > 0
    assert pulled.any() and not pulled[disc(*SIZE)[0, 0] == 0].any()


def test_both_sides_of_a_spot_and_the_whole_are_added_up(tiny, eye):
    drawn = pictures()
    parts = [{"prompts": "castle"}, {"spot_prompts": "cat:2"}, {"spot_prompts_off": "dog:-1"}]
    alone = [judge(eye, tiny.settings(**({"prompts": ""} | part)), drawn) for part in parts]
    together = judge(eye, tiny.settings("castle", spot_prompts="cat:2", spot_prompts_off="dog:-1"), drawn)
    torch.testing.assert_close(together.losses, sum(verdict.losses for verdict in alone))
    torch.testing.assert_close(together.weight, torch.tensor([4.0]))
    torch.testing.assert_close(together.alike, sum(verdict.alike for verdict in alone))


def test_rows_of_different_length_are_judged_as_they_would_be_alone(tiny, eye):
    batch = [
        tiny.settings("rose | castle:-0.5 ^ dog", noise_prompts=((1, 0.5),)),
        tiny.settings("cat:3:0.2"),
        tiny.settings("", labels="gold"),
        tiny.settings("", labels="", target_images=(Image.new("RGB", SIZE),)),
    ]
    drawn, views = pictures(4), random_views(eye, 4)
    together = judge(eye, batch, drawn, 0.5, views)
    for index, settings in enumerate(batch):
        mine = Views(views.resolution, views.parts, *(
            getattr(views, name)[[index]] for name in ("matrices", "colours", "noise")
        ))  # fmt: skip
        alone = judge(eye, settings, drawn[[index]], 0.5, mine)
        for ours, theirs in zip(together, alone, strict=True):
            torch.testing.assert_close(ours[[index]], theirs)


def test_smaller_pictures_are_judged_by_the_same_spots_and_images(tiny, eye):
    """A drawing that grows begins at half the size."""
    settings = tiny.settings("", spot_prompts="cat", image_prompts=(ImagePrompt(Image.linear_gradient("L")),))
    flat = torch.full((1, 3, SIZE[1], SIZE[0]), 0.3)
    small = F.interpolate(flat, scale_factor=0.5)
    views = still(eye)
    large, half = (judge(eye, settings, each, views=views).losses.item() for each in (flat, small))
    assert half == pytest.approx(large, rel=0.2)


def test_a_critic_without_wishes_says_nothing(tiny, eye):
    settings = tiny.settings("", target_images=(Image.new("RGB", SIZE),))
    verdict = judge(eye, settings, pictures())
    assert [value.tolist() for value in (*verdict, verdict.scores)] == [[0.0]] * 4


def test_verdicts_add_up_and_the_score_is_the_mean_by_weight():
    first = Verdict(torch.tensor([1.0]), torch.tensor([0.5]), torch.tensor([1.0]))
    both = first.plus(Verdict(torch.tensor([2.0]), torch.tensor([3.0]), torch.tensor([3.0])))
    assert (both.losses.item(), both.scores.item()) == (3.0, pytest.approx(3.5 / 4))


def test_beauty_is_judged_in_what_the_perceptor_sees(tiny, eye):
    drawn, views = pictures(), random_views(eye)
    head = AestheticHead(torch.linspace(-1, 1, eye.width), torch.tensor(5.0))
    settings = tiny.settings("castle", losses="aesthetic:3:target=8", aesthetic_head="head.pth")
    plain = judge(eye, tiny.settings("castle"), drawn)
    rated = judge(eye, settings, drawn, head=head)
    seen = eye.embed_pictures(views(drawn))[None]
    torch.testing.assert_close(rated.losses, plain.losses + 3 * head.loss(seen, 8.0))
    torch.testing.assert_close(rated.scores, plain.scores)
    torch.testing.assert_close(judge(eye, settings, drawn).losses, plain.losses)  # the head is another critic's


@pytest.mark.parametrize(("progress", "share"), [(0.0, 0.0), (0.5, 0.5), (0.75, 0.75)])
def test_the_wish_for_beauty_grows_where_it_shall(tiny, eye, progress, share):
    drawn, head = pictures(), AestheticHead(torch.linspace(-1, 1, eye.width), torch.tensor(5.0))
    settings = [
        tiny.settings("castle", losses=f"aesthetic{over}", aesthetic_head="head.pth", iterations=8)
        for over in ("", ":over=8")
    ]
    plain = judge(eye, tiny.settings("castle"), drawn).losses
    whole, grown = (judge(eye, each, drawn, progress, head=head).losses - plain for each in settings)
    torch.testing.assert_close(grown, whole * share, atol=1e-5, rtol=1e-3)
