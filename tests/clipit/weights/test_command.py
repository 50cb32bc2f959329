import pytest
from typer.testing import CliRunner

from clipit.weights import cache
from clipit.weights.catalogue import CATALOGUE, Entry, File, Source
from clipit.weights.checkpoints import load_vqgan
from clipit.weights.command import app
from clipit.weights.digests import digest
from tests.clipit.weights.published import F16, VIT, network, openai_archive, taming
from tests.clipit.weights.shop import open_shop, says


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("CLIPIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "120")
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def replaced(monkeypatch, name, *files):
    """What the catalogue says of a name, with another address."""
    old = CATALOGUE[name]
    new = Entry(old.name, old.kind, old.origin, (Source(*files),), old.quick_gelu)
    monkeypatch.setitem(CATALOGUE, name, new)
    return new


def test_the_list_names_every_model_and_which_are_here(run):
    said = run("list").stdout
    assert all(name in said for name in CATALOGUE)
    assert "yes" not in said
    path = cache.converted(CATALOGUE["coco"])
    path.parent.mkdir()
    path.write_bytes(b"")
    (line,) = [line for line in run("list").stdout.splitlines() if "yes" in line]
    assert "coco" in line
    assert "296 MB" in line


def test_the_list_fits_a_narrow_terminal(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = run("list").stdout.splitlines()
    assert len(lines) <= len(CATALOGUE) + 7  # two heads, two empty lines, two origins of two lines, the folder
    assert all(len(line.rstrip()) <= 80 for line in lines[:-1])


def test_a_model_is_downloaded_once_verified_and_found(run, tmp_path, monkeypatch):
    openai_archive(tmp_path / "a.pt", VIT)
    with open_shop((tmp_path / "a.pt").read_bytes()) as shop:
        replaced(monkeypatch, "ViT-B/32", File(shop.address, None, shop.sha256))
        first = run("download", "vit-b-32")
        again = run("download", "ViT-B/32")
        assert len(shop.asked) == 1
        assert run("download", "ViT-B/32", "--again", "--half", "--keep").exit_code == 0
        assert len(shop.asked) == 2
    path = str(tmp_path / "cache" / "clip-ViT-B-32.safetensors")
    assert first.exit_code == again.exit_code == 0
    assert again.stdout.strip() == path == run("path", "ViT-B/32").stdout.strip()
    assert run("verify").stdout == "ViT-B/32: a clip, as it was converted\n"
    assert (tmp_path / "cache" / "published" / "clip-ViT-B-32.pt").is_file()


def test_what_is_wrong_is_said_in_one_line(run, monkeypatch):
    with open_shop(b"", says(404)) as shop:
        replaced(monkeypatch, "RN50", File(shop.address))
        for words, said in [
            (("download", "RN50"), "answers 404"),
            (("download", "RN50", "RN51"), "no published model 'RN51'"),
            (("path", "RN50"), "RN50 is not on this machine; `clipit models download RN50` brings it"),
            (("convert", "nowhere.pt"), "there is no file nowhere.pt"),
            (("verify", "RN50"), "is not on this machine"),
        ]:
            outcome = run(*words)
            assert outcome.exit_code == 1
            assert said in outcome.stderr
            assert "Traceback" not in outcome.output


def test_a_file_is_converted_beside_itself_or_elsewhere(run, tmp_path):
    taming(tmp_path / "last.ckpt", F16)
    assert run("convert", tmp_path / "last.ckpt").stdout.strip() == str(tmp_path / "last.safetensors")
    (tmp_path / "last.yaml").rename(tmp_path / "project.yaml")
    target = tmp_path / "other.safetensors"
    assert run("convert", tmp_path / "last.ckpt", "--yaml", tmp_path / "project.yaml", "-o", target).exit_code == 0
    assert load_vqgan(target).config == F16
    for wrong in (tmp_path / "a.txt", tmp_path / "nowhere" / "a.safetensors"):
        assert "accepted: another .safetensors" in run("convert", tmp_path / "last.ckpt", "-o", wrong).stderr
    assert "accepted: another .safetensors" in run("convert", target, "-o", target).stderr


def test_a_file_is_put_into_the_cache_under_a_published_name(run, tmp_path, monkeypatch):
    taming(tmp_path / "last.ckpt", F16)
    assert "last.ckpt is not coco" in (
        refused := run("convert", tmp_path / "last.ckpt", "--as", "sflckr")
    ).stderr.replace("sflckr", "coco")
    assert refused.exit_code == 1
    replaced(
        monkeypatch, "coco", File("https://a/coco.ckpt", None, digest(tmp_path / "last.ckpt")), File("https://a/a")
    )
    assert run("convert", tmp_path / "last.ckpt", "--as", "coco").exit_code == 0
    assert run("verify", "coco").exit_code == 0


def test_the_activation_of_a_clip_can_be_said(run, tmp_path):
    from safetensors.torch import save_file

    from clipit.weights.checkpoints import load_clip

    save_file(network(VIT).state_dict(), tmp_path / "a.safetensors")
    for word, quick in (("--quick-gelu", True), ("--gelu", False)):
        target = tmp_path / f"b{word}.safetensors"
        assert run("convert", tmp_path / "a.safetensors", word, "-o", target).exit_code == 0
        assert load_clip(target)[0].config.quick_gelu is quick


def test_damaged_files_fail_the_verification_of_all(run, tmp_path):
    taming(tmp_path / "last.ckpt", F16)
    run("convert", tmp_path / "last.ckpt")
    whole = tmp_path / "last.safetensors"
    (tmp_path / "cut.safetensors").write_bytes(whole.read_bytes()[:-4])
    outcome = run("verify", tmp_path / "cut.safetensors", whole)
    assert outcome.exit_code == 1
    assert "cut.safetensors" in outcome.stderr
    assert "as it was converted" in outcome.stdout
