"""What a pickle would make a reader do, looked at before it is read: nothing is run."""

import pickletools
from typing import IO, Any

_PUTS = frozenset(("PUT", "BINPUT", "LONG_BINPUT"))
_GETS = frozenset(("GET", "BINGET", "LONG_BINGET"))
_DEEPEST = 100  # tuples within tuples; arrays and dicts of them have three


def check_opcodes(file: IO[bytes]) -> None:
    """Goes over one pickle: three seconds for 50 000 images.

    Raises:
        ValueError: damaged; a place in the memo beyond what came before it: ten bytes that ask for
            place 2³¹ make the reader allocate 32 GB; or tuples in tuples so deep that Python, which
            hashes the keys of a dict, runs out of stack and ends.
    """
    depths = _Depths()
    for count, (opcode, argument, _) in enumerate(pickletools.genops(file)):
        if opcode.name in _PUTS and int(argument or 0) > count:
            raise ValueError(f"place {argument} of its memo after {count} steps")
        depths.step(opcode, argument)


class _Depths:
    """How many tuples lie within each object on the stack of the reader, at most."""

    def __init__(self) -> None:
        self.stack: list[int] = []
        self.marks: list[int] = []
        self.memo: dict[int, int] = {}

    def step(self, opcode: pickletools.OpcodeInfo, argument: Any) -> None:
        name, stack = opcode.name, self.stack
        if name == "MEMOIZE":
            self.memo[len(self.memo)] = stack[-1]
        elif name in _GETS:
            stack.append(self.memo.get(int(argument), 0))
        elif name in _PUTS:
            self.memo[int(argument)] = stack[-1]
        elif name == "MARK":
            self.marks.append(len(stack))
        elif not opcode.stack_before:  # numbers, texts, bytes, names, empty containers
            stack.extend([0] * len(opcode.stack_after))
        elif name == "POP" and self.marks and self.marks[-1] == len(stack):
            self.marks.pop()
        else:
            depth = max(self._taken(opcode), default=0) + name.startswith("TUPLE")
            if depth > _DEEPEST:
                raise ValueError(f"its tuples are more than {_DEEPEST} deep")
            stack.extend([depth] * len(opcode.stack_after))

    def _taken(self, opcode: pickletools.OpcodeInfo) -> list[int]:
        """Takes what the opcode takes off the stack."""
        before = opcode.stack_before
        if pickletools.markobject in before:
            mark = self.marks.pop() if self.marks else 0
            start = max(0, mark - before.index(pickletools.markobject))
        else:
            start = max(0, len(self.stack) - len(before))
        taken = self.stack[start:]
        del self.stack[start:]
        return taken
