"""A person at the browser in Slicer: real clicks at what is in sight, keys of a keyboard, pictures of the window.

``IDC_BROWSER_PICTURES=FOLDER`` takes the pictures; ``IDC_BROWSER_BLOCKS=0.25`` tells where the main thread was in turns of the event loop that took
longer than so many seconds.
"""

import os
import sys
import time
from pathlib import Path

import qt
import slicer

sys.path.append(str(Path(__file__).resolve().parents[1]))

from helpers.person import Person
from turns import Turns
from x_keyboard import Keyboard

_STEPS = 5
# Until keys have come through the X server.
_KEYS_MS = 60


class SlicerPerson(Person):
    """``desktop`` is the module's. ``longest`` has the longest turn of the event loop of each wait, in seconds."""

    def __init__(self, desktop):
        self.desktop = desktop
        self.longest = {}
        self._keyboard = None

    @property
    def browser(self):
        return self.desktop.browser

    @property
    def client(self):
        return self.desktop._engine.client

    @property
    def host(self):
        return self.desktop._host

    def wait(self, condition, what, seconds=90.0):
        end = time.monotonic() + seconds
        turns = Turns(float(os.environ.get("IDC_BROWSER_BLOCKS", "0")))
        while not condition():
            if time.monotonic() > end:
                self.photograph(f"waited in vain for {what}")
                said = self.message() if self.desktop._browser_panel is not None else self.desktop.panel.state.text
                raise AssertionError(f"waited in vain: {what}; the strip says: {said!r}; {self.browser and self.browser.downloads.state}")
            turns.take()
            time.sleep(0.005)
        self.longest[what] = max(turns.longest, self.longest.get(what, 0.0))
        for line in turns.told():
            print(f"{what}: {line}")

    def pause(self, milliseconds):
        end = time.monotonic() + milliseconds / 1000
        while time.monotonic() < end:
            slicer.app.processEvents()
            time.sleep(0.005)

    def wait_a_moment(self):
        """Until the views have the sizes of their layout and show what came."""
        self.pause(2000)

    def widget(self, name):
        return self._below(self.desktop._browser_panel.widget, name)

    def find_in_panel(self, name):
        """A part of Slicer's module panel."""
        return self._below(self.desktop.panel.widget.parent(), name)

    def _below(self, above, name):
        # slicer.util.findChild leaves out what is below parts whose truth value is False in PythonQt. Of a panel before a reload the parts go later.
        found = above.findChildren("QObject", name)
        if not found:
            raise AssertionError(f"there is no {name}")
        return found[-1]

    def click(self, widget, place=None, add=False):
        # What has just appeared has its place after the next events.
        self.pause(10)
        where = widget.mapToGlobal(widget.rect.center() if place is None else place)
        target = self._in_sight(widget, where)
        modifier = qt.Qt.ControlModifier if add else qt.Qt.NoModifier
        for kind, held in ((qt.QEvent.MouseButtonPress, qt.Qt.LeftButton), (qt.QEvent.MouseButtonRelease, qt.Qt.NoButton)):
            self._mouse(target, kind, where, qt.Qt.LeftButton, held, modifier)
        self.pause(10)

    def drag(self, widget, start, end):
        first, last = widget.mapToGlobal(start), widget.mapToGlobal(end)
        self._in_sight(widget, first)
        self._mouse(widget, qt.QEvent.MouseButtonPress, first, qt.Qt.LeftButton, qt.Qt.LeftButton)
        for step in range(1, _STEPS + 1):
            where = qt.QPoint(
                first.x() + (last.x() - first.x()) * step // _STEPS,
                first.y() + (last.y() - first.y()) * step // _STEPS,
            )
            self._mouse(widget, qt.QEvent.MouseMove, where, qt.Qt.NoButton, qt.Qt.LeftButton)
            self.pause(20)
        self._mouse(widget, qt.QEvent.MouseButtonRelease, last, qt.Qt.LeftButton, qt.Qt.NoButton)

    def turn_wheel(self, widget, notches):
        where = widget.mapToGlobal(widget.rect.center())
        self._in_sight(widget, where)
        event = qt.QWheelEvent(
            qt.QPointF(widget.rect.center()),
            qt.QPointF(where),
            qt.QPoint(0, 0),
            qt.QPoint(0, -120 * notches),
            qt.Qt.NoButton,
            qt.Qt.NoModifier,
            qt.Qt.NoScrollPhase,
            False,
        )
        qt.QCoreApplication.sendEvent(widget, event)

    def key(self, widget, keys):
        if self._keyboard is None:
            self._keyboard = Keyboard()
        window = widget.window()
        window.activateWindow()
        widget.setFocus()
        self.wait(lambda: widget.hasFocus() and window.property("isActiveWindow"), f"the keyboard at {widget.objectName}", 10)
        self._keyboard.press(keys)
        self.pause(_KEYS_MS)

    def write(self, widget, text):
        for letter in text:
            for kind in (qt.QEvent.KeyPress, qt.QEvent.KeyRelease):
                qt.QCoreApplication.sendEvent(widget, qt.QKeyEvent(kind, ord(letter.upper()), qt.Qt.NoModifier, letter))
        self.pause(10)

    def photograph(self, name):
        folder = os.environ.get("IDC_BROWSER_PICTURES", "")
        if not folder:
            return None
        slicer.app.processEvents()
        path = Path(folder, f"{name}.png")
        window = slicer.util.mainWindow()
        if qt.QApplication.activePopupWidget() is None:
            window.grab().save(str(path))
        else:
            window.windowHandle().screen().grabWindow(0).save(str(path))
        return path

    def will_choose(self, path):
        """What is chosen wherever a file to save is asked for."""
        from IDCBrowserLib.host.slicer import host

        host.choose_save_file = lambda _parent, _title, _start, _kinds: str(path)

    def press_key(self, key):
        """A key, in whatever of the window is seen."""
        self._action_of(key).trigger()

    def _action_of(self, key):
        """As Qt finds the action of a key: the only one that is enabled and whose widget is seen."""
        waiting, found = [slicer.util.mainWindow()], []
        while waiting:
            widget = waiting.pop()
            if widget.isWidgetType() and widget.objectName == "reviewPage" and widget.isVisible():
                found += [action for action in widget.actions() if action.isEnabled() and action.shortcut.toString() == key]
            waiting += widget.children()
        assert len(found) == 1, f"{len(found)} actions for {key}"
        return found[0]

    def time_key(self, key, condition, what):
        """Press a key and wait; gives times as ``time_until``."""
        return self.time_until(self._action_of(key).trigger, condition, what)

    def time_until(self, do, condition, what, seconds=60.0):
        """Do and wait; gives the seconds that it took by the clock, and of the processor by this program and by its engine."""
        engine = self._engine_process()
        begin = time.monotonic(), time.process_time(), _processor_seconds(engine)
        do()
        self.wait(condition, what, seconds)
        return time.monotonic() - begin[0], time.process_time() - begin[1], _processor_seconds(engine) - begin[2]

    def _engine_process(self):
        import psutil

        return [child for child in psutil.Process().children(recursive=True) if _is_engine(child)]

    # As the stories in Slicer have it

    def select_all_rows(self, level):
        """Without a keyboard."""
        self.widget(f"{level}Table").selectAll()

    def open_rows(self):
        """What the button above the table leads to: the cases, studies or series of what is selected."""
        self.widget("openRowsButton").click()

    def total(self, level):
        """Rows of a level."""
        return self.browser.tables.state(level).total

    def is_in_sight(self, widget):
        """Whether a click at its middle would reach it."""
        found = qt.QApplication.widgetAt(widget.mapToGlobal(widget.rect.center()))
        return found is not None and bool(found == widget or widget.isAncestorOf(found))

    def _in_sight(self, widget, where):
        """What a click at a place of the screen reaches, which must be of the widget that is meant."""
        found = qt.QApplication.widgetAt(where)
        if found is None or not (found == widget or widget.isAncestorOf(found)):
            covering = "nothing" if found is None else f"{found.className()} {found.objectName}"
            raise AssertionError(f"{widget.className()} {widget.objectName} is not in sight at {where.x()}, {where.y()}: there is {covering}")
        return found

    def _mouse(self, widget, kind, where, button, held, modifier=None):
        local = widget.mapFromGlobal(where)
        event = qt.QMouseEvent(kind, qt.QPointF(local), qt.QPointF(where), button, held, qt.Qt.NoModifier if modifier is None else modifier)
        qt.QCoreApplication.sendEvent(widget, event)


def _is_engine(process):
    import psutil

    try:
        return any(part.endswith("engine.child") for part in process.cmdline())
    except psutil.Error:
        # It has ended meanwhile.
        return False


def _processor_seconds(processes):
    import psutil

    total = 0.0
    for process in processes:
        try:
            total += sum(process.cpu_times()[:2])
        except psutil.Error:
            continue
    return total
