"""The catalog as tools for assistants, asked by the client of the same protocol."""

import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import ClientSession, StdioServerParameters, stdio_client

from IDCBrowserLib.child_python import module_command

# The catalog is laid out: a server is there in a second.
pytestmark = pytest.mark.usefixtures("home")
Use = Callable[[ClientSession], Awaitable[None]]


def with_server(use: Use, *arguments: str) -> None:
    async def run() -> None:
        command = module_command(sys.executable, "IDCBrowserLib.cli.main", "mcp", *arguments)
        server = StdioServerParameters(command=command[0], args=command[1:], env=dict(os.environ))
        async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
            await session.initialize()
            await use(session)

    anyio.run(run)


async def ask(session: ClientSession, name: str, **arguments: Any) -> Any:
    answer = await session.call_tool(name, arguments)
    text = "".join(getattr(part, "text", "") for part in answer.content)
    assert not answer.is_error, text
    return json.loads(text)


READING = {"search", "list_rows", "facets", "related", "plan", "cite"}


async def tools(session: ClientSession) -> set[str]:
    return {tool.name for tool in (await session.list_tools()).tools}


def test_an_assistant_finds_a_collection_and_what_to_cite_and_survives_wrong_questions() -> None:
    async def use(session: ClientSession) -> None:
        assert await tools(session) == READING
        rows = await ask(session, "list_rows", level="collections", filters=["Modality=RTSTRUCT"], limit=5)
        plan = await ask(session, "plan", sources=["rider_pilot"])
        cited = await ask(session, "cite", sources=["rider_pilot"])
        assert plan["total_bytes"] > 0 and plan["licenses"] and "rider" in json.dumps(cited).lower()
        assert json.dumps(rows).count("collection_id") >= 1
        for name, arguments in (("list_rows", {"level": "galaxies"}), ("plan", {"sources": []}), ("related", {"uid": "--json"})):
            answer = await session.call_tool(name, arguments)
            text = "".join(getattr(part, "text", "") for part in answer.content)
            assert answer.is_error and "Traceback" not in text and len(text) < 600
        assert await ask(session, "search", text="rider", limit=1)

    with_server(use)


def test_a_folder_for_downloads_adds_one_tool_and_options_cannot_be_smuggled_in_as_sources(tmp_path: Path) -> None:
    async def use(session: ClientSession) -> None:
        assert await tools(session) == READING | {"download"}
        secret = tmp_path / "secret.txt"
        secret.write_text("password=hunter2\n")
        told = await ask(session, "plan", sources=[str(secret), "rider_pilot"])
        assert "hunter2" not in json.dumps(told) and told["unresolved"][0]["source"] == str(secret)
        for name, arguments in (("search", {"text": "--catalog-source=/etc/passwd"}), ("related", {"uid": "--catalog-source=/etc/passwd"})):
            answer = await session.call_tool(name, arguments)
            assert "passwd is" not in "".join(getattr(part, "text", "") for part in answer.content)
        answer = await session.call_tool("download", {"sources": ["--to", str(tmp_path / "elsewhere"), "nothing-of-idc"]})
        assert "nothing-of-idc" in "".join(getattr(part, "text", "") for part in answer.content)

    with_server(use, "--downloads-to", str(tmp_path / "allowed"))
    assert not (tmp_path / "elsewhere").exists()
