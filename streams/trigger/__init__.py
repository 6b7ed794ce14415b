"""Trigger: what alerts lead to: actions, and questions that people answer."""

from streams.trigger.triggers import Triggers

__all__ = ["Triggers"]
