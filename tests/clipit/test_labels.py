import torch

from clipit.labels import TEMPLATES, label_embedding, label_texts, noise_embedding


def test_a_label_is_spoken_of_in_seven_sentences():
    texts = label_texts("{castle}")
    assert len(set(texts)) == len(TEMPLATES) == 7
    assert all("{castle}" in text for text in texts)


def test_a_label_stands_for_the_mean_of_its_sentences():
    assert torch.allclose(label_embedding(torch.eye(4)[:2]), torch.tensor([0.5, 0.5, 0, 0]).sqrt())


def test_noise_is_the_originals():
    original = torch.empty([1, 512]).normal_(generator=torch.Generator().manual_seed(7))
    assert torch.allclose(noise_embedding(7, 512), original[0] / original.norm())


def test_noise_leaves_the_global_generator_alone():
    before = torch.random.get_rng_state()
    noise_embedding(7, 512)
    assert torch.equal(torch.random.get_rng_state(), before)
