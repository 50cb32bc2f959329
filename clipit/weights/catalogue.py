"""The catalogue: published CLIPs and VQGANs by name, where each is had and by which digest it is known.

Addresses of OpenAI's CLIP are those of openai/CLIP's clip.py and carry their digest; those of OpenCLIP are those of
open_clip's pretrained.py, of which some carry the digest's first eight digits; those of the VQGANs are clipit's,
pixray's and taming-transformers', and of copies at Hugging Face where those have gone. A digest that no address carries
is one on which projects that pin the file agree; where none is stated, the one of the first download is kept.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from clipit.errors import ClipitError

OPENAI = "https://openaipublic.azureedge.net/clip/models"
OPEN_CLIP = "https://github.com/mlfoundations/open_clip/releases/download/v0.2-weights"
LAION = "https://huggingface.co/laion"
HEIDELBERG = "https://heibox.uni-heidelberg.de/d"
PIXRAY = "https://github.com/pixray/pixray/releases/download/v1.7.1"
COPIES = "https://huggingface.co/Somnai/pytti-vqgan-checkpoints/resolve/debc22c8f285c7734980c464ff992d335dde6e9a"

MEAN = (0.48145466, 0.4578275, 0.40821073)  # of the pictures that OpenAI's CLIP saw (openai/CLIP, clip.py)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True)
class File:
    """One file: its address, its size in bytes, and its SHA-256 in hexadecimal, or the first digits of it."""

    address: str
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Source:
    """Where a model is had: the checkpoint and, of a VQGAN, the .yaml that describes it."""

    checkpoint: File
    described: File | None = None


@dataclass(frozen=True)
class Entry:
    """A published model. Sources hold the same weights and are tried in order."""

    name: str
    kind: str  # "clip" or "vqgan"
    origin: str  # who made it, of what, under which licence
    sources: tuple[Source, ...]
    quick_gelu: bool = False  # of a CLIP: OpenAI's approximation of GELU
    mean: tuple[float, ...] = MEAN
    deviation: tuple[float, ...] = DEVIATION

    @property
    def size(self) -> int | None:
        """Bytes to download, where they are known."""
        return self.sources[0].checkpoint.size

    @property
    def stem(self) -> str:
        """The name as part of a file's name, alike for no two models."""
        return f"{self.kind}-{re.sub('[^A-Za-z0-9_.]+', '-', self.name)}"


def _openai(name: str, digest: str, size: int) -> Entry:
    file = re.sub("[/@]", "-", name)
    source = Source(File(f"{OPENAI}/{digest}/{file}.pt", size, digest))
    return Entry(name, "clip", "OpenAI; MIT", (source,), quick_gelu=True)


def _released(name: str, file: str, size: int | None = None, quick_gelu: bool = False) -> Entry:
    digits = re.search(r"-([0-9a-f]{8})\.", file)[1]
    source = Source(File(f"{OPEN_CLIP}/{file}", size, digits))
    return Entry(name, "clip", "OpenCLIP, on LAION; MIT", (source,), quick_gelu)


def _laion(name: str, path: str, size: int | None = None, digest: str | None = None, **trained: object) -> Entry:
    source = Source(File(f"{LAION}/{path}", size, digest))
    return Entry(name, "clip", "OpenCLIP, on LAION-2B; MIT", (source,), **trained)


def _heidelberg(folder: str, checkpoint: str, described: str, *known: object) -> Source:
    start = f"{HEIDELBERG}/{folder}/files/?p=%2F"
    return Source(File(f"{start}{checkpoint}&dl=1", *known), File(f"{start}{described}&dl=1"))


def _copy(name: str, size: int | None, digest: str, described: str) -> Source:
    start = f"{COPIES}/{name}/{name}"
    return Source(File(f"{start}.ckpt", size, digest), File(f"{start}.yaml", None, described))


def _vqgan(name: str, pictures: str, *sources: Source, author: str = "CompVis") -> Entry:
    return Entry(name, "vqgan", f"{author}, on {pictures}; no licence stated", sources)


IMAGENET_16384 = (980_092_370, "845a68805098cb666420d5db93df53f3a3b6dd443e6dd85c05759c5b998cd663")
OPENIMAGES = (376_581_823, "5cd6c74810ab97e00e942c25403f73afc081e8b19987b31ec0d9ff5b68e7ab14")
WIKIART_16384 = (1_005_327_541, "bd08bb46301f98be1712bb2be9f8868cea30b53137cd985d4d6e8da8b3e02c36")
SFLCKR = (4_263_525_412, "8a8adea3da8dab412675772831370dd948e0aa97bb11a9488a2f328b58dbc929")

_ENTRIES = (
    _openai("RN50", "afeb0e10f9e5a86da6080e35cf09123aca3b358a0c3e3b6c78a7b63bc04b6762", 255_827_503),
    _openai("RN101", "8fa8567bab74a42d41c5915025a8e4538c3bdbe8804a470a72f30b0d94fab599", 291_791_292),
    _openai("RN50x4", "7e526bd135e493cef0776de27d5f42653e6b4c8bf9e0f653bb11773263205fdd", 421_854_225),
    _openai("RN50x16", "52378b407f34354e150460fe41077663dd5b39c54cd0bfd2b27167a4a06ec9aa", 661_125_706),
    _openai("RN50x64", "be1cfb55d75a9666199fb2206c106743da0f6468c9d327f3e0d0a543a9919d9c", 1_353_500_174),
    _openai("ViT-B/32", "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af", 353_976_522),
    _openai("ViT-B/16", "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f", 350_837_078),
    _openai("ViT-L/14", "b8cca3fd41ae0c99ba7e8951adf17d267cdb84cd88be6f7c2e0eca1737a03836", 932_768_134),
    _openai("ViT-L/14@336px", "3035c92b350959924f9f00213499208652fc7ea050643e8b385c2dac08641f02", 934_088_680),
    _released("ViT-B-32::laion400m_e32", "vit_b_32-quickgelu-laion400m_e32-46683a32.pt", quick_gelu=True),
    _released("ViT-B-32::laion2b_e16", "vit_b_32-laion2b_e16-af8dbd0c.pth"),
    _released("ViT-B-16::laion400m_e32", "vit_b_16-laion400m_e32-55e67d44.pt"),
    _released("ViT-B-16-plus-240::laion400m_e32", "vit_b_16_plus_240-laion400m_e32-699c4b84.pt"),
    _released("ViT-L-14::laion400m_e32", "vit_l_14-laion400m_e32-3d133497.pt"),
    _laion(
        "ViT-B-32::laion2b_s34b_b79k",
        "CLIP-ViT-B-32-laion2B-s34B-b79K/resolve/1a25a446712ba5ee05982a381eed697ef9b435cf/open_clip_model.safetensors",
        605_143_316,
        "ac4f8c4b88af6d963118cbf40ad93176d092abbedfcb752601ae1866352656e6",
    ),
    _laion("ViT-B-16::laion2b_s34b_b88k", "CLIP-ViT-B-16-laion2B-s34B-b88K/resolve/main/open_clip_pytorch_model.bin"),
    _laion(
        "ViT-L-14::laion2b_s32b_b82k",
        "CLIP-ViT-L-14-laion2B-s32B-b82K/resolve/main/open_clip_pytorch_model.bin",
        1_710_631_365,
        "5ddb47339f44e4fd9cace3d3960d38af1b51a25857440cfae90afc44706d7e2b",
        mean=(0.5, 0.5, 0.5),
        deviation=(0.5, 0.5, 0.5),
    ),
    _laion("ViT-H-14::laion2b_s32b_b79k", "CLIP-ViT-H-14-laion2B-s32B-b79K/resolve/main/open_clip_pytorch_model.bin"),
    _vqgan(
        "imagenet_f16_1024",
        "ImageNet",
        _heidelberg("8088892a516d4e3baf92", "ckpts%2Flast.ckpt", "configs%2Fmodel.yaml"),
    ),
    _vqgan(
        "imagenet_f16_16384",
        "ImageNet",
        _heidelberg("a7530b09fed84f80a887", "ckpts%2Flast.ckpt", "configs%2Fmodel.yaml", *IMAGENET_16384),
        _copy("imagenet", *IMAGENET_16384, "00e2c6189926f1d89ecfef73e9598db77981c1982f0555fbade963ffd16143c7"),
    ),
    _vqgan(
        "openimages_f8_8192",
        "Open Images, a GumbelVQ",
        _heidelberg("2e5662443a6b4307b470", "ckpts%2Flast.ckpt", "configs%2Fmodel.yaml", *OPENIMAGES),
        _copy("openimages", *OPENIMAGES, "91110bab325067b37f85d1e75895a837d59c292bae4f3097f80c518714d5caff"),
    ),
    _vqgan(
        "wikiart_1024",
        "WikiArt",
        Source(File(f"{PIXRAY}/vqgan_wikiart_1024.ckpt"), File(f"{PIXRAY}/vqgan_wikiart_1024.yaml")),
        author="by others",
    ),
    _vqgan(
        "wikiart_16384",
        "WikiArt",
        Source(File(f"{PIXRAY}/vqgan_wikiart_16384.ckpt", *WIKIART_16384), File(f"{PIXRAY}/vqgan_wikiart_16384.yaml")),
        _copy("wikiart", *WIKIART_16384, "6e78241d2828ff35b8381839ce249c24a6c468ed429760d33a25e98e7f24499a"),
        author="by others",
    ),
    _vqgan(
        "coco",
        "COCO-Stuff",
        _copy(
            "coco",
            296_030_214,
            "106cc20fde571df14afc4349d62218d8213cf47177c682ecaa78a8c28b12f9de",
            "17d0c2d9fda59eccade2a6070d833804b759dc817da42c2268be8cf1eb047676",
        ),
        Source(File("https://dl.nmkd.de/ai/clip/coco/coco.ckpt"), File("https://dl.nmkd.de/ai/clip/coco/coco.yaml")),
    ),
    _vqgan(
        "faceshq",
        "CelebA-HQ and FFHQ",
        Source(
            File(
                "https://app.koofr.net/content/links/a04deec9-0c59-4673-8b37-3d696fe63a5d/files/get/last.ckpt"
                "?path=%2F2020-11-13T21-41-45_faceshq_transformer%2Fcheckpoints%2Flast.ckpt"
            ),
            File("https://drive.google.com/uc?export=download&id=1fHwGx_hnBtC8nsq7hesJvs-Klv-P0gzT"),
        ),
        _copy(
            "faceshq",
            None,
            "3274bba51bd565c90990bbcf7bb5dad0b9b95a6a77011980afc4c3cfc4d1cad1",
            "726ca97fb266c3c744f26e5aba2e579a51e310eee711a15f22224031dfdd57e2",
        ),
    ),
    _vqgan(
        "sflckr",
        "Flickr",
        _heidelberg(
            "73487ab6e5314cb5adba",
            "checkpoints%2Flast.ckpt",
            "configs%2F2020-11-09T13-31-51-project.yaml",
            *SFLCKR,
        ),
        _copy("sflickr", *SFLCKR, "c27f012996f3f1f02580f063be47fd60bdd8528efb04d7318b2cbe8a86505b1b"),
    ),
)
CATALOGUE = {entry.name: entry for entry in _ENTRIES}

# Spellings of clipit, pixray, the VQGAN+CLIP notebooks and OpenCLIP. Names with an m are those of other copies.
ALIASES = {
    "imagenet_1024": "imagenet_f16_1024",
    "imagenet_16384": "imagenet_f16_16384",
    "imagenet_f16_16384m": "imagenet_f16_16384",
    "openimages_f16_8192": "openimages_f8_8192",
    "openimages_f8_gumbel": "openimages_f8_8192",
    "gumbel_8192": "openimages_f8_8192",
    "gumbel_f8_8192": "openimages_f8_8192",
    "wikiart_1024m": "wikiart_1024",
    "wikiart_16384m": "wikiart_16384",
    "wikiart_16384m2": "wikiart_16384",
    "ViT-L/14@336": "ViT-L/14@336px",
    "ViT-L-14-336": "ViT-L/14@336px",
}


def _spelled(name: str) -> str:
    """How a name is compared: without case, and however its parts are joined."""
    return re.sub(r"[^a-z0-9_.]+", "-", name.casefold().removeprefix("vqgan_"))


_SPELLINGS = {_spelled(name): name for name in CATALOGUE} | {_spelled(name): meant for name, meant in ALIASES.items()}


def look_up(name: str) -> Entry | None:
    """The entry of a name in any of its spellings: ViT-B/32, vit-b-32, gumbel_8192, vqgan_imagenet_f16_1024."""
    meant = _SPELLINGS.get(_spelled(name))
    return CATALOGUE[meant] if meant else None


def entry(name: str) -> Entry:
    """The entry of a name. Raises ClipitError, naming what there is."""
    found = look_up(name)
    if found is None:
        raise ClipitError(f"there is no published model {name!r}; accepted: {', '.join(CATALOGUE)}")
    return found


def suffix(address: str) -> str:
    """The ending of the file behind an address, for example .ckpt."""
    endings = re.findall(r"\.(?:safetensors|ckpt|pth|pt|bin|ya?ml)(?![A-Za-z0-9])", unquote(address))
    return endings[-1] if endings else ".ckpt"
