"""Gauges of `trigger`: what is open, how far it is behind, and how often who was right."""

from aiokafka import AIOKafkaConsumer

from models.trigger.precision import Feedback
from streams import metrics
from streams.trigger.part import Part


def tell(part: Part, consumer: AIOKafkaConsumer) -> None:
    """Set all gauges."""
    metrics.QUESTIONS.set(len(part.core.open()))
    lags: dict[str, int] = {source.name.lower(): 0 for source in part.sources.values()}
    for place, offset in part.offsets.items():
        end = consumer.highwater(place)
        lags[part.sources[place.topic].name.lower()] += max((end or offset) - offset, 0)
    for topic, lag in lags.items():
        metrics.TRIGGER_LAG.labels(topic).set(lag)
    _tell_precision(part.core.memory.feedback, {*part.core.setup.rules})


def _tell_precision(feedback: Feedback, rules: set[str]) -> None:
    """Set what is known of rules that are configured, and of detectors."""
    for source, counts in feedback.counts.items():
        kind, _, name = source.partition(":")
        if kind != "rule" or name in rules:
            found = feedback.precision(source)
            metrics.PRECISION.labels(kind, name).set(found.share)
            metrics.PRECISION_LOW.labels(kind, name).set(found.low)
            metrics.LABELLED.labels(kind, name).set(sum(counts.values()))
