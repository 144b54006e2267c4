"""The peer of `scripts/bench training`: the same models and measurements in PyTorch, written as a careful user would.

    train_torch.py describe
    train_torch.py speed MODEL STEPS SEED DATA
    train_torch.py accuracy MODEL EPOCHS SEED DATA START

Tensors in memory, rows gathered by index_select, bytes to floats a batch at a time, gradients set to None. Prints a
line of JSON last. START is a folder with the first weights and the orders of rows that the other side has too.
"""

import gzip
import json
import os
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn.functional import cross_entropy

BATCH = 128
WARM_UP_STEPS = 100


def read(folder, part, kind, header, shape):
    path = os.path.join(folder, f"{part}-{kind}")
    opened = open(path, "rb") if os.path.exists(path) else gzip.open(path + ".gz", "rb")
    with opened as file:
        values = numpy.frombuffer(file.read(), numpy.uint8, offset=header)
    return torch.from_numpy(values.reshape(shape).copy())


def load(folder, part):
    images = read(folder, part, "images-idx3-ubyte", 16, (-1, 1, 28, 28))
    labels = read(folder, part, "labels-idx1-ubyte", 8, (-1,))
    return images, labels.long()


def build(model):
    if model == "mlp":
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1),
        nn.MaxPool2d(2),
        nn.ReLU(inplace=True),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.MaxPool2d(2),
        nn.ReLU(inplace=True),
        nn.Flatten(),
        nn.Linear(64 * 7 * 7, 128),
        nn.ReLU(inplace=True),
        nn.Linear(128, 10),
    )


class Training:
    def __init__(self, model, seed, images, labels):
        torch.manual_seed(seed)
        self.images, self.labels = images, labels
        self.network = build(model)
        # The faster of the two ways that this version has, for many small parameters.
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=0.002, foreach=True)
        self.loss = 0.0

    def start_from(self, path):
        with open(path, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length))
            data = file.read()
        arrays = [
            numpy.frombuffer(data[slice(*entry["data_offsets"])], numpy.float32).reshape(entry["shape"])
            for name, entry in header.items()
            if name != "__metadata__"
        ]
        with torch.no_grad():
            for parameter, array in zip(self.network.parameters(), arrays, strict=True):
                parameter.copy_(torch.from_numpy(array.copy()))

    def batches(self, order=None):
        if order is None:
            order = torch.randperm(len(self.images))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            yield self.images.index_select(0, rows).float().div_(255), self.labels.index_select(0, rows)

    def step(self, images, labels):
        self.optimizer.zero_grad(set_to_none=True)
        loss = cross_entropy(self.network(images), labels)
        loss.backward()
        self.optimizer.step()
        self.loss += loss.item()


def speed(model, steps, seed, folder):
    training = Training(model, seed, *load(folder, "train"))
    done, started = 0, 0.0
    while True:
        for images, labels in training.batches():
            training.step(images, labels)
            done += 1
            if done == WARM_UP_STEPS:
                started = time.perf_counter()
            if done == steps:
                return {"value": (steps - WARM_UP_STEPS) * BATCH / (time.perf_counter() - started)}


def accuracy(model, epochs, seed, folder, start):
    training = Training(model, seed, *load(folder, "train"))
    training.start_from(os.path.join(start, "weights.safetensors"))
    orders = numpy.fromfile(os.path.join(start, "orders.i32"), numpy.int32).astype(numpy.int64)
    orders = torch.from_numpy(orders.reshape(epochs, -1))
    images, labels = load(folder, "t10k")
    best, started = 0.0, time.perf_counter()
    for order in orders:
        for batch in training.batches(order):
            training.step(*batch)
        training.network.eval()
        with torch.no_grad():
            right = sum(
                (training.network(x.float().div_(255)).argmax(1) == y).sum().item()
                for x, y in zip(images.split(1024), labels.split(1024))
            )
        training.network.train()
        best = max(best, right / len(labels))
        if best >= 0.90:
            return {"value": time.perf_counter() - started, "accuracy": best}
    sys.exit(f"{epochs} epochs gave an accuracy of {best}, 0.90 was expected.")


def describe():
    torch.ones(8, 8) @ torch.ones(8, 8)
    with open("/proc/self/maps", encoding="utf-8") as maps:
        names = {os.path.realpath(line.split()[-1]) for line in maps if ".so" in line}
    blas = sorted(os.path.relpath(n, "/usr/lib") for n in names if "blas" in n or "mkl" in n)
    fast = any("openblas" in n or "mkl" in n or "blis" in n for n in blas)
    return {
        "description": f"PyTorch {torch.__version__} with {', '.join(blas) or 'no BLAS'}",
        "reference_blas": not fast,
    }


def main(what, *arguments):
    torch.set_num_threads(1)
    if what == "describe":
        return describe()
    model, amount, seed, *rest = arguments
    return {"speed": speed, "accuracy": accuracy}[what](model, int(amount), int(seed), *rest)


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
