"""Every recorded page, one test a field: what the page says, as a person wrote it down, against what is read now."""

from pathlib import Path

import pytest

from console.recording import found_in, load

FOLDERS = sorted(folder for folder in Path(__file__).parent.iterdir() if (folder / "request.json").exists())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "field" in metafunc.fixturenames:
        pairs = [(folder, field) for folder in FOLDERS for field in load(folder).expected]
        metafunc.parametrize(("folder", "field"), pairs, ids=[f"{folder.name}-{field}" for folder, field in pairs])
    elif "folder" in metafunc.fixturenames:
        metafunc.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])


def test_reading(folder: Path, field: str) -> None:
    assert found_in(folder).get(field) == load(folder).expected[field]


def test_a_person_has_reviewed_it(folder: Path) -> None:
    recording = load(folder)
    assert recording.request.reviewed, (
        f"tests/pages/{recording.name}: compare expected.json with the page, then set reviewed in request.json"
    )
    assert recording.request.note, f"tests/pages/{recording.name}: say in request.json's note why the page is kept"


def test_every_folder_here_is_a_recorded_page() -> None:
    here = {folder for folder in Path(__file__).parent.iterdir() if folder.is_dir() and folder.name[0] not in "._"}
    assert here == set(FOLDERS)
    assert len(FOLDERS) >= 14
