"""The bundled question: the same digits through three pipelines."""

from twinfeed.demo.outcome import Outcome
from twinfeed.demo.run import Answer, answer

__all__ = ["Answer", "Outcome", "answer"]
