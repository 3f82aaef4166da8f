"""The files browsers get from npm packages and catalogues: fetched, copied and compiled when they changed."""

import gzip
import re
import shutil
from pathlib import Path

from tools.environment import digest, install, npm
from tools.layout import BIN, ROOT, VAR
from tools.terminal import say

VENDOR = ROOT / "spbe_tasks" / "static" / "vendor"
TRANSLATIONS = ROOT / "spbe_tasks" / "translations"
PACKAGES = ROOT / "node_modules"
ICONS = ROOT / "tools" / "icons.txt"
STAMP = VAR / "frontend.digest"
SERVED = {
    "bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "bootstrap.bundle.min.js": "bootstrap/dist/js/bootstrap.bundle.min.js",
}
SPRITE = "icons.svg"


def ensure() -> None:
    """Fill static/vendor and compile the catalogues; does nothing, and asks nobody, when nothing changed."""
    current = digest(ROOT / "package-lock.json", ICONS, Path(__file__))
    if not (STAMP.is_file() and STAMP.read_text() == current and _is_complete()):
        say("Installing front-end packages ...")
        install([*npm(), "ci", "--ignore-scripts"], purpose="Installing front-end packages")
        _fill_vendor()
        VAR.mkdir(exist_ok=True)
        STAMP.write_text(current)
    compile_translations()


def compile_translations() -> None:
    """Compile every catalogue that is newer than its compiled form."""
    for source in TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            command: list[str | Path] = [BIN / "pybabel", "compile", "-i", source, "-o", compiled]
            install(command, purpose="Compiling translations")


def _is_complete() -> bool:
    return all((VENDOR / name).is_file() for name in (*SERVED, SPRITE))


def _fill_vendor() -> None:
    half_made = VENDOR.with_name("vendor.part")
    shutil.rmtree(half_made, ignore_errors=True)
    half_made.mkdir(parents=True)
    for name, source in SERVED.items():
        # The maps are not served, so the line that points at one would only fail in a browser's console.
        text = re.sub(r"(/\*|//)# sourceMappingURL=\S+( \*/)?\s*", "", (PACKAGES / source).read_text())
        (half_made / name).write_text(text)
    (half_made / SPRITE).write_text(sprite(ICONS.read_text().split()))
    for name in (*SERVED, SPRITE):  # the web server sends the compressed twin to browsers that take it
        packed = gzip.compress((half_made / name).read_bytes(), mtime=0)
        (half_made / f"{name}.gz").write_bytes(packed)
    shutil.rmtree(VENDOR, ignore_errors=True)
    half_made.rename(VENDOR)


def sprite(names: list[str]) -> str:
    """One SVG file with a symbol for each icon, its id the icon's name."""
    symbols = (_symbol(name, PACKAGES / "bootstrap-icons" / "icons" / f"{name}.svg") for name in names)
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "".join(symbols) + "</svg>\n"


def _symbol(name: str, path: Path) -> str:
    found = re.search(r'viewBox="([^"]+)"[^>]*>(.*)</svg>', path.read_text(), re.DOTALL)
    if not found:
        raise ValueError(f"{path} is not an icon of bootstrap-icons")
    box, drawing = found.groups()
    return f'<symbol id="{name}" viewBox="{box}">{" ".join(drawing.split())}</symbol>\n'
