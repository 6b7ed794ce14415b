"""From what is due to a report: what is known of it, a draft by whoever writes, the check."""

import asyncio
import logging
from time import monotonic

from models.report.due import Due, record_of
from models.report.report import report
from schemas.report import Draft, Kind, Record
from streams import metrics
from streams.report.around import Around
from streams.report.outputs import Outputs
from streams.report.writer import Writer

log = logging.getLogger(__name__)

_AT_ONCE = 2  # records and checks: they take the processor
_MOST_DRAFTS = 64  # that are waited for; whoever comes then gets the template
_LONGEST_S = 900.0  # for one draft


class Press:
    """Writes reports; a slow writer holds up none but those that it drafts."""

    def __init__(self, around: Around, writer: Writer | None, outputs: Outputs) -> None:
        self._around, self._writer, self._outputs = around, writer, outputs
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._drafts = 0

    async def write(self, number: int, due: Due) -> None:
        """Write one, into a partition; return when Kafka has acknowledged it."""
        began = monotonic()
        async with self._turn:
            found = await self._around.of(due)
            record = await asyncio.to_thread(record_of, due, found.anomalies, found.steps)
        draft = None if due.is_short else await self._draft(record, due.kind)
        async with self._turn:
            made = await asyncio.to_thread(report, record, due.kind, draft)
        await self._outputs.write(number, due, made)
        writer = metrics.Writer.MODEL if draft else metrics.Writer.TEMPLATE
        metrics.REPORT_S.labels(writer.value).observe(monotonic() - began)

    async def _draft(self, record: Record, kind: Kind) -> Draft | None:
        if self._writer is None or self._drafts >= _MOST_DRAFTS:
            return None
        self._drafts += 1
        try:
            async with asyncio.timeout(_LONGEST_S):
                return await self._writer.draft(record, kind)
        except TimeoutError:
            log.warning("no draft within %g s: the template stands in", _LONGEST_S)
        except Exception:
            log.exception("a draft failed: the template stands in")
        finally:
            self._drafts -= 1
        return None
