"""The run around a training: its folder, lock, checkpoints, seeds and end.

All that touches Lightning's internals is here, with a word on the version it was seen in.
"""

from unlearnable_lightning.run.after_module import AfterModule
from unlearnable_lightning.run.arguments import class_path, plain_hparams
from unlearnable_lightning.run.callbacks import (
    missing_callbacks,
    replace_default_checkpoints,
    take_out,
)
from unlearnable_lightning.run.checkpoint_io import SafeCheckpointIO, make_safe, weights_of
from unlearnable_lightning.run.checkpoints import (
    BestCheckpoint,
    LastCheckpoint,
    StartCheckpoint,
    last_checkpoint,
)
from unlearnable_lightning.run.data import datamodule_of
from unlearnable_lightning.run.device import device_name
from unlearnable_lightning.run.devices import (
    average_buffers,
    forward_context,
    gather,
    reduce_sum,
    to_device,
)
from unlearnable_lightning.run.ending import Ending, can_stop_early, ending_of
from unlearnable_lightning.run.folder import deltas_folders, refuse_earlier_run, run_folder
from unlearnable_lightning.run.load_module import load_module
from unlearnable_lightning.run.lock import RunLock
from unlearnable_lightning.run.open_epoch import end_epoch, go_on, mark
from unlearnable_lightning.run.own_table import replace_test_table
from unlearnable_lightning.run.past_run import PastRun
from unlearnable_lightning.run.prediction_file import PredictionFile
from unlearnable_lightning.run.preflight import check_precision, check_ranks, check_trainer
from unlearnable_lightning.run.quiet import quiet_lightning
from unlearnable_lightning.run.rank_share import each_once
from unlearnable_lightning.run.resume import Behind, retune_optimizers, say_if_done, take_up
from unlearnable_lightning.run.seed import shared_seed
from unlearnable_lightning.run.versions import versions

__all__ = [
    "AfterModule",
    "Behind",
    "BestCheckpoint",
    "Ending",
    "LastCheckpoint",
    "PastRun",
    "PredictionFile",
    "RunLock",
    "SafeCheckpointIO",
    "StartCheckpoint",
    "average_buffers",
    "can_stop_early",
    "check_precision",
    "check_ranks",
    "check_trainer",
    "class_path",
    "datamodule_of",
    "deltas_folders",
    "device_name",
    "each_once",
    "end_epoch",
    "ending_of",
    "forward_context",
    "gather",
    "go_on",
    "last_checkpoint",
    "load_module",
    "make_safe",
    "mark",
    "missing_callbacks",
    "plain_hparams",
    "quiet_lightning",
    "reduce_sum",
    "refuse_earlier_run",
    "replace_default_checkpoints",
    "replace_test_table",
    "retune_optimizers",
    "run_folder",
    "say_if_done",
    "shared_seed",
    "take_out",
    "take_up",
    "to_device",
    "versions",
    "weights_of",
]
