"""How help is printed: examples keep their lines, and the classes are those that a user wants."""

import re
from argparse import Action

from jsonargparse import DefaultHelpFormatter

from unlearnable_lightning.command_line.known_classes import known_classes
from unlearnable_lightning.command_line.types import classes_in

SUBCOMMANDS = {
    "fit": "Make noise (--model NoiseGenLightningModule) or train a victim (ClassifierModule).",
    "validate": "Score a model on the validation images.",
    "test": "Score a model on clean test images and under attack; print and write the table.",
    "predict": "Write the poisoned images of a generator, or the predictions of a victim.",
}
DESCRIPTION = "Make images unlearnable, train networks on them, attack the protection."
EXAMPLES = """examples:
  unlearnable fit -c configs/noise/cifar10_samplewise.yaml --trainer.accelerator auto
  unlearnable fit -c configs/train/cifar10_clean.yaml -c configs/augment/crop_flip.yaml \\
    --data.noise RUN/noise.safetensors --test_after_fit true
  unlearnable test -c RUN/config.yaml --ckpt_path RUN/checkpoints/last.ckpt
  unlearnable fit --help                           every argument of fit
  unlearnable fit --model.help ClassifierModule    every argument of a class
"""
_SUBCLASSES = re.compile(r", known subclasses: .*?(?=\)$)", re.DOTALL)


class HelpText(DefaultHelpFormatter):
    """jsonargparse lists every torch module that takes an image: 670 lines for `augment`."""

    def _get_help_string(self, action: Action) -> str:  # seen in jsonargparse 4.53
        text = super()._get_help_string(action)
        names = [
            name
            for base in classes_in(getattr(action, "_typehint", None))
            for name in known_classes(base)
        ]
        return _SUBCLASSES.sub(f", such as {', '.join(names)}" if names else "", text)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if text.startswith(EXAMPLES):
            return text
        return super()._fill_text(text, width, indent)
