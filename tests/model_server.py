"""A server that speaks OpenAI's chat completions from a script, on a free port of this machine."""

import asyncio
import json
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager

from aiohttp import web

from models.report import template
from schemas.report.model import Model

KEY = "sk-very-secret-0123456789"


class ModelServer:
    """Answers request after request as its script says; the last answer is given for ever."""

    def __init__(self, *script):
        self.script, self.bodies, self.headers = list(script), [], []
        self.open = self.most_open = 0
        self.came = asyncio.Event()
        """As many requests are open as `comes_at` says."""
        self.comes_at = 1
        self.goes_on = asyncio.Event()
        """What hangs is let go."""
        self.url = ""

    @property
    def asked(self):
        """How often it was asked."""
        return len(self.bodies)

    async def answer(self, request):
        """Give the next answer."""
        self.headers.append(dict(request.headers))
        self.bodies.append(await request.json())
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        if self.open == self.comes_at:
            self.came.set()
        try:
            one = self.script[min(self.asked, len(self.script)) - 1]
            return await one(self, self.bodies[-1]) if asyncio.iscoroutinefunction(one) else one()
        finally:
            self.open -= 1

    def model(self, **more):
        """Return settings that name it."""
        given = {"url": self.url, "name": "scripted", "backoff_s": 1.0, "attempts": 3}
        return Model(**given | more)


@asynccontextmanager
async def served(*script):
    """Lend a server that answers so."""
    server = ModelServer(*script)
    app = web.Application(client_max_size=10**7)
    app.router.add_post("/v1/chat/completions", server.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        yield server
    finally:
        server.goes_on.set()
        await runner.cleanup()


@contextmanager
def served_beside(*script):
    """Lend a server that answers so from a thread of its own."""
    ready: Future = Future()

    async def run():
        over = asyncio.Event()
        async with served(*script) as server:
            ready.set_result((server, asyncio.get_running_loop(), over))
            await over.wait()

    with ThreadPoolExecutor(1) as threads:
        ended = threads.submit(lambda: asyncio.run(run()))
        server, loop, over = ready.result(10)
        try:
            yield server
        finally:
            loop.call_soon_threadsafe(over.set)
            ended.result(10)


def says(text, *, usage=(1_000, 200), finish="stop"):
    """Answer with a text, as a model does."""
    used = {"prompt_tokens": usage[0], "completion_tokens": usage[1]} if usage else None

    def answer():
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": finish}
        told = {"id": "x", "object": "chat.completion", "created": 1, "model": "scripted"}
        return web.json_response({**told, "choices": [choice], "usage": used})

    return answer


def fails(status, *, headers=None, param=None):
    """Answer with an error."""

    def answer():
        error = {"message": f"no, and {KEY} is no good", "type": "bad", "param": param}
        return web.json_response({"error": error}, status=status, headers=headers)

    return answer


def sends(body, content_type="application/json", headers=None):
    """Answer with these bytes."""
    return lambda: web.Response(body=body, content_type=content_type, headers=headers)


async def hangs(server, _):
    """Answer when it is let go."""
    await server.goes_on.wait()
    return web.Response(status=500)


def written(draft):
    """Return what a model writes to say this draft."""
    sections = [
        {
            "section": part.section,
            "sentences": [{"text": one.text, "cites": one.cites} for one in part.sentences],
        }
        for part in draft.parts
    ]
    return json.dumps({"sections": sections})


def honest(record, kind):
    """Answer as a model does that says what the template says."""
    return says(written(template.draft(record, kind)))
