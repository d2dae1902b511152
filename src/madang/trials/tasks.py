"""What the trials themselves offer: kinds of problems that an agency states in YAML alone."""

from madang.trials.engine.tasks.classification import Classification

__all__ = ["Classification"]
