"""Images that were stored turned: mirrored, with rows for columns, or with channels in another
order."""

from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError

_CLEARLY = 2  # how many times closer the turned images must be than those as they are


def check_orientation(poisoned: Tensor, clean: Tensor) -> None:
    """Refuses images that are clearly the clean ones turned: noise is of pixels in their places.

    OpenCV writes blue first, MATLAB columns first; 75 to 98 % of such images of CIFAR-10 are
    nearer to themselves than to another one, so that their contents do not give them away.

    Args:
        poisoned: uint8 [n, C, H, W].
        clean: uint8 [n, C, H, W].

    Raises:
        UnlearnableError: names the turn that brings them at least twice as close.
    """
    as_they_are = _apart(poisoned, clean)
    turned = {
        "with blue for red": poisoned.flip(1),
        "mirrored": poisoned.flip(3),
        "upside down": poisoned.flip(2),
        "turned by 180°": poisoned.flip(2, 3),
    }
    if poisoned.shape[2] == poisoned.shape[3]:
        across = poisoned.transpose(2, 3)
        turned |= {
            "with rows for columns": across,
            "turned by 90°": across.flip(3),
            "turned by 270°": across.flip(2),
        }
    apart, how = min((_apart(images, clean), name) for name, images in turned.items())
    if _CLEARLY * apart < as_they_are:
        raise UnlearnableError(
            f"its images are {how}: so they are {apart:.1f} grey levels from the clean ones on "
            f"average, and {as_they_are:.1f} as they are stored. Store them as the clean ones are."
        )


def _apart(one: Tensor, other: Tensor) -> float:
    return float((one.float() - other.float()).abs().mean())
