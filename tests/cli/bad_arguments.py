"""Wrong arguments: name → (command, arguments, exit code, a part of the message)."""

AUGMENT = ["--data.augment+", "unlearnable_lightning.augment."]


def augment(name: str, **arguments: object) -> list[str]:
    added = [AUGMENT[0], AUGMENT[1] + name]
    for key, value in arguments.items():
        added += [f"--data.augment.{key}", str(value)]
    return added


BAD_ARGUMENTS: dict[str, tuple[str, list[str], int, str]] = {
    # of the command line itself
    "unknown argument": ("train", ["--model.epsilom", "8/255"], 2, "epsilom"),
    "unknown data module": ("train", ["--data", "CIFAR11DataModule"], 2, "CIFAR11DataModule"),
    "unknown module": ("train", ["--model", "Classifier"], 2, "Classifier"),
    "missing config": ("train", ["-c", "none.yaml"], 2, "none.yaml"),
    "a word for a number": ("train", ["--data.batch_size", "many"], 2, "many"),
    "unknown attack": ("train", ["--model.attack", "cw"], 2, "cw"),
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
    "no epochs": ("generate", ["--trainer.max_epochs", "0"], 1, "max_epochs=0: nothing would be"),
    "no steps": ("train", ["--trainer.max_steps", "0"], 1, "max_steps=0: nothing would be"),
    "no batches": ("train", ["--trainer.limit_train_batches", "0"], 1, "nothing would be trained"),
    "a bucket": ("train", ["--trainer.default_root_dir", "memory://b/run"], 1, "local folders"),
    "a folder below a file": (
        "train",
        ["--trainer.default_root_dir", "checkpoints/last.ckpt/x"],
        1,
        "cannot be written",
    ),
    "a checkpoint that is not there": ("train", ["--ckpt_path", "none.ckpt"], 1, "no such file"),
    "a checkpoint that is none": ("train", ["--ckpt_path", "checkpoints/last.ckpt"], 1, "damaged"),
    "noise that is not there": ("train", ["--data.noise", "none"], 1, "no such file"),
    "noise that is none": ("train", ["--data.noise", "noise.safetensors"], 1, "cannot be read"),
}
