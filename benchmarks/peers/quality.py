#!/usr/bin/env python3
"""quality.py - trains one candidate in Python and writes its samples, so that `ganselect evaluate --samples` can judge them.

  quality.py --candidates list.json --candidate sngan --images batch.bin,... --seed 0 --updates 50000 --samples 10000 --out samples.npz
             [--device cuda] [--mode graph] [--width 64] [--batch 64]

images: CIFAR-10's binary files, 3,073 bytes a row (label, then red, green, blue planes). The networks and the loop are
candidate_bench.py's, the execution modes peer_bench.py's. Samples come from the trained generator in evaluation mode:
arr_0, uint8 (N, 32, 32, 3), as numpy.savez would write it.
"""
import argparse, io, json, math, struct, sys, time, zipfile

import torch

import candidate_bench as cb
import peer_bench as pb


def load_images(paths, channels_last):
    """uint8 rows (N, 3072); peer_bench takes them as height, width, channel where it runs channels-last."""
    rows = torch.cat([torch.frombuffer(bytearray(open(p, "rb").read()), dtype=torch.uint8).view(-1, 3073)[:, 1:] for p in paths])
    return rows.view(-1, 3, 32, 32).permute(0, 2, 3, 1).flatten(1).contiguous() if channels_last else rows.contiguous()

def write_npz(path, images):     # without numpy, which torch does not need
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {tuple(images.shape)}, }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    body = io.BytesIO()
    body.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(images.contiguous().view(-1).untyped_storage())[:images.numel()])
    with zipfile.ZipFile(path, "w") as archive: archive.writestr("arr_0.npy", body.getvalue())

@torch.no_grad()
def draw(trainer, count, latent):
    trainer.G.eval()
    parts = []
    for i in range(0, count, 500):
        x = trainer.G(torch.randn(min(500, count - i), latent, device=trainer.dev)).float()
        parts.append(((x + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).cpu())
    return torch.cat(parts)

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("candidates", "candidate", "images", "out"): p.add_argument("--" + name, required=True)
    p.add_argument("--seed", type=int, default=0); p.add_argument("--updates", type=int, default=50000)
    p.add_argument("--samples", type=int, default=10000); p.add_argument("--device", default="cuda")
    p.add_argument("--mode", default="graph"); p.add_argument("--width", type=int, default=64); p.add_argument("--batch", type=int, default=64)
    a = p.parse_args()
    table = {c["name"]: c for c in json.load(open(a.candidates))}
    pb.CONFIGS = {a.candidate: cb.config(table[a.candidate])}
    options = argparse.Namespace(device=a.device, batch=a.batch, width=a.width, channels_last="auto", concat="auto", compile_mode="")
    channels_last = pb.MODES[a.mode][2] and a.device == "cuda"
    torch.backends.cudnn.benchmark = True
    # peer_bench seeds its networks with 0; the seed asked for takes its place.
    plain_seed = torch.manual_seed
    torch.manual_seed = lambda _: plain_seed(a.seed)
    data = load_images(a.images.split(","), channels_last).to(a.device)
    step, trainer, _ = pb.prepare(a.candidate, a.mode, options, data)
    done = 11 if pb.MODES[a.mode][0] == "graph" else 0      # what the capture's warm-up has trained already
    start = time.perf_counter()
    for _ in range(max(0, a.updates - done)): step()
    losses = trainer.log.tolist()                           # waits for the device
    seconds = time.perf_counter() - start
    if not all(map(math.isfinite, losses)): sys.exit("the losses are not finite")
    write_npz(a.out, draw(trainer, a.samples, pb.CONFIGS[a.candidate].latent))
    print(json.dumps(dict(candidate=a.candidate, mode=a.mode, seed=a.seed, updates=a.updates, train_seconds=seconds, losses=losses[:2],
                          torch=torch.__version__)))

if __name__ == "__main__":
    main()
