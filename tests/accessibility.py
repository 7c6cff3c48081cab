"""What axe-core finds on a page, and where the keyboard is: what tests of accessibility share."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Milliseconds: a model that loads on a busy machine takes minutes.
_PATIENCE = 240_000
# The page rests: no run, nothing drawn faintly since it may go, no word of what is being loaded.
_RESTS = """() => document.querySelector('.stApp')?.dataset.testScriptState === 'notRunning'
  && !document.querySelector('[data-stale="true"], [data-testid="stSkeleton"], .stMarkdownShimmer')"""
# What has the focus, inside of shadows too: its role or tag, and its name, without the names of icons.
_FOCUS = """() => {
  let one = document.activeElement
  while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement
  const role = one.getAttribute('role') || one.type || one.tagName.toLowerCase()
  const words = (one.closest('label') || one).cloneNode(true)
  for (const icon of words.querySelectorAll('[data-testid="stIconMaterial"]')) icon.remove()
  const named = one.getAttribute('aria-label') || one.placeholder
  return [role, named || (role === 'main' ? '' : words.textContent)]
}"""


def rest(page: Page) -> None:
    """Wait until the page rests."""
    page.wait_for_function(_RESTS, timeout=_PATIENCE)


def faults(page: Page) -> list[str]:
    """The faults of impact serious or critical, once the page rests: rule, element and why."""
    rest(page)
    found = []
    for violation in Axe().run(page).response["violations"]:
        if violation["impact"] not in ("serious", "critical"):
            continue
        for node in violation["nodes"]:
            why = (node["any"] or node["all"] or node["none"])[0]["message"]
            found.append(f"{violation['id']}: {node['html'][:200]}: {why}")
    return found


def faults_in_both(page: Page) -> list[str]:
    """The faults of the page as it is now, in light and in dark."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.wait_for_function(f"getComputedStyle(document.querySelector('.stApp')).colorScheme === '{scheme}'")
        found += [f"{scheme}: {fault}" for fault in faults(page)]
    return found


def focused(page: Page) -> tuple[str, str]:
    """The role and the name of what has the keyboard's focus."""
    role, name = page.evaluate(_FOCUS)
    return role, " ".join(str(name or "").split())


def tab_to(page: Page, name: str, *, back: bool = False, most: int = 120) -> str:
    """Press Tab until something whose name begins so has the focus, and return its role."""
    passed = []
    for _ in range(most):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        role, found = focused(page)
        if found.startswith(name):
            return role
        passed.append(found[:30])
    raise AssertionError(f"Tab does not reach {name!r}; it passed {passed}")
