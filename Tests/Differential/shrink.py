"""Makes a session that shows a difference as short as it can be, and keeps it as a file."""
import json


def shrunk(operations, fails, trials_max=200):
    """The operations that are still needed for `fails(operations)`; drops halves, then quarters, then single ones."""
    trials = 0
    size = max(len(operations) // 2, 1)
    while True:
        at, dropped = 0, False
        while at < len(operations) and trials < trials_max:
            candidate = operations[:at] + operations[at + size:]
            trials += 1
            if candidate and fails(candidate):
                operations, dropped = candidate, True
            else:
                at += size
        if trials >= trials_max or (size == 1 and not dropped):
            return with_shorter_multis(operations, fails)
        size = max(size // 2, 1) if not dropped or size > 1 else 1


def with_shorter_multis(operations, fails):
    """Drops what the multis and lists of paths can do without."""
    for place, operation in enumerate(operations):
        for field, argument in enumerate(operation):
            at = 0
            while isinstance(argument, list) and operation[0] in ("multi", "multiread", "setwatches", "setwatches2") and at < len(argument):
                shorter = operation[:field] + [argument[:at] + argument[at + 1:]] + operation[field + 1:]
                candidate = operations[:place] + [shorter] + operations[place + 1:]
                if fails(candidate):
                    operations, operation, argument = candidate, shorter, shorter[field]
                else:
                    at += 1
    return operations


def written(path, operations, remarks):
    """A case file: remarks, then one operation a line as JSON."""
    lines = ["# " + line for line in remarks] + [json.dumps(operation) for operation in operations]
    path.write_text("\n".join(lines) + "\n")


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines() if line and not line.startswith("#")]
