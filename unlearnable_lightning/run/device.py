"""The device that a result depends on."""

import torch

from unlearnable_lightning.processor import processor_name


def device_name(device: torch.device) -> str:
    """What its maker calls the GPU or the processor."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else processor_name()
