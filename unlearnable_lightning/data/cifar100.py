"""CIFAR-100: 50 000 training and 10 000 test images, 32×32 RGB (Krizhevsky, 2009)."""

import torch
from torch import Tensor
from torchvision.datasets import CIFAR100

from unlearnable_lightning.data.torchvision_source import TorchvisionDataModule

_FINE = """
apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly
camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup
dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower
leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid
otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray
road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar
sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle
wardrobe whale willow_tree wolf woman worm
"""


class CIFAR100DataModule(TorchvisionDataModule):
    """CIFAR-100 with its 100 fine labels; `root` holds `cifar-100-python`."""

    dataset_class = CIFAR100
    files = "the folder cifar-100-python (from cifar-100-python.tar.gz)"
    name = "cifar100"
    class_names = tuple(_FINE.split())
    in_channels = 3
    image_size = 32

    def read(self, split: str) -> tuple[Tensor, Tensor]:
        """As in `ImageDataModule`."""
        dataset = self.dataset(split)
        return torch.from_numpy(dataset.data).permute(0, 3, 1, 2), torch.tensor(dataset.targets)
