"""What pyproject.toml cannot say: what is built of the project holds its pages, or is not built."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

PAGES = Path("web", "dist")
PLACE = Path("server", "dist")


def check_pages() -> None:
    """Stop where a wheel or a source archive would come without the pages."""
    if not all((PAGES / name).is_file() for name in ("index.html", "graphiql/graphiql.min.js")):
        raise SystemExit(
            "The pages are not built, and Walletgraph is not packed without them:"
            " `make wheel` builds both, where Node.js 20 or later is installed."
        )


class BuildWithPages(build_py):
    """Puts the built pages beside the code that serves them."""

    def run(self) -> None:
        """Build; a tree that is installed to be edited reads its pages where they are built."""
        super().run()
        if not self.editable_mode:
            check_pages()
            place = Path(self.build_lib, PLACE)
            shutil.rmtree(place, ignore_errors=True)
            shutil.copytree(PAGES, place, ignore=shutil.ignore_patterns(".*"))


class PackWithPages(sdist):
    """A source archive, of which a wheel can be built without Node.js."""

    def run(self) -> None:
        """Pack, if there is all that belongs in it."""
        check_pages()
        super().run()


setup(cmdclass={"build_py": BuildWithPages, "sdist": PackWithPages})
