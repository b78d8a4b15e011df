"""A person asks about patients what only clinical tables say; the answer is that of SQL on the same files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
from helpers.clinical_files import write_described, write_table
from helpers.hands import Hands
from helpers.side_files import VERSION
from PySide6 import QtCore, QtTest, QtWidgets

from IDCBrowserLib.catalog.about.clinical_tables import own_folder
from IDCBrowserLib.catalog.connection import literal
from IDCBrowserLib.catalog.files.sources import find_sources
from IDCBrowserLib.host.standalone.window import WindowConfig

COLLECTION = "nsclc_radiomics"
PEOPLE, HABITS = "nsclc_radiomics_clinical", "nsclc_radiomics_habits"


def write_clinical(home: Path) -> None:
    """What IDC has about the cases of a collection, made up: sexes and stages as codes, and a table without the column that is described."""
    write_described(
        home / "cache" / "indices" / VERSION,
        [
            (COLLECTION, PEOPLE, "dicom_patient_id", "Patient", {}),
            (COLLECTION, PEOPLE, "gender", "gender", {"1": "Male", "2": "Female"}),
            (COLLECTION, PEOPLE, "overall_stage", "Overall Stage", {"2": "Stage II", "3a": "Stage IIIa", "3b": "Stage IIIb"}),
            (COLLECTION, HABITS, "smoker", "Smoking status", {"0": "Never", "1": "Former"}),
        ],
    )
    people = f"""
        SELECT DISTINCT PatientID AS dicom_patient_id, (1 + hash(PatientID) % 2)::INTEGER AS gender,
        list_extract(['2', '3a', '3b'], (1 + hash(PatientID || 's') % 3)::INTEGER) AS overall_stage
        FROM {index()} WHERE collection_id = '{COLLECTION}' AND hash(PatientID || 'x') % 9 > 0"""
    write_table(own_folder("25"), PEOPLE, people)
    write_table(own_folder("25"), HABITS, "SELECT 'LUNG1-001' AS dicom_patient_id, 40 AS pack_years")


def index() -> str:
    return f"read_parquet({literal(find_sources().series[0])})"


def truth() -> int:
    """Women of the collection in stage IIIb who have a CT."""
    people = f"read_parquet({literal(own_folder('25') / PEOPLE / '000000000000.parquet')})"
    query = f"""
        SELECT count(DISTINCT PatientID) FROM {index()} WHERE collection_id = '{COLLECTION}' AND Modality = 'CT'
        AND PatientID IN (SELECT dicom_patient_id FROM {people} WHERE gender = 2 AND overall_stage = '3b')"""
    with duckdb.connect() as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


class Asking:
    """Counts what the person does."""

    def __init__(self, hands: Hands) -> None:
        self.hands = hands
        self.actions = 0

    def press(self, name: str) -> None:
        self.hands.press(name)
        self._settle()

    def say(self, text: str) -> None:
        """Type into the box of the filters, and press Enter."""
        self.hands.type_into("findFilter", text)
        self.hands.wait(lambda: self.hands.program.engine.client.pending == 0, text)
        QtTest.QTest.keyClick(QtWidgets.QApplication.focusWidget(), QtCore.Qt.Key.Key_Return)
        self._settle()

    def check(self, value: str) -> None:
        """The box of a value of the filter in sight."""
        view = self.hands.widget("facetValues")
        row = next(row for row in range(view.model().rowCount()) if view.model().index(row, 0).data() == value)
        place = view.visualRect(view.model().index(row, 0))
        point = QtCore.QPoint(place.left() + 8, place.center().y())
        QtTest.QTest.mouseClick(view.viewport(), QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.KeyboardModifier.NoModifier, point)
        self._settle()

    def _settle(self) -> None:
        self.actions += 1
        self.hands.wait(lambda: self.hands.program.engine.client.pending == 0 and self.hands.program.browser.filters.state.totals, "the counts")
        QtTest.QTest.qWait(20)
        self.hands.wait(lambda: self.hands.program.engine.client.pending == 0, "what follows from them")


def test_how_many_women_with_stage_iiib_have_a_ct(open_window: Callable[[WindowConfig], Hands], tmp_path: Path, home: Path) -> None:
    write_clinical(home)
    wanted = truth()
    assert 5 < wanted < 100
    hands = open_window(WindowConfig(settings_file=str(tmp_path / "settings.ini")))
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    person = Asking(hands)
    person.press("filtersButton")
    person.say("NSCLC-Radiomics")
    person.say("CT")
    person.say("Stage IIIb")
    person.say("gender")
    person.check("Female")
    assert person.actions <= 6
    assert hands.widget("filtersTotals").text().startswith(f"= {wanted} cases (")
    chips = [hands.widget(f"filterChip{number}").text().removesuffix("  ×") for number in range(4)]
    assert chips == ["NSCLC-Radiomics", "CT", "Overall Stage: Stage IIIb", "Gender: Female"]
    hands.wait(lambda: hands.rows("collections") == 1, "the collection")
    hands.photograph("clinical-question")
    hands.click_row("collections", 0)
    hands.wait(lambda: hands.rows("cases") == wanted, "its cases")
    # A table without the column that the index names says so where the values would be, and the answer stays.
    person.say("Smoking status")
    said = hands.widget("missingTables")
    assert said.isVisible() and "smoker" in hands.widget("missingTablesText").text()
    assert hands.widget("filtersTotals").text().startswith(f"= {wanted} cases (")
    hands.photograph("clinical-other-columns")
