"""Wrong arguments: name → (command, arguments, exit code, a part of the message)."""

AUGMENT = ["--data.augment+", "unlearnable_lightning.augment."]


def augment(name: str, **arguments: object) -> list[str]:
    added = [AUGMENT[0], AUGMENT[1] + name]
    for key, value in arguments.items():
        added += [f"--data.augment.{key}", str(value)]
    return added


BAD_ARGUMENTS: dict[str, tuple[str, list[str], int, str]] = {
    # of the command line itself
    "unknown argument": ("train", ["--model.epsilom", "8/255"], 2, "Did you mean epsilon?"),
    "unknown option": ("train", ["--trainer.max_epoch", "1"], 2, "mean --trainer.max_epochs?"),
    "unknown word": ("train", ["quickly"], 2, "quickly is no option"),
    "argument of another class": ("train", ["--model.kind", "x"], 2, "ClassifierModule has no"),
    "argument of an augmentation": (
        "train",
        [*augment("JPEG"), "--data.augment.qualty", "20"],
        2,
        "JPEG has no argument qualty. Did you mean quality?",
    ),
    "no value": ("train", ["--trainer.max_epochs"], 2, "expected one argument"),
    "unknown data module": (
        "train",
        ["--data", "CIFAR11DataModule"],
        2,
        "Did you mean CIFAR10DataModule? Known: CIFAR10DataModule, ImageFolderDataModule,",
    ),
    "unknown module": ("train", ["--model", "Classifier"], 2, "Did you mean ClassifierModule?"),
    "unknown augmentation": ("train", augment("Gray"), 2, "Did you mean Grayscale?"),
    "unknown logger": ("train", ["--trainer.logger", "CSVLoger"], 2, "Did you mean CSVLogger?"),
    "a logger that lacks a folder": (
        "train",
        ["--trainer.logger", "CSVLogger"],
        2,
        "CSVLogger: save_dir must be given",
    ),
    "unknown callback": (
        "train",
        ["--trainer.callbacks+", "EarlyStoping"],
        2,
        "Did you mean EarlyStopping?",
    ),
    "a list for a mapping": ("train", ["--model.model_args", "foo"], 2, "dict[str, Any] or null"),
    "no module": ("train", ["--model", "torch.nn.Linear"], 2, "Known: ClassifierModule"),
    "missing config": ("train", ["-c", "none.yaml"], 2, "none.yaml"),
    "a folder as config": ("train", ["-c", "checkpoints"], 2, "checkpoints"),
    "a word for a number": ("train", ["--data.batch_size", "many"], 2, "many: it must be int."),
    "a word for epochs": ("train", ["--trainer.max_epochs", "many"], 2, "must be int or null."),
    "unknown attack": ("train", ["--model.attack", "cw"], 2, "cw: it must be fgsm, pgd or null."),
    "unknown kind": ("generate", ["--model.kind", "pixelwise"], 2, "pixelwise"),
    "unknown class rule": ("generate", ["--model.class_rule", "median"], 2, "median"),
    # amounts of pixels
    "epsilon in grey levels": ("train", ["--model.epsilon", "8"], 1, "Did you mean 8/255?"),
    "epsilon of no number": ("train", ["--model.epsilon", "eight"], 1, "is not a number"),
    "epsilon of NaN": ("train", ["--model.epsilon", ".nan"], 1, "out of range"),
    "epsilon of 0": ("generate", ["--model.epsilon", "0"], 1, "must be above 0"),
    "epsilon below 0": ("generate", ["--model.epsilon=-8/255"], 1, "must be above 0"),
    "epsilon that no noise file holds": (
        "generate",
        ["--model.epsilon", "200/255"],
        1,
        "at most 0",
    ),
    "step size in grey levels": ("generate", ["--model.step_size", "2"], 1, "step_size=2"),
    # counts and shares
    "no attack steps": ("train", ["--model.steps", "0"], 1, "steps=0: an attack needs at least 1"),
    "no restarts": ("train", ["--model.restarts", "0"], 1, "restarts=0"),
    "a weight above 1": ("train", ["--model.natural_weight", "2"], 1, "must lie in [0, 1]"),
    "a negative warm-up": ("train", ["--model.warmup=-0.1"], 1, "must lie in [0, 1]"),
    "no model steps": ("generate", ["--model.model_steps", "0"], 1, "model_steps=0"),
    "stop error in per cent": ("generate", ["--model.stop_error", "1"], 1, "1 % is 0.01"),
    "no batch": ("train", ["--data.batch_size", "0"], 1, "batch_size=0"),
    "no sweep batch": ("generate", ["--model.sweep_batch_size", "0"], 1, "sweep_batch_size=0"),
    "learning rate of 0": ("train", ["--model.lr", "0"], 1, "must be above 0"),
    "learning rate of NaN": ("generate", ["--model.lr", ".nan"], 1, "lr=nan"),
    "momentum of 1": ("train", ["--model.momentum", "1"], 1, "momentum=1"),
    "negative weight decay": ("train", ["--model.weight_decay=-1"], 1, "weight_decay=-1"),
    "clipping to 0": ("train", ["--model.max_grad_norm", "0"], 1, "null is no clipping"),
    # data
    "no validation share": ("train", ["--data.val_size=-1"], 1, "val_size=-1"),
    "validation takes all": ("train", ["--data.val_size", "60"], 1, "must leave some"),
    "a subset larger than the data": ("train", ["--data.train_subset", "101"], 1, "at most 100"),
    "an empty subset": ("train", ["--data.train_subset", "0"], 1, "at least 1"),
    # models
    "unknown model": ("train", ["--model.model", "resnet19"], 1, "is not found"),
    "a model of no network": ("train", ["--model.model", "torch.zeros"], 1, "returns no torch"),
    "a model without classes": (
        "train",
        ["--model.model", "torch.nn.Identity"],
        1,
        "gives outputs",
    ),
    # augmentations
    "JPEG of no quality": ("train", augment("JPEG"), 1, "exactly one of the two"),
    "JPEG quality of 0": ("train", augment("JPEG", quality=0), 1, "integer from 1 to 100"),
    "a probability of 2": ("train", augment("Grayscale", p=2), 1, "between 0 and 1"),
    "an even window": ("train", augment("MedianBlur", kernel_size=4), 1, "must be odd"),
    "noise of no width": ("train", augment("GaussianNoise", std=0), 1, "must be above 0"),
    # Trainer
    "true half precision": ("train", ["--trainer.precision", "bf16-true"], 1, "not supported"),
    "a schedule without end": ("train", ["--trainer.max_epochs=-1"], 1, "a schedule needs to know"),
    "a protocol that is none": (
        "train",
        ["--trainer.default_root_dir", "foo://bar"],
        1,
        "Protocol not known: foo",
    ),
    "a folder below a file": (
        "train",
        ["--trainer.default_root_dir", "checkpoints/last.ckpt/x"],
        1,
        "cannot be written",
    ),
    "a seed below 0": ("train", ["--seed_everything=-1"], 1, "seed_everything=-1"),
    "a seed that is too large": ("train", ["--seed_everything", "4294967296"], 1, "4294967295"),
    "unknown accelerator": ("train", ["--trainer.accelerator", "quantum"], 1, "=quantum"),
    "an accelerator that needs more": ("train", ["--trainer.accelerator", "tpu"], 1, "=tpu"),
    "no device": ("train", ["--trainer.devices", "0"], 1, "devices=0"),
    "a word for devices": ("train", ["--trainer.devices", "many"], 1, "devices=many"),
    "no node": ("train", ["--trainer.num_nodes", "0"], 1, "num_nodes=0"),
    "unknown strategy": ("train", ["--trainer.strategy", "magic"], 1, "strategy=magic"),
    "a strategy for GPUs": ("train", ["--trainer.strategy", "fsdp"], 1, "strategy=fsdp"),
    "unknown precision": ("train", ["--trainer.precision", "7"], 2, "bf16-mixed"),
    "unknown profiler": ("train", ["--trainer.profiler", "magic"], 1, "profiler"),
    "a word for time": ("train", ["--trainer.max_time", "soon"], 1, "DD:HH:MM:SS"),
    "epochs below -1": ("train", ["--trainer.max_epochs=-5"], 1, "You passed in -5"),
    "two and a half batches": (
        "train",
        ["--trainer.limit_test_batches", "2.5"],
        1,
        "limit_test_batches",
    ),
    "clipping below 0": ("train", ["--trainer.gradient_clip_val=-1"], 1, "at least 0"),
    "no batch for a step": ("train", ["--trainer.accumulate_grad_batches=0"], 1, "at least 1"),
    "the best of no run": ("train", ["--ckpt_path", "best"], 1, "RUN/checkpoints/best.ckpt"),
    "the last of no run": ("train", ["--ckpt_path", "last"], 1, "RUN/checkpoints/last.ckpt"),
    "the word of a queue": ("train", ["--ckpt_path", "hpc"], 1, "no HPC checkpoint"),
    "a checkpoint that is not there": ("train", ["--ckpt_path", "none.ckpt"], 1, "no such file"),
    "a checkpoint that is none": ("train", ["--ckpt_path", "checkpoints/last.ckpt"], 1, "damaged"),
    "noise that is not there": ("train", ["--data.noise", "none"], 1, "no such file"),
    "noise that is none": ("train", ["--data.noise", "noise.safetensors"], 1, "cannot be read"),
}
