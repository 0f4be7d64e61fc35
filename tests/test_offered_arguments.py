"""Which of the arguments that a caller has to offer a class takes."""

from unlearnable_lightning.by_name import accepted
from unlearnable_lightning.noise import REM, GrayAug


def test_a_method_is_offered_what_its_kwargs_pass_on() -> None:
    offered = {"steps": 3, "step_size": 0.01, "skip_loss": 0.5, "nobody_takes_this": 1}
    assert accepted(GrayAug, offered) == {"steps": 3, "step_size": 0.01, "skip_loss": 0.5}
    assert accepted(REM, offered) == {"steps": 3, "step_size": 0.01}
    assert accepted(lambda steps, **rest: None, offered) == {"steps": 3}
