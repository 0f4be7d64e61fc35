"""Whether the claims about a grid hold, as a section of its page."""

from collections.abc import Mapping

from experiments.claim import WORTH_RESTORING, Claim, Errors, Verdict
from experiments.claims import read_claims
from experiments.grid import Grid
from experiments.tables import escaped
from unlearnable_lightning.report.text_table import markdown


def verdicts(errors: Errors, grid: Grid) -> list[tuple[Claim, Verdict]]:
    """Every claim about a grid with what the numbers say of it.

    Args:
        errors: clean error in per cent by training and seed.
        grid: whose claims they are.
    """
    return [(claim, claim.verdict(errors)) for claim in read_claims(grid)]


def judged(errors: Errors, grid: Grid, findings: Mapping[str, str]) -> list[str]:
    """The section of a page on the claims; nothing for a grid without any.

    Args:
        errors: clean error in per cent by training and seed.
        grid: whose claims they are.
        findings: by name of a claim that fails, the reason.
    """
    rows, reasons = [], []
    published = {training: {0: error} for training, error in grid.published_errors().items()}
    found = verdicts(errors, grid)
    for claim, verdict in found:
        texts = [claim.rule, verdict.evidence or "not measured"]
        texts += [claim.verdict(published).evidence] if published else []
        rows.append([claim.text, *(escaped(text) for text in texts), verdict.word])
        if verdict.holds is False:
            reason = findings.get(claim.name, "The reason is not found yet.").strip()
            reasons.append(f"**{claim.text}** {reason}")
    if not rows:
        return []
    head = ("claim", "rule", "ours", *(["published"] if published else []), "here")
    rules = _RULES + (_UNDEFENDED if any(claim.undefended for claim, _ in found) else "")
    why = ["### What fails here, and why", *reasons] if reasons else []
    return ["## Does it hold?", rules, markdown(head, rows), *why]


_RULES = """
Decided by the share that the noise takes: of the accuracy above chance that a training
reaches on clean images, the part that it loses on poisoned ones (last epoch, mean over
the seeds that all numbers of a claim have, each compared with itself on clean images).
0 % is nothing, 100 % is all of it. The rules hold on the published numbers.
""".strip()
_UNDEFENDED = f"""
† Of those data sets alone of which the noise takes at least {100 * WORTH_RESTORING:.0f} % without
the defence; if there are none the claim is open, for there is nothing to restore.
""".rstrip()
