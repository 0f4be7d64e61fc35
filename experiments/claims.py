"""The claims about a grid, from its YAML of claims."""

from dataclasses import fields, replace
from typing import Any

from experiments.claim import Claim
from experiments.grid import Grid
from experiments.training import Training, combinations
from experiments.yaml_file import read_yaml
from unlearnable_lightning.errors import UnlearnableError

OF_HALVES = ("each_more_by", "each_within", "mean_more_by")
CONDITIONS = ("at_least", "at_most", *OF_HALVES)


def read_claims(grid: Grid) -> list[Claim]:
    """The claims about a grid, in their order; none if it has no YAML of claims.

    Raises:
        UnlearnableError: a key or a name is unknown, or a key is missing.
    """
    if grid.claims is None:
        return []
    given = read_yaml(grid.claims)
    for key in ("clean", "chance_error", "claims"):
        if key not in given:
            raise UnlearnableError(f"{grid.claims}: {key!r} is missing: add it.")
    shared = {"clean": given["clean"], "chance_error": given["chance_error"]}
    return [_claim(grid, name, keys, shared) for name, keys in given["claims"].items()]


def _claim(grid: Grid, name: str, keys: dict[str, Any], shared: dict[str, Any]) -> Claim:
    where = f"{grid.claims}: {name}"
    known = {each.name for each in fields(Claim)} - {"name", *shared}
    if wrong := set(keys) - known:
        raise UnlearnableError(f"{where}: unknown key {wrong.pop()!r}: give {', '.join(known)}.")
    if lacking := {"text", "rule", "cases"} - set(keys):
        raise UnlearnableError(f"{where}: {lacking.pop()!r} is missing: add it.")
    if not any(key in keys for key in CONDITIONS):
        raise UnlearnableError(f"{where}: nothing decides it: give {', '.join(CONDITIONS)}.")
    cases = [Training(**case) for block in keys["cases"] for case in combinations(block)]
    claim = Claim(**{**keys, **shared, "name": name, "cases": tuple(cases)})
    if len(cases) % 2 and any(key in keys for key in OF_HALVES):
        raise UnlearnableError(
            f"{where}: {len(cases)} cases have no two halves: give an even number."
        )
    for case in cases:
        grid.names.check(case, where)
        grid.names.check(replace(case, train_data=claim.clean, **claim.undefended), where)
    return claim
