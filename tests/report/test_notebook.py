"""The notebook of the documentation runs, and its reports show themselves."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.project.tools import ROOT


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The code cells of the notebook with what they gave, from a kernel of their own."""
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    kernel = pytest.importorskip("jupyter_client.kernelspec")
    pytest.importorskip("ipykernel")
    pytest.importorskip("tensorflow")
    notebook: Any = nbformat.read(ROOT / "docs" / "notebooks" / "two_feeds.ipynb", as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells), "keep it without outputs"
    # The kernel of this Python, whatever kernels the machine has beside it.
    manager = kernel.KernelSpecManager(ensure_native_kernel=True)
    assert manager.get_kernel_spec("python3").argv[0] in {sys.executable, "python"}
    folder: Path = tmp_path_factory.mktemp("notebook")
    nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    assert not list(folder.iterdir()), "it writes nothing"
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shown(cell: dict[str, Any]) -> str:
    """The HTML that a cell gave."""
    pages: list[str] = [
        output["data"]["text/html"]
        for output in cell["outputs"]
        if "text/html" in output.get("data", {})
    ]
    assert len(pages) == 1, cell["source"]
    assert "<script" not in pages[0]
    return pages[0]


def test_a_comparison_shows_its_verdict_causes_and_pictures(cells: list[dict[str, Any]]) -> None:
    page = shown(cells[1])
    assert "twinfeed-verdict" in page
    assert "Different" in page
    assert "VAL203" in page
    assert "data:image/png;base64," in page


def test_a_look_at_one_feed_shows_its_faults_and_what_is_left_when_mended(
    cells: list[dict[str, Any]],
) -> None:
    before, after = shown(cells[2]), shown(cells[4])
    assert "Faults" in before
    assert "ORD101" in before
    assert "ORD101" not in after
    assert "shuffle(" in cells[3]["outputs"][0]["data"]["text/plain"]
