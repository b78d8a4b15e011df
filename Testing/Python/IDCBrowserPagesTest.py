"""Each page of the browser in Slicer, by clicks, keys and the wheel: the stories of the standalone window (``Testing/told``), told in Slicer.

Run by Slicer's ctest, not by pytest; see ``demo_story.py``. With ``IDC_BROWSER_PICTURES=FOLDER`` every page is photographed, light and dark, in
windows of 1280 x 720 and of 1860 x 1000 pixels: the larger one where the screen holds it. Keys go through the X server, so a display of its own
(Xvfb) is best.
"""

import unittest

import qt
import slicer
from demo_story import DemoDesk

# Width and height of the window, and whole rows of the first table that are in sight there.
SIZES = ((1280, 720, 10), (1860, 1000, 22))


def sizes():
    """Those that the screen holds: of what is beyond it nothing can be clicked."""
    screen = slicer.util.mainWindow().windowHandle().screen().availableGeometry
    return [size for size in SIZES if size[0] <= screen.width() and size[1] <= screen.height()]


def set_window_size(width, height):
    window = slicer.util.mainWindow()
    window.showNormal()
    window.setGeometry(0, 0, width, height)
    slicer.app.processEvents()


class IDCBrowserPagesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        import slicer_person  # noqa: F401  it finds the stories
        from told import question

        def fill(home):
            question.write_nodules(home)
            question.write_slices(home)

        cls.desk = DemoDesk(fill_home=fill)
        cls.begin()

    @classmethod
    def begin(cls):
        """At the catalog, laid out for fast browsing."""
        slicer.util.selectModule("IDCBrowser")
        cls.person = cls.desk.person
        cls.person.wait(lambda: cls.person.total("collections") > 100, "the catalog")

    @classmethod
    def tearDownClass(cls):
        cls.desk.close()

    def setUp(self):
        person, browser = self.person, self.person.browser
        if not sizes():
            self.skipTest("the screen has less than 1280 x 720 pixels")
        set_window_size(*sizes()[-1][:2])
        person.desktop._view.show()
        browser.show_page("browse")
        browser.opened_set.leave()
        browser.tables.clear_selection()
        person.widget("searchBox").clear()
        browser.search.clear()
        browser.filters.reset()
        if person.widget("filtersArea").isVisible():
            person.press("filtersButton")
        for level in ("collections", "cases", "studies", "series"):
            person.widget(f"{level}Filter").clear()
        browser.tables.reveal({})
        browser.message.emit(None)
        person.bring_into_sight("collections")
        person.wait(lambda: not person.client.pending and browser.tables.is_settled and person.rows("collections") > 100, "the beginning")
        person.longest.clear()

    def tearDown(self):
        if self.person.longest:
            what, longest = max(self.person.longest.items(), key=lambda item: item[1])
            print(f"{self._testMethodName}: the longest turn of the event loop took {longest:.3f} s ({what})")

    def index(self):
        """What SQL says, of the very rows that the browser has."""
        from told.index import opened_index

        made = opened_index(next(path for path in self.desk.world.catalog_sources if path.name == "demo_index.parquet"))
        connection = made.__enter__()
        self.addCleanup(made.__exit__, None, None, None)
        return connection

    # Layout

    def test_rows_the_picture_and_all_buttons_are_in_sight(self):
        from told import look, shelf

        person = self.person
        panel = person.desktop._browser_panel.widget
        for width, height, least in sizes():
            with self.subTest(width=width, height=height):
                set_window_size(width, height)
                person.browser.tables.reveal({})
                person.bring_into_sight("collections")
                person.wait(lambda: person.rows("collections") > 100, "the catalog")
                person.pause(300)
                person.photograph(f"browse-{width}")
                self.assertGreaterEqual(look.rows_in_sight(person.widget("collectionsTable")), least)
                self.assertEqual(look.hidden_buttons(panel), [])
                tree = shelf.open_phantom(person, self.desk.world)
                person.click_index(tree, tree.model().index(0, 0))
                picture = person.widget("previewPicture")
                person.wait(lambda picture=picture: picture.isVisible() and not picture.pixmap.isNull(), "the picture")
                person.pause(300)
                person.photograph(f"series-{width}")
                self.assertGreaterEqual(min(picture.pixmap.width(), picture.pixmap.height()), 90)
                self.assertEqual(look.hidden_buttons(panel), [])

    def test_no_button_moves_through_a_download(self):
        from told import cohort
        from told.buttons import Watch

        person, window = self.person, slicer.util.mainWindow()
        for width, height, _rows in sizes():
            with self.subTest(width=width, height=height):
                set_window_size(width, height)
                person.browser.tables.reveal({})
                person.select_series_of_the_phantom()
                person.pause(300)
                watch = Watch(window, person.desktop._browser_panel.widget, person.desktop.panel.widget)
                downloads = person.browser.downloads
                person.press("downloadButton")

                def over(watch=watch, downloads=downloads):
                    watch.look()
                    return downloads.documents.get("import") is not None and not downloads.state.running

                person.wait(over, "the end of the download", 180)
                person.pause(500)
                watch.look()
                self.assertEqual((watch.moved, watch.gone), ({}, set()))
                tree = cohort.show_storage(person)
                person.key(tree, "Ctrl+A")
                person.press("storageRemoveButton")
                person.wait(person.widget("storageConfirmButton").isVisible, "the question")
                person.press("storageConfirmButton")
                person.wait(lambda: "Removed" in person.message(), "an empty folder")
                person.browser.show_page("browse")

    # Finding

    def test_series_are_leafed_through_with_pictures(self):
        from told import shelf

        shelf.leafed_through_with_pictures(self.person, self.desk.world)

    def test_values_and_a_range_are_chosen_by_clicks_handles_and_keys(self):
        from told import rail

        rail.values_and_a_range_are_chosen_and_taken_away(self.person, self.index())

    def test_a_value_of_any_filter_is_found_by_its_name(self):
        from told import rail

        rail.a_value_is_found_by_its_name(self.person, self.index())

    def test_a_mistyped_name_is_found(self):
        from told import shelf

        shelf.a_mistyped_name_is_found(self.person)

    def test_a_pasted_list_is_opened(self):
        from told import shelf

        shelf.a_pasted_list_is_a_working_set(self.person)

    def test_a_manifest_is_a_working_set(self):
        from told import shelf

        shelf.a_manifest_is_a_working_set(self.person, self.desk.folder)

    def test_a_radiologists_question_is_answered_in_six_actions(self):
        from told import question

        question.answered_in_six_actions(self.person, self.desk.home)

    # Numbers

    def test_a_bar_of_the_summary_filters(self):
        from told import figures

        figures.a_bar_of_the_summary_filters(self.person, self.index())

    def test_rows_of_a_query_are_a_table_and_a_chart(self):
        from told import figures

        figures.rows_of_a_query_are_a_table_and_a_chart(self.person, self.index())

    # Cohorts

    def test_a_cohort_is_compared_with_a_former_release(self):
        from told import cohort

        cohort.it_is_compared_with_a_former_release(self.person, self.index())

    def test_a_cohort_is_shared_and_checked(self):
        from told import cohort

        cohort.it_is_shared_as_a_folder_and_checked(self.person, self.desk.world, self.desk.folder)

    def test_what_is_here_is_listed_cited_and_removed(self):
        from told import cohort

        cohort.what_is_here_is_listed_cited_and_removed(self.person, self.desk.world)

    # Keys, languages, colors

    def test_keys_lead_through_the_tables(self):
        from told import look

        look.keys_lead_through_the_tables(self.person)

    def test_keys_that_slicer_has_as_well_are_slicers_outside_the_browser(self):
        person, found = self.person, []
        timer = qt.QTimer()

        def look():
            dialog = qt.QApplication.activeModalWidget()
            if dialog is not None:
                found.append(dialog.className())
                dialog.close()

        timer.timeout.connect(look)
        timer.start(50)
        person.key(person.find_in_panel("moduleCart"), "Ctrl+F")
        person.wait(lambda: found, "Slicer's module finder", 10)
        timer.stop()
        self.assertEqual(found, ["qSlicerModuleFinderDialog"])
        self.assertFalse(person.widget("searchBox").hasFocus())

    def test_the_pages_are_german(self):
        from told import look

        from IDCBrowserLib.translations.reading import available, read

        qt.QSettings().setValue("IDCBrowser/Language", "de")
        try:
            self.desk.start()
            self.begin()
            person = self.person
            texts = read(available()["de"])
            for (width, height, _rows), page in ((size, page) for size in sizes() for page in look.PAGES):
                with self.subTest(width=width, page=page):
                    set_window_size(width, height)
                    person.browser.show_page(page)
                    person.pause(200)
                    person.photograph(f"german-{page}-{width}")
                    self.assertEqual(look.english_texts(person.desktop._browser_panel.widget, texts), [])
                    self.assertEqual(look.english_texts(person.desktop.panel.widget, texts), [])
                    self.assertEqual(look.hidden_buttons(person.desktop._browser_panel.widget), [])
        finally:
            qt.QSettings().setValue("IDCBrowser/Language", "en")
            self.desk.start()
            self.begin()

    def test_every_page_can_be_read_in_the_light_and_in_the_dark(self):
        from told import look

        person = self.person
        before, palette = qt.QApplication.style().objectName, qt.QPalette(qt.QApplication.palette())
        self.addCleanup(self.dress, before, palette)
        for name in ("Light Slicer", "Dark Slicer"):
            self.dress(name)
            person.pause(200)
            window = slicer.util.mainWindow().palette.color(qt.QPalette.Window)
            self.assertEqual(window.lightness() < 128, name == "Dark Slicer")
            for (width, height, _rows), page in ((size, page) for size in sizes() for page in look.PAGES):
                with self.subTest(style=name, width=width, page=page):
                    set_window_size(width, height)
                    person.browser.show_page(page)
                    person.pause(300)
                    person.photograph(f"{name.split()[0].lower()}-{page}-{width}")
                    self.assertEqual(look.pale_labels(slicer.util.mainWindow()), [])
                    self.assertEqual(look.hidden_buttons(person.desktop._browser_panel.widget), [])

    def dress(self, name, palette=None):
        """As the page "Appearance" of Slicer's settings does."""
        style = qt.QStyleFactory.create(name)
        qt.QApplication.setStyle(style)
        qt.QApplication.setPalette(style.standardPalette() if palette is None else palette)
