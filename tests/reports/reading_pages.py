"""Opens pages in a headless browser, does what a reader does, and prints what was seen as JSON.

Runs in the environment of `tools/browser.py`: python reading_pages.py BROWSER NAME=FILE...
"""

import json
import sys
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import sync_playwright

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
PARTS = "document.querySelectorAll('main details:not(.save)').forEach(one => one.open = true)"
FINDINGS = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations.map(
  one => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 200)).join(' | ')}`)"""


def opened(browser, file, told, **options):
    """A page; what it asks the network for, and its errors, are written to a list."""
    page = browser.new_context(**options).new_page()
    page.on("console", lambda one: told.append(one.text))
    page.on("pageerror", lambda one: told.append(str(one)))
    page.on("request", lambda one: told.append(one.url) if one.url.startswith(("http", "ws")) else None)
    page.goto(Path(file).resolve().as_uri())
    return page


def looked_at(browser, file):
    """At two widths, light and dark, with all parts open: what axe finds, and whether the page is too wide."""
    found = []
    for width, scheme in ((390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")):
        told = []
        page = opened(browser, file, told, viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.evaluate(PARTS)
        page.wait_for_timeout(500)
        page.evaluate(AXE)
        wide = page.evaluate("document.documentElement.scrollWidth")
        back = page.evaluate("getComputedStyle(document.body).backgroundColor")
        axe = page.evaluate(FINDINGS)
        found.append({"width": width, "scheme": scheme, "wide": wide, "back": back, "told": told, "axe": axe})
        page.context.close()
    return found


def column(page, selector):
    """The texts of the cells of a column that are shown."""
    return [one.strip() for one in page.locator(selector).all_inner_texts()]


def saved(page, box, kind):
    """What a button of a table or figure saves."""
    part = page.locator(f"{box} + details.save")
    part.evaluate("one => one.open = true")
    with page.expect_download() as download:
        part.locator(f"button:has-text('{kind}')").click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def used(browser, file):
    """Sorts, filters, asks for a cell's details, and saves."""
    told = []
    page = opened(browser, file, told, viewport={"width": 1280, "height": 900})
    first = "section:has(> h2:text-is('Gain matrix')) .scroll >> nth=0"
    table = page.locator(first)
    sort = table.locator("th[data-target] .sort").first
    orders = []
    for _ in range(3):
        sort.focus()
        page.keyboard.press("Enter")
        orders.append(
            [table.locator("thead th").nth(2).get_attribute("aria-sort"), table.locator("tbody th").all_inner_texts()]
        )
    cell = table.locator("td[tabindex='0']")
    cell.focus()
    page.keyboard.press("ArrowDown")
    details = page.locator("output.details").inner_text()
    page.keyboard.press("Escape")
    hidden = page.locator("output.details").is_hidden()
    page.locator("select[name=target]").select_option("panx")
    columns = table.locator("thead th:visible").all_inner_texts()
    page.locator("select[name=script]").select_option("Latn")
    panels = page.locator(".multiples figcaption:visible").all_inner_texts()
    status = page.locator("#filters output").inner_text()
    page.locator("#filters [type=reset]").click()
    page.wait_for_timeout(100)
    again = page.locator(".multiples figcaption:visible").all_inner_texts()
    page.locator("main h2").first.wait_for()
    table.evaluate("one => one.id = 'matrix'")
    page.locator("figure .scroll").first.evaluate("one => one.id = 'forest'")
    files = {}
    for box in ("#matrix", "#forest", ".multiples"):
        for kind in ("SVG", "PNG", "PDF", "CSV"):
            name, content = saved(page, box, kind)
            files[f"{box} {kind}"] = [name, content.decode("latin-1") if kind != "SVG" else content.decode("utf-8")]
    links = page.locator("nav a").count()
    page.context.close()
    return {
        "orders": orders, "details": details, "hidden": hidden, "columns": columns, "panels": panels, "status": status,
        "again": again, "files": files, "links": links, "told": told,
    }  # fmt: skip


def unpacked(browser, file):
    """The first part of packed cells, once it is opened."""
    told = []
    page = opened(browser, file, told, viewport={"width": 1280, "height": 900})
    part = page.locator("details.packed").first
    before = part.locator("td").count()
    part.locator("summary").first.click()
    part.locator("td").first.wait_for()
    rows = [one.split("\t") for one in part.locator("tr").all_inner_texts()]
    classes = part.locator("td").evaluate_all("cells => cells.map(one => one.className.trim())")
    return {"before": before, "rows": rows, "classes": classes, "told": told}


def main():
    browser, *pages = sys.argv[1:]
    files = dict(one.split("=", 1) for one in pages)
    with sync_playwright() as playwright:
        options = {"executable_path": browser} if browser else {}
        running = playwright.chromium.launch(args=["--no-sandbox"], **options)
        found = {name: looked_at(running, file) for name, file in files.items()}
        found["used"] = used(running, files["small"])
        found["unpacked"] = unpacked(running, files["large"])
        plain = opened(running, files["small"], [], java_script_enabled=False)
        found["plain"] = plain.locator("body").inner_text()
        running.close()
    print(json.dumps(found))


main()
