"""Screenshots from libvirt's test driver, and refusals of one."""

from __future__ import annotations

from tests.fleet_client import listening
from virttui.model.identity import ObjectId
from virttui.model.queries import DisplaysQuery, DisplaysResult, ScreenshotQuery, ScreenshotResult
from virttui.terminal.images.decode import decode


def test_a_screenshot_comes_whole_and_can_be_decoded() -> None:
    with listening("test:///default") as client:
        client.listed()
        query = ScreenshotQuery(client.the_domain("test").key)
        result = client.answer(query, ScreenshotResult)
        assert result.screenshot is not None and result.screenshot.type == "image/png"
        image = decode(result.screenshot.data)
        assert (image.width, image.height) == (1120, 832)
        assert "data" not in repr(result), "a report of a crash shows no bytes of it"


def test_what_has_no_screen_says_why() -> None:
    with listening("test:///default") as client:
        client.listed()
        gone = ObjectId(client.hosts[0], "00000000-0000-4000-8000-000000000000")
        missing = client.answer(ScreenshotQuery(gone), ScreenshotResult)
        assert missing.screenshot is None and missing.why_not == "the domain is gone"
        displays = client.answer(DisplaysQuery(client.the_domain("test").key), DisplaysResult)
        assert displays.displays is not None and not displays.displays.displays
