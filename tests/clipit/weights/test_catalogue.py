from urllib.parse import urlsplit

import pytest

from clipit import ClipitError
from clipit.weights.catalogue import CATALOGUE, entry, look_up, suffix

FILES = [
    file
    for each in CATALOGUE.values()
    for source in each.sources
    for file in (source.checkpoint, source.described)
    if file is not None
]


def test_openais_models_are_all_there_by_the_digests_in_their_addresses():
    names = ["RN50", "RN101", "RN50x4", "RN50x16", "RN50x64", "ViT-B/32", "ViT-B/16", "ViT-L/14", "ViT-L/14@336px"]
    for name in names:
        (source,) = CATALOGUE[name].sources
        *_, digest, file = urlsplit(source.checkpoint.address).path.split("/")
        assert source.checkpoint.sha256 == digest
        assert file == name.replace("/", "-").replace("@", "-") + ".pt"
        assert CATALOGUE[name].quick_gelu


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.address[-40:])
def test_addresses_are_secure_and_digests_hexadecimal(file):
    assert urlsplit(file.address).scheme == "https"
    if file.sha256 is not None:
        assert len(file.sha256) in (8, 64)
        assert int(file.sha256, 16)
    if "open_clip/releases" in file.address:
        assert f"-{file.sha256}." in file.address


def test_vqgans_have_their_yaml_and_clips_need_none():
    for each in CATALOGUE.values():
        assert all((source.described is None) == (each.kind == "clip") for source in each.sources)


def test_the_other_pictures_of_openclips_large_model_are_known():
    assert CATALOGUE["ViT-L-14::laion2b_s32b_b82k"].mean == (0.5, 0.5, 0.5)  # open_clip's pretrained.py


def test_no_two_models_share_a_file():
    assert len({each.stem.casefold() for each in CATALOGUE.values()}) == len(CATALOGUE)
    assert not any(set(each.stem) & set("/\\:@ ") for each in CATALOGUE.values())


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("ViT-B/32", "ViT-B/32"),
        ("vit-b-32", "ViT-B/32"),
        ("ViT-L-14-336px", "ViT-L/14@336px"),
        ("ViT-L/14@336", "ViT-L/14@336px"),
        ("ViT-B-32/laion2b_s34b_b79k", "ViT-B-32::laion2b_s34b_b79k"),
        ("vqgan_imagenet_f16_1024", "imagenet_f16_1024"),
        ("imagenet_f16_16384m", "imagenet_f16_16384"),
        ("openimages_f16_8192", "openimages_f8_8192"),
        ("openimages_f8_gumbel", "openimages_f8_8192"),
        ("gumbel_8192", "openimages_f8_8192"),
        ("wikiart_16384m2", "wikiart_16384"),
    ],
)
def test_other_spellings_are_understood(spelling, name):
    assert entry(spelling).name == name


def test_every_name_of_clipits_own_table_is_known():
    table = ["imagenet_f16_1024", "imagenet_f16_16384", "imagenet_f16_16384m", "openimages_f16_8192", "coco",
             "faceshq", "wikiart_1024", "wikiart_16384", "wikiart_16384m", "sflckr"]  # fmt: skip
    assert all(entry(name).kind == "vqgan" for name in table)


def test_an_unknown_name_is_answered_with_the_known_ones():
    assert look_up("ViT-Z") is None
    with pytest.raises(ClipitError, match=r"no published model 'ViT-Z'; accepted: RN50, .*sflckr"):
        entry("ViT-Z")


def test_the_ending_of_a_file_is_found_in_any_address():
    endings = {suffix(file.address) for file in FILES}
    assert endings == {".pt", ".pth", ".bin", ".safetensors", ".ckpt", ".yaml"}
