"""Talks to a running gateway as an agent does, with the official client: tools, a call, errors, pages, resources.

Usage: verify.py GATEWAY TOKEN. Once in the protocol's revision that greets first, once in the one in which each request stands alone.
"""

import asyncio
import json
import sys

from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

gateway, token = sys.argv[1:]


async def pages(ask, items):
    """Every item of a list, and how many pages it took."""
    found, count, cursor = [], 0, None
    while True:
        page = await ask(cursor=cursor)
        found += getattr(page, items)
        count += 1
        cursor = page.next_cursor
        if cursor is None:
            return found, count


async def talk(mode):
    http = create_mcp_http_client(headers={"Authorization": f"Bearer {token}"})
    async with Client(streamable_http_client(f"{gateway}/mcp", http_client=http), mode=mode) as agent:
        assert agent.server_info.name == "kitchen-gateway", agent.server_info
        tools, _ = await pages(agent.list_tools, "tools")
        by_name = {tool.name: tool for tool in tools}
        assert by_name["create-client"].input_schema["required"] == ["name", "email"]
        assert by_name["find-client"].annotations.read_only_hint

        email = f"ada-{mode}@example.com"
        made = await agent.call_tool("create-client", {"name": "Ada", "email": email})
        assert not made.is_error, made
        client = made.structured_content
        assert json.loads(made.content[0].text) == client
        found = await agent.call_tool("find-client", {"email": email})
        assert found.structured_content["data"][0]["id"] == client["id"]
        await agent.call_tool("create-company", {"name": f"Acme {mode}"})

        wrong = await agent.call_tool("create-client", {"name": "Ada", "email": "nonsense"})
        assert wrong.is_error and wrong.content[0].text.startswith("email:"), wrong
        try:
            await agent.call_tool("explode", {})
            raise AssertionError("a tool that does not exist was called")
        except MCPError as error:
            assert "explode" in str(error), error

        resources, count = await pages(agent.list_resources, "resources")
        assert count > 1, "clients and companies are on a page each"
        uri = f"kitchen://clients/{client['id']}"
        assert uri in [str(resource.uri) for resource in resources]
        read = await agent.read_resource(uri)
        assert json.loads(read.contents[0].text)["email"] == email
        templates = await agent.list_resource_templates()
        assert any(template.uri_template == "kitchen://clients/{id}" for template in templates.resource_templates)
        print(f"{agent.protocol_version}: {len(tools)} tools, {len(resources)} resources on {count} pages")


asyncio.run(talk("legacy"))
asyncio.run(talk("auto"))
