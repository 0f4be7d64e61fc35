"""What `test` found: the file, and tables of it."""

from unlearnable_lightning.report.runs import report
from unlearnable_lightning.report.test_result import AttackResult, Choice, TestResult

__all__ = ["AttackResult", "Choice", "TestResult", "report"]
