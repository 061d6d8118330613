"""What can go wrong with a model, in words for its owner."""

from __future__ import annotations


class ModelError(Exception):
    """Something about a model that its owner can understand.

    `title` says what happened, `detail` what can be done about it.
    """

    def __init__(self, title: str, detail: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.title} {self.detail}".strip()


class ModelMissing(ModelError):
    """A model that is not on this machine."""


class ModelDamaged(ModelError):
    """A model file that cannot be used."""


class PromptTooLong(ModelError):
    """More text than the model's context holds."""
