"""A trial run of a model, of which nothing is to be seen afterwards."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn


@contextmanager
def untouched(model: nn.Module) -> Iterator[None]:
    """Gives back, at its end, the state of all random generators and the buffers of `model`.

    A forward pass in train mode moves BatchNorm statistics and draws for dropout; the run that
    comes after a trial must not depend on it.
    """
    buffers = [
        (module, name, buffer, buffer.clone())
        for module in model.modules()
        for name, buffer in module.named_buffers(recurse=False)
    ]
    devices = {buffer.device for *_, buffer in buffers} | {p.device for p in model.parameters()}
    with _randomness_kept([device for device in devices if device.type == "cuda"]):
        try:
            yield
        finally:
            with torch.no_grad():
                for module, name, buffer, value in buffers:
                    module._buffers[name] = buffer
                    if buffer.shape != value.shape:
                        buffer.resize_(value.shape)
                    if not torch.equal(buffer, value):  # an expanded one cannot be written to
                        buffer.copy_(value)


@contextmanager
def _randomness_kept(devices: list[torch.device]) -> Iterator[None]:
    python, arrays = random.getstate(), np.random.get_state()
    with torch.random.fork_rng(devices):
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(arrays)
