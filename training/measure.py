"""What the small models reach on scenes that none of them was shown; the figures of the model card.

    python -m training.measure [FOLDER]

The perceptual distance is 1 - the cosine between what the judge, a CLIP that the VQGAN never met, sees in a scene and
in its reconstruction; beside it stands what it sees between two different scenes.
"""

import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from clipit.models.clip import CLIP
from clipit.weights.checkpoints import find, load_clip, load_vqgan
from training import dataset
from training.__main__ import ROOT, TARGETS
from training.clip import HELD_OUT, Scenes, normalise, retrieval
from training.scenes import WORK
from training.vqgan import psnr, reconstructed

SEED = 99  # of no training


@torch.no_grad()
def seen(judge: CLIP, pictures: torch.Tensor) -> torch.Tensor:
    """Unit embeddings (B, E) of pictures (B, 3, H, W) in 0..1."""
    side = judge.config.image_resolution
    small = F.interpolate(pictures, (side, side), mode="area")
    return F.normalize(judge.encode_image(normalise(small)), dim=1)


def main() -> None:
    work = Path(sys.argv[1]) if len(sys.argv) > 1 else WORK
    for side, count in ((80, HELD_OUT), (160, 128)):
        dataset.build(work / f"unseen-{side}", work / "album", count, SEED, side)
    judge = load_clip(ROOT / TARGETS["judge"])[0]
    vqgan = load_vqgan(find("vqgan", "small"))
    images, *_ = dataset.load(work / "unseen-160")
    pictures = torch.from_numpy(np.array(images)).permute(0, 3, 1, 2).float() / 255
    again = torch.cat([reconstructed(vqgan, part) for part in pictures.split(16)])
    before, after = seen(judge, pictures), seen(judge, again)
    near, far = (1 - (before * other).sum(1).mean() for other in (after, before.roll(1, 0)))
    print(f"VQGAN: {len(images)} scenes of {images.shape[1]} pixels, PSNR {psnr(vqgan, images, 'cpu'):.1f} dB")
    print(f"perceptual distance {near:.3f}, of two scenes {far:.3f}")
    for name in ("guide", "judge"):
        model, tokenizer, *_ = load_clip(ROOT / TARGETS[name])
        scenes = Scenes(work / "unseen-80", tokenizer, model.config.context_length)
        share = retrieval(model, scenes, np.arange(len(scenes)), "cpu")
        print(f"{name}: own caption first among {len(scenes)}: {share:.1%}")


if __name__ == "__main__":
    main()
