<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en_US">
<context>
    <name>IDCBrowser</name>
    <message>
        <source>Browse the NCI Imaging Data Commons, download cases from its public buckets, and see images with their DICOM SEG and RTSTRUCT as segmentations and labelmap volumes. Select collections, cases, studies or series in the central area, then press "Download and load". Manifests of the IDC portal (.s5cmd, .csv) open by drag and drop. F1 in the browser lists its keys.</source>
        <translation type="unfinished">Die NCI Imaging Data Commons durchsuchen, Fälle aus ihren öffentlichen Buckets herunterladen und Bilder mit ihren DICOM-SEG und RTSTRUCT als Segmentierungen und Labelmap-Volumen ansehen. Wählen Sie im mittleren Bereich Sammlungen, Fälle, Studien oder Serien und drücken Sie dann „Herunterladen und laden“. Manifeste des IDC-Portals (.s5cmd, .csv) öffnen sich durch Ziehen und Ablegen. F1 im Browser zeigt seine Tasten.</translation>
    </message>
    <message>
        <source>IDC Browser</source>
        <translation type="unfinished">IDC Browser</translation>
    </message>
    <message>
        <source>IDC manifest</source>
        <translation type="unfinished">IDC-Manifest</translation>
    </message>
    <message>
        <source>The Imaging Data Commons is funded by the National Cancer Institute, National Institutes of Health. Cite it as Fedorov et al., RadioGraphics 2023, doi:10.1148/rg.230180, and each collection by its own DOI, which the details show.</source>
        <translation type="unfinished">Die Imaging Data Commons wird vom National Cancer Institute der National Institutes of Health finanziert. Zitieren Sie sie als Fedorov et al., RadioGraphics 2023, doi:10.1148/rg.230180, und jede Sammlung mit ihrer eigenen DOI, die in den Details steht.</translation>
    </message>
</context>
<context>
    <name>IDCBrowserLib.wording</name>
    <message>
        <source>{count} of {total} slices so far</source>
        <translation type="unfinished">bisher {count} von {total} Schichten</translation>
    </message>
</context>
<context>
    <name>base.kinds</name>
    <message>
        <source>Angiogram</source>
        <translation type="unfinished">Angiogramm</translation>
    </message>
    <message>
        <source>Annotations</source>
        <translation type="unfinished">Annotationen</translation>
    </message>
    <message>
        <source>Clinical document</source>
        <translation type="unfinished">Klinisches Dokument</translation>
    </message>
    <message>
        <source>Document</source>
        <translation type="unfinished">Dokument</translation>
    </message>
    <message>
        <source>Dose</source>
        <translation type="unfinished">Dosis</translation>
    </message>
    <message>
        <source>Doses</source>
        <translation type="unfinished">Dosen</translation>
    </message>
    <message>
        <source>ECG</source>
        <translation type="unfinished">EKG</translation>
    </message>
    <message>
        <source>Endoscopy</source>
        <translation type="unfinished">Endoskopie</translation>
    </message>
    <message>
        <source>Fluoroscopy</source>
        <translation type="unfinished">Durchleuchtung</translation>
    </message>
    <message>
        <source>Key images</source>
        <translation type="unfinished">Schlüsselbilder</translation>
    </message>
    <message>
        <source>Mammogram</source>
        <translation type="unfinished">Mammogramm</translation>
    </message>
    <message>
        <source>Nuclear medicine</source>
        <translation type="unfinished">Nuklearmedizin</translation>
    </message>
    <message>
        <source>Other</source>
        <translation type="unfinished">Sonstiges</translation>
    </message>
    <message>
        <source>PDF document</source>
        <translation type="unfinished">PDF-Dokument</translation>
    </message>
    <message>
        <source>PET</source>
        <translation type="unfinished">PET</translation>
    </message>
    <message>
        <source>Parametric map</source>
        <translation type="unfinished">Parametrische Karte</translation>
    </message>
    <message>
        <source>Photograph</source>
        <translation type="unfinished">Fotografie</translation>
    </message>
    <message>
        <source>Portal image</source>
        <translation type="unfinished">Portalaufnahme</translation>
    </message>
    <message>
        <source>Presentation state</source>
        <translation type="unfinished">Darstellungszustand</translation>
    </message>
    <message>
        <source>Presentation states</source>
        <translation type="unfinished">Darstellungszustände</translation>
    </message>
    <message>
        <source>Real world values</source>
        <translation type="unfinished">Physikalische Werte</translation>
    </message>
    <message>
        <source>Registration</source>
        <translation type="unfinished">Registrierung</translation>
    </message>
    <message>
        <source>Registrations</source>
        <translation type="unfinished">Registrierungen</translation>
    </message>
    <message>
        <source>Report</source>
        <translation type="unfinished">Bericht</translation>
    </message>
    <message>
        <source>Reports</source>
        <translation type="unfinished">Berichte</translation>
    </message>
    <message>
        <source>Secondary capture</source>
        <translation type="unfinished">Sekundäraufnahme</translation>
    </message>
    <message>
        <source>Segmentation</source>
        <translation type="unfinished">Segmentierung</translation>
    </message>
    <message>
        <source>Segmentations</source>
        <translation type="unfinished">Segmentierungen</translation>
    </message>
    <message>
        <source>Slide</source>
        <translation type="unfinished">Präparat</translation>
    </message>
    <message>
        <source>Structure set</source>
        <translation type="unfinished">Structure Set</translation>
    </message>
    <message>
        <source>Structure sets</source>
        <translation type="unfinished">Structure Sets</translation>
    </message>
    <message>
        <source>Surface model</source>
        <translation type="unfinished">Oberflächenmodell</translation>
    </message>
    <message>
        <source>Surface models</source>
        <translation type="unfinished">Oberflächenmodelle</translation>
    </message>
    <message>
        <source>Treatment plan</source>
        <translation type="unfinished">Bestrahlungsplan</translation>
    </message>
    <message>
        <source>Treatment plans</source>
        <translation type="unfinished">Bestrahlungspläne</translation>
    </message>
    <message>
        <source>Treatment record</source>
        <translation type="unfinished">Bestrahlungsprotokoll</translation>
    </message>
    <message>
        <source>Ultrasound</source>
        <translation type="unfinished">Ultraschall</translation>
    </message>
    <message>
        <source>Video</source>
        <translation type="unfinished">Video</translation>
    </message>
    <message>
        <source>Waveform</source>
        <translation type="unfinished">Signalkurve</translation>
    </message>
    <message>
        <source>X-ray</source>
        <translation type="unfinished">Röntgenbild</translation>
    </message>
    <message>
        <source>annotation</source>
        <translation type="unfinished">Annotation</translation>
    </message>
    <message>
        <source>annotations</source>
        <translation type="unfinished">Annotationen</translation>
    </message>
    <message>
        <source>finding</source>
        <translation type="unfinished">Befund</translation>
    </message>
    <message>
        <source>findings</source>
        <translation type="unfinished">Befunde</translation>
    </message>
    <message>
        <source>group</source>
        <translation type="unfinished">Gruppe</translation>
    </message>
    <message>
        <source>groups</source>
        <translation type="unfinished">Gruppen</translation>
    </message>
    <message>
        <source>level</source>
        <translation type="unfinished">Ebene</translation>
    </message>
    <message>
        <source>levels</source>
        <translation type="unfinished">Ebenen</translation>
    </message>
    <message>
        <source>measurement</source>
        <translation type="unfinished">Messwert</translation>
    </message>
    <message>
        <source>measurements</source>
        <translation type="unfinished">Messwerte</translation>
    </message>
    <message>
        <source>organ</source>
        <translation type="unfinished">Organ</translation>
    </message>
    <message>
        <source>organs</source>
        <translation type="unfinished">Organe</translation>
    </message>
    <message>
        <source>rating</source>
        <translation type="unfinished">Bewertung</translation>
    </message>
    <message>
        <source>ratings</source>
        <translation type="unfinished">Bewertungen</translation>
    </message>
    <message>
        <source>region</source>
        <translation type="unfinished">Region</translation>
    </message>
    <message>
        <source>regions</source>
        <translation type="unfinished">Regionen</translation>
    </message>
    <message>
        <source>segment</source>
        <translation type="unfinished">Segment</translation>
    </message>
    <message>
        <source>segments</source>
        <translation type="unfinished">Segmente</translation>
    </message>
    <message>
        <source>{count} of {things}</source>
        <translation type="unfinished">{count}, {things}</translation>
    </message>
    <message>
        <source>{one} and {other}</source>
        <translation type="unfinished">{one} und {other}</translation>
    </message>
</context>
<context>
    <name>base.loading_text</name>
    <message>
        <source>Download and load: {what}.</source>
        <translation type="unfinished">Herunterladen und laden: {what}.</translation>
    </message>
    <message>
        <source>Download the selection and load it with its segmentations.</source>
        <translation type="unfinished">Die Auswahl herunterladen und mit ihren Segmentierungen laden.</translation>
    </message>
    <message>
        <source>Objects of these kinds ({kinds}) cannot be displayed. Use "Download" to get their files.</source>
        <translation type="unfinished">Objekte dieser Arten ({kinds}) können nicht gezeigt werden. Nehmen Sie „Herunterladen“, um ihre Dateien zu erhalten.</translation>
    </message>
    <message>
        <source>PET appears in SUV where that can be computed, over its CT or MR</source>
        <translation type="unfinished">PET erscheint in SUV, wo das berechnet werden kann, über seinem CT oder MR</translation>
    </message>
    <message>
        <source>annotations lie over their slide as density and outlines</source>
        <translation type="unfinished">Annotationen liegen als Dichte und Umrisse über ihrem Schnitt</translation>
    </message>
    <message>
        <source>doses lie over their images in Gy, with histograms on the page "Dose"</source>
        <translation type="unfinished">Dosen liegen in Gy über ihren Bildern, mit Histogrammen auf der Seite „Dosis“</translation>
    </message>
    <message>
        <source>images appear in the views</source>
        <translation type="unfinished">Bilder erscheinen in den Ansichten</translation>
    </message>
    <message>
        <source>maps lie over their images with their unit</source>
        <translation type="unfinished">Karten liegen mit ihrer Einheit über ihren Bildern</translation>
    </message>
    <message>
        <source>of slides the largest level that fits into memory appears</source>
        <translation type="unfinished">von Schnitten erscheint die größte Stufe, die in den Speicher passt</translation>
    </message>
    <message>
        <source>pictures appear in one view, frames can be played</source>
        <translation type="unfinished">Bilder erscheinen in einer Ansicht, Einzelbilder können abgespielt werden</translation>
    </message>
    <message>
        <source>registrations can be applied to their images</source>
        <translation type="unfinished">Registrierungen können auf ihre Bilder angewandt werden</translation>
    </message>
    <message>
        <source>reports, plans and documents open on the page "Reports"</source>
        <translation type="unfinished">Berichte, Pläne und Dokumente öffnen sich auf der Seite „Berichte“</translation>
    </message>
    <message>
        <source>segments and ROIs appear over their images</source>
        <translation type="unfinished">Segmente und ROIs erscheinen über ihren Bildern</translation>
    </message>
    <message>
        <source>surfaces become segments</source>
        <translation type="unfinished">Oberflächen werden Segmente</translation>
    </message>
    <message>
        <source>the rest is only downloaded</source>
        <translation type="unfinished">der Rest wird nur heruntergeladen</translation>
    </message>
    <message>
        <source>videos are named on the page "Reports" and open with another program</source>
        <translation type="unfinished">Videos stehen auf der Seite „Berichte“ und öffnen sich mit einem anderen Programm</translation>
    </message>
</context>
<context>
    <name>base.progress_text</name>
    <message>
        <source>{done} of {total}</source>
        <translation type="unfinished">{done} von {total}</translation>
    </message>
    <message>
        <source>{size}/s</source>
        <translation type="unfinished">{size}/s</translation>
    </message>
    <message>
        <source>{time} left</source>
        <translation type="unfinished">noch {time}</translation>
    </message>
    <message>
        <source>{title}; {count} more waiting</source>
        <translation type="unfinished">{title}; {count} weitere warten</translation>
    </message>
</context>
<context>
    <name>base.source_text</name>
    <message>
        <source>Selection</source>
        <translation type="unfinished">Auswahl</translation>
    </message>
    <message>
        <source>{count} files or identifiers</source>
        <translation type="unfinished">{count} Dateien oder Kennungen</translation>
    </message>
    <message>
        <source>{count} more lines were skipped.</source>
        <translation type="unfinished">{count} weitere Zeilen wurden übersprungen.</translation>
    </message>
    <message>
        <source>{name}, line {line}</source>
        <translation type="unfinished">{name}, Zeile {line}</translation>
    </message>
</context>
<context>
    <name>changes.changes</name>
    <message>
        <source>Comparing with IDC release {release}...</source>
        <translation type="unfinished">Vergleich mit IDC-Release {release} ...</translation>
    </message>
    <message>
        <source>Comparing {path} with the IDC release in use...</source>
        <translation type="unfinished">Vergleich von {path} mit dem verwendeten IDC-Release ...</translation>
    </message>
    <message>
        <source>New in IDC</source>
        <translation type="unfinished">Neu in IDC</translation>
    </message>
    <message>
        <source>Not in any index file</source>
        <translation type="unfinished">In keiner Indexdatei</translation>
    </message>
    <message>
        <source>Nothing changed.</source>
        <translation type="unfinished">Nichts hat sich geändert.</translation>
    </message>
    <message>
        <source>Removed from IDC</source>
        <translation type="unfinished">Aus IDC entfernt</translation>
    </message>
    <message>
        <source>Revised</source>
        <translation type="unfinished">Überarbeitet</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation type="unfinished">Angehalten.</translation>
    </message>
    <message>
        <source>The first {count} of each kind are listed.</source>
        <translation type="unfinished">Die ersten {count} jeder Art sind aufgeführt.</translation>
    </message>
    <message>
        <source>{path}: {identical} of {all} series are identical in IDC release {now} (saved from release {then}). {changes}</source>
        <translation type="unfinished">{path}: {identical} von {all} Serien sind in IDC-Release {now} identisch (gespeichert aus Release {then}). {changes}</translation>
    </message>
    <message>
        <source>{what}: from IDC release {then} to {now}, {unchanged} series are unchanged. {changes}</source>
        <translation type="unfinished">{what}: Von IDC-Release {then} bis {now} sind {unchanged} Serien unverändert. {changes}</translation>
    </message>
</context>
<context>
    <name>changes.changes_page</name>
    <message>
        <source>&amp;Compare</source>
        <translation type="unfinished">Verglei&amp;chen</translation>
    </message>
    <message>
        <source>&amp;Copy rows</source>
        <translation type="unfinished">&amp;Zeilen kopieren</translation>
    </message>
    <message>
        <source>&amp;Show in tables</source>
        <translation type="unfinished">&amp;In den Tabellen zeigen</translation>
    </message>
    <message>
        <source>At most {count} series can be shown at once. Select fewer rows.</source>
        <translation type="unfinished">Höchstens {count} Serien können auf einmal gezeigt werden. Wählen Sie weniger Zeilen.</translation>
    </message>
    <message>
        <source>CSV (*.csv);;TSV (*.tsv);;JSON (*.json)</source>
        <translation type="unfinished">CSV (*.csv);;TSV (*.tsv);;JSON (*.json)</translation>
    </message>
    <message>
        <source>Case</source>
        <translation type="unfinished">Fall</translation>
    </message>
    <message>
        <source>Change</source>
        <translation type="unfinished">Änderung</translation>
    </message>
    <message>
        <source>Changes</source>
        <translation type="unfinished">Änderungen</translation>
    </message>
    <message>
        <source>Check a &amp;shared folder...</source>
        <translation type="unfinished">Geteilten &amp;Ordner prüfen ...</translation>
    </message>
    <message>
        <source>Check a lock &amp;file...</source>
        <translation type="unfinished">Sperrdatei prü&amp;fen ...</translation>
    </message>
    <message>
        <source>Check the opened file</source>
        <translation type="unfinished">Geöffnete Datei prüfen</translation>
    </message>
    <message>
        <source>Collection</source>
        <translation type="unfinished">Sammlung</translation>
    </message>
    <message>
        <source>Copy &amp;rows</source>
        <translation type="unfinished">Zeilen kopie&amp;ren</translation>
    </message>
    <message>
        <source>Copy the selected rows, or all of them, as a spreadsheet takes them.</source>
        <translation type="unfinished">Kopiert die ausgewählten Zeilen, oder alle, für eine Tabellenkalkulation.</translation>
    </message>
    <message>
        <source>Lock file</source>
        <translation type="unfinished">Sperrdatei</translation>
    </message>
    <message>
        <source>Lock files (*.lock.json *.json);;All files (*)</source>
        <translation type="unfinished">Sperrdateien (*.lock.json *.json);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Modality</source>
        <translation type="unfinished">Modalität</translation>
    </message>
    <message>
        <source>No lock file is open. Open one with Ctrl+M, or drop it on the window.</source>
        <translation type="unfinished">Es ist keine Sperrdatei geöffnet. Öffnen Sie eine mit Strg+M, oder legen Sie sie auf dem Fenster ab.</translation>
    </message>
    <message>
        <source>Nothing has been compared yet. Choose what to compare and an IDC release, then press "Compare".</source>
        <translation type="unfinished">Noch wurde nichts verglichen. Wählen Sie, was verglichen werden soll, und eine IDC-Version, dann „Vergleichen“.</translation>
    </message>
    <message>
        <source>Release</source>
        <translation type="unfinished">Release</translation>
    </message>
    <message>
        <source>S&amp;how in tables</source>
        <translation type="unfinished">&amp;In den Tabellen zeigen</translation>
    </message>
    <message>
        <source>Sa&amp;ve as...</source>
        <translation type="unfinished">&amp;Speichern unter ...</translation>
    </message>
    <message>
        <source>Save all rows as CSV, TSV or JSON.</source>
        <translation type="unfinished">Alle Zeilen als CSV, TSV oder JSON speichern.</translation>
    </message>
    <message>
        <source>Save changes</source>
        <translation type="unfinished">Änderungen speichern</translation>
    </message>
    <message>
        <source>Saved to {path}.</source>
        <translation type="unfinished">Gespeichert in {path}.</translation>
    </message>
    <message>
        <source>Select series that are in this IDC release: new or revised ones.</source>
        <translation type="unfinished">Wählen Sie Serien, die in diesem IDC-Release sind: neue oder überarbeitete.</translation>
    </message>
    <message>
        <source>Series that are not the same</source>
        <translation type="unfinished">Serien, die nicht gleich sind</translation>
    </message>
    <message>
        <source>SeriesInstanceUID</source>
        <translation type="unfinished">SeriesInstanceUID</translation>
    </message>
    <message>
        <source>Shared folder</source>
        <translation type="unfinished">Geteilter Ordner</translation>
    </message>
    <message>
        <source>Show the selected series in the tables of the Browse page.</source>
        <translation type="unfinished">Die ausgewählten Serien in den Tabellen der Seite „Durchsuchen“ zeigen.</translation>
    </message>
    <message>
        <source>St&amp;op</source>
        <translation type="unfinished">&amp;Anhalten</translation>
    </message>
    <message>
        <source>Stop comparing.</source>
        <translation type="unfinished">Den Vergleich anhalten.</translation>
    </message>
    <message>
        <source>The same for a folder that names a cohort for others.</source>
        <translation type="unfinished">Dasselbe für einen Ordner, der eine Kohorte für andere benennt.</translation>
    </message>
    <message>
        <source>The same for the lock file that is open on the Browse page.</source>
        <translation type="unfinished">Dasselbe für die Sperrdatei, die auf der Seite „Durchsuchen“ geöffnet ist.</translation>
    </message>
    <message>
        <source>What is compared</source>
        <translation type="unfinished">Was verglichen wird</translation>
    </message>
    <message>
        <source>What of a lock file is identical, revised or removed in this IDC release.</source>
        <translation type="unfinished">Was von einer Sperrdatei in diesem IDC-Release identisch, überarbeitet oder entfernt ist.</translation>
    </message>
    <message>
        <source>What was added, revised or removed since that release.</source>
        <translation type="unfinished">Was seit diesem Release hinzugekommen, überarbeitet oder entfernt ist.</translation>
    </message>
    <message>
        <source>With which IDC release</source>
        <translation type="unfinished">Mit welchem IDC-Release</translation>
    </message>
    <message>
        <source>crdc_series_uuid now</source>
        <translation type="unfinished">crdc_series_uuid jetzt</translation>
    </message>
    <message>
        <source>crdc_series_uuid then</source>
        <translation type="unfinished">crdc_series_uuid damals</translation>
    </message>
    <message>
        <source>since IDC release</source>
        <translation type="unfinished">seit IDC-Release</translation>
    </message>
</context>
<context>
    <name>charts.bars</name>
    <message>
        <source>under 1 %</source>
        <translation type="unfinished">unter 1 %</translation>
    </message>
    <message>
        <source>{percent} %</source>
        <translation type="unfinished">{percent} %</translation>
    </message>
    <message>
        <source>{title}, {label}: {count}</source>
        <translation type="unfinished">{title}, {label}: {count}</translation>
    </message>
    <message>
        <source>{title}, {label}: {count} {unit}, {share}</source>
        <translation type="unfinished">{title}, {label}: {count} {unit}, {share}</translation>
    </message>
    <message>
        <source>{title}: {label}</source>
        <translation type="unfinished">{title}: {label}</translation>
    </message>
</context>
<context>
    <name>charts.chart_view</name>
    <message>
        <source>No values.</source>
        <translation type="unfinished">Keine Werte.</translation>
    </message>
    <message>
        <source>{bar}. Click to filter by it.</source>
        <translation type="unfinished">{bar}. Ein Klick filtert danach.</translation>
    </message>
    <message>
        <source>{number} of {count}</source>
        <translation type="unfinished">{number} von {count}</translation>
    </message>
</context>
<context>
    <name>details.details_panel</name>
    <message>
        <source>Copy the details</source>
        <translation type="unfinished">Details kopieren</translation>
    </message>
    <message>
        <source>Details</source>
        <translation type="unfinished">Details</translation>
    </message>
    <message>
        <source>Details copied to the clipboard.</source>
        <translation type="unfinished">Details in die Zwischenablage kopiert.</translation>
    </message>
    <message>
        <source>Pre&amp;view</source>
        <translation type="unfinished">&amp;Vorschau</translation>
    </message>
    <message>
        <source>Select a row to see its details.</source>
        <translation type="unfinished">Wählen Sie eine Zeile, um ihre Details zu sehen.</translation>
    </message>
    <message>
        <source>Show a preview of the selected series and thumbnails of those in sight. One image of each is downloaded for this.</source>
        <translation type="unfinished">Eine Vorschau der ausgewählten Serie und Vorschaubilder der sichtbaren zeigen. Dafür wird je ein Bild heruntergeladen.</translation>
    </message>
</context>
<context>
    <name>details.details_text</name>
    <message>
        <source>Copy as text</source>
        <translation type="unfinished">Als Text kopieren</translation>
    </message>
    <message>
        <source>Download</source>
        <translation type="unfinished">Download</translation>
    </message>
    <message>
        <source>Download and load</source>
        <translation type="unfinished">Herunterladen und laden</translation>
    </message>
    <message>
        <source>Fetch</source>
        <translation type="unfinished">Holen</translation>
    </message>
    <message>
        <source>Levels</source>
        <translation type="unfinished">Auflösungsstufen</translation>
    </message>
    <message>
        <source>Levels, of which each can be downloaded alone</source>
        <translation type="unfinished">Auflösungsstufen, die einzeln heruntergeladen werden können</translation>
    </message>
    <message>
        <source>The clinical data of this collection are not on this computer ({tables}).</source>
        <translation type="unfinished">Die klinischen Daten dieser Sammlung sind nicht auf diesem Computer ({tables}).</translation>
    </message>
    <message>
        <source>file</source>
        <translation type="unfinished">Datei</translation>
    </message>
    <message>
        <source>files</source>
        <translation type="unfinished">Dateien</translation>
    </message>
    <message>
        <source>table</source>
        <translation type="unfinished">Tabelle</translation>
    </message>
    <message>
        <source>tables</source>
        <translation type="unfinished">Tabellen</translation>
    </message>
</context>
<context>
    <name>details.enlarged_details</name>
    <message>
        <source>Enlarge</source>
        <translation type="unfinished">Vergrößern</translation>
    </message>
    <message>
        <source>Show this in the place of filters and tables, or go back to them.</source>
        <translation type="unfinished">Dies anstelle der Filter und Tabellen zeigen, oder zu ihnen zurückkehren.</translation>
    </message>
    <message>
        <source>Tables</source>
        <translation type="unfinished">Tabellen</translation>
    </message>
</context>
<context>
    <name>details.leafing</name>
    <message>
        <source>Ordering the images...</source>
        <translation type="unfinished">Die Bilder werden geordnet ...</translation>
    </message>
</context>
<context>
    <name>details.page_links</name>
    <message>
        <source>Select a row first.</source>
        <translation type="unfinished">Wählen Sie zuerst eine Zeile.</translation>
    </message>
    <message>
        <source>There is no such page for the selected row.</source>
        <translation type="unfinished">Für die ausgewählte Zeile gibt es keine solche Seite.</translation>
    </message>
</context>
<context>
    <name>details.preview</name>
    <message>
        <source>No preview: {reason}</source>
        <translation type="unfinished">Keine Vorschau: {reason}</translation>
    </message>
</context>
<context>
    <name>details.preview_panel</name>
    <message>
        <source>Image</source>
        <translation type="unfinished">Bild</translation>
    </message>
    <message>
        <source>Leaf through the images of the series. The wheel over the picture and the arrow keys do the same.</source>
        <translation type="unfinished">Durch die Bilder der Serie blättern. Das Mausrad über dem Bild und die Pfeiltasten tun dasselbe.</translation>
    </message>
    <message>
        <source>Loading the preview...</source>
        <translation type="unfinished">Die Vorschau wird geladen ...</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation type="unfinished">Vorschau</translation>
    </message>
    <message>
        <source>The preview no longer exists. Select the series again.</source>
        <translation type="unfinished">Die Vorschau gibt es nicht mehr. Wählen Sie die Serie noch einmal.</translation>
    </message>
    <message>
        <source>{number} of {total}</source>
        <translation type="unfinished">{number} von {total}</translation>
    </message>
    <message>
        <source>{total} images</source>
        <translation type="unfinished">{total} Bilder</translation>
    </message>
</context>
<context>
    <name>details.related</name>
    <message>
        <source>1 more series of the study refers to other series.</source>
        <translation type="unfinished">1 weitere Serie der Studie bezieht sich auf andere Serien.</translation>
    </message>
    <message>
        <source>Annotations of this series</source>
        <translation type="unfinished">Annotationen dieser Serie</translation>
    </message>
    <message>
        <source>Dose on this series</source>
        <translation type="unfinished">Dosis auf dieser Serie</translation>
    </message>
    <message>
        <source>Plan on this series</source>
        <translation type="unfinished">Plan auf dieser Serie</translation>
    </message>
    <message>
        <source>Presentation of this series</source>
        <translation type="unfinished">Darstellung dieser Serie</translation>
    </message>
    <message>
        <source>Reading what the objects of this study refer to...</source>
        <translation type="unfinished">Lesen, worauf sich die Objekte dieser Studie beziehen ...</translation>
    </message>
    <message>
        <source>Referenced image</source>
        <translation type="unfinished">Referenziertes Bild</translation>
    </message>
    <message>
        <source>Referenced object</source>
        <translation type="unfinished">Referenziertes Objekt</translation>
    </message>
    <message>
        <source>Refers to this series</source>
        <translation type="unfinished">Bezieht sich auf diese Serie</translation>
    </message>
    <message>
        <source>Registration of this series</source>
        <translation type="unfinished">Registrierung dieser Serie</translation>
    </message>
    <message>
        <source>Report about this series</source>
        <translation type="unfinished">Bericht über diese Serie</translation>
    </message>
    <message>
        <source>Same study</source>
        <translation type="unfinished">Gleiche Studie</translation>
    </message>
    <message>
        <source>Segmentation of this series</source>
        <translation type="unfinished">Segmentierung dieser Serie</translation>
    </message>
    <message>
        <source>Selection from this series</source>
        <translation type="unfinished">Auswahl aus dieser Serie</translation>
    </message>
    <message>
        <source>Structure set of this series</source>
        <translation type="unfinished">Structure Set dieser Serie</translation>
    </message>
    <message>
        <source>What {count} series of the study refer to was not read.</source>
        <translation type="unfinished">Worauf sich {count} Serien der Studie beziehen, wurde nicht gelesen.</translation>
    </message>
    <message>
        <source>With Preview off, what other series of the study refer to is known once they are downloaded.</source>
        <translation type="unfinished">Ohne Vorschau ist erst nach dem Herunterladen bekannt, worauf sich andere Serien der Studie beziehen.</translation>
    </message>
    <message>
        <source>{count} more series of the study refer to other series.</source>
        <translation type="unfinished">{count} weitere Serien der Studie beziehen sich auf andere Serien.</translation>
    </message>
    <message>
        <source>{relation}, through {modalities}</source>
        <translation type="unfinished">{relation}, über {modalities}</translation>
    </message>
</context>
<context>
    <name>details.related_panel</name>
    <message>
        <source>&amp;Copy rows</source>
        <translation type="unfinished">&amp;Zeilen kopieren</translation>
    </message>
    <message>
        <source>Add the selected series to the cart, or all of them if none is selected.</source>
        <translation type="unfinished">Die ausgewählten Serien in den Korb legen, oder alle, wenn keine ausgewählt ist.</translation>
    </message>
    <message>
        <source>Add to cart</source>
        <translation type="unfinished">In den Korb</translation>
    </message>
    <message>
        <source>Contents</source>
        <translation type="unfinished">Inhalt</translation>
    </message>
    <message>
        <source>Created by</source>
        <translation type="unfinished">Erstellt von</translation>
    </message>
    <message>
        <source>Fetch</source>
        <translation type="unfinished">Holen</translation>
    </message>
    <message>
        <source>Fetch the index file in the background to complete this table.</source>
        <translation type="unfinished">Die Indexdatei im Hintergrund holen, um diese Tabelle zu vervollständigen.</translation>
    </message>
    <message>
        <source>Instances</source>
        <translation type="unfinished">Instanzen</translation>
    </message>
    <message>
        <source>License</source>
        <translation type="unfinished">Lizenz</translation>
    </message>
    <message>
        <source>Looking for related series...</source>
        <translation type="unfinished">Verwandte Serien werden gesucht ...</translation>
    </message>
    <message>
        <source>Modality</source>
        <translation type="unfinished">Modalität</translation>
    </message>
    <message>
        <source>No related series found.</source>
        <translation type="unfinished">Keine verwandten Serien gefunden.</translation>
    </message>
    <message>
        <source>Related series</source>
        <translation type="unfinished">Verwandte Serien</translation>
    </message>
    <message>
        <source>Relati&amp;ons</source>
        <translation type="unfinished">&amp;Beziehungen</translation>
    </message>
    <message>
        <source>Relati&amp;ons ({count})</source>
        <translation type="unfinished">&amp;Beziehungen ({count})</translation>
    </message>
    <message>
        <source>Relation</source>
        <translation type="unfinished">Beziehung</translation>
    </message>
    <message>
        <source>Select a series to see the images it refers to and the series derived from it.</source>
        <translation type="unfinished">Wählen Sie eine Serie, um die Bilder zu sehen, auf die sie sich bezieht, und die Serien, die aus ihr entstanden sind.</translation>
    </message>
    <message>
        <source>Select the series in the tables above.</source>
        <translation type="unfinished">Die Serie in den Tabellen auswählen.</translation>
    </message>
    <message>
        <source>Series</source>
        <translation type="unfinished">Serien</translation>
    </message>
    <message>
        <source>Show in tables</source>
        <translation type="unfinished">In den Tabellen zeigen</translation>
    </message>
    <message>
        <source>Size</source>
        <translation type="unfinished">Größe</translation>
    </message>
</context>
<context>
    <name>details.slide_files</name>
    <message>
        <source>No level of this slide is on this computer. Download one first.</source>
        <translation type="unfinished">Keine Auflösungsstufe dieses Gewebeschnitts ist auf diesem Computer. Laden Sie zuerst eine herunter.</translation>
    </message>
    <message>
        <source>QuPath is not on this computer. Get it from {address}; if it is somewhere unusual, {variable} names its program.</source>
        <translation type="unfinished">QuPath ist nicht auf diesem Computer. Sie erhalten es unter {address}; liegt es an einem ungewöhnlichen Ort, nennt {variable} sein Programm.</translation>
    </message>
    <message>
        <source>{program} cannot be started. Install QuPath again.</source>
        <translation type="unfinished">{program} kann nicht gestartet werden. Installieren Sie QuPath neu.</translation>
    </message>
</context>
<context>
    <name>details.slide_rows</name>
    <message>
        <source>Label</source>
        <translation type="unfinished">Etikett</translation>
    </message>
    <message>
        <source>Level {number}</source>
        <translation type="unfinished">Stufe {number}</translation>
    </message>
    <message>
        <source>Levels need further data.</source>
        <translation type="unfinished">Stufen brauchen weitere Daten.</translation>
    </message>
    <message>
        <source>Levels need {size} of further data.</source>
        <translation type="unfinished">Stufen brauchen {size} weitere Daten.</translation>
    </message>
    <message>
        <source>Overview</source>
        <translation type="unfinished">Übersicht</translation>
    </message>
    <message>
        <source>The index of instances does not list the levels of this slide.</source>
        <translation type="unfinished">Der Index der Instanzen nennt die Stufen dieses Präparats nicht.</translation>
    </message>
    <message>
        <source>The list of levels is being fetched.</source>
        <translation type="unfinished">Die Liste der Stufen wird geholt.</translation>
    </message>
    <message>
        <source>Thumbnail</source>
        <translation type="unfinished">Vorschaubild</translation>
    </message>
    <message>
        <source>file</source>
        <translation type="unfinished">Datei</translation>
    </message>
    <message>
        <source>files</source>
        <translation type="unfinished">Dateien</translation>
    </message>
    <message>
        <source>{number} mm per pixel</source>
        <translation type="unfinished">{number} mm pro Pixel</translation>
    </message>
</context>
<context>
    <name>dicom.database_state</name>
    <message>
        <source>Slicer's DICOM database is not open. Downloads are stored on disk, but cannot be loaded until a database is open.</source>
        <translation type="unfinished">Die DICOM-Datenbank von Slicer ist nicht geöffnet. Downloads werden auf der Platte gespeichert, können aber erst geladen werden, wenn eine Datenbank geöffnet ist.</translation>
    </message>
    <message>
        <source>Slicer's DICOM database was moved or deleted while it was open: {file} is missing. Put it back, or create a new one.</source>
        <translation type="unfinished">Slicers DICOM-Datenbank wurde verschoben oder gelöscht, während sie geöffnet war: {file} fehlt. Legen Sie sie zurück, oder legen Sie eine neue an.</translation>
    </message>
</context>
<context>
    <name>dicom.dicom_plugin</name>
    <message>
        <source>{name} - as segmentation and labelmap volume (IDC Browser)</source>
        <translation type="unfinished">{name} - als Segmentierung und Labelmap-Volumen (IDC Browser)</translation>
    </message>
</context>
<context>
    <name>dicom.dicom_setting</name>
    <message>
        <source>After loading, show:</source>
        <translation type="unfinished">Nach dem Laden zeigen:</translation>
    </message>
    <message>
        <source>Applies to series loaded from now on.</source>
        <translation type="unfinished">Gilt für Serien, die von nun an geladen werden.</translation>
    </message>
    <message>
        <source>DICOM plugins of IDC Browser</source>
        <translation type="unfinished">DICOM-Plugins von IDC Browser</translation>
    </message>
    <message>
        <source>IDC Browser</source>
        <translation type="unfinished">IDC Browser</translation>
    </message>
    <message>
        <source>Load DICOM SEG and RTSTRUCT from the DICOM module with IDC Browser</source>
        <translation type="unfinished">DICOM SEG und RTSTRUCT aus dem DICOM-Modul mit IDC Browser laden</translation>
    </message>
    <message>
        <source>Load SEG and RTSTRUCT as</source>
        <translation type="unfinished">SEG und RTSTRUCT laden als</translation>
    </message>
    <message>
        <source>Load them as segmentation and labelmap volume. When this is off, Slicer and other extensions load them. Applies after a restart.</source>
        <translation type="unfinished">Als Segmentierung und Labelmap-Volumen laden. Ist dies aus, laden Slicer und andere Erweiterungen sie. Gilt nach einem Neustart.</translation>
    </message>
    <message>
        <source>The download folder is chosen in the module panel.</source>
        <translation type="unfinished">Der Download-Ordner wird in der Leiste des Moduls gewählt.</translation>
    </message>
    <message>
        <source>a labelmap volume</source>
        <translation type="unfinished">ein Labelmap-Volumen</translation>
    </message>
    <message>
        <source>a segmentation</source>
        <translation type="unfinished">eine Segmentierung</translation>
    </message>
    <message>
        <source>a segmentation and a labelmap volume</source>
        <translation type="unfinished">eine Segmentierung und ein Labelmap-Volumen</translation>
    </message>
</context>
<context>
    <name>dicom.image_plugin</name>
    <message>
        <source>Image of segmentation (IDC Browser)</source>
        <translation type="unfinished">Bild der Segmentierung (IDC Browser)</translation>
    </message>
    <message>
        <source>The image that a chosen segmentation or structure set was drawn on, {count} files. Untick it to load that alone.</source>
        <translation type="unfinished">Das Bild, auf dem eine gewählte Segmentierung oder ein Structure Set gezeichnet wurde, {count} Dateien. Ohne Häkchen wird diese allein geladen.</translation>
    </message>
</context>
<context>
    <name>dicom.importing</name>
    <message>
        <source>Adding to the DICOM database</source>
        <translation type="unfinished">Wird in die DICOM-Datenbank aufgenommen</translation>
    </message>
    <message>
        <source>Slicer's DICOM database accepted none of the files: it may be read-only, full, or on a disconnected drive</source>
        <translation type="unfinished">Die DICOM-Datenbank von Slicer nahm keine der Dateien an: Sie ist vielleicht schreibgeschützt, voll oder auf einem getrennten Laufwerk</translation>
    </message>
    <message>
        <source>Slicer's DICOM database did not accept it: it is not a DICOM file, or the database already has the same instance from another file</source>
        <translation type="unfinished">Die DICOM-Datenbank von Slicer nahm sie nicht an: Sie ist keine DICOM-Datei, oder die Datenbank hat dieselbe Instanz schon aus einer anderen Datei</translation>
    </message>
    <message>
        <source>it is compressed by Deflate, which this Slicer cannot read; IDC Browser can, from the file</source>
        <translation type="unfinished">sie ist mit Deflate komprimiert, was dieses Slicer nicht lesen kann; IDC Browser kann es, aus der Datei</translation>
    </message>
    <message>
        <source>the file no longer exists</source>
        <translation type="unfinished">die Datei gibt es nicht mehr</translation>
    </message>
</context>
<context>
    <name>dicom.storage</name>
    <message>
        <source>Removing from the DICOM database</source>
        <translation type="unfinished">Wird aus der DICOM-Datenbank entfernt</translation>
    </message>
</context>
<context>
    <name>dose.dose_page</name>
    <message>
        <source>&amp;Copy</source>
        <translation type="unfinished">&amp;Kopieren</translation>
    </message>
    <message>
        <source>Also show the histograms that the planning system stored in the dose.</source>
        <translation type="unfinished">Auch die Histogramme zeigen, die das Planungssystem in der Dosis gespeichert hat.</translation>
    </message>
    <message>
        <source>CSV (*.csv)</source>
        <translation type="unfinished">CSV (*.csv)</translation>
    </message>
    <message>
        <source>Computing histograms...</source>
        <translation type="unfinished">Histogramme werden berechnet ...</translation>
    </message>
    <message>
        <source>Copy the table as a spreadsheet takes it.</source>
        <translation type="unfinished">Die Tabelle für eine Tabellenkalkulation kopieren.</translation>
    </message>
    <message>
        <source>D&amp;ose</source>
        <translation type="unfinished">D&amp;osis</translation>
    </message>
    <message>
        <source>Dose</source>
        <translation type="unfinished">Dosis</translation>
    </message>
    <message>
        <source>Dose of the column V, in Gy</source>
        <translation type="unfinished">Dosis der Spalte V, in Gy</translation>
    </message>
    <message>
        <source>Doses of the ROIs</source>
        <translation type="unfinished">Dosen der ROIs</translation>
    </message>
    <message>
        <source>In Gy</source>
        <translation type="unfinished">In Gy</translation>
    </message>
    <message>
        <source>Max</source>
        <translation type="unfinished">Max</translation>
    </message>
    <message>
        <source>Mean</source>
        <translation type="unfinished">Mittel</translation>
    </message>
    <message>
        <source>Min</source>
        <translation type="unfinished">Min</translation>
    </message>
    <message>
        <source>Nothing is computed. Select {missing} in the tables and press "Download and load".</source>
        <translation type="unfinished">Nichts ist berechnet. Wählen Sie {missing} in den Tabellen und drücken Sie „Herunterladen und laden“.</translation>
    </message>
    <message>
        <source>PNG (*.png)</source>
        <translation type="unfinished">PNG (*.png)</translation>
    </message>
    <message>
        <source>Percent of the volume that receive at least {dose} Gy</source>
        <translation type="unfinished">Prozent des Volumens, die mindestens {dose} Gy erhalten</translation>
    </message>
    <message>
        <source>Plan {plan}</source>
        <translation type="unfinished">Plan {plan}</translation>
    </message>
    <message>
        <source>Planning s&amp;ystem</source>
        <translation type="unfinished">Planungss&amp;ystem</translation>
    </message>
    <message>
        <source>ROI</source>
        <translation type="unfinished">ROI</translation>
    </message>
    <message>
        <source>ROIs of</source>
        <translation type="unfinished">ROIs von</translation>
    </message>
    <message>
        <source>Sa&amp;ve table...</source>
        <translation type="unfinished">&amp;Tabelle speichern ...</translation>
    </message>
    <message>
        <source>Save &amp;picture...</source>
        <translation type="unfinished">Bild s&amp;peichern ...</translation>
    </message>
    <message>
        <source>Save c&amp;urves...</source>
        <translation type="unfinished">K&amp;urven speichern ...</translation>
    </message>
    <message>
        <source>Save histograms</source>
        <translation type="unfinished">Histogramme speichern</translation>
    </message>
    <message>
        <source>Save picture</source>
        <translation type="unfinished">Bild speichern</translation>
    </message>
    <message>
        <source>Save the curves as a PNG picture.</source>
        <translation type="unfinished">Die Kurven als PNG-Bild speichern.</translation>
    </message>
    <message>
        <source>Save the points of all curves as CSV.</source>
        <translation type="unfinished">Die Punkte aller Kurven als CSV speichern.</translation>
    </message>
    <message>
        <source>Save the table as CSV.</source>
        <translation type="unfinished">Die Tabelle als CSV speichern.</translation>
    </message>
    <message>
        <source>Saved to {path}.</source>
        <translation type="unfinished">Gespeichert in {path}.</translation>
    </message>
    <message>
        <source>Structure set</source>
        <translation type="unfinished">Structure Set</translation>
    </message>
    <message>
        <source>The column V tells how much of each ROI receives at least this dose.</source>
        <translation type="unfinished">Die Spalte V sagt, wie viel jeder ROI mindestens diese Dosis erhält.</translation>
    </message>
    <message>
        <source>The dose in Gy that 2 % of the volume receive at least</source>
        <translation type="unfinished">Die Dosis in Gy, die 2 % des Volumens mindestens erhalten</translation>
    </message>
    <message>
        <source>The dose in Gy that 95 % of the volume receive at least</source>
        <translation type="unfinished">Die Dosis in Gy, die 95 % des Volumens mindestens erhalten</translation>
    </message>
    <message>
        <source>Unit of volumes</source>
        <translation type="unfinished">Einheit der Volumen</translation>
    </message>
    <message>
        <source>V at</source>
        <translation type="unfinished">V bei</translation>
    </message>
    <message>
        <source>Volume in cc</source>
        <translation type="unfinished">Volumen in cm³</translation>
    </message>
    <message>
        <source>Volumes in</source>
        <translation type="unfinished">Volumen in</translation>
    </message>
    <message>
        <source>a dose (RTDOSE)</source>
        <translation type="unfinished">eine Dosis (RTDOSE)</translation>
    </message>
    <message>
        <source>cc that receive at least {dose} Gy</source>
        <translation type="unfinished">cm³, die mindestens {dose} Gy erhalten</translation>
    </message>
    <message>
        <source>planning system</source>
        <translation type="unfinished">Planungssystem</translation>
    </message>
    <message>
        <source>the structure set (RTSTRUCT) of the dose</source>
        <translation type="unfinished">das Structure Set (RTSTRUCT) der Dosis</translation>
    </message>
</context>
<context>
    <name>dose.histograms</name>
    <message>
        <source>; isocenter {place} (mm, LPS)</source>
        <translation type="unfinished">; Isozentrum {place} (mm, LPS)</translation>
    </message>
    <message>
        <source>Saved to {path}.</source>
        <translation type="unfinished">Gespeichert in {path}.</translation>
    </message>
</context>
<context>
    <name>dose.plot</name>
    <message>
        <source> (planning system)</source>
        <translation type="unfinished"> (Planungssystem)</translation>
    </message>
    <message>
        <source>Dose (Gy)</source>
        <translation type="unfinished">Dosis (Gy)</translation>
    </message>
    <message>
        <source>Dose-volume histograms</source>
        <translation type="unfinished">Dosis-Volumen-Histogramme</translation>
    </message>
    <message>
        <source>Volume ({unit})</source>
        <translation type="unfinished">Volumen ({unit})</translation>
    </message>
    <message>
        <source>{letter}  {name}{stored}: {volume} {unit} receive at least {dose} Gy</source>
        <translation type="unfinished">{letter}  {name}{stored}: {volume} {unit} erhalten mindestens {dose} Gy</translation>
    </message>
</context>
<context>
    <name>downloads.download</name>
    <message>
        <source>Adding to the DICOM database</source>
        <translation type="unfinished">Wird in die DICOM-Datenbank aufgenommen</translation>
    </message>
    <message>
        <source>Canceled</source>
        <translation type="unfinished">Abgebrochen</translation>
    </message>
    <message>
        <source>DICOM database</source>
        <translation type="unfinished">DICOM-Datenbank</translation>
    </message>
    <message>
        <source>Download</source>
        <translation type="unfinished">Download</translation>
    </message>
    <message>
        <source>Downloaded</source>
        <translation type="unfinished">Heruntergeladen</translation>
    </message>
    <message>
        <source>Downloading {count} series, {size}</source>
        <translation type="unfinished">{count} Serien werden heruntergeladen, {size}</translation>
    </message>
    <message>
        <source>Incomplete: {reason}</source>
        <translation type="unfinished">Unvollständig: {reason}</translation>
    </message>
    <message>
        <source>Interrupted.</source>
        <translation type="unfinished">Unterbrochen.</translation>
    </message>
    <message>
        <source>Looking up the series to download</source>
        <translation type="unfinished">Die herunterzuladenden Serien werden ermittelt</translation>
    </message>
    <message>
        <source>Not started when the program was closed.</source>
        <translation type="unfinished">Nicht begonnen, als das Programm geschlossen wurde.</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation type="unfinished">Pausiert</translation>
    </message>
    <message>
        <source>The download failed.</source>
        <translation type="unfinished">Der Download ist fehlgeschlagen.</translation>
    </message>
    <message>
        <source>The selection contains nothing to download.</source>
        <translation type="unfinished">Die Auswahl enthält nichts zum Herunterladen.</translation>
    </message>
    <message>
        <source>Waiting in the queue</source>
        <translation type="unfinished">Wartet in der Warteschlange</translation>
    </message>
    <message>
        <source>Waiting in the queue: {what}</source>
        <translation type="unfinished">Wartet in der Warteschlange: {what}</translation>
    </message>
    <message>
        <source>What was downloaded is loaded.</source>
        <translation type="unfinished">Was heruntergeladen wurde, ist geladen.</translation>
    </message>
    <message>
        <source>You can resume the download on the Downloads page.</source>
        <translation type="unfinished">Sie können den Download auf der Seite „Downloads“ fortsetzen.</translation>
    </message>
    <message>
        <source>series</source>
        <translation type="unfinished">Serien|Serie</translation>
    </message>
    <message>
        <source>{count} series, including referenced images, are too many to load at once. Select at most {limit}, or use "Download".</source>
        <translation type="unfinished">{count} Serien, einschließlich der referenzierten Bilder, sind zu viele, um sie auf einmal zu laden. Wählen Sie höchstens {limit}, oder nehmen Sie „Herunterladen“.</translation>
    </message>
    <message>
        <source>{file} was not added to the database: {reason}</source>
        <translation type="unfinished">{file} wurde nicht in die Datenbank aufgenommen: {reason}</translation>
    </message>
</context>
<context>
    <name>downloads.download_base</name>
    <message>
        <source>Canceled. Complete files are kept and will not be downloaded again.</source>
        <translation type="unfinished">Abgebrochen. Vollständige Dateien bleiben und werden nicht noch einmal heruntergeladen.</translation>
    </message>
    <message>
        <source>Canceling...</source>
        <translation type="unfinished">Wird abgebrochen ...</translation>
    </message>
    <message>
        <source>Loaded</source>
        <translation type="unfinished">Geladen</translation>
    </message>
    <message>
        <source>Loaded. {warnings}</source>
        <translation type="unfinished">Geladen. {warnings}</translation>
    </message>
    <message>
        <source>Loading {count} series</source>
        <translation type="unfinished">{count} Serien werden geladen</translation>
    </message>
    <message>
        <source>Opened on the page "Reports"</source>
        <translation type="unfinished">Auf der Seite „Berichte“ geöffnet</translation>
    </message>
    <message>
        <source>Waiting for disk space</source>
        <translation type="unfinished">Wartet auf Speicherplatz</translation>
    </message>
    <message>
        <source>{count} series downloaded and added to the DICOM database.</source>
        <translation type="unfinished">{count} Serien heruntergeladen und in die DICOM-Datenbank aufgenommen.</translation>
    </message>
    <message>
        <source>{count} series downloaded and loaded.</source>
        <translation type="unfinished">{count} Serien heruntergeladen und geladen.</translation>
    </message>
    <message>
        <source>{count} series loaded.</source>
        <translation type="unfinished">{count} Serien geladen.</translation>
    </message>
</context>
<context>
    <name>downloads.download_models</name>
    <message>
        <source>Case</source>
        <translation type="unfinished">Fall</translation>
    </message>
    <message>
        <source>Description</source>
        <translation type="unfinished">Beschreibung</translation>
    </message>
    <message>
        <source>Download</source>
        <translation type="unfinished">Download</translation>
    </message>
    <message>
        <source>Looking up...</source>
        <translation type="unfinished">Wird ermittelt ...</translation>
    </message>
    <message>
        <source>Modality</source>
        <translation type="unfinished">Modalität</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation type="unfinished">Fortschritt</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation type="unfinished">Grund</translation>
    </message>
    <message>
        <source>Size</source>
        <translation type="unfinished">Größe</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation type="unfinished">Geschwindigkeit</translation>
    </message>
    <message>
        <source>State</source>
        <translation type="unfinished">Zustand</translation>
    </message>
    <message>
        <source>Time left</source>
        <translation type="unfinished">Restzeit</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation type="unfinished">{done} von {total}</translation>
    </message>
    <message>
        <source>{size}/s</source>
        <translation type="unfinished">{size}/s</translation>
    </message>
</context>
<context>
    <name>downloads.download_parts</name>
    <message>
        <source>The download needs {needed}, but only {free} is free in {folder}. It will start when there is enough disk space.</source>
        <translation type="unfinished">Der Download braucht {needed}, aber in {folder} sind nur {free} frei. Er beginnt, sobald genug Platz ist.</translation>
    </message>
</context>
<context>
    <name>downloads.download_series_panel</name>
    <message>
        <source>Cancel &amp;series</source>
        <translation type="unfinished">&amp;Serien abbrechen</translation>
    </message>
    <message>
        <source>Cancel the selected series; the others continue.</source>
        <translation type="unfinished">Die ausgewählten Serien abbrechen; die anderen laufen weiter.</translation>
    </message>
    <message>
        <source>Canceled {count} series. Rows that were never displayed cannot be canceled one by one; to stop all series, cancel the download.</source>
        <translation type="unfinished">{count} Serien abgebrochen. Zeilen, die nie angezeigt wurden, können nicht einzeln abgebrochen werden; um alle anzuhalten, brechen Sie den Download ab.</translation>
    </message>
    <message>
        <source>Notes on the download</source>
        <translation type="unfinished">Hinweise zum Download</translation>
    </message>
    <message>
        <source>Save &amp;missing as manifest...</source>
        <translation type="unfinished">Fehlende als &amp;Manifest speichern ...</translation>
    </message>
    <message>
        <source>Save the missing series</source>
        <translation type="unfinished">Die fehlenden Serien speichern</translation>
    </message>
    <message>
        <source>Save the series that were not downloaded to a manifest that you can open later.</source>
        <translation type="unfinished">Die nicht heruntergeladenen Serien in einem Manifest speichern, das Sie später öffnen können.</translation>
    </message>
    <message>
        <source>Saved {count} series to {file}.</source>
        <translation type="unfinished">{count} Serien in {file} gespeichert.</translation>
    </message>
    <message>
        <source>Series of the download</source>
        <translation type="unfinished">Serien des Downloads</translation>
    </message>
    <message>
        <source>Series of {what}</source>
        <translation type="unfinished">Serien von {what}</translation>
    </message>
    <message>
        <source>s5cmd manifest (*.s5cmd);;Table (*.csv);;Lock file (*.lock.json)</source>
        <translation type="unfinished">s5cmd-Manifest (*.s5cmd);;Tabelle (*.csv);;Sperrdatei (*.lock.json)</translation>
    </message>
</context>
<context>
    <name>downloads.download_state</name>
    <message>
        <source>Adding to database</source>
        <translation type="unfinished">Wird in die Datenbank aufgenommen</translation>
    </message>
    <message>
        <source>Canceled</source>
        <translation type="unfinished">Abgebrochen</translation>
    </message>
    <message>
        <source>Canceling...</source>
        <translation type="unfinished">Wird abgebrochen ...</translation>
    </message>
    <message>
        <source>Downloading</source>
        <translation type="unfinished">Wird heruntergeladen</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation type="unfinished">Fehlgeschlagen</translation>
    </message>
    <message>
        <source>Finished</source>
        <translation type="unfinished">Fertig</translation>
    </message>
    <message>
        <source>Incomplete</source>
        <translation type="unfinished">Unvollständig</translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation type="unfinished">Unterbrochen</translation>
    </message>
    <message>
        <source>Loading</source>
        <translation type="unfinished">Wird geladen</translation>
    </message>
    <message>
        <source>Looking up</source>
        <translation type="unfinished">Wird ermittelt</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation type="unfinished">Pause</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation type="unfinished">Pausiert</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation type="unfinished">Fortsetzen</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation type="unfinished">Wartet</translation>
    </message>
    <message>
        <source>Waiting for disk space</source>
        <translation type="unfinished">Wartet auf Speicherplatz</translation>
    </message>
    <message>
        <source>case</source>
        <translation type="unfinished">Fall</translation>
    </message>
    <message>
        <source>cases</source>
        <translation type="unfinished">Fälle</translation>
    </message>
    <message>
        <source>collection</source>
        <translation type="unfinished">Sammlung</translation>
    </message>
    <message>
        <source>collections</source>
        <translation type="unfinished">Sammlungen</translation>
    </message>
    <message>
        <source>series</source>
        <translation type="unfinished">Serien|Serie</translation>
    </message>
    <message>
        <source>{count} incomplete</source>
        <translation type="unfinished">{count} unvollständig</translation>
    </message>
    <message>
        <source>{count} missing</source>
        <translation type="unfinished">{count} fehlen</translation>
    </message>
    <message>
        <source>{missing} missing, {incomplete} incomplete</source>
        <translation type="unfinished">{missing} fehlen, {incomplete} unvollständig</translation>
    </message>
</context>
<context>
    <name>downloads.downloads</name>
    <message>
        <source>download</source>
        <translation type="unfinished">Download</translation>
    </message>
    <message>
        <source>downloads</source>
        <translation type="unfinished">Downloads</translation>
    </message>
    <message>
        <source>{downloads} from the last session did not finish. You can resume on the Downloads page.</source>
        <translation type="unfinished">{downloads} der letzten Sitzung wurden nicht fertig. Sie können sie auf der Seite „Downloads“ fortsetzen.</translation>
    </message>
</context>
<context>
    <name>downloads.downloads_page</name>
    <message>
        <source>&amp;Pause</source>
        <translation type="unfinished">&amp;Pause</translation>
    </message>
    <message>
        <source>Cance&amp;l</source>
        <translation type="unfinished">&amp;Abbrechen</translation>
    </message>
    <message>
        <source>Cancel the selected downloads. Complete files are kept.</source>
        <translation type="unfinished">Die ausgewählten Downloads abbrechen. Vollständige Dateien bleiben.</translation>
    </message>
    <message>
        <source>Do&amp;wnloads</source>
        <translation type="unfinished">Do&amp;wnloads</translation>
    </message>
    <message>
        <source>Do&amp;wnloads ({count})</source>
        <translation type="unfinished">Do&amp;wnloads ({count})</translation>
    </message>
    <message>
        <source>Downloads</source>
        <translation type="unfinished">Downloads</translation>
    </message>
    <message>
        <source>Move the selected download to the top of the queue.</source>
        <translation type="unfinished">Den ausgewählten Download an den Anfang der Warteschlange stellen.</translation>
    </message>
    <message>
        <source>Move the selected download up in the queue.</source>
        <translation type="unfinished">Den ausgewählten Download in der Warteschlange nach oben rücken.</translation>
    </message>
    <message>
        <source>No downloads. Select series on the Browse page and press "Download".</source>
        <translation type="unfinished">Keine Downloads. Wählen Sie Serien auf der Seite „Durchsuchen“ und drücken Sie „Herunterladen“.</translation>
    </message>
    <message>
        <source>Open the folder with the files of the selected download.</source>
        <translation type="unfinished">Den Ordner mit den Dateien des ausgewählten Downloads öffnen.</translation>
    </message>
    <message>
        <source>Pause or resume</source>
        <translation type="unfinished">Pause oder fortsetzen</translation>
    </message>
    <message>
        <source>Pause the selected downloads; the others continue.</source>
        <translation type="unfinished">Die ausgewählten Downloads pausieren; die anderen laufen weiter.</translation>
    </message>
    <message>
        <source>Remo&amp;ve</source>
        <translation type="unfinished">&amp;Entfernen</translation>
    </message>
    <message>
        <source>Remove from the list</source>
        <translation type="unfinished">Aus der Liste entfernen</translation>
    </message>
    <message>
        <source>Remove the selected downloads from the list once they have ended. Their files are kept.</source>
        <translation type="unfinished">Die ausgewählten Downloads aus der Liste entfernen, sobald sie beendet sind. Ihre Dateien bleiben.</translation>
    </message>
    <message>
        <source>Res&amp;ume</source>
        <translation type="unfinished">&amp;Fortsetzen</translation>
    </message>
    <message>
        <source>Ret&amp;ry missing</source>
        <translation type="unfinished">Fehlende wiede&amp;rholen</translation>
    </message>
    <message>
        <source>Show &amp;folder</source>
        <translation type="unfinished">&amp;Ordner zeigen</translation>
    </message>
    <message>
        <source>To t&amp;op</source>
        <translation type="unfinished">&amp;An den Anfang</translation>
    </message>
    <message>
        <source>Try again to download the missing series of the selected downloads.</source>
        <translation type="unfinished">Noch einmal versuchen, die fehlenden Serien der ausgewählten Downloads herunterzuladen.</translation>
    </message>
    <message>
        <source>Up</source>
        <translation type="unfinished">Nach oben</translation>
    </message>
</context>
<context>
    <name>downloads.folder_import</name>
    <message>
        <source>Added {count} series to the DICOM database. They are too many to load at once (at most {limit}).</source>
        <translation type="unfinished">{count} Serien in die DICOM-Datenbank aufgenommen. Es sind zu viele, um sie auf einmal zu laden (höchstens {limit}).</translation>
    </message>
    <message>
        <source>Adding {count} folders to the DICOM database</source>
        <translation type="unfinished">{count} Ordner werden in die DICOM-Datenbank aufgenommen</translation>
    </message>
    <message>
        <source>Adding {folder} to the DICOM database</source>
        <translation type="unfinished">{folder} wird in die DICOM-Datenbank aufgenommen</translation>
    </message>
    <message>
        <source>Not added to the database: {reason}</source>
        <translation type="unfinished">Nicht in die Datenbank aufgenommen: {reason}</translation>
    </message>
    <message>
        <source>This folder contains no DICOM series.</source>
        <translation type="unfinished">Dieser Ordner enthält keine DICOM-Serien.</translation>
    </message>
    <message>
        <source>{count} folders</source>
        <translation type="unfinished">{count} Ordner</translation>
    </message>
</context>
<context>
    <name>downloads.outcomes</name>
    <message>
        <source>All {count} series failed. First error: {reason}</source>
        <translation type="unfinished">Alle {count} Serien sind fehlgeschlagen. Erster Fehler: {reason}</translation>
    </message>
    <message>
        <source>See the notes under Results.</source>
        <translation type="unfinished">Siehe die Hinweise unter „Ergebnisse“.</translation>
    </message>
    <message>
        <source>{count} series, {incomplete} of them incomplete, {failed} failed. See the reasons under Results.</source>
        <translation type="unfinished">{count} Serien, davon {incomplete} unvollständig, {failed} fehlgeschlagen. Die Gründe stehen unter „Ergebnisse“.</translation>
    </message>
    <message>
        <source>{count} series, {incomplete} of them incomplete. See the reasons under Results.</source>
        <translation type="unfinished">{count} Serien, davon {incomplete} unvollständig. Die Gründe stehen unter „Ergebnisse“.</translation>
    </message>
    <message>
        <source>{done} of {count} series completed, {failed} failed. See the reasons under Results.</source>
        <translation type="unfinished">{done} von {count} Serien abgeschlossen, {failed} fehlgeschlagen. Die Gründe stehen unter „Ergebnisse“.</translation>
    </message>
</context>
<context>
    <name>downloads.progress_panel</name>
    <message>
        <source>Ca&amp;ncel</source>
        <translation type="unfinished">Abbreche&amp;n</translation>
    </message>
    <message>
        <source>Cancel this download. Complete files are kept.</source>
        <translation type="unfinished">Diesen Download abbrechen. Vollständige Dateien bleiben.</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation type="unfinished">Pause</translation>
    </message>
    <message>
        <source>Pause this download; the others continue.</source>
        <translation type="unfinished">Diesen Download pausieren; die anderen laufen weiter.</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation type="unfinished">Fortschritt</translation>
    </message>
    <message>
        <source>Show</source>
        <translation type="unfinished">Zeigen</translation>
    </message>
    <message>
        <source>Show the slices downloaded so far in the views; the rest follows.</source>
        <translation type="unfinished">Die bisher heruntergeladenen Schichten in den Ansichten zeigen; der Rest folgt.</translation>
    </message>
    <message>
        <source>Step {step} of {steps}: {title}</source>
        <translation type="unfinished">Schritt {step} von {steps}: {title}</translation>
    </message>
</context>
<context>
    <name>downloads.results_panel</name>
    <message>
        <source>... and {count} more</source>
        <translation type="unfinished">... und {count} weitere</translation>
    </message>
    <message>
        <source>Done</source>
        <translation type="unfinished">Fertig</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation type="unfinished">Fehlgeschlagen</translation>
    </message>
    <message>
        <source>Note</source>
        <translation type="unfinished">Hinweis</translation>
    </message>
    <message>
        <source>Results</source>
        <translation type="unfinished">Ergebnisse</translation>
    </message>
    <message>
        <source>The result for each series of a download appears here.</source>
        <translation type="unfinished">Hier erscheint das Ergebnis für jede Serie eines Downloads.</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation type="unfinished">Warnung</translation>
    </message>
</context>
<context>
    <name>finding.clinical_attributes</name>
    <message>
        <source>Clinical data</source>
        <translation type="unfinished">Klinische Daten</translation>
    </message>
    <message>
        <source>What the clinical tables say of the cases: sex, stage, diagnosis...</source>
        <translation type="unfinished">Was die klinischen Tabellen über die Fälle sagen: Geschlecht, Stadium, Diagnose ...</translation>
    </message>
    <message>
        <source>collection</source>
        <translation type="unfinished">Sammlung</translation>
    </message>
    <message>
        <source>collections</source>
        <translation type="unfinished">Sammlungen</translation>
    </message>
    <message>
        <source>{attribute}, of {collections} ({columns})</source>
        <translation type="unfinished">{attribute}, von {collections} ({columns})</translation>
    </message>
</context>
<context>
    <name>finding.facet_list</name>
    <message>
        <source>Clinical</source>
        <translation type="unfinished">Klinisch</translation>
    </message>
    <message>
        <source>Filter by</source>
        <translation type="unfinished">Filtern nach</translation>
    </message>
    <message>
        <source>{count} more: search by name</source>
        <translation type="unfinished">{count} weitere: nach Namen suchen</translation>
    </message>
    <message>
        <source>{facet} ({count})</source>
        <translation type="unfinished">{facet} ({count})</translation>
    </message>
</context>
<context>
    <name>finding.facet_model</name>
    <message>
        <source>Exclude series with this value</source>
        <translation type="unfinished">Serien mit diesem Wert ausschließen</translation>
    </message>
    <message>
        <source>How many have this value under the other filters</source>
        <translation type="unfinished">Wie viele unter den anderen Filtern diesen Wert haben</translation>
    </message>
    <message>
        <source>Not</source>
        <translation type="unfinished">Nicht</translation>
    </message>
    <message>
        <source>Series</source>
        <translation type="unfinished">Serien</translation>
    </message>
    <message>
        <source>Value</source>
        <translation type="unfinished">Wert</translation>
    </message>
</context>
<context>
    <name>finding.facet_values</name>
    <message>
        <source>Cases</source>
        <translation type="unfinished">Fälle</translation>
    </message>
    <message>
        <source>Count the values again.</source>
        <translation type="unfinished">Die Werte noch einmal zählen.</translation>
    </message>
    <message>
        <source>Counting...</source>
        <translation type="unfinished">Wird gezählt ...</translation>
    </message>
    <message>
        <source>Find a value</source>
        <translation type="unfinished">Einen Wert suchen</translation>
    </message>
    <message>
        <source>Find a value of this filter</source>
        <translation type="unfinished">Einen Wert dieses Filters suchen</translation>
    </message>
    <message>
        <source>Match all checked</source>
        <translation type="unfinished">Alle angekreuzten zugleich</translation>
    </message>
    <message>
        <source>No series has a value here under the other filters.</source>
        <translation type="unfinished">Unter den anderen Filtern hat hier keine Serie einen Wert.</translation>
    </message>
    <message>
        <source>No series has a value here.</source>
        <translation type="unfinished">Hier hat keine Serie einen Wert.</translation>
    </message>
    <message>
        <source>No value contains "{text}".</source>
        <translation type="unfinished">Kein Wert enthält „{text}“.</translation>
    </message>
    <message>
        <source>Series</source>
        <translation type="unfinished">Serien</translation>
    </message>
    <message>
        <source>Show only studies, segmentations or cases that have all of the checked values, not just one of them.</source>
        <translation type="unfinished">Nur Studien, Segmentierungen oder Fälle zeigen, die alle angekreuzten Werte haben, nicht nur einen davon.</translation>
    </message>
    <message>
        <source>Show only values that contain this text.</source>
        <translation type="unfinished">Nur Werte zeigen, die diesen Text enthalten.</translation>
    </message>
    <message>
        <source>Studies</source>
        <translation type="unfinished">Studien</translation>
    </message>
    <message>
        <source>The index file {file} is on this computer, but contains no values for this filter.</source>
        <translation type="unfinished">Die Indexdatei {file} ist auf diesem Computer, enthält aber keine Werte für diesen Filter.</translation>
    </message>
    <message>
        <source>The values could not be counted: {reason}</source>
        <translation type="unfinished">Die Werte konnten nicht gezählt werden: {reason}</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation type="unfinished">Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Values; press Space to check one</source>
        <translation type="unfinished">Werte; die Leertaste kreuzt einen an</translation>
    </message>
</context>
<context>
    <name>finding.facets</name>
    <message>
        <source> and </source>
        <translation type="unfinished"> und </translation>
    </message>
    <message>
        <source> or </source>
        <translation type="unfinished"> oder </translation>
    </message>
    <message>
        <source>Acquisition</source>
        <translation type="unfinished">Aufnahme</translation>
    </message>
    <message>
        <source>Age (years)</source>
        <translation type="unfinished">Alter (Jahre)</translation>
    </message>
    <message>
        <source>Algorithm name</source>
        <translation type="unfinished">Name des Algorithmus</translation>
    </message>
    <message>
        <source>Algorithm type</source>
        <translation type="unfinished">Art des Algorithmus</translation>
    </message>
    <message>
        <source>Analysis result</source>
        <translation type="unfinished">Analyseergebnis</translation>
    </message>
    <message>
        <source>Anatomic region</source>
        <translation type="unfinished">Anatomische Region</translation>
    </message>
    <message>
        <source>Anatomy (slide)</source>
        <translation type="unfinished">Anatomie (Präparat)</translation>
    </message>
    <message>
        <source>Body part</source>
        <translation type="unfinished">Körperteil</translation>
    </message>
    <message>
        <source>Cancer type</source>
        <translation type="unfinished">Krebsart</translation>
    </message>
    <message>
        <source>Collection</source>
        <translation type="unfinished">Sammlung</translation>
    </message>
    <message>
        <source>Common filters</source>
        <translation type="unfinished">Häufige Filter</translation>
    </message>
    <message>
        <source>Contrast agent</source>
        <translation type="unfinished">Kontrastmittel</translation>
    </message>
    <message>
        <source>Echo time (MR)</source>
        <translation type="unfinished">Echozeit (MR)</translation>
    </message>
    <message>
        <source>Field strength (MR)</source>
        <translation type="unfinished">Feldstärke (MR)</translation>
    </message>
    <message>
        <source>First in release</source>
        <translation type="unfinished">Zuerst in Release</translation>
    </message>
    <message>
        <source>Flip angle (MR)</source>
        <translation type="unfinished">Flipwinkel (MR)</translation>
    </message>
    <message>
        <source>Height in pixels (slide)</source>
        <translation type="unfinished">Höhe in Pixeln (Präparat)</translation>
    </message>
    <message>
        <source>Image</source>
        <translation type="unfinished">Bild</translation>
    </message>
    <message>
        <source>Instances</source>
        <translation type="unfinished">Instanzen</translation>
    </message>
    <message>
        <source>Kernel (CT)</source>
        <translation type="unfinished">Kernel (CT)</translation>
    </message>
    <message>
        <source>License</source>
        <translation type="unfinished">Lizenz</translation>
    </message>
    <message>
        <source>License allows commercial use (not NC)</source>
        <translation type="unfinished">Lizenz erlaubt kommerzielle Nutzung (nicht NC)</translation>
    </message>
    <message>
        <source>Manufacturer</source>
        <translation type="unfinished">Hersteller</translation>
    </message>
    <message>
        <source>Modality</source>
        <translation type="unfinished">Modalität</translation>
    </message>
    <message>
        <source>Model</source>
        <translation type="unfinished">Modell</translation>
    </message>
    <message>
        <source>New or revised in release {release}</source>
        <translation type="unfinished">Neu oder überarbeitet in Release {release}</translation>
    </message>
    <message>
        <source>No</source>
        <translation type="unfinished">Nein</translation>
    </message>
    <message>
        <source>Number of ROIs</source>
        <translation type="unfinished">Anzahl der ROIs</translation>
    </message>
    <message>
        <source>Number of segments</source>
        <translation type="unfinished">Anzahl der Segmente</translation>
    </message>
    <message>
        <source>Objective (slide)</source>
        <translation type="unfinished">Objektiv (Präparat)</translation>
    </message>
    <message>
        <source>Patient</source>
        <translation type="unfinished">Patient</translation>
    </message>
    <message>
        <source>Pixel size (slide)</source>
        <translation type="unfinished">Pixelgröße (Präparat)</translation>
    </message>
    <message>
        <source>Pixel spacing</source>
        <translation type="unfinished">Pixelabstand</translation>
    </message>
    <message>
        <source>Program</source>
        <translation type="unfinished">Programm</translation>
    </message>
    <message>
        <source>ROI name</source>
        <translation type="unfinished">Name der ROI</translation>
    </message>
    <message>
        <source>ROI type</source>
        <translation type="unfinished">Art der ROI</translation>
    </message>
    <message>
        <source>Regular volume</source>
        <translation type="unfinished">Regelmäßiges Volumen</translation>
    </message>
    <message>
        <source>Repetition time (MR)</source>
        <translation type="unfinished">Repetitionszeit (MR)</translation>
    </message>
    <message>
        <source>Revised in release</source>
        <translation type="unfinished">Überarbeitet in Release</translation>
    </message>
    <message>
        <source>Rights</source>
        <translation type="unfinished">Rechte</translation>
    </message>
    <message>
        <source>SOP class</source>
        <translation type="unfinished">SOP-Klasse</translation>
    </message>
    <message>
        <source>Segment category</source>
        <translation type="unfinished">Kategorie des Segments</translation>
    </message>
    <message>
        <source>Segment type</source>
        <translation type="unfinished">Art des Segments</translation>
    </message>
    <message>
        <source>Segmentation</source>
        <translation type="unfinished">Segmentierung</translation>
    </message>
    <message>
        <source>Segmentation type</source>
        <translation type="unfinished">Art der Segmentierung</translation>
    </message>
    <message>
        <source>Series size</source>
        <translation type="unfinished">Größe der Serie</translation>
    </message>
    <message>
        <source>Sex</source>
        <translation type="unfinished">Geschlecht</translation>
    </message>
    <message>
        <source>Slice spacing</source>
        <translation type="unfinished">Schichtabstand</translation>
    </message>
    <message>
        <source>Slice thickness</source>
        <translation type="unfinished">Schichtdicke</translation>
    </message>
    <message>
        <source>Slide</source>
        <translation type="unfinished">Präparat</translation>
    </message>
    <message>
        <source>Species</source>
        <translation type="unfinished">Spezies</translation>
    </message>
    <message>
        <source>Stain (slide)</source>
        <translation type="unfinished">Färbung (Präparat)</translation>
    </message>
    <message>
        <source>Study contains</source>
        <translation type="unfinished">Studie enthält</translation>
    </message>
    <message>
        <source>Study contains a report (SR)</source>
        <translation type="unfinished">Studie enthält einen Bericht (SR)</translation>
    </message>
    <message>
        <source>Study contains a segmentation (SEG)</source>
        <translation type="unfinished">Studie enthält eine Segmentierung (SEG)</translation>
    </message>
    <message>
        <source>Study contains a structure set (RTSTRUCT)</source>
        <translation type="unfinished">Studie enthält ein Structure Set (RTSTRUCT)</translation>
    </message>
    <message>
        <source>Study year</source>
        <translation type="unfinished">Jahr der Studie</translation>
    </message>
    <message>
        <source>Tracer (PET)</source>
        <translation type="unfinished">Tracer (PET)</translation>
    </message>
    <message>
        <source>Transfer syntax</source>
        <translation type="unfinished">Transfersyntax</translation>
    </message>
    <message>
        <source>Tube voltage (CT)</source>
        <translation type="unfinished">Röhrenspannung (CT)</translation>
    </message>
    <message>
        <source>Tumor location</source>
        <translation type="unfinished">Ort des Tumors</translation>
    </message>
    <message>
        <source>Width in pixels (slide)</source>
        <translation type="unfinished">Breite in Pixeln (Präparat)</translation>
    </message>
    <message>
        <source>Yes</source>
        <translation type="unfinished">Ja</translation>
    </message>
    <message>
        <source>at least {low}</source>
        <translation type="unfinished">mindestens {low}</translation>
    </message>
    <message>
        <source>at most {high}</source>
        <translation type="unfinished">höchstens {high}</translation>
    </message>
    <message>
        <source>b-value (MR)</source>
        <translation type="unfinished">b-Wert (MR)</translation>
    </message>
    <message>
        <source>not stated</source>
        <translation type="unfinished">nicht angegeben</translation>
    </message>
    <message>
        <source>not {value}</source>
        <translation type="unfinished">nicht {value}</translation>
    </message>
    <message>
        <source>{count} more</source>
        <translation type="unfinished">{count} weitere</translation>
    </message>
    <message>
        <source>{facet}: {values}</source>
        <translation type="unfinished">{facet}: {values}</translation>
    </message>
    <message>
        <source>{low} to under {high}</source>
        <translation type="unfinished">{low} bis unter {high}</translation>
    </message>
    <message>
        <source>{low} to {high}</source>
        <translation type="unfinished">{low} bis {high}</translation>
    </message>
</context>
<context>
    <name>finding.filter_chips</name>
    <message>
        <source>= {cases} ({studies}, {series}, {size})</source>
        <translation type="unfinished">= {cases} ({studies}, {series}, {size})</translation>
    </message>
    <message>
        <source>By a person</source>
        <translation type="unfinished">Von einer Person</translation>
    </message>
    <message>
        <source>By an algorithm</source>
        <translation type="unfinished">Von einem Algorithmus</translation>
    </message>
    <message>
        <source>Commercial use allowed</source>
        <translation type="unfinished">Kommerzielle Nutzung erlaubt</translation>
    </message>
    <message>
        <source>Counting...</source>
        <translation type="unfinished">Wird gezählt ...</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation type="unfinished">Filter</translation>
    </message>
    <message>
        <source>No filters: everything is shown.</source>
        <translation type="unfinished">Keine Filter: Alles wird gezeigt.</translation>
    </message>
    <message>
        <source>Not counted</source>
        <translation type="unfinished">Nicht gezählt</translation>
    </message>
    <message>
        <source>Not {value}</source>
        <translation type="unfinished">Nicht {value}</translation>
    </message>
    <message>
        <source>Only {filters}</source>
        <translation type="unfinished">Nur {filters}</translation>
    </message>
    <message>
        <source>Remove all filters.</source>
        <translation type="unfinished">Alle Filter entfernen.</translation>
    </message>
    <message>
        <source>Remove the filter {name}</source>
        <translation type="unfinished">Den Filter {name} entfernen</translation>
    </message>
    <message>
        <source>Remove this filter.</source>
        <translation type="unfinished">Diesen Filter entfernen.</translation>
    </message>
    <message>
        <source>Reset filters</source>
        <translation type="unfinished">Filter zurücksetzen</translation>
    </message>
    <message>
        <source>Semi-automatic</source>
        <translation type="unfinished">Halbautomatisch</translation>
    </message>
    <message>
        <source>Study with {modality}</source>
        <translation type="unfinished">Studie mit {modality}</translation>
    </message>
    <message>
        <source>case</source>
        <translation type="unfinished">Fall</translation>
    </message>
    <message>
        <source>cases</source>
        <translation type="unfinished">Fälle</translation>
    </message>
    <message>
        <source>series</source>
        <translation type="unfinished">Serien|Serie</translation>
    </message>
    <message>
        <source>studies</source>
        <translation type="unfinished">Studien</translation>
    </message>
    <message>
        <source>study</source>
        <translation type="unfinished">Studie</translation>
    </message>
    <message>
        <source>{facet} not stated</source>
        <translation type="unfinished">{facet} nicht angegeben</translation>
    </message>
    <message>
        <source>{facet} {values}</source>
        <translation type="unfinished">{facet} {values}</translation>
    </message>
    <message>
        <source>{facet}: {values}</source>
        <translation type="unfinished">{facet}: {values}</translation>
    </message>
    <message>
        <source>{facet}: {values}. Click to remove this filter.</source>
        <translation type="unfinished">{facet}: {values}. Ein Klick entfernt diesen Filter.</translation>
    </message>
</context>
<context>
    <name>finding.filter_finder</name>
    <message>
        <source>No filter or value contains "{text}".</source>
        <translation type="unfinished">Kein Filter oder Wert enthält „{text}“.</translation>
    </message>
    <message>
        <source>Nothing matches {names}.</source>
        <translation type="unfinished">Nichts passt zu {names}.</translation>
    </message>
    <message>
        <source>{facet} needs clinical tables. It is used once they are on this computer.</source>
        <translation type="unfinished">{facet} braucht klinische Tabellen. Der Filter gilt, sobald sie auf diesem Computer sind.</translation>
    </message>
    <message>
        <source>{facet} needs the index file {name}. It is used once it is on this computer.</source>
        <translation type="unfinished">{facet} braucht die Indexdatei {name}. Der Filter gilt, sobald sie auf diesem Computer ist.</translation>
    </message>
    <message>
        <source>{facet}: {values}</source>
        <translation type="unfinished">{facet}: {values}</translation>
    </message>
    <message>
        <source>{value} ({facet})</source>
        <translation type="unfinished">{value} ({facet})</translation>
    </message>
</context>
<context>
    <name>finding.filter_finder_panel</name>
    <message>
        <source>A filter, a value or several of them, such as: chest, CT, nodule, by a person, commercial use, slices up to 1.25 mm. Press Enter to use them.</source>
        <translation type="unfinished">Ein Filter, ein Wert oder mehrere (auf Englisch), etwa: chest, CT, nodule, by a person, commercial use, slices up to 1.25 mm. Die Eingabetaste übernimmt sie.</translation>
    </message>
    <message>
        <source>Back to the box</source>
        <translation type="unfinished">Zurück zum Feld</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation type="unfinished">Leeren</translation>
    </message>
    <message>
        <source>Filters and values that were found</source>
        <translation type="unfinished">Gefundene Filter und Werte</translation>
    </message>
    <message>
        <source>Find a filter or a value</source>
        <translation type="unfinished">Filter oder Wert suchen</translation>
    </message>
    <message>
        <source>Go to what was found</source>
        <translation type="unfinished">Zu den Funden gehen</translation>
    </message>
    <message>
        <source>Searching...</source>
        <translation type="unfinished">Wird gesucht ...</translation>
    </message>
</context>
<context>
    <name>finding.filters_panel</name>
    <message>
        <source>Count</source>
        <translation type="unfinished">Zählen</translation>
    </message>
    <message>
        <source>Count values in series, studies or cases.</source>
        <translation type="unfinished">Werte in Serien, Studien oder Fällen zählen.</translation>
    </message>
    <message>
        <source>F&amp;ilters</source>
        <translation type="unfinished">F&amp;ilter</translation>
    </message>
    <message>
        <source>Show only series with the values you choose: modality, body part, license...</source>
        <translation type="unfinished">Nur Serien mit den Werten zeigen, die Sie wählen: Modalität, Körperteil, Lizenz ...</translation>
    </message>
    <message>
        <source>What values are counted in</source>
        <translation type="unfinished">Worin Werte gezählt werden</translation>
    </message>
</context>
<context>
    <name>finding.further_data</name>
    <message>
        <source> and </source>
        <translation type="unfinished"> und </translation>
    </message>
    <message>
        <source>CT</source>
        <translation type="unfinished">CT</translation>
    </message>
    <message>
        <source>Fetch the data in the background. The filter goes on once they have arrived.</source>
        <translation type="unfinished">Die Daten im Hintergrund holen. Der Filter macht weiter, sobald sie da sind.</translation>
    </message>
    <message>
        <source>Fetching...</source>
        <translation type="unfinished">Wird geholt ...</translation>
    </message>
    <message>
        <source>Get it</source>
        <translation type="unfinished">Holen</translation>
    </message>
    <message>
        <source>MR</source>
        <translation type="unfinished">MR</translation>
    </message>
    <message>
        <source>PET</source>
        <translation type="unfinished">PET</translation>
    </message>
    <message>
        <source>{modalities}: needs further data.</source>
        <translation type="unfinished">{modalities}: braucht weitere Daten.</translation>
    </message>
    <message>
        <source>{modalities}: needs {size} of further data.</source>
        <translation type="unfinished">{modalities}: braucht {size} weitere Daten.</translation>
    </message>
</context>
<context>
    <name>finding.missing_index</name>
    <message>
        <source>Fetch the index file in the background. What needs it goes on once it has arrived.</source>
        <translation type="unfinished">Die Indexdatei im Hintergrund holen. Was sie braucht, macht weiter, sobald sie da ist.</translation>
    </message>
    <message>
        <source>Get it</source>
        <translation type="unfinished">Holen</translation>
    </message>
    <message>
        <source>Needs further data ({file}).</source>
        <translation type="unfinished">Braucht weitere Daten ({file}).</translation>
    </message>
    <message>
        <source>Needs further data.</source>
        <translation type="unfinished">Braucht weitere Daten.</translation>
    </message>
    <message>
        <source>Needs {size} of further data ({file}).</source>
        <translation type="unfinished">Braucht {size} weitere Daten ({file}).</translation>
    </message>
    <message>
        <source>Needs {size} of further data.</source>
        <translation type="unfinished">Braucht {size} weitere Daten.</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation type="unfinished">Anhalten</translation>
    </message>
    <message>
        <source>Stop fetching.</source>
        <translation type="unfinished">Das Holen anhalten.</translation>
    </message>
    <message>
        <source>The data for this are on their way.</source>
        <translation type="unfinished">Die Daten dafür sind unterwegs.</translation>
    </message>
    <message>
        <source>This filter needs the index file {file} ({size}), which is damaged: {reason}. Fetch it again to repair it.</source>
        <translation type="unfinished">Dieser Filter braucht die Indexdatei {file} ({size}), die beschädigt ist: {reason}. Holen Sie sie noch einmal, um sie zu reparieren.</translation>
    </message>
    <message>
        <source>This filter needs the index file {file}, which is damaged: {reason}. Fetch it again to repair it.</source>
        <translation type="unfinished">Dieser Filter braucht die Indexdatei {file}, die beschädigt ist: {reason}. Holen Sie sie noch einmal, um sie zu reparieren.</translation>
    </message>
    <message>
        <source>it cannot be read</source>
        <translation type="unfinished">sie kann nicht gelesen werden</translation>
    </message>
</context>
<context>
    <name>finding.missing_tables</name>
    <message>
        <source>Fetch the data in the background. The filter goes on once they have arrived.</source>
        <translation type="unfinished">Die Daten im Hintergrund holen. Der Filter macht weiter, sobald sie da sind.</translation>
    </message>
    <message>
        <source>Get it</source>
        <translation type="unfinished">Holen</translation>
    </message>
    <message>
        <source>Needs further data ({tables}).</source>
        <translation type="unfinished">Braucht weitere Daten ({tables}).</translation>
    </message>
    <message>
        <source>Needs {size} of further data ({tables}).</source>
        <translation type="unfinished">Braucht {size} weitere Daten ({tables}).</translation>
    </message>
    <message>
        <source>One more table could not be read.</source>
        <translation type="unfinished">Eine weitere Tabelle konnte nicht gelesen werden.</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation type="unfinished">Anhalten</translation>
    </message>
    <message>
        <source>Stop fetching.</source>
        <translation type="unfinished">Das Holen anhalten.</translation>
    </message>
    <message>
        <source>Use the box above to find one more value.</source>
        <translation type="unfinished">Einen weiteren Wert findet das Feld oben.</translation>
    </message>
    <message>
        <source>Use the box above to find {count} more values.</source>
        <translation type="unfinished">{count} weitere Werte findet das Feld oben.</translation>
    </message>
    <message>
        <source>clinical table</source>
        <translation type="unfinished">klinische Tabelle</translation>
    </message>
    <message>
        <source>clinical tables</source>
        <translation type="unfinished">klinische Tabellen</translation>
    </message>
    <message>
        <source>{count} more tables could not be read.</source>
        <translation type="unfinished">{count} weitere Tabellen konnten nicht gelesen werden.</translation>
    </message>
</context>
<context>
    <name>finding.query</name>
    <message>
        <source>The query is empty. Write a SELECT statement, or start from an example.</source>
        <translation type="unfinished">Die Abfrage ist leer. Schreiben Sie eine SELECT-Anweisung, oder beginnen Sie mit einem Beispiel.</translation>
    </message>
    <message>
        <source>The query was stopped.</source>
        <translation type="unfinished">Die Abfrage wurde angehalten.</translation>
    </message>
</context>
<context>
    <name>finding.query_chart</name>
    <message>
        <source>Number of rows</source>
        <translation type="unfinished">Anzahl der Zeilen</translation>
    </message>
    <message>
        <source>and {count} more values</source>
        <translation type="unfinished">und {count} weitere Werte</translation>
    </message>
    <message>
        <source>{column} (mean)</source>
        <translation type="unfinished">{column} (Mittelwert)</translation>
    </message>
    <message>
        <source>{column} (sum)</source>
        <translation type="unfinished">{column} (Summe)</translation>
    </message>
    <message>
        <source>{value} by {label}</source>
        <translation type="unfinished">{value} nach {label}</translation>
    </message>
</context>
<context>
    <name>finding.query_chart_view</name>
    <message>
        <source>Bars:</source>
        <translation type="unfinished">Balken:</translation>
    </message>
    <message>
        <source>Column that labels the bars</source>
        <translation type="unfinished">Spalte, die die Balken beschriftet</translation>
    </message>
    <message>
        <source>Copy picture</source>
        <translation type="unfinished">Bild kopieren</translation>
    </message>
    <message>
        <source>Copy the chart as a picture.</source>
        <translation type="unfinished">Das Diagramm als Bild kopieren.</translation>
    </message>
    <message>
        <source>Picture copied.</source>
        <translation type="unfinished">Bild kopiert.</translation>
    </message>
    <message>
        <source>Show:</source>
        <translation type="unfinished">Zeigen:</translation>
    </message>
    <message>
        <source>What the bars show</source>
        <translation type="unfinished">Was die Balken zeigen</translation>
    </message>
</context>
<context>
    <name>finding.query_examples</name>
    <message>
        <source>Case IDs that occur in two collections</source>
        <translation type="unfinished">Fall-IDs, die in zwei Sammlungen vorkommen</translation>
    </message>
    <message>
        <source>Chest CT in studies that also have a segmentation, commercial use allowed</source>
        <translation type="unfinished">Thorax-CT in Studien mit Segmentierung, kommerzielle Nutzung erlaubt</translation>
    </message>
    <message>
        <source>Collections by size</source>
        <translation type="unfinished">Sammlungen nach Größe</translation>
    </message>
    <message>
        <source>Mean CT number of the liver in NLST by age (needs a file of measurements and nlst_prsn)</source>
        <translation type="unfinished">Mittlerer CT-Wert der Leber in NLST nach Alter (braucht eine Datei mit Messwerten und nlst_prsn)</translation>
    </message>
    <message>
        <source>Number and size of series by modality</source>
        <translation type="unfinished">Anzahl und Größe der Serien nach Modalität</translation>
    </message>
    <message>
        <source>Segmented lung nodules with their CT (needs seg_index)</source>
        <translation type="unfinished">Segmentierte Lungenknoten mit ihrem CT (braucht seg_index)</translation>
    </message>
    <message>
        <source>Series added in the latest release</source>
        <translation type="unfinished">Im letzten Release hinzugekommene Serien</translation>
    </message>
    <message>
        <source>Series of earlier releases that were removed</source>
        <translation type="unfinished">Serien früherer Releases, die entfernt wurden</translation>
    </message>
    <message>
        <source>Studies with CT, SEG and RTSTRUCT</source>
        <translation type="unfinished">Studien mit CT, SEG und RTSTRUCT</translation>
    </message>
</context>
<context>
    <name>finding.query_page</name>
    <message>
        <source>&amp;Delete "{name}"</source>
        <translation type="unfinished">„{name}“ &amp;löschen</translation>
    </message>
    <message>
        <source>&amp;Measurements...</source>
        <translation type="unfinished">&amp;Messwerte ...</translation>
    </message>
    <message>
        <source>&amp;Run</source>
        <translation type="unfinished">Ausfüh&amp;ren</translation>
    </message>
    <message>
        <source>Examples</source>
        <translation type="unfinished">Beispiele</translation>
    </message>
    <message>
        <source>Examples, saved queries and recent queries.</source>
        <translation type="unfinished">Beispiele, gespeicherte und letzte Abfragen.</translation>
    </message>
    <message>
        <source>Maximum number of rows</source>
        <translation type="unfinished">Höchstzahl der Zeilen</translation>
    </message>
    <message>
        <source>Maximum number of rows that a query returns.</source>
        <translation type="unfinished">Höchstzahl der Zeilen, die eine Abfrage liefert.</translation>
    </message>
    <message>
        <source>Measurements ({kinds})</source>
        <translation type="unfinished">Messwerte ({kinds})</translation>
    </message>
    <message>
        <source>Name of the query</source>
        <translation type="unfinished">Name der Abfrage</translation>
    </message>
    <message>
        <source>Name under which to save the query</source>
        <translation type="unfinished">Name, unter dem die Abfrage gespeichert wird</translation>
    </message>
    <message>
        <source>Open a file of measurements (CSV or Parquet), saved on the page Reports or made on the command line, as the table measurements.</source>
        <translation type="unfinished">Eine Datei mit Messwerten (CSV oder Parquet), auf der Seite Berichte gespeichert oder auf der Kommandozeile erzeugt, als Tabelle measurements öffnen.</translation>
    </message>
    <message>
        <source>Open measurements</source>
        <translation type="unfinished">Messwerte öffnen</translation>
    </message>
    <message>
        <source>Queries</source>
        <translation type="unfinished">Abfragen</translation>
    </message>
    <message>
        <source>Query in SQL</source>
        <translation type="unfinished">Abfrage in SQL</translation>
    </message>
    <message>
        <source>Read-only. A query stops after {seconds} s or {memory} of memory.</source>
        <translation type="unfinished">Nur lesend. Eine Abfrage endet nach {seconds} s oder {memory} Speicher.</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation type="unfinished">Letzte</translation>
    </message>
    <message>
        <source>Run the query</source>
        <translation type="unfinished">Die Abfrage ausführen</translation>
    </message>
    <message>
        <source>Run the query (Ctrl+Enter).</source>
        <translation type="unfinished">Die Abfrage ausführen (Strg+Eingabe).</translation>
    </message>
    <message>
        <source>S&amp;QL</source>
        <translation type="unfinished">S&amp;QL</translation>
    </message>
    <message>
        <source>SELECT ... FROM index

Start from an example, or double-click tables and columns. Ctrl+Enter runs the query.</source>
        <translation type="unfinished">SELECT ... FROM index

Beginnen Sie mit einem Beispiel, oder doppelklicken Sie Tabellen und Spalten. Strg+Eingabe führt die Abfrage aus.</translation>
    </message>
    <message>
        <source>Save</source>
        <translation type="unfinished">Speichern</translation>
    </message>
    <message>
        <source>Save the query under the name on the left. It then appears in the "Queries" menu.</source>
        <translation type="unfinished">Die Abfrage unter dem Namen links speichern. Sie steht dann im Menü „Abfragen“.</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation type="unfinished">Gespeichert</translation>
    </message>
    <message>
        <source>Saved as "{name}".</source>
        <translation type="unfinished">Gespeichert als „{name}“.</translation>
    </message>
    <message>
        <source>Saved queries stay in the "Queries" menu after a restart.</source>
        <translation type="unfinished">Gespeicherte Abfragen bleiben nach einem Neustart im Menü „Abfragen“.</translation>
    </message>
    <message>
        <source>Show the tables and columns that can be queried.</source>
        <translation type="unfinished">Die Tabellen und Spalten zeigen, die abgefragt werden können.</translation>
    </message>
    <message>
        <source>St&amp;op</source>
        <translation type="unfinished">&amp;Anhalten</translation>
    </message>
    <message>
        <source>Stop the running query.</source>
        <translation type="unfinished">Die laufende Abfrage anhalten.</translation>
    </message>
    <message>
        <source>Tables</source>
        <translation type="unfinished">Tabellen</translation>
    </message>
    <message>
        <source>The query was not saved: it is too long, or there are too many saved queries. Delete one first.</source>
        <translation type="unfinished">Die Abfrage wurde nicht gespeichert: Sie ist zu lang, oder es gibt zu viele gespeicherte Abfragen. Löschen Sie zuerst eine.</translation>
    </message>
    <message>
        <source>{count} rows</source>
        <translation type="unfinished">{count} Zeilen</translation>
    </message>
</context>
<context>
    <name>finding.query_pick</name>
    <message>
        <source>None of these rows refers to a series in this IDC release.</source>
        <translation type="unfinished">Keine dieser Zeilen bezieht sich auf eine Serie in diesem IDC-Release.</translation>
    </message>
    <message>
        <source>These rows contain no identifiers.</source>
        <translation type="unfinished">Diese Zeilen enthalten keine Kennungen.</translation>
    </message>
    <message>
        <source>{count} are too many to select one by one. Query whole studies, cases or collections, or select fewer rows.</source>
        <translation type="unfinished">{count} sind zu viele, um sie einzeln auszuwählen. Fragen Sie ganze Studien, Fälle oder Sammlungen ab, oder wählen Sie weniger Zeilen.</translation>
    </message>
    <message>
        <source>{count} of the series are not in this IDC release and were skipped.</source>
        <translation type="unfinished">{count} der Serien sind nicht in diesem IDC-Release und wurden übersprungen.</translation>
    </message>
</context>
<context>
    <name>finding.query_rows</name>
    <message>
        <source>&amp;Add to cart</source>
        <translation type="unfinished">&amp;In den Korb</translation>
    </message>
    <message>
        <source>&amp;Copy rows</source>
        <translation type="unfinished">&amp;Zeilen kopieren</translation>
    </message>
    <message>
        <source>&amp;Use as selection</source>
        <translation type="unfinished">Als A&amp;uswahl nehmen</translation>
    </message>
    <message>
        <source>Add the selected rows, or all rows, to the cart (Ctrl+Shift+C).</source>
        <translation type="unfinished">Die ausgewählten oder alle Zeilen in den Korb legen (Strg+Umschalt+C).</translation>
    </message>
    <message>
        <source>Add the selected rows, or all rows, to the cart.</source>
        <translation type="unfinished">Die ausgewählten oder alle Zeilen in den Korb legen.</translation>
    </message>
    <message>
        <source>Add to cart</source>
        <translation type="unfinished">In den Korb</translation>
    </message>
    <message>
        <source>C&amp;hart</source>
        <translation type="unfinished">&amp;Diagramm</translation>
    </message>
    <message>
        <source>CSV (*.csv);;TSV (*.tsv);;JSON (*.json)</source>
        <translation type="unfinished">CSV (*.csv);;TSV (*.tsv);;JSON (*.json)</translation>
    </message>
    <message>
        <source>Copied {count} of the selected rows. Rows that were never displayed are not copied; "Save as" saves all rows.</source>
        <translation type="unfinished">{count} der ausgewählten Zeilen kopiert. Zeilen, die nie angezeigt wurden, werden nicht kopiert; „Speichern unter“ speichert alle Zeilen.</translation>
    </message>
    <message>
        <source>Query results</source>
        <translation type="unfinished">Ergebnis der Abfrage</translation>
    </message>
    <message>
        <source>Rows saved to {path}.</source>
        <translation type="unfinished">Zeilen in {path} gespeichert.</translation>
    </message>
    <message>
        <source>Running the query...</source>
        <translation type="unfinished">Die Abfrage läuft ...</translation>
    </message>
    <message>
        <source>Save all rows to a CSV, TSV or JSON file.</source>
        <translation type="unfinished">Alle Zeilen als CSV-, TSV- oder JSON-Datei speichern.</translation>
    </message>
    <message>
        <source>Save as...</source>
        <translation type="unfinished">Speichern unter ...</translation>
    </message>
    <message>
        <source>Save rows</source>
        <translation type="unfinished">Zeilen speichern</translation>
    </message>
    <message>
        <source>Select these rows, or all rows, for download.</source>
        <translation type="unfinished">Diese oder alle Zeilen zum Herunterladen auswählen.</translation>
    </message>
    <message>
        <source>Show in tables</source>
        <translation type="unfinished">In den Tabellen zeigen</translation>
    </message>
    <message>
        <source>Show only what the selected rows, or all rows, name in the tables of the Browse page.</source>
        <translation type="unfinished">In den Tabellen der Seite „Durchsuchen“ nur zeigen, was die ausgewählten oder alle Zeilen nennen.</translation>
    </message>
    <message>
        <source>Show the rows as bars. Which columns they show is guessed, and can be changed.</source>
        <translation type="unfinished">Die Zeilen als Balken zeigen. Welche Spalten sie zeigen, ist geraten und kann geändert werden.</translation>
    </message>
    <message>
        <source>The query must return one of these columns: SeriesInstanceUID, StudyInstanceUID, crdc_series_uuid, or collection_id (with or without PatientID).</source>
        <translation type="unfinished">Die Abfrage muss eine dieser Spalten liefern: SeriesInstanceUID, StudyInstanceUID, crdc_series_uuid oder collection_id (mit oder ohne PatientID).</translation>
    </message>
    <message>
        <source>The query results appear here.</source>
        <translation type="unfinished">Hier erscheint das Ergebnis der Abfrage.</translation>
    </message>
    <message>
        <source>The query returned no rows.</source>
        <translation type="unfinished">Die Abfrage lieferte keine Zeilen.</translation>
    </message>
    <message>
        <source>There are no rows. Run a query first.</source>
        <translation type="unfinished">Es gibt keine Zeilen. Führen Sie zuerst eine Abfrage aus.</translation>
    </message>
    <message>
        <source>row</source>
        <translation type="unfinished">Zeile</translation>
    </message>
    <message>
        <source>rows</source>
        <translation type="unfinished">Zeilen</translation>
    </message>
    <message>
        <source>{rows} in {seconds} s</source>
        <translation type="unfinished">{rows} in {seconds} s</translation>
    </message>
    <message>
        <source>{rows}; there are more than fit into 64 MB: select fewer columns</source>
        <translation type="unfinished">{rows}; es gibt mehr, als in 64 MB passen: Wählen Sie weniger Spalten</translation>
    </message>
    <message>
        <source>{rows}; there are more: raise the maximum, or narrow the query</source>
        <translation type="unfinished">{rows}; es gibt mehr: Erhöhen Sie die Höchstzahl, oder engen Sie die Abfrage ein</translation>
    </message>
</context>
<context>
    <name>finding.query_tables</name>
    <message>
        <source>About</source>
        <translation type="unfinished">Über</translation>
    </message>
    <message>
        <source>Double-click a name to insert it into the query.</source>
        <translation type="unfinished">Ein Doppelklick auf einen Namen fügt ihn in die Abfrage ein.</translation>
    </message>
    <message>
        <source>Fetch the selected table, which is not on this computer yet.</source>
        <translation type="unfinished">Die ausgewählte Tabelle holen, die noch nicht auf diesem Computer ist.</translation>
    </message>
    <message>
        <source>Fetch the table</source>
        <translation type="unfinished">Die Tabelle holen</translation>
    </message>
    <message>
        <source>Table and columns</source>
        <translation type="unfinished">Tabelle und Spalten</translation>
    </message>
    <message>
        <source>Tables and columns; press Enter to insert the name into the query</source>
        <translation type="unfinished">Tabellen und Spalten; die Eingabetaste fügt den Namen in die Abfrage ein</translation>
    </message>
    <message>
        <source>not fetched</source>
        <translation type="unfinished">nicht geholt</translation>
    </message>
    <message>
        <source>row</source>
        <translation type="unfinished">Zeile</translation>
    </message>
    <message>
        <source>rows</source>
        <translation type="unfinished">Zeilen</translation>
    </message>
</context>
<context>
    <name>finding.range_bars</name>
    <message>
        <source>From {low} to {high}; most series ({count}) at {place}.</source>
        <translation type="unfinished">Von {low} bis {high}; die meisten Serien ({count}) bei {place}.</translation>
    </message>
    <message>
        <source>No series has a value.</source>
        <translation type="unfinished">Keine Serie hat einen Wert.</translation>
    </message>
</context>
<context>
    <name>finding.range_editor</name>
    <message>
        <source>"From" must not be larger than "To".</source>
        <translation type="unfinished">„Von“ darf nicht größer als „Bis“ sein.</translation>
    </message>
    <message>
        <source>Also show series that have no value for this filter.</source>
        <translation type="unfinished">Auch Serien zeigen, die für diesen Filter keinen Wert haben.</translation>
    </message>
    <message>
        <source>Counting...</source>
        <translation type="unfinished">Wird gezählt ...</translation>
    </message>
    <message>
        <source>Enter a number, such as 40.</source>
        <translation type="unfinished">Geben Sie eine Zahl ein, etwa 40.</translation>
    </message>
    <message>
        <source>Enter a size with its unit, such as 20 MB.</source>
        <translation type="unfinished">Geben Sie eine Größe mit Einheit ein, etwa 20 MB.</translation>
    </message>
    <message>
        <source>From</source>
        <translation type="unfinished">Von</translation>
    </message>
    <message>
        <source>Include series without a value</source>
        <translation type="unfinished">Serien ohne Wert einschließen</translation>
    </message>
    <message>
        <source>To</source>
        <translation type="unfinished">Bis</translation>
    </message>
    <message>
        <source>{value} ({count} series)</source>
        <translation type="unfinished">{value} ({count} Serien)</translation>
    </message>
</context>
<context>
    <name>finding.range_end</name>
    <message>
        <source>A number. Sizes may have a unit, such as 20 MB. Leave empty for no limit.</source>
        <translation type="unfinished">Eine Zahl. Größen können eine Einheit haben, etwa 20 MB. Leer heißt: keine Grenze.</translation>
    </message>
    <message>
        <source>Drag, or use the arrow keys.</source>
        <translation type="unfinished">Ziehen, oder die Pfeiltasten verwenden.</translation>
    </message>
</context>
<context>
    <name>finding.saved_searches</name>
    <message>
        <source>This text is neither a search copied from IDC Browser nor an IDC portal link with filters.</source>
        <translation type="unfinished">Dieser Text ist weder eine aus IDC Browser kopierte Suche noch ein Link des IDC-Portals mit Filtern.</translation>
    </message>
    <message>
        <source>everything</source>
        <translation type="unfinished">alles</translation>
    </message>
    <message>
        <source>in {collections}</source>
        <translation type="unfinished">in {collections}</translation>
    </message>
    <message>
        <source>text "{text}"</source>
        <translation type="unfinished">Text „{text}“</translation>
    </message>
    <message>
        <source>{names} and {count} more</source>
        <translation type="unfinished">{names} und {count} weitere</translation>
    </message>
</context>
<context>
    <name>finding.search</name>
    <message>
        <source>Algorithm</source>
        <translation type="unfinished">Algorithmus</translation>
    </message>
    <message>
        <source>All {count} matches</source>
        <translation type="unfinished">Alle {count} Treffer</translation>
    </message>
    <message>
        <source>Analysis result</source>
        <translation type="unfinished">Analyseergebnis</translation>
    </message>
    <message>
        <source>Anatomic region</source>
        <translation type="unfinished">Anatomische Region</translation>
    </message>
    <message>
        <source>Apply this search</source>
        <translation type="unfinished">Diese Suche anwenden</translation>
    </message>
    <message>
        <source>Ask the CRDC what this is</source>
        <translation type="unfinished">Beim CRDC nachfragen, was das ist</translation>
    </message>
    <message>
        <source>Case</source>
        <translation type="unfinished">Fall</translation>
    </message>
    <message>
        <source>Collection</source>
        <translation type="unfinished">Sammlung</translation>
    </message>
    <message>
        <source>Earlier release</source>
        <translation type="unfinished">Früheres Release</translation>
    </message>
    <message>
        <source>IDC portal link</source>
        <translation type="unfinished">Link des IDC-Portals</translation>
    </message>
    <message>
        <source>In two collections, both selected: {names}</source>
        <translation type="unfinished">In zwei Sammlungen, beide ausgewählt: {names}</translation>
    </message>
    <message>
        <source>No match for "{text}" in IDC.</source>
        <translation type="unfinished">Kein Treffer für „{text}“ in IDC.</translation>
    </message>
    <message>
        <source>No study or series in IDC has this UID. Of SOP Instance UIDs, only those of slide microscopy can be looked up; this needs the index file {name}, which you can fetch on the Settings page.</source>
        <translation type="unfinished">Keine Studie oder Serie in IDC hat diese UID. Von den SOP Instance UIDs können nur die der Schnittmikroskopie nachgeschlagen werden; das braucht die Indexdatei {name}, die Sie auf der Seite „Einstellungen“ holen können.</translation>
    </message>
    <message>
        <source>No study, series or slide microscopy instance in IDC has this UID. Other SOP Instance UIDs cannot be looked up.</source>
        <translation type="unfinished">Keine Studie, Serie oder Instanz der Schnittmikroskopie in IDC hat diese UID. Andere SOP Instance UIDs können nicht nachgeschlagen werden.</translation>
    </message>
    <message>
        <source>Not in IDC: {names}</source>
        <translation type="unfinished">Nicht in IDC: {names}</translation>
    </message>
    <message>
        <source>Only the first {count} characters were used. Save a longer list to a file and open it as a manifest.</source>
        <translation type="unfinished">Nur die ersten {count} Zeichen wurden verwendet. Speichern Sie eine längere Liste in einer Datei und öffnen Sie diese als Manifest.</translation>
    </message>
    <message>
        <source>Open them as one download plan</source>
        <translation type="unfinished">Als einen Downloadplan öffnen</translation>
    </message>
    <message>
        <source>ROI</source>
        <translation type="unfinished">ROI</translation>
    </message>
    <message>
        <source>Search</source>
        <translation type="unfinished">Suche</translation>
    </message>
    <message>
        <source>Search copied as text</source>
        <translation type="unfinished">Als Text kopierte Suche</translation>
    </message>
    <message>
        <source>Segment type</source>
        <translation type="unfinished">Art des Segments</translation>
    </message>
    <message>
        <source>Select them in the tables</source>
        <translation type="unfinished">In den Tabellen auswählen</translation>
    </message>
    <message>
        <source>Series</source>
        <translation type="unfinished">Serien</translation>
    </message>
    <message>
        <source>Studies and single files have identifiers that are not in the index. Needs the internet.</source>
        <translation type="unfinished">Studien und einzelne Dateien haben Kennungen, die nicht im Index stehen. Braucht das Internet.</translation>
    </message>
    <message>
        <source>Study</source>
        <translation type="unfinished">Studie</translation>
    </message>
    <message>
        <source>There are more matches: {counted}. Keep typing to narrow them down.</source>
        <translation type="unfinished">Es gibt mehr Treffer: {counted}. Tippen Sie weiter, um sie einzuengen.</translation>
    </message>
    <message>
        <source>This case ID occurs in {count} collections. Choose one.</source>
        <translation type="unfinished">Diese Fall-ID kommt in {count} Sammlungen vor. Wählen Sie eine.</translation>
    </message>
    <message>
        <source>many</source>
        <translation type="unfinished">viele</translation>
    </message>
    <message>
        <source>{count} identifiers</source>
        <translation type="unfinished">{count} Kennungen</translation>
    </message>
    <message>
        <source>{kind} ({count})</source>
        <translation type="unfinished">{kind} ({count})</translation>
    </message>
</context>
<context>
    <name>finding.search_more</name>
    <message>
        <source>Fetch the further data in the background.</source>
        <translation type="unfinished">Die weiteren Daten im Hintergrund holen.</translation>
    </message>
    <message>
        <source>Get it</source>
        <translation type="unfinished">Holen</translation>
    </message>
    <message>
        <source>Segments, regions, ROIs and algorithms need further data.</source>
        <translation type="unfinished">Segmente, Regionen, ROIs und Algorithmen brauchen weitere Daten.</translation>
    </message>
    <message>
        <source>Segments, regions, ROIs and algorithms need {size} of further data.</source>
        <translation type="unfinished">Segmente, Regionen, ROIs und Algorithmen brauchen {size} weitere Daten.</translation>
    </message>
</context>
<context>
    <name>finding.search_panel</name>
    <message>
        <source>About</source>
        <translation type="unfinished">Über</translation>
    </message>
    <message>
        <source>Close the search</source>
        <translation type="unfinished">Die Suche schließen</translation>
    </message>
    <message>
        <source>Find</source>
        <translation type="unfinished">Suchen</translation>
    </message>
    <message>
        <source>Find anything in IDC</source>
        <translation type="unfinished">Alles in IDC suchen</translation>
    </message>
    <message>
        <source>Find anything: collection, case, UID, segment, description, DOI (Ctrl+F)</source>
        <translation type="unfinished">Alles suchen: Sammlung, Fall, UID, Segment, Beschreibung, DOI (Strg+F)</translation>
    </message>
    <message>
        <source>Go to the search results</source>
        <translation type="unfinished">Zu den Suchergebnissen gehen</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation type="unfinished">Art</translation>
    </message>
    <message>
        <source>Match</source>
        <translation type="unfinished">Treffer</translation>
    </message>
    <message>
        <source>Names (typos are tolerated), identifiers or parts of them, words of descriptions. You can enter several identifiers at once.</source>
        <translation type="unfinished">Namen (Tippfehler werden verziehen), Kennungen oder Teile davon, Wörter aus Beschreibungen. Sie können mehrere Kennungen auf einmal eingeben.</translation>
    </message>
    <message>
        <source>Search results</source>
        <translation type="unfinished">Suchergebnisse</translation>
    </message>
    <message>
        <source>Searching...</source>
        <translation type="unfinished">Wird gesucht ...</translation>
    </message>
</context>
<context>
    <name>finding.searches_page</name>
    <message>
        <source>&amp;Apply</source>
        <translation type="unfinished">&amp;Anwenden</translation>
    </message>
    <message>
        <source>&amp;Paste search</source>
        <translation type="unfinished">&amp;Suche einfügen</translation>
    </message>
    <message>
        <source>&amp;Save</source>
        <translation type="unfinished">&amp;Speichern</translation>
    </message>
    <message>
        <source>A search with this name already exists.</source>
        <translation type="unfinished">Eine Suche mit diesem Namen gibt es schon.</translation>
    </message>
    <message>
        <source>Apply a search or an IDC portal link from the clipboard.</source>
        <translation type="unfinished">Eine Suche oder einen Link des IDC-Portals aus der Zwischenablage anwenden.</translation>
    </message>
    <message>
        <source>Apply the selected search.</source>
        <translation type="unfinished">Die ausgewählte Suche anwenden.</translation>
    </message>
    <message>
        <source>Clear recent</source>
        <translation type="unfinished">Letzte löschen</translation>
    </message>
    <message>
        <source>Copy a link to the IDC portal with these filters.</source>
        <translation type="unfinished">Einen Link zum IDC-Portal mit diesen Filtern kopieren.</translation>
    </message>
    <message>
        <source>Copy as link</source>
        <translation type="unfinished">Als Link kopieren</translation>
    </message>
    <message>
        <source>Copy as text</source>
        <translation type="unfinished">Als Text kopieren</translation>
    </message>
    <message>
        <source>Copy the search as one line of text that can be pasted here or into the search box.</source>
        <translation type="unfinished">Die Suche als eine Zeile Text kopieren, die hier oder im Suchfeld eingefügt werden kann.</translation>
    </message>
    <message>
        <source>Current search</source>
        <translation type="unfinished">Aktuelle Suche</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation type="unfinished">Löschen</translation>
    </message>
    <message>
        <source>Delete the recent searches. Saved searches are saved.</source>
        <translation type="unfinished">Die letzten Suchen löschen. Gespeicherte Suchen bleiben.</translation>
    </message>
    <message>
        <source>Delete the search</source>
        <translation type="unfinished">Die Suche löschen</translation>
    </message>
    <message>
        <source>Delete the selected search.</source>
        <translation type="unfinished">Die ausgewählte Suche löschen.</translation>
    </message>
    <message>
        <source>Link copied to the clipboard, without these filters, which the IDC portal does not support: {names}.</source>
        <translation type="unfinished">Link in die Zwischenablage kopiert, ohne diese Filter, die das IDC-Portal nicht kennt: {names}.</translation>
    </message>
    <message>
        <source>Link copied to the clipboard.</source>
        <translation type="unfinished">Link in die Zwischenablage kopiert.</translation>
    </message>
    <message>
        <source>Name</source>
        <translation type="unfinished">Name</translation>
    </message>
    <message>
        <source>Name of the search</source>
        <translation type="unfinished">Name der Suche</translation>
    </message>
    <message>
        <source>Name or time</source>
        <translation type="unfinished">Name oder Zeit</translation>
    </message>
    <message>
        <source>Name under which to save the search.</source>
        <translation type="unfinished">Name, unter dem die Suche gespeichert wird.</translation>
    </message>
    <message>
        <source>No search yet. Choose filters, type into the search box, or select collections.</source>
        <translation type="unfinished">Noch keine Suche. Wählen Sie Filter, tippen Sie in das Suchfeld, oder wählen Sie Sammlungen.</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation type="unfinished">Umbenennen</translation>
    </message>
    <message>
        <source>Rename the selected search to the name above.</source>
        <translation type="unfinished">Die ausgewählte Suche in den Namen oben umbenennen.</translation>
    </message>
    <message>
        <source>Save the current search under this name.</source>
        <translation type="unfinished">Die aktuelle Suche unter diesem Namen speichern.</translation>
    </message>
    <message>
        <source>Saved and recent searches</source>
        <translation type="unfinished">Gespeicherte und letzte Suchen</translation>
    </message>
    <message>
        <source>Saved and recent searches appear here.</source>
        <translation type="unfinished">Hier erscheinen gespeicherte und letzte Suchen.</translation>
    </message>
    <message>
        <source>Saved and recent searches; press Enter to apply one</source>
        <translation type="unfinished">Gespeicherte und letzte Suchen; die Eingabetaste wendet eine an</translation>
    </message>
    <message>
        <source>Search</source>
        <translation type="unfinished">Suche</translation>
    </message>
    <message>
        <source>Search copied to the clipboard as one line of text.</source>
        <translation type="unfinished">Suche als eine Zeile Text in die Zwischenablage kopiert.</translation>
    </message>
    <message>
        <source>Searches</source>
        <translation type="unfinished">Suchen</translation>
    </message>
    <message>
        <source>The search was not saved: it is empty or too long, or there are too many saved searches.</source>
        <translation type="unfinished">Die Suche wurde nicht gespeichert: Sie ist leer oder zu lang, oder es gibt zu viele gespeicherte Suchen.</translation>
    </message>
</context>
<context>
    <name>finding.working_set_chip</name>
    <message>
        <source>Leave the working set {name}</source>
        <translation type="unfinished">Die Arbeitsmenge {name} verlassen</translation>
    </message>
    <message>
        <source>Show everything again.</source>
        <translation type="unfinished">Wieder alles zeigen.</translation>
    </message>
    <message>
        <source>Show the lines that name nothing in this IDC release.</source>
        <translation type="unfinished">Die Zeilen zeigen, die in diesem IDC-Release nichts nennen.</translation>
    </message>
    <message>
        <source>Working set</source>
        <translation type="unfinished">Arbeitsmenge</translation>
    </message>
    <message>
        <source>{text}. Click to show everything again.</source>
        <translation type="unfinished">{text}. Ein Klick zeigt wieder alles.</translation>
    </message>
</context>
<context>
    <name>host.choosing</name>
    <message>
        <source>All files (*)</source>
        <translation type="unfinished">Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Manifests and lists ({kinds})</source>
        <translation type="unfinished">Manifeste und Listen ({kinds})</translation>
    </message>
    <message>
        <source>Open manifest</source>
        <translation type="unfinished">Manifest öffnen</translation>
    </message>
</context>
<context>
    <name>host.inbox</name>
    <message>
        <source>The link is not one of IDC Browser; it was not opened.</source>
        <translation type="unfinished">Der Link ist keiner von IDC Browser; er wurde nicht geöffnet.</translation>
    </message>
    <message>
        <source>{folder} is a link; nothing is moved there.</source>
        <translation type="unfinished">{folder} ist eine Verknüpfung; dorthin wird nichts verschoben.</translation>
    </message>
    <message>
        <source>{name} cannot be opened ({reason}).</source>
        <translation type="unfinished">{name} kann nicht geöffnet werden ({reason}).</translation>
    </message>
</context>
<context>
    <name>host.segments_work</name>
    <message>
        <source>{name} was made here and is in no file. Remove it?</source>
        <translation type="unfinished">{name} wurde hier gemacht und ist in keiner Datei. Entfernen?</translation>
    </message>
</context>
<context>
    <name>loading.memory_guard</name>
    <message>
        <source>{name} needs about {needed} of memory, but only {free} is free. Loading it may slow down the computer or crash the program. Load it anyway?</source>
        <translation type="unfinished">{name} braucht etwa {needed} Speicher, aber nur {free} sind frei. Das Laden kann den Computer verlangsamen oder das Programm abstürzen lassen. Trotzdem laden?</translation>
    </message>
    <message>
        <source>{name} was not loaded: it needs about {needed} of memory, but only {free} is free. Close other data, then load it again.</source>
        <translation type="unfinished">{name} wurde nicht geladen: Es braucht etwa {needed} Speicher, aber nur {free} sind frei. Schließen Sie andere Daten und laden Sie es noch einmal.</translation>
    </message>
</context>
<context>
    <name>logic.browser</name>
    <message>
        <source>Download folder</source>
        <translation type="unfinished">Download-Ordner</translation>
    </message>
    <message>
        <source>Nothing of the selected series is in the views.</source>
        <translation type="unfinished">Von den ausgewählten Serien ist nichts in den Ansichten.</translation>
    </message>
    <message>
        <source>Select a row first.</source>
        <translation type="unfinished">Wählen Sie zuerst eine Zeile.</translation>
    </message>
    <message>
        <source>The updated IDC release cannot be used; the installed release is used instead: {reason}.</source>
        <translation type="unfinished">Das aktualisierte IDC-Release kann nicht verwendet werden; stattdessen gilt das installierte: {reason}.</translation>
    </message>
    <message>
        <source>This series is not loaded. "Download and load" brings it into the views.</source>
        <translation type="unfinished">Diese Serie ist nicht geladen. „Herunterladen und laden“ bringt sie in die Ansichten.</translation>
    </message>
</context>
<context>
    <name>logic.diagnostics</name>
    <message>
        <source>Download folder: {folder}</source>
        <translation type="unfinished">Download-Ordner: {folder}</translation>
    </message>
    <message>
        <source>IDC Browser {version}, for research; not a medical device.</source>
        <translation type="unfinished">IDC Browser {version}, für die Forschung; kein Medizinprodukt.</translation>
    </message>
    <message>
        <source>Index files: {names}</source>
        <translation type="unfinished">Indexdateien: {names}</translation>
    </message>
    <message>
        <source>Python {python}, {binding}, {system}, in: {host}</source>
        <translation type="unfinished">Python {python}, {binding}, {system}, in: {host}</translation>
    </message>
    <message>
        <source>The catalog is not open.</source>
        <translation type="unfinished">Der Katalog ist nicht geöffnet.</translation>
    </message>
    <message>
        <source>There is no log in {folder}.</source>
        <translation type="unfinished">In {folder} ist kein Protokoll.</translation>
    </message>
</context>
<context>
    <name>logic.row_actions</name>
    <message>
        <source>At most {limit} series can be loaded at once. Select fewer rows.</source>
        <translation type="unfinished">Höchstens {limit} Serien können auf einmal geladen werden. Wählen Sie weniger Zeilen.</translation>
    </message>
    <message>
        <source>The files are in {folder}.</source>
        <translation type="unfinished">Die Dateien sind in {folder}.</translation>
    </message>
    <message>
        <source>There are no files of these rows on this computer. Download them first.</source>
        <translation type="unfinished">Auf diesem Computer gibt es keine Dateien dieser Zeilen. Laden Sie sie zuerst herunter.</translation>
    </message>
</context>
<context>
    <name>panel.module_panel</name>
    <message>
        <source>&amp;Cancel</source>
        <translation type="unfinished">Abbre&amp;chen</translation>
    </message>
    <message>
        <source>&amp;Install packages</source>
        <translation type="unfinished">Pakete &amp;installieren</translation>
    </message>
    <message>
        <source>&amp;Show the browser</source>
        <translation type="unfinished">Den Brow&amp;ser zeigen</translation>
    </message>
    <message>
        <source>C&amp;hange...</source>
        <translation type="unfinished">Ä&amp;ndern ...</translation>
    </message>
    <message>
        <source>Cancel the download. Complete files are kept.</source>
        <translation type="unfinished">Den Download abbrechen. Vollständige Dateien bleiben.</translation>
    </message>
    <message>
        <source>Car&amp;t</source>
        <translation type="unfinished">&amp;Korb</translation>
    </message>
    <message>
        <source>Choose the download folder.</source>
        <translation type="unfinished">Den Download-Ordner wählen.</translation>
    </message>
    <message>
        <source>Create or open the DICOM &amp;database</source>
        <translation type="unfinished">&amp;DICOM-Datenbank anlegen oder öffnen</translation>
    </message>
    <message>
        <source>Data on this computer: remove, move, clean up.</source>
        <translation type="unfinished">Daten auf diesem Computer: entfernen, verschieben, aufräumen.</translation>
    </message>
    <message>
        <source>Do&amp;wnloads</source>
        <translation type="unfinished">Do&amp;wnloads</translation>
    </message>
    <message>
        <source>Done as in Slicer's DICOM module; existing databases are kept.</source>
        <translation type="unfinished">Wie in Slicers DICOM-Modul; vorhandene Datenbanken bleiben.</translation>
    </message>
    <message>
        <source>Downloads go to {folder}</source>
        <translation type="unfinished">Downloads gehen nach {folder}</translation>
    </message>
    <message>
        <source>Folder, provider, limits, proxy, index files.</source>
        <translation type="unfinished">Ordner, Anbieter, Grenzen, Proxy, Indexdateien.</translation>
    </message>
    <message>
        <source>For computers without internet access: a folder with the packages as wheel files.</source>
        <translation type="unfinished">Für Computer ohne Internet: ein Ordner mit den Paketen als Wheel-Dateien.</translation>
    </message>
    <message>
        <source>Install from a &amp;folder of wheels...</source>
        <translation type="unfinished">&amp;Aus einem Ordner mit Wheels installieren ...</translation>
    </message>
    <message>
        <source>Open manifest...</source>
        <translation type="unfinished">Manifest öffnen ...</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation type="unfinished">Pause</translation>
    </message>
    <message>
        <source>Pause the download; waiting downloads continue.</source>
        <translation type="unfinished">Den Download pausieren; wartende Downloads laufen weiter.</translation>
    </message>
    <message>
        <source>Running, waiting and finished downloads.</source>
        <translation type="unfinished">Laufende, wartende und fertige Downloads.</translation>
    </message>
    <message>
        <source>Series collected for a download.</source>
        <translation type="unfinished">Für einen Download gesammelte Serien.</translation>
    </message>
    <message>
        <source>Settin&amp;gs</source>
        <translation type="unfinished">Einstellun&amp;gen</translation>
    </message>
    <message>
        <source>Show the tables of IDC in the central area.</source>
        <translation type="unfinished">Die Tabellen von IDC im mittleren Bereich zeigen.</translation>
    </message>
    <message>
        <source>Show what a manifest, a lock file or a list of identifiers means (Ctrl+M). Nothing is downloaded.</source>
        <translation type="unfinished">Zeigen, was ein Manifest, eine Sperrdatei oder eine Liste von Kennungen bedeutet (Strg+M). Es wird nichts heruntergeladen.</translation>
    </message>
    <message>
        <source>Slicer asks before it installs anything.</source>
        <translation type="unfinished">Slicer fragt, bevor es etwas installiert.</translation>
    </message>
    <message>
        <source>St&amp;orage</source>
        <translation type="unfinished">&amp;Speicher</translation>
    </message>
</context>
<context>
    <name>panel.pages_beside</name>
    <message>
        <source>Report</source>
        <translation type="unfinished">Bericht</translation>
    </message>
</context>
<context>
    <name>panel.panel_text</name>
    <message>
        <source>Loaded into the views: {names}.</source>
        <translation type="unfinished">In die Ansichten geladen: {names}.</translation>
    </message>
    <message>
        <source>The browser cannot be shown because Slicer is running without its main window.</source>
        <translation type="unfinished">Der Browser kann nicht gezeigt werden, weil Slicer ohne Hauptfenster läuft.</translation>
    </message>
    <message>
        <source>The browser is hidden. Press "Show the browser" to continue there.</source>
        <translation type="unfinished">Der Browser ist ausgeblendet. Drücken Sie „Den Browser zeigen“, um dort weiterzumachen.</translation>
    </message>
    <message>
        <source>The browser is in the central area: select a collection, cases, studies or series.</source>
        <translation type="unfinished">Der Browser ist im mittleren Bereich: Wählen Sie eine Sammlung, Fälle, Studien oder Serien.</translation>
    </message>
    <message>
        <source>The first download creates Slicer's DICOM database in {folder}</source>
        <translation type="unfinished">Der erste Download legt Slicers DICOM-Datenbank in {folder} an</translation>
    </message>
    <message>
        <source>The views show what has been downloaded so far; where a slice is missing, the nearest one.</source>
        <translation type="unfinished">Die Ansichten zeigen, was bisher heruntergeladen ist; wo eine Schicht fehlt, die nächstgelegene.</translation>
    </message>
    <message>
        <source>{names} and {count} more</source>
        <translation type="unfinished">{names} und {count} weitere</translation>
    </message>
</context>
<context>
    <name>panel.registrations</name>
    <message>
        <source>Move images as the loaded registrations say</source>
        <translation type="unfinished">Bilder bewegen, wie die geladenen Registrierungen es angeben</translation>
    </message>
    <message>
        <source>Registration</source>
        <translation type="unfinished">Registrierung</translation>
    </message>
</context>
<context>
    <name>panel.segments_section</name>
    <message>
        <source>Segments</source>
        <translation type="unfinished">Segmente</translation>
    </message>
    <message>
        <source>The segmentations of the scene: whose they are, volumes, slices, comparison, export.</source>
        <translation type="unfinished">Die Segmentierungen der Szene: von wem sie sind, Volumen, Schichten, Vergleich, Export.</translation>
    </message>
</context>
<context>
    <name>picking.cart</name>
    <message>
        <source>Everything is already in the cart.</source>
        <translation type="unfinished">Alles ist schon im Korb.</translation>
    </message>
    <message>
        <source>analysis result is</source>
        <translation type="unfinished">Analyseergebnis ist</translation>
    </message>
    <message>
        <source>analysis results are</source>
        <translation type="unfinished">Analyseergebnisse sind</translation>
    </message>
    <message>
        <source>case is</source>
        <translation type="unfinished">Fall ist</translation>
    </message>
    <message>
        <source>cases are</source>
        <translation type="unfinished">Fälle sind</translation>
    </message>
    <message>
        <source>collection is</source>
        <translation type="unfinished">Sammlung ist</translation>
    </message>
    <message>
        <source>collections are</source>
        <translation type="unfinished">Sammlungen sind</translation>
    </message>
    <message>
        <source>item</source>
        <translation type="unfinished">Eintrag</translation>
    </message>
    <message>
        <source>items</source>
        <translation type="unfinished">Einträge</translation>
    </message>
    <message>
        <source>series are</source>
        <translation type="unfinished">Serien sind</translation>
    </message>
    <message>
        <source>series is</source>
        <translation type="unfinished">Serie ist</translation>
    </message>
    <message>
        <source>studies are</source>
        <translation type="unfinished">Studien sind</translation>
    </message>
    <message>
        <source>study is</source>
        <translation type="unfinished">Studie ist</translation>
    </message>
    <message>
        <source>{rows} in the cart; the cart contains {count}.</source>
        <translation type="unfinished">{rows} im Korb; der Korb enthält {count}.</translation>
    </message>
</context>
<context>
    <name>picking.cart_page</name>
    <message>
        <source>&amp;Download</source>
        <translation type="unfinished">Herunterla&amp;den</translation>
    </message>
    <message>
        <source>&amp;Empty</source>
        <translation type="unfinished">L&amp;eeren</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation type="unfinished">Entfe&amp;rnen</translation>
    </message>
    <message>
        <source>&amp;Remove from the cart</source>
        <translation type="unfinished">Aus dem Ko&amp;rb entfernen</translation>
    </message>
    <message>
        <source>&amp;Show in tables</source>
        <translation type="unfinished">&amp;In den Tabellen zeigen</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation type="unfinished">&amp;Rückgängig</translation>
    </message>
    <message>
        <source>A SEG or RTSTRUCT is displayed over the images it refers to. Download them as well.</source>
        <translation type="unfinished">SEG oder RTSTRUCT werden über den Bildern gezeigt, auf die sie sich beziehen. Diese mit herunterladen.</translation>
    </message>
    <message>
        <source>Cart</source>
        <translation type="unfinished">Korb</translation>
    </message>
    <message>
        <source>Cart ({count})</source>
        <translation type="unfinished">Korb ({count})</translation>
    </message>
    <message>
        <source>Con&amp;tent:</source>
        <translation type="unfinished">Inhal&amp;t:</translation>
    </message>
    <message>
        <source>Download and &amp;load</source>
        <translation type="unfinished">Herunter&amp;laden und laden</translation>
    </message>
    <message>
        <source>Download the cart to {folder} and add it to the DICOM database.</source>
        <translation type="unfinished">Den Korb nach {folder} herunterladen und in die DICOM-Datenbank aufnehmen.</translation>
    </message>
    <message>
        <source>Download the cart to {folder} and load it with its segmentations.</source>
        <translation type="unfinished">Den Korb nach {folder} herunterladen und mit seinen Segmentierungen laden.</translation>
    </message>
    <message>
        <source>Include objects derived fro&amp;m these images</source>
        <translation type="unfinished">&amp;Mit Objekten, die aus diesen Bildern entstanden</translation>
    </message>
    <message>
        <source>Include referenced &amp;images</source>
        <translation type="unfinished">M&amp;it referenzierten Bildern</translation>
    </message>
    <message>
        <source>Remove everything from the cart. "Undo" restores it.</source>
        <translation type="unfinished">Alles aus dem Korb entfernen. „Rückgängig“ stellt es wieder her.</translation>
    </message>
    <message>
        <source>Remove the selected items from the cart (Delete).</source>
        <translation type="unfinished">Die ausgewählten Einträge aus dem Korb entfernen (Entf).</translation>
    </message>
    <message>
        <source>S&amp;how in tables</source>
        <translation type="unfinished">&amp;In den Tabellen zeigen</translation>
    </message>
    <message>
        <source>Sa&amp;ve as</source>
        <translation type="unfinished">&amp;Speichern unter</translation>
    </message>
    <message>
        <source>Segmentations, structure sets, reports and other objects derived from the images in the cart.</source>
        <translation type="unfinished">Segmentierungen, Structure Sets, Berichte und andere Objekte, die aus den Bildern im Korb entstanden sind.</translation>
    </message>
    <message>
        <source>Show &amp;all</source>
        <translation type="unfinished">&amp;Alle zeigen</translation>
    </message>
    <message>
        <source>Show only what is in the cart in the tables of the Browse page.</source>
        <translation type="unfinished">In den Tabellen der Seite „Durchsuchen“ nur zeigen, was im Korb ist.</translation>
    </message>
    <message>
        <source>Show the current item in the tables of the Browse page (Enter).</source>
        <translation type="unfinished">Den aktuellen Eintrag in den Tabellen der Seite „Durchsuchen“ zeigen (Eingabetaste).</translation>
    </message>
    <message>
        <source>Undo the last change to the cart (Ctrl+Z).</source>
        <translation type="unfinished">Die letzte Änderung am Korb rückgängig machen (Strg+Z).</translation>
    </message>
    <message>
        <source>cart</source>
        <translation type="unfinished">korb</translation>
    </message>
</context>
<context>
    <name>picking.cart_text</name>
    <message>
        <source> and </source>
        <translation type="unfinished"> und </translation>
    </message>
    <message>
        <source> or </source>
        <translation type="unfinished"> oder </translation>
    </message>
    <message>
        <source>Counting...</source>
        <translation type="unfinished">Wird gezählt ...</translation>
    </message>
    <message>
        <source>Select rows in the tables and press "Add to cart". They stay in the cart until you remove them.</source>
        <translation type="unfinished">Wählen Sie Zeilen in den Tabellen und drücken Sie „In den Korb“. Sie bleiben im Korb, bis Sie sie entfernen.</translation>
    </message>
    <message>
        <source>The cart is empty</source>
        <translation type="unfinished">Der Korb ist leer</translation>
    </message>
    <message>
        <source>from {low} to {high}</source>
        <translation type="unfinished">von {low} bis {high}</translation>
    </message>
    <message>
        <source>not {values}</source>
        <translation type="unfinished">nicht {values}</translation>
    </message>
    <message>
        <source>{count} more</source>
        <translation type="unfinished">{count} weitere</translation>
    </message>
</context>
<context>
    <name>picking.cart_tree</name>
    <message>
        <source>All cases</source>
        <translation type="unfinished">Alle Fälle</translation>
    </message>
    <message>
        <source>Analysis result</source>
        <translation type="unfinished">Analyseergebnis</translation>
    </message>
    <message>
        <source>Case</source>
        <translation type="unfinished">Fall</translation>
    </message>
    <message>
        <source>Collection</source>
        <translation type="unfinished">Sammlung</translation>
    </message>
    <message>
        <source>Collection, case</source>
        <translation type="unfinished">Sammlung, Fall</translation>
    </message>
    <message>
        <source>Entire collection</source>
        <translation type="unfinished">Ganze Sammlung</translation>
    </message>
    <message>
        <source>Filters</source>
        <translation type="unfinished">Filter</translation>
    </message>
    <message>
        <source>Item</source>
        <translation type="unfinished">Eintrag</translation>
    </message>
    <message>
        <source>Items in the cart</source>
        <translation type="unfinished">Einträge im Korb</translation>
    </message>
    <message>
        <source>License</source>
        <translation type="unfinished">Lizenz</translation>
    </message>
    <message>
        <source>Not in this IDC release</source>
        <translation type="unfinished">Nicht in diesem IDC-Release</translation>
    </message>
    <message>
        <source>Series</source>
        <translation type="unfinished">Serien</translation>
    </message>
    <message>
        <source>Show {count} more ({left} not shown)</source>
        <translation type="unfinished">{count} weitere zeigen ({left} nicht gezeigt)</translation>
    </message>
    <message>
        <source>Size</source>
        <translation type="unfinished">Größe</translation>
    </message>
    <message>
        <source>Study</source>
        <translation type="unfinished">Studie</translation>
    </message>
    <message>
        <source>item</source>
        <translation type="unfinished">Eintrag</translation>
    </message>
    <message>
        <source>items</source>
        <translation type="unfinished">Einträge</translation>
    </message>
</context>
<context>
    <name>picking.disk_space</name>
    <message>
        <source>Everything is already on this computer.</source>
        <translation type="unfinished">Alles ist schon auf diesem Computer.</translation>
    </message>
    <message>
        <source>Not enough disk space: {needed} to download, {free} free.</source>
        <translation type="unfinished">Zu wenig Speicherplatz: {needed} herunterzuladen, {free} frei.</translation>
    </message>
    <message>
        <source>{needed} to download, {free} free.</source>
        <translation type="unfinished">{needed} herunterzuladen, {free} frei.</translation>
    </message>
    <message>
        <source>{needed} to download, {free} free; about {time}.</source>
        <translation type="unfinished">{needed} herunterzuladen, {free} frei; etwa {time}.</translation>
    </message>
</context>
<context>
    <name>picking.disk_space_line</name>
    <message>
        <source>{text} In the download folder, {folder}</source>
        <translation type="unfinished">{text} Im Download-Ordner {folder}</translation>
    </message>
</context>
<context>
    <name>picking.opened_set</name>
    <message>
        <source>No series of this IDC release is in {name}.</source>
        <translation type="unfinished">Keine Serie dieses IDC-Release ist in {name}.</translation>
    </message>
</context>
<context>
    <name>picking.picked</name>
    <message>
        <source>At most {limit} series can be loaded at once. Select fewer series, or use "Download".</source>
        <translation type="unfinished">Höchstens {limit} Serien können auf einmal geladen werden. Wählen Sie weniger Serien, oder nehmen Sie „Herunterladen“.</translation>
    </message>
    <message>
        <source>Select collections, cases, studies or series first.</source>
        <translation type="unfinished">Wählen Sie zuerst Sammlungen, Fälle, Studien oder Serien.</translation>
    </message>
    <message>
        <source>The cart is empty.</source>
        <translation type="unfinished">Der Korb ist leer.</translation>
    </message>
    <message>
        <source>The selection contains nothing of this kind. Choose other content.</source>
        <translation type="unfinished">Die Auswahl enthält nichts dieser Art. Wählen Sie anderen Inhalt.</translation>
    </message>
    <message>
        <source>The series to download are still being looked up. Wait a moment.</source>
        <translation type="unfinished">Die herunterzuladenden Serien werden noch ermittelt. Warten Sie einen Moment.</translation>
    </message>
</context>
<context>
    <name>picking.preset_box</name>
    <message>
        <source>Content</source>
        <translation type="unfinished">Inhalt</translation>
    </message>
    <message>
        <source>Everything and derived objects</source>
        <translation type="unfinished">Alles und daraus Entstandenes</translation>
    </message>
    <message>
        <source>What to download or save: everything, original images, annotations, one modality...</source>
        <translation type="unfinished">Was heruntergeladen oder gespeichert wird: alles, Originalbilder, Annotationen, eine Modalität ...</translation>
    </message>
</context>
<context>
    <name>picking.selection_actions</name>
    <message>
        <source>BibTeX copied to the clipboard.</source>
        <translation type="unfinished">BibTeX in die Zwischenablage kopiert.</translation>
    </message>
    <message>
        <source>CSV table...</source>
        <translation type="unfinished">CSV-Tabelle ...</translation>
    </message>
    <message>
        <source>Citations copied to the clipboard.</source>
        <translation type="unfinished">Literaturangaben in die Zwischenablage kopiert.</translation>
    </message>
    <message>
        <source>Downloads exactly the same files later, even if IDC has newer versions of them.</source>
        <translation type="unfinished">Lädt später genau dieselben Dateien herunter, auch wenn IDC neuere Versionen davon hat.</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation type="unfinished">Alles</translation>
    </message>
    <message>
        <source>Folder to share...</source>
        <translation type="unfinished">Ordner zum Teilen ...</translation>
    </message>
    <message>
        <source>For s5cmd, idc-index and IDC Browser; names the Amazon (AWS) buckets.</source>
        <translation type="unfinished">Für s5cmd, idc-index und IDC Browser; nennt die Buckets von Amazon (AWS).</translation>
    </message>
    <message>
        <source>For s5cmd, idc-index and IDC Browser; names the Google (GCS) buckets.</source>
        <translation type="unfinished">Für s5cmd, idc-index und IDC Browser; nennt die Buckets von Google (GCS).</translation>
    </message>
    <message>
        <source>JSON...</source>
        <translation type="unfinished">JSON ...</translation>
    </message>
    <message>
        <source>Lock file...</source>
        <translation type="unfinished">Sperrdatei ...</translation>
    </message>
    <message>
        <source>Methods text copied to the clipboard.</source>
        <translation type="unfinished">Methodentext in die Zwischenablage kopiert.</translation>
    </message>
    <message>
        <source>Names this cohort for others: manifests, table, lock file, methods text, citations.</source>
        <translation type="unfinished">Benennt diese Kohorte für andere: Manifeste, Tabelle, Sperrdatei, Methodentext, Literaturangaben.</translation>
    </message>
    <message>
        <source>One row per series, separated by tabs.</source>
        <translation type="unfinished">Eine Zeile je Serie, mit Tabulatoren getrennt.</translation>
    </message>
    <message>
        <source>One row per series, with the column names of idc-index.</source>
        <translation type="unfinished">Eine Zeile je Serie, mit den Spaltennamen von idc-index.</translation>
    </message>
    <message>
        <source>Only annotations</source>
        <translation type="unfinished">Nur Annotationen</translation>
    </message>
    <message>
        <source>Only licensed for commercial use</source>
        <translation type="unfinished">Nur für kommerzielle Nutzung lizenziert</translation>
    </message>
    <message>
        <source>Only original images</source>
        <translation type="unfinished">Nur Originalbilder</translation>
    </message>
    <message>
        <source>Only {modality}</source>
        <translation type="unfinished">Nur {modality}</translation>
    </message>
    <message>
        <source>Saved {lines} to {path}.</source>
        <translation type="unfinished">{lines} in {path} gespeichert.</translation>
    </message>
    <message>
        <source>Saved {series} to {path}.</source>
        <translation type="unfinished">{series} in {path} gespeichert.</translation>
    </message>
    <message>
        <source>Series, sizes and licenses, for programs.</source>
        <translation type="unfinished">Serien, Größen und Lizenzen, für Programme.</translation>
    </message>
    <message>
        <source>TSV table...</source>
        <translation type="unfinished">TSV-Tabelle ...</translation>
    </message>
    <message>
        <source>The selection contains nothing of this kind, so nothing was saved.</source>
        <translation type="unfinished">Die Auswahl enthält nichts dieser Art, deshalb wurde nichts gespeichert.</translation>
    </message>
    <message>
        <source>Without slide microscopy</source>
        <translation type="unfinished">Ohne Schnittmikroskopie</translation>
    </message>
    <message>
        <source>line</source>
        <translation type="unfinished">Zeile</translation>
    </message>
    <message>
        <source>lines</source>
        <translation type="unfinished">Zeilen</translation>
    </message>
    <message>
        <source>s5cmd manifest (AWS)...</source>
        <translation type="unfinished">s5cmd-Manifest (AWS) ...</translation>
    </message>
    <message>
        <source>s5cmd manifest (GCS)...</source>
        <translation type="unfinished">s5cmd-Manifest (GCS) ...</translation>
    </message>
    <message>
        <source>series</source>
        <translation type="unfinished">Serien|Serie</translation>
    </message>
</context>
<context>
    <name>picking.selection_panel</name>
    <message>
        <source>&amp;Download</source>
        <translation type="unfinished">Herunterla&amp;den</translation>
    </message>
    <message>
        <source>A SEG or RTSTRUCT is displayed over the images it refers to. Download them as well.</source>
        <translation type="unfinished">SEG oder RTSTRUCT werden über den Bildern gezeigt, auf die sie sich beziehen. Diese mit herunterladen.</translation>
    </message>
    <message>
        <source>Add the selected rows to the cart, which is kept across collections and sessions.</source>
        <translation type="unfinished">Die ausgewählten Zeilen in den Korb legen, der über Sammlungen und Sitzungen hinweg bleibt.</translation>
    </message>
    <message>
        <source>Add to cart</source>
        <translation type="unfinished">In den Korb</translation>
    </message>
    <message>
        <source>C&amp;hange...</source>
        <translation type="unfinished">Ä&amp;ndern ...</translation>
    </message>
    <message>
        <source>CSV (*.csv);;TSV (*.tsv);;JSON (*.json)</source>
        <translation type="unfinished">CSV (*.csv);;TSV (*.tsv);;JSON (*.json)</translation>
    </message>
    <message>
        <source>Choose the download folder.</source>
        <translation type="unfinished">Den Download-Ordner wählen.</translation>
    </message>
    <message>
        <source>Clear &amp;plan</source>
        <translation type="unfinished">&amp;Plan verwerfen</translation>
    </message>
    <message>
        <source>Discard what was opened without downloading it.</source>
        <translation type="unfinished">Verwerfen, was geöffnet wurde, ohne es herunterzuladen.</translation>
    </message>
    <message>
        <source>Download and &amp;load</source>
        <translation type="unfinished">Herunter&amp;laden und laden</translation>
    </message>
    <message>
        <source>Download folder</source>
        <translation type="unfinished">Download-Ordner</translation>
    </message>
    <message>
        <source>Download the selection and add it to the DICOM database.</source>
        <translation type="unfinished">Die Auswahl herunterladen und in die DICOM-Datenbank aufnehmen.</translation>
    </message>
    <message>
        <source>Include re&amp;ferenced images</source>
        <translation type="unfinished">Mit re&amp;ferenzierten Bildern</translation>
    </message>
    <message>
        <source>Save as</source>
        <translation type="unfinished">Speichern unter</translation>
    </message>
    <message>
        <source>Save skipped lines</source>
        <translation type="unfinished">Übersprungene Zeilen speichern</translation>
    </message>
    <message>
        <source>Save skipped lines...</source>
        <translation type="unfinished">Übersprungene Zeilen speichern ...</translation>
    </message>
    <message>
        <source>Save the skipped lines and the reasons to a table.</source>
        <translation type="unfinished">Die übersprungenen Zeilen mit den Gründen in einer Tabelle speichern.</translation>
    </message>
    <message>
        <source>Select rows in the tables to add them.</source>
        <translation type="unfinished">Wählen Sie Zeilen in den Tabellen, um sie in den Korb zu legen.</translation>
    </message>
    <message>
        <source>To:</source>
        <translation type="unfinished">Nach:</translation>
    </message>
    <message>
        <source>selection</source>
        <translation type="unfinished">auswahl</translation>
    </message>
    <message>
        <source>skipped lines.csv</source>
        <translation type="unfinished">übersprungene Zeilen.csv</translation>
    </message>
</context>
<context>
    <name>picking.selection_text</name>
    <message>
        <source>Counting...</source>
        <translation type="unfinished">Wird gezählt ...</translation>
    </message>
    <message>
        <source>From {name}. Nothing has been downloaded yet.</source>
        <translation type="unfinished">Aus {name}. Noch wurde nichts heruntergeladen.</translation>
    </message>
    <message>
        <source>Licenses: {names}</source>
        <translation type="unfinished">Lizenzen: {names}</translation>
    </message>
    <message>
        <source>Looking up {name}...</source>
        <translation type="unfinished">{name} wird ermittelt ...</translation>
    </message>
    <message>
        <source>Modalities: {names}</source>
        <translation type="unfinished">Modalitäten: {names}</translation>
    </message>
    <message>
        <source>No commercial use: {names}</source>
        <translation type="unfinished">Keine kommerzielle Nutzung: {names}</translation>
    </message>
    <message>
        <source>Nothing selected</source>
        <translation type="unfinished">Nichts ausgewählt</translation>
    </message>
    <message>
        <source>Select collections, cases, studies or series in the tables to download them.</source>
        <translation type="unfinished">Wählen Sie in den Tabellen Sammlungen, Fälle, Studien oder Serien zum Herunterladen.</translation>
    </message>
    <message>
        <source>This includes up to {series} ({size}) of related data: where no index file states what belongs together, the whole study is counted.</source>
        <translation type="unfinished">Darin sind bis zu {series} ({size}) verwandte Daten: Wo keine Indexdatei sagt, was zusammengehört, zählt die ganze Studie.</translation>
    </message>
    <message>
        <source>This includes {series} ({size}) of related data.</source>
        <translation type="unfinished">Darin sind {series} ({size}) verwandte Daten.</translation>
    </message>
    <message>
        <source>case</source>
        <translation type="unfinished">Fall</translation>
    </message>
    <message>
        <source>cases</source>
        <translation type="unfinished">Fälle</translation>
    </message>
    <message>
        <source>collection</source>
        <translation type="unfinished">Sammlung</translation>
    </message>
    <message>
        <source>collections</source>
        <translation type="unfinished">Sammlungen</translation>
    </message>
    <message>
        <source>line</source>
        <translation type="unfinished">Zeile</translation>
    </message>
    <message>
        <source>lines</source>
        <translation type="unfinished">Zeilen</translation>
    </message>
    <message>
        <source>series</source>
        <translation type="unfinished">Serien|Serie</translation>
    </message>
    <message>
        <source>studies</source>
        <translation type="unfinished">Studien</translation>
    </message>
    <message>
        <source>study</source>
        <translation type="unfinished">Studie</translation>
    </message>
    <message>
        <source>{count} more</source>
        <translation type="unfinished">{count} weitere</translation>
    </message>
    <message>
        <source>{count} skipped, see Results</source>
        <translation type="unfinished">{count} übersprungen, siehe „Ergebnisse“</translation>
    </message>
    <message>
        <source>{series}, {size}</source>
        <translation type="unfinished">{series}, {size}</translation>
    </message>
    <message>
        <source>{series}, {size} ({part})</source>
        <translation type="unfinished">{series}, {size} ({part})</translation>
    </message>
</context>
<context>
    <name>picking.source_plan</name>
    <message>
        <source>First reason: {reason}.</source>
        <translation type="unfinished">Erster Grund: {reason}.</translation>
    </message>
    <message>
        <source>The selection contains nothing of this kind. Choose other content.</source>
        <translation type="unfinished">Die Auswahl enthält nichts dieser Art. Wählen Sie anderen Inhalt.</translation>
    </message>
    <message>
        <source>{name} contains nothing to download.</source>
        <translation type="unfinished">{name} enthält nichts zum Herunterladen.</translation>
    </message>
</context>
<context>
    <name>picking.working_set</name>
    <message>
        <source>Only {name}, {series}</source>
        <translation type="unfinished">Nur {name}, {series}</translation>
    </message>
    <message>
        <source>Opening {name}...</source>
        <translation type="unfinished">{name} wird geöffnet ...</translation>
    </message>
    <message>
        <source>rows of the query</source>
        <translation type="unfinished">Zeilen der Abfrage</translation>
    </message>
    <message>
        <source>series</source>
        <translation type="unfinished">Serien|Serie</translation>
    </message>
    <message>
        <source>the cart</source>
        <translation type="unfinished">der Korb</translation>
    </message>
    <message>
        <source>{count} not found</source>
        <translation type="unfinished">{count} nicht gefunden</translation>
    </message>
    <message>
        <source>{count} of the series are named in an earlier version: the tables show the current one, a download gets the earlier.</source>
        <translation type="unfinished">{count} der Serien sind in einer früheren Version genannt: Die Tabellen zeigen die aktuelle, ein Download holt die frühere.</translation>
    </message>
</context>
<context>
    <name>reports.reports</name>
    <message>
        <source>Saved as {path} and opened with the program for such files.</source>
        <translation type="unfinished">Als {path} gespeichert und mit dem Programm für solche Dateien geöffnet.</translation>
    </message>
    <message>
        <source>Saved as {path}.</source>
        <translation type="unfinished">Gespeichert als {path}.</translation>
    </message>
    <message>
        <source>Saved as {path}. Files of this type are not opened from here.</source>
        <translation type="unfinished">Gespeichert als {path}. Dateien dieser Art werden von hier aus nicht geöffnet.</translation>
    </message>
    <message>
        <source>The report does not name the series of its segmentation, so it cannot be found.</source>
        <translation type="unfinished">Der Bericht nennt die Serie seiner Segmentierung nicht, deshalb kann sie nicht gefunden werden.</translation>
    </message>
    <message>
        <source>The report does not say on which images this was measured.</source>
        <translation type="unfinished">Der Bericht sagt nicht, auf welchen Bildern gemessen wurde.</translation>
    </message>
    <message>
        <source>The report does not say where this was measured.</source>
        <translation type="unfinished">Der Bericht sagt nicht, wo gemessen wurde.</translation>
    </message>
    <message>
        <source>This was measured on the whole image.</source>
        <translation type="unfinished">Es wurde auf dem ganzen Bild gemessen.</translation>
    </message>
    <message>
        <source>What was measured on is not on this computer: download series {uid} (with Add related series, or by its UID), then try again.</source>
        <translation type="unfinished">Worauf gemessen wurde, ist nicht auf diesem Computer: Laden Sie die Serie {uid} herunter (mit den verwandten Serien oder über ihre UID) und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>measurement</source>
        <translation type="unfinished">Messwert</translation>
    </message>
    <message>
        <source>measurements</source>
        <translation type="unfinished">Messwerte</translation>
    </message>
    <message>
        <source>{count} files saved to {folder}.</source>
        <translation type="unfinished">{count} Dateien in {folder} gespeichert.</translation>
    </message>
    <message>
        <source>{count} saved to {path}.</source>
        <translation type="unfinished">{count} in {path} gespeichert.</translation>
    </message>
</context>
<context>
    <name>reports.reports_page</name>
    <message>
        <source>&amp;Copy</source>
        <translation type="unfinished">&amp;Kopieren</translation>
    </message>
    <message>
        <source>&amp;Copy rows</source>
        <translation type="unfinished">&amp;Zeilen kopieren</translation>
    </message>
    <message>
        <source>&amp;Open with another program</source>
        <translation type="unfinished">Mit anderem Pr&amp;ogramm öffnen</translation>
    </message>
    <message>
        <source>&amp;Show in views</source>
        <translation type="unfinished">In den An&amp;sichten zeigen</translation>
    </message>
    <message>
        <source>... and {count} more lines</source>
        <translation type="unfinished">... und {count} weitere Zeilen</translation>
    </message>
    <message>
        <source>Algorithm</source>
        <translation type="unfinished">Algorithmus</translation>
    </message>
    <message>
        <source>Bring the segment, region or point of the selected measurement into the views.</source>
        <translation type="unfinished">Segment, Region oder Punkt des ausgewählten Messwerts in die Ansichten bringen.</translation>
    </message>
    <message>
        <source>CSV (*.csv);;Parquet (*.parquet)</source>
        <translation type="unfinished">CSV (*.csv);;Parquet (*.parquet)</translation>
    </message>
    <message>
        <source>Case</source>
        <translation type="unfinished">Fall</translation>
    </message>
    <message>
        <source>Copy the selected rows, or all that have been displayed.</source>
        <translation type="unfinished">Die ausgewählten Zeilen kopieren, oder alle, die angezeigt wurden.</translation>
    </message>
    <message>
        <source>Derivation</source>
        <translation type="unfinished">Ableitung</translation>
    </message>
    <message>
        <source>Filter measurements</source>
        <translation type="unfinished">Messwerte filtern</translation>
    </message>
    <message>
        <source>Finding</source>
        <translation type="unfinished">Befund</translation>
    </message>
    <message>
        <source>From &amp;IDC's tables</source>
        <translation type="unfinished">Aus IDCs &amp;Tabellen</translation>
    </message>
    <message>
        <source>Group</source>
        <translation type="unfinished">Gruppe</translation>
    </message>
    <message>
        <source>In all rows: {what}</source>
        <translation type="unfinished">In allen Zeilen: {what}</translation>
    </message>
    <message>
        <source>Measurement</source>
        <translation type="unfinished">Messung</translation>
    </message>
    <message>
        <source>Measurements</source>
        <translation type="unfinished">Messwerte</translation>
    </message>
    <message>
        <source>Measurements ({kinds})</source>
        <translation type="unfinished">Messwerte ({kinds})</translation>
    </message>
    <message>
        <source>Method</source>
        <translation type="unfinished">Methode</translation>
    </message>
    <message>
        <source>No rows are selected. Select collections, cases, studies or series on the page Browse.</source>
        <translation type="unfinished">Keine Zeilen sind ausgewählt. Wählen Sie auf der Seite Durchsuchen Sammlungen, Fälle, Studien oder Serien.</translation>
    </message>
    <message>
        <source>Nothing is open. Select a report (SR), plan, key object selection or document in the tables and press "Download and load".</source>
        <translation type="unfinished">Nichts ist geöffnet. Wählen Sie in den Tabellen einen Bericht (SR), einen Plan, eine Key-Object-Auswahl oder ein Dokument und drücken Sie „Herunterladen und laden“.</translation>
    </message>
    <message>
        <source>Open &amp;measurements...</source>
        <translation type="unfinished">&amp;Messwerte öffnen...</translation>
    </message>
    <message>
        <source>Open a CSV or Parquet file of measurements that was saved here or made on the command line.</source>
        <translation type="unfinished">Eine CSV- oder Parquet-Datei mit Messwerten öffnen, die hier gespeichert oder auf der Kommandozeile erzeugt wurde.</translation>
    </message>
    <message>
        <source>Open measurements</source>
        <translation type="unfinished">Messwerte öffnen</translation>
    </message>
    <message>
        <source>Read what IDC's own tables hold of the selected rows: measurements, ratings and segments. No report is downloaded.</source>
        <translation type="unfinished">Lesen, was IDCs eigene Tabellen zu den ausgewählten Zeilen enthalten: Messwerte, Bewertungen und Segmente. Kein Bericht wird heruntergeladen.</translation>
    </message>
    <message>
        <source>Reading...</source>
        <translation type="unfinished">Wird gelesen ...</translation>
    </message>
    <message>
        <source>Reports</source>
        <translation type="unfinished">Berichte</translation>
    </message>
    <message>
        <source>Sa&amp;ve as...</source>
        <translation type="unfinished">&amp;Speichern unter ...</translation>
    </message>
    <message>
        <source>Save &amp;to folder...</source>
        <translation type="unfinished">&amp;In Ordner speichern...</translation>
    </message>
    <message>
        <source>Save measurements</source>
        <translation type="unfinished">Messwerte speichern</translation>
    </message>
    <message>
        <source>Save the measurements shown, with all codes, to a CSV or Parquet file.</source>
        <translation type="unfinished">Die gezeigten Messwerte mit allen Codes als CSV- oder Parquet-Datei speichern.</translation>
    </message>
    <message>
        <source>Save to folder</source>
        <translation type="unfinished">In Ordner speichern</translation>
    </message>
    <message>
        <source>Save what is inside and open it with the system's program.</source>
        <translation type="unfinished">Den Inhalt speichern und mit dem Programm des Systems öffnen.</translation>
    </message>
    <message>
        <source>Save what is inside, such as a PDF or video, to a folder of yours.</source>
        <translation type="unfinished">Den Inhalt, etwa ein PDF oder Video, in einem Ordner Ihrer Wahl speichern.</translation>
    </message>
    <message>
        <source>Segment</source>
        <translation type="unfinished">Segment</translation>
    </message>
    <message>
        <source>Session</source>
        <translation type="unfinished">Sitzung</translation>
    </message>
    <message>
        <source>Show only measurements in which all these words occur.</source>
        <translation type="unfinished">Nur Messwerte zeigen, in denen alle diese Wörter vorkommen.</translation>
    </message>
    <message>
        <source>Side</source>
        <translation type="unfinished">Seite</translation>
    </message>
    <message>
        <source>Site</source>
        <translation type="unfinished">Ort</translation>
    </message>
    <message>
        <source>Text of the report</source>
        <translation type="unfinished">Text des Berichts</translation>
    </message>
    <message>
        <source>Time point</source>
        <translation type="unfinished">Zeitpunkt</translation>
    </message>
    <message>
        <source>Tracking</source>
        <translation type="unfinished">Verfolgung</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation type="unfinished">Einheit</translation>
    </message>
    <message>
        <source>Value</source>
        <translation type="unfinished">Wert</translation>
    </message>
    <message>
        <source>measurement</source>
        <translation type="unfinished">Messwert</translation>
    </message>
    <message>
        <source>measurements</source>
        <translation type="unfinished">Messwerte</translation>
    </message>
    <message>
        <source>{shown} of {all}</source>
        <translation type="unfinished">{shown} von {all}</translation>
    </message>
    <message>
        <source>{title}, and {count} more</source>
        <translation type="unfinished">{title}, und {count} weitere</translation>
    </message>
</context>
<context>
    <name>review.answer_fields</name>
    <message>
        <source>Kept when you press Enter or go on.</source>
        <translation type="unfinished">Wird behalten, wenn Sie die Eingabetaste drücken oder weitergehen.</translation>
    </message>
    <message>
        <source>No</source>
        <translation type="unfinished">Nein</translation>
    </message>
    <message>
        <source>Press again to take the answer back.</source>
        <translation type="unfinished">Erneut drücken, um die Antwort zurückzunehmen.</translation>
    </message>
    <message>
        <source>Yes</source>
        <translation type="unfinished">Ja</translation>
    </message>
</context>
<context>
    <name>review.corrections</name>
    <message>
        <source>The images of the corrected segmentation are not in the DICOM database, so it cannot be saved.</source>
        <translation type="unfinished">Die Bilder der korrigierten Segmentierung sind nicht in der DICOM-Datenbank, daher kann sie nicht gespeichert werden.</translation>
    </message>
    <message>
        <source>{name} has no voxels on a single grid, so the correction cannot be saved.</source>
        <translation type="unfinished">{name} hat keine Voxel auf einem einzigen Gitter, daher kann die Korrektur nicht gespeichert werden.</translation>
    </message>
</context>
<context>
    <name>review.entry_loading</name>
    <message>
        <source>Fetching: {percent} %</source>
        <translation type="unfinished">Herunterladen: {percent} %</translation>
    </message>
    <message>
        <source>Loading...</source>
        <translation type="unfinished">Wird geladen ...</translation>
    </message>
    <message>
        <source>The disk is full. The entry is fetched when there is space.</source>
        <translation type="unfinished">Der Datenträger ist voll. Der Eintrag wird geladen, sobald Platz ist.</translation>
    </message>
    <message>
        <source>The entry has {count} series more than are loaded at once ({limit}). A list of images or studies has smaller entries.</source>
        <translation type="unfinished">Der Eintrag hat {count} Serien mehr, als auf einmal geladen werden ({limit}). Eine Liste aus Bildern oder Studien hat kleinere Einträge.</translation>
    </message>
</context>
<context>
    <name>review.entry_scene</name>
    <message>
        <source>Loading your corrections...</source>
        <translation type="unfinished">Ihre Korrekturen werden geladen...</translation>
    </message>
    <message>
        <source>Saving the corrected segmentation...</source>
        <translation type="unfinished">Die korrigierte Segmentierung wird gespeichert...</translation>
    </message>
</context>
<context>
    <name>review.entry_view</name>
    <message>
        <source>Answers</source>
        <translation type="unfinished">Antworten</translation>
    </message>
    <message>
        <source>Begin</source>
        <translation type="unfinished">Beginnen</translation>
    </message>
    <message>
        <source>Change...</source>
        <translation type="unfinished">Ändern...</translation>
    </message>
    <message>
        <source>Correct...</source>
        <translation type="unfinished">Korrigieren...</translation>
    </message>
    <message>
        <source>Go to where this reader stopped.</source>
        <translation type="unfinished">Dorthin gehen, wo dieser Leser aufgehört hat.</translation>
    </message>
    <message>
        <source>Load again</source>
        <translation type="unfinished">Erneut laden</translation>
    </message>
    <message>
        <source>Load this entry once more.</source>
        <translation type="unfinished">Diesen Eintrag noch einmal laden.</translation>
    </message>
    <message>
        <source>Next (J)</source>
        <translation type="unfinished">Weiter (J)</translation>
    </message>
    <message>
        <source>Open the segmentation in Segment Editor; what you change is saved for you.</source>
        <translation type="unfinished">Die Segmentierung im Segment Editor öffnen; Änderungen werden für Sie gespeichert.</translation>
    </message>
    <message>
        <source>Previous (K)</source>
        <translation type="unfinished">Zurück (K)</translation>
    </message>
    <message>
        <source>Reader</source>
        <translation type="unfinished">Leser</translation>
    </message>
    <message>
        <source>Reader {reader}, {done} of {all} answered</source>
        <translation type="unfinished">Leser {reader}, {done} von {all} beantwortet</translation>
    </message>
    <message>
        <source>Segment</source>
        <translation type="unfinished">Segment</translation>
    </message>
    <message>
        <source>Segmentations are corrected in 3D Slicer: this window has no editor.</source>
        <translation type="unfinished">Segmentierungen werden in 3D Slicer korrigiert: dieses Fenster hat keinen Editor.</translation>
    </message>
    <message>
        <source>Segments</source>
        <translation type="unfinished">Segmente</translation>
    </message>
    <message>
        <source>Somebody else reads.</source>
        <translation type="unfinished">Jemand anderes liest.</translation>
    </message>
    <message>
        <source>Stands with your answers.</source>
        <translation type="unfinished">Steht bei Ihren Antworten.</translation>
    </message>
    <message>
        <source>The entry after this one. Key J.</source>
        <translation type="unfinished">Der Eintrag nach diesem. Taste J.</translation>
    </message>
    <message>
        <source>The entry before this one. Key K.</source>
        <translation type="unfinished">Der Eintrag vor diesem. Taste K.</translation>
    </message>
    <message>
        <source>This entry</source>
        <translation type="unfinished">Dieser Eintrag</translation>
    </message>
    <message>
        <source>Your name or initials</source>
        <translation type="unfinished">Ihr Name oder Kürzel</translation>
    </message>
    <message>
        <source>no</source>
        <translation type="unfinished">nein</translation>
    </message>
    <message>
        <source>yes</source>
        <translation type="unfinished">ja</translation>
    </message>
</context>
<context>
    <name>review.fetch_ahead</name>
    <message>
        <source>The disk is full: the next entries wait until there is space. What was answered is kept.</source>
        <translation type="unfinished">Der Datenträger ist voll: Die nächsten Einträge warten, bis Platz ist. Die Antworten bleiben erhalten.</translation>
    </message>
</context>
<context>
    <name>review.form_editor</name>
    <message>
        <source>About</source>
        <translation type="unfinished">Über</translation>
    </message>
    <message>
        <source>Add</source>
        <translation type="unfinished">Hinzufügen</translation>
    </message>
    <message>
        <source>Add a question.</source>
        <translation type="unfinished">Eine Frage hinzufügen.</translation>
    </message>
    <message>
        <source>Ask it earlier.</source>
        <translation type="unfinished">Früher fragen.</translation>
    </message>
    <message>
        <source>Ask it later.</source>
        <translation type="unfinished">Später fragen.</translation>
    </message>
    <message>
        <source>Asked about</source>
        <translation type="unfinished">Gefragt zu</translation>
    </message>
    <message>
        <source>Choice</source>
        <translation type="unfinished">Auswahl</translation>
    </message>
    <message>
        <source>Done</source>
        <translation type="unfinished">Fertig</translation>
    </message>
    <message>
        <source>Form (*.json)</source>
        <translation type="unfinished">Fragebogen (*.json)</translation>
    </message>
    <message>
        <source>Form (*.json);;All files (*)</source>
        <translation type="unfinished">Fragebogen (*.json);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Highest rating</source>
        <translation type="unfinished">Höchste Note</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation type="unfinished">Art</translation>
    </message>
    <message>
        <source>Lowest rating</source>
        <translation type="unfinished">Niedrigste Note</translation>
    </message>
    <message>
        <source>New question</source>
        <translation type="unfinished">Neue Frage</translation>
    </message>
    <message>
        <source>Open form</source>
        <translation type="unfinished">Fragebogen öffnen</translation>
    </message>
    <message>
        <source>Open...</source>
        <translation type="unfinished">Öffnen...</translation>
    </message>
    <message>
        <source>Options</source>
        <translation type="unfinished">Möglichkeiten</translation>
    </message>
    <message>
        <source>Question</source>
        <translation type="unfinished">Frage</translation>
    </message>
    <message>
        <source>Questions</source>
        <translation type="unfinished">Fragen</translation>
    </message>
    <message>
        <source>Rating</source>
        <translation type="unfinished">Note</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation type="unfinished">Entfernen</translation>
    </message>
    <message>
        <source>Remove the selected question.</source>
        <translation type="unfinished">Die ausgewählte Frage entfernen.</translation>
    </message>
    <message>
        <source>Save form</source>
        <translation type="unfinished">Fragebogen speichern</translation>
    </message>
    <message>
        <source>Save the questions to a file, for other lists and other people.</source>
        <translation type="unfinished">Die Fragen in einer Datei speichern, für andere Listen und andere Personen.</translation>
    </message>
    <message>
        <source>Save...</source>
        <translation type="unfinished">Speichern...</translation>
    </message>
    <message>
        <source>Take the questions of a file.</source>
        <translation type="unfinished">Die Fragen einer Datei übernehmen.</translation>
    </message>
    <message>
        <source>Text</source>
        <translation type="unfinished">Text</translation>
    </message>
    <message>
        <source>The question in words.</source>
        <translation type="unfinished">Die Frage in Worten.</translation>
    </message>
    <message>
        <source>Use these questions for the new list.</source>
        <translation type="unfinished">Diese Fragen für die neue Liste verwenden.</translation>
    </message>
    <message>
        <source>What can be chosen, separated by semicolons.</source>
        <translation type="unfinished">Was gewählt werden kann, durch Semikolons getrennt.</translation>
    </message>
    <message>
        <source>What is asked</source>
        <translation type="unfinished">Was gefragt wird</translation>
    </message>
    <message>
        <source>Yes or no</source>
        <translation type="unfinished">Ja oder nein</translation>
    </message>
    <message>
        <source>each segment</source>
        <translation type="unfinished">jedem Segment</translation>
    </message>
    <message>
        <source>from</source>
        <translation type="unfinished">von</translation>
    </message>
    <message>
        <source>good; acceptable; bad</source>
        <translation type="unfinished">gut; brauchbar; schlecht</translation>
    </message>
    <message>
        <source>the entry</source>
        <translation type="unfinished">dem Eintrag</translation>
    </message>
    <message>
        <source>to</source>
        <translation type="unfinished">bis</translation>
    </message>
</context>
<context>
    <name>review.review</name>
    <message>
        <source>Every entry has answers of {reader}.</source>
        <translation type="unfinished">Jeder Eintrag hat Antworten von {reader}.</translation>
    </message>
    <message>
        <source>Loading...</source>
        <translation type="unfinished">Wird geladen ...</translation>
    </message>
    <message>
        <source>Looking up the entries...</source>
        <translation type="unfinished">Einträge werden gesucht...</translation>
    </message>
    <message>
        <source>Opening {file}...</source>
        <translation type="unfinished">{file} wird geöffnet...</translation>
    </message>
    <message>
        <source>The scene was closed. What you answered and corrected is kept; load the entry again, or go on.</source>
        <translation type="unfinished">Die Szene wurde geschlossen. Ihre Antworten und Korrekturen sind gespeichert; laden Sie den Eintrag neu, oder gehen Sie weiter.</translation>
    </message>
    <message>
        <source>This is the first entry of the list.</source>
        <translation type="unfinished">Dies ist der erste Eintrag der Liste.</translation>
    </message>
    <message>
        <source>This is the last entry of the list.</source>
        <translation type="unfinished">Dies ist der letzte Eintrag der Liste.</translation>
    </message>
    <message>
        <source>Written: {what}, {count} answers.</source>
        <translation type="unfinished">Geschrieben: {what}, {count} Antworten.</translation>
    </message>
    <message>
        <source>{count} files</source>
        <translation type="unfinished">{count} Dateien</translation>
    </message>
    <message>
        <source>{count} lines name nothing in IDC, the first is {line}. The list has the others.</source>
        <translation type="unfinished">{count} Zeilen benennen nichts in IDC, die erste ist {line}. Die Liste enthält die übrigen.</translation>
    </message>
    <message>
        <source>{large} of {all} entries have more series than are loaded at once ({limit}), up to {most}: segmentations come first, the rest is skipped. With an image series or a study as entry they are smaller.</source>
        <translation type="unfinished">{large} von {all} Einträgen haben mehr Serien, als auf einmal geladen werden ({limit}), bis zu {most}: Segmentierungen kommen zuerst, der Rest wird ausgelassen. Mit einer Bildserie oder einer Studie als Eintrag sind sie kleiner.</translation>
    </message>
</context>
<context>
    <name>review.review_page</name>
    <message>
        <source> of {count}</source>
        <translation type="unfinished"> von {count}</translation>
    </message>
    <message>
        <source>Agreement</source>
        <translation type="unfinished">Übereinstimmung</translation>
    </message>
    <message>
        <source>Agreement of readers</source>
        <translation type="unfinished">Übereinstimmung der Leser</translation>
    </message>
    <message>
        <source>CSV (*.csv);;Parquet (*.parquet);;DICOM SR (*.dcm)</source>
        <translation type="unfinished">CSV (*.csv);;Parquet (*.parquet);;DICOM SR (*.dcm)</translation>
    </message>
    <message>
        <source>Close list</source>
        <translation type="unfinished">Liste schließen</translation>
    </message>
    <message>
        <source>Compared</source>
        <translation type="unfinished">Verglichen</translation>
    </message>
    <message>
        <source>Everything you answered is in the file.</source>
        <translation type="unfinished">Alles, was Sie beantwortet haben, ist in der Datei.</translation>
    </message>
    <message>
        <source>Go to entry</source>
        <translation type="unfinished">Zu Eintrag gehen</translation>
    </message>
    <message>
        <source>How far readers agree: Cohen's, weighted and Fleiss' kappa.</source>
        <translation type="unfinished">Wie weit Leser übereinstimmen: Cohens, gewichtetes und Fleiss' Kappa.</translation>
    </message>
    <message>
        <source>Kappa</source>
        <translation type="unfinished">Kappa</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation type="unfinished">Maß</translation>
    </message>
    <message>
        <source>Next entry</source>
        <translation type="unfinished">Nächster Eintrag</translation>
    </message>
    <message>
        <source>Next without answers</source>
        <translation type="unfinished">Nächster ohne Antworten</translation>
    </message>
    <message>
        <source>No two readers have answered the same question yet.</source>
        <translation type="unfinished">Noch haben keine zwei Leser dieselbe Frage beantwortet.</translation>
    </message>
    <message>
        <source>Number of an entry to go to.</source>
        <translation type="unfinished">Nummer eines Eintrags, zu dem gegangen wird.</translation>
    </message>
    <message>
        <source>Previous entry</source>
        <translation type="unfinished">Voriger Eintrag</translation>
    </message>
    <message>
        <source>Question</source>
        <translation type="unfinished">Frage</translation>
    </message>
    <message>
        <source>Readers</source>
        <translation type="unfinished">Leser</translation>
    </message>
    <message>
        <source>Review</source>
        <translation type="unfinished">Begutachtung</translation>
    </message>
    <message>
        <source>Same</source>
        <translation type="unfinished">Gleich</translation>
    </message>
    <message>
        <source>Save all answers as CSV, Parquet or DICOM SR.</source>
        <translation type="unfinished">Alle Antworten als CSV, Parquet oder DICOM SR speichern.</translation>
    </message>
    <message>
        <source>Save answers</source>
        <translation type="unfinished">Antworten speichern</translation>
    </message>
    <message>
        <source>Save answers...</source>
        <translation type="unfinished">Antworten speichern...</translation>
    </message>
    <message>
        <source>The next entry that you have not answered.</source>
        <translation type="unfinished">Der nächste Eintrag, den Sie nicht beantwortet haben.</translation>
    </message>
</context>
<context>
    <name>review.saved_corrections</name>
    <message>
        <source>Your correction of {name} cannot be shown, the original is: {reason}</source>
        <translation type="unfinished">Ihre Korrektur von {name} kann nicht gezeigt werden, gezeigt wird das Original: {reason}</translation>
    </message>
    <message>
        <source>Your correction of {name} has another grid, so the original is shown.</source>
        <translation type="unfinished">Ihre Korrektur von {name} hat ein anderes Gitter, daher wird das Original gezeigt.</translation>
    </message>
</context>
<context>
    <name>review.start_view</name>
    <message>
        <source>A CSV file or manifest...</source>
        <translation type="unfinished">Eine CSV-Datei oder ein Manifest...</translation>
    </message>
    <message>
        <source>All files</source>
        <translation type="unfinished">Alle Dateien</translation>
    </message>
    <message>
        <source>Blinded: do not show who made a segmentation</source>
        <translation type="unfinished">Verblindet: nicht zeigen, wer eine Segmentierung erstellt hat</translation>
    </message>
    <message>
        <source>Cases to review</source>
        <translation type="unfinished">Zu begutachtende Fälle</translation>
    </message>
    <message>
        <source>Choose a file for the list and begin.</source>
        <translation type="unfinished">Eine Datei für die Liste wählen und beginnen.</translation>
    </message>
    <message>
        <source>Disk space for them</source>
        <translation type="unfinished">Speicherplatz dafür</translation>
    </message>
    <message>
        <source>Edit questions...</source>
        <translation type="unfinished">Fragen bearbeiten...</translation>
    </message>
    <message>
        <source>Entries fetched ahead</source>
        <translation type="unfinished">Vorausgeladene Einträge</translation>
    </message>
    <message>
        <source>Fetched ahead</source>
        <translation type="unfinished">Vorausladen</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation type="unfinished">Fortsetzen</translation>
    </message>
    <message>
        <source>Go on with a list.</source>
        <translation type="unfinished">Mit einer Liste fortfahren.</translation>
    </message>
    <message>
        <source>Go on with the list that was open last.</source>
        <translation type="unfinished">Mit der zuletzt geöffneten Liste fortfahren.</translation>
    </message>
    <message>
        <source>Go on with {name}</source>
        <translation type="unfinished">Fortfahren mit {name}</translation>
    </message>
    <message>
        <source>Judge images and segmentations one after the other, alone or with other readers. Answers are kept in one file.</source>
        <translation type="unfinished">Bilder und Segmentierungen nacheinander beurteilen, allein oder mit anderen Lesern. Die Antworten stehen in einer Datei.</translation>
    </message>
    <message>
        <source>Lists and manifests (*.csv *.tsv *.txt *.json *.s5cmd);;All files (*)</source>
        <translation type="unfinished">Listen und Manifeste (*.csv *.tsv *.txt *.json *.s5cmd);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Liver segmentations</source>
        <translation type="unfinished">Segmentierungen der Leber</translation>
    </message>
    <message>
        <source>Make list...</source>
        <translation type="unfinished">Liste erstellen...</translation>
    </message>
    <message>
        <source>Make review list</source>
        <translation type="unfinished">Begutachtungsliste erstellen</translation>
    </message>
    <message>
        <source>Name</source>
        <translation type="unfinished">Name</translation>
    </message>
    <message>
        <source>Name of the list.</source>
        <translation type="unfinished">Name der Liste.</translation>
    </message>
    <message>
        <source>New list</source>
        <translation type="unfinished">Neue Liste</translation>
    </message>
    <message>
        <source>No list or query is opened on the Browse page.</source>
        <translation type="unfinished">Auf der Seite „Durchsuchen“ ist keine Liste oder Abfrage geöffnet.</translation>
    </message>
    <message>
        <source>One entry is</source>
        <translation type="unfinished">Ein Eintrag ist</translation>
    </message>
    <message>
        <source>Open list...</source>
        <translation type="unfinished">Liste öffnen...</translation>
    </message>
    <message>
        <source>Open review list</source>
        <translation type="unfinished">Begutachtungsliste öffnen</translation>
    </message>
    <message>
        <source>Questions</source>
        <translation type="unfinished">Fragen</translation>
    </message>
    <message>
        <source>Review</source>
        <translation type="unfinished">Begutachtung</translation>
    </message>
    <message>
        <source>Segmentations are called A, B, C; pages that name makers are closed while the list is open.</source>
        <translation type="unfinished">Segmentierungen heißen A, B, C; Seiten, die Ersteller nennen, sind geschlossen, solange die Liste offen ist.</translation>
    </message>
    <message>
        <source>Select collections, cases, studies or series on the Browse page first.</source>
        <translation type="unfinished">Wählen Sie zuerst auf der Seite „Durchsuchen“ Sammlungen, Fälle, Studien oder Serien aus.</translation>
    </message>
    <message>
        <source>The cart</source>
        <translation type="unfinished">Der Korb</translation>
    </message>
    <message>
        <source>The cart is empty.</source>
        <translation type="unfinished">Der Korb ist leer.</translation>
    </message>
    <message>
        <source>The opened list or query</source>
        <translation type="unfinished">Die geöffnete Liste oder Abfrage</translation>
    </message>
    <message>
        <source>The selected rows</source>
        <translation type="unfinished">Die ausgewählten Zeilen</translation>
    </message>
    <message>
        <source>What readers answer for each entry and each segment.</source>
        <translation type="unfinished">Was Leser zu jedem Eintrag und jedem Segment beantworten.</translation>
    </message>
    <message>
        <source>What to review</source>
        <translation type="unfinished">Was begutachtet wird</translation>
    </message>
    <message>
        <source>a case</source>
        <translation type="unfinished">ein Fall</translation>
    </message>
    <message>
        <source>a study</source>
        <translation type="unfinished">eine Studie</translation>
    </message>
    <message>
        <source>an image series</source>
        <translation type="unfinished">eine Bildserie</translation>
    </message>
    <message>
        <source>entries, at most</source>
        <translation type="unfinished">Einträge, höchstens</translation>
    </message>
</context>
<context>
    <name>review.state</name>
    <message>
        <source>{number} of {all}</source>
        <translation type="unfinished">{number} von {all}</translation>
    </message>
</context>
<context>
    <name>scene.first_slices</name>
    <message>
        <source>Downloading: {text}</source>
        <translation type="unfinished">Download läuft: {text}</translation>
    </message>
    <message>
        <source>Gaps show the nearest slice</source>
        <translation type="unfinished">Lücken zeigen die nächstgelegene Schicht</translation>
    </message>
    <message>
        <source>Not downloaded yet; the nearest is shown</source>
        <translation type="unfinished">Noch nicht heruntergeladen; gezeigt wird die nächstgelegene</translation>
    </message>
    <message>
        <source>{count} of {total} slices</source>
        <translation type="unfinished">{count} von {total} Schichten</translation>
    </message>
</context>
<context>
    <name>segments.choose_segments</name>
    <message>
        <source>&amp;Load chosen</source>
        <translation type="unfinished">Gewählte &amp;laden</translation>
    </message>
    <message>
        <source>All</source>
        <translation type="unfinished">Alle</translation>
    </message>
    <message>
        <source>Check all segments that are listed.</source>
        <translation type="unfinished">Alle aufgeführten Segmente ankreuzen.</translation>
    </message>
    <message>
        <source>Choose segments</source>
        <translation type="unfinished">Segmente wählen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished">Schließen</translation>
    </message>
    <message>
        <source>None</source>
        <translation type="unfinished">Keine</translation>
    </message>
    <message>
        <source>Put the checked segments into the views; only their frames are decoded.</source>
        <translation type="unfinished">Die angekreuzten Segmente in die Ansichten bringen; nur ihre Bilder werden entschlüsselt.</translation>
    </message>
    <message>
        <source>Search segments</source>
        <translation type="unfinished">Segmente suchen</translation>
    </message>
    <message>
        <source>Segments</source>
        <translation type="unfinished">Segmente</translation>
    </message>
    <message>
        <source>Uncheck all segments that are listed.</source>
        <translation type="unfinished">Alle aufgeführten Segmente abwählen.</translation>
    </message>
    <message>
        <source>Words of a name or code</source>
        <translation type="unfinished">Wörter eines Namens oder Codes</translation>
    </message>
</context>
<context>
    <name>segments.choosing</name>
    <message>
        <source>An overview of the chosen segments would take {size} of {total}; only the tiles in sight are fetched once you zoom in.</source>
        <translation type="unfinished">Eine Übersicht der gewählten Segmente würde {size} von {total} brauchen; nur die sichtbaren Kacheln werden geholt, sobald Sie vergrößern.</translation>
    </message>
    <message>
        <source>It has to be downloaded as a whole ({total}). {why}</source>
        <translation type="unfinished">Sie muss als Ganzes heruntergeladen werden ({total}). {why}</translation>
    </message>
    <message>
        <source>Loading...</source>
        <translation type="unfinished">Wird geladen ...</translation>
    </message>
    <message>
        <source>Reading the header...</source>
        <translation type="unfinished">Der Kopf der Datei wird gelesen...</translation>
    </message>
    <message>
        <source>The file is on this computer ({total}). Only the chosen segments are decoded.</source>
        <translation type="unfinished">Die Datei ist auf diesem Rechner ({total}). Nur die gewählten Segmente werden entschlüsselt.</translation>
    </message>
    <message>
        <source>{size} of {total} are fetched for an overview of the chosen segments, and closer only the tiles in sight.</source>
        <translation type="unfinished">{size} von {total} werden für eine Übersicht der gewählten Segmente geholt, und näher nur die sichtbaren Kacheln.</translation>
    </message>
    <message>
        <source>{size} of {total} are fetched for the chosen segments; the series itself is not downloaded.</source>
        <translation type="unfinished">{size} von {total} werden für die gewählten Segmente geholt; die Serie selbst wird nicht heruntergeladen.</translation>
    </message>
</context>
<context>
    <name>segments.compare_page</name>
    <message>
        <source>&amp;Compare</source>
        <translation type="unfinished">Verglei&amp;chen</translation>
    </message>
    <message>
        <source>&amp;Save table...</source>
        <translation type="unfinished">Tabelle &amp;speichern ...</translation>
    </message>
    <message>
        <source>A</source>
        <translation type="unfinished">A</translation>
    </message>
    <message>
        <source>A ml</source>
        <translation type="unfinished">A ml</translation>
    </message>
    <message>
        <source>Add a segmentation of what both hold, and what only one of them holds.</source>
        <translation type="unfinished">Eine Segmentierung hinzufügen mit dem, was beide enthalten, und dem, was nur eine von ihnen enthält.</translation>
    </message>
    <message>
        <source>Add what all segmentations of the list agree on as a new segmentation. STAPLE needs SimpleITK, which Slicer has.</source>
        <translation type="unfinished">Worin alle Segmentierungen der Liste übereinstimmen, als neue Segmentierung hinzufügen. STAPLE braucht SimpleITK, das Slicer hat.</translation>
    </message>
    <message>
        <source>All together</source>
        <translation type="unfinished">Alle zusammen</translation>
    </message>
    <message>
        <source>All {count} matched segments together</source>
        <translation type="unfinished">Alle {count} zugeordneten Segmente zusammen</translation>
    </message>
    <message>
        <source>B</source>
        <translation type="unfinished">B</translation>
    </message>
    <message>
        <source>B - A</source>
        <translation type="unfinished">B - A</translation>
    </message>
    <message>
        <source>B ml</source>
        <translation type="unfinished">B ml</translation>
    </message>
    <message>
        <source>CSV (*.csv)</source>
        <translation type="unfinished">CSV (*.csv)</translation>
    </message>
    <message>
        <source>Choose two segmentations of one image.</source>
        <translation type="unfinished">Wählen Sie zwei Segmentierungen eines Bildes.</translation>
    </message>
    <message>
        <source>Color where they differ</source>
        <translation type="unfinished">Farbe, wo sie sich unterscheiden</translation>
    </message>
    <message>
        <source>Comparing...</source>
        <translation type="unfinished">Wird verglichen ...</translation>
    </message>
    <message>
        <source>Comparison</source>
        <translation type="unfinished">Vergleich</translation>
    </message>
    <message>
        <source>Consensus</source>
        <translation type="unfinished">Konsens</translation>
    </message>
    <message>
        <source>Dice</source>
        <translation type="unfinished">Dice</translation>
    </message>
    <message>
        <source>Dice, distances and volumes of every segment that both have.</source>
        <translation type="unfinished">Dice, Abstände und Volumen jedes Segments, das beide haben.</translation>
    </message>
    <message>
        <source>Difference of the volumes, in percent of A</source>
        <translation type="unfinished">Unterschied der Volumen, in Prozent von A</translation>
    </message>
    <message>
        <source>Each of the two in a view of its own; plane, zoom and position of both views move together.</source>
        <translation type="unfinished">Jede der beiden in einer eigenen Ansicht; Ebene, Vergrößerung und Lage beider Ansichten gehen miteinander.</translation>
    </message>
    <message>
        <source>First segmentation</source>
        <translation type="unfinished">Erste Segmentierung</translation>
    </message>
    <message>
        <source>HD95</source>
        <translation type="unfinished">HD95</translation>
    </message>
    <message>
        <source>HD95 and mean distance in mm; A and B in ml; B - A in percent.</source>
        <translation type="unfinished">HD95 und mittlerer Abstand in mm; A und B in ml; B - A in Prozent.</translation>
    </message>
    <message>
        <source>Majority of all</source>
        <translation type="unfinished">Mehrheit von allen</translation>
    </message>
    <message>
        <source>Mean</source>
        <translation type="unfinished">Mittel</translation>
    </message>
    <message>
        <source>Mean distance of the surfaces, mm</source>
        <translation type="unfinished">Mittlerer Abstand der Oberflächen, mm</translation>
    </message>
    <message>
        <source>No consensus</source>
        <translation type="unfinished">Kein Konsens</translation>
    </message>
    <message>
        <source>Pair</source>
        <translation type="unfinished">Paar</translation>
    </message>
    <message>
        <source>Paired by {way}: {a} and {b}</source>
        <translation type="unfinished">Zugeordnet über {way}: {a} und {b}</translation>
    </message>
    <message>
        <source>STAPLE of all</source>
        <translation type="unfinished">STAPLE von allen</translation>
    </message>
    <message>
        <source>Save table</source>
        <translation type="unfinished">Tabelle speichern</translation>
    </message>
    <message>
        <source>Save the table as CSV.</source>
        <translation type="unfinished">Die Tabelle als CSV speichern.</translation>
    </message>
    <message>
        <source>Second segmentation</source>
        <translation type="unfinished">Zweite Segmentierung</translation>
    </message>
    <message>
        <source>Segment</source>
        <translation type="unfinished">Segment</translation>
    </message>
    <message>
        <source>Segments without a counterpart in the first</source>
        <translation type="unfinished">Segmente ohne Gegenstück in der ersten</translation>
    </message>
    <message>
        <source>Segments without a counterpart in the second</source>
        <translation type="unfinished">Segmente ohne Gegenstück in der zweiten</translation>
    </message>
    <message>
        <source>Side &amp;by side</source>
        <translation type="unfinished">Neben&amp;einander</translation>
    </message>
    <message>
        <source>Take these two segments for one structure, and compare again.</source>
        <translation type="unfinished">Diese beiden Segmente für eine Struktur nehmen und noch einmal vergleichen.</translation>
    </message>
    <message>
        <source>Twice the common volume, divided by the sum of both</source>
        <translation type="unfinished">Zweimal das gemeinsame Volumen, geteilt durch die Summe beider</translation>
    </message>
    <message>
        <source>Volume in the first segmentation</source>
        <translation type="unfinished">Volumen in der ersten Segmentierung</translation>
    </message>
    <message>
        <source>Volume in the second segmentation</source>
        <translation type="unfinished">Volumen in der zweiten Segmentierung</translation>
    </message>
    <message>
        <source>Within which 95 % of each surface lies from the other, mm</source>
        <translation type="unfinished">Innerhalb dessen 95 % jeder Oberfläche von der anderen liegen, mm</translation>
    </message>
    <message>
        <source>inf</source>
        <translation type="unfinished">unendl.</translation>
    </message>
</context>
<context>
    <name>segments.comparison</name>
    <message>
        <source>Choose at least two segmentations to compare.</source>
        <translation type="unfinished">Wählen Sie mindestens zwei Segmentierungen zum Vergleichen.</translation>
    </message>
    <message>
        <source>Table written to {path}.</source>
        <translation type="unfinished">Tabelle nach {path} geschrieben.</translation>
    </message>
    <message>
        <source>{name} has no voxels on a single grid, so it cannot be compared.</source>
        <translation type="unfinished">{name} hat keine Voxel auf einem einzigen Gitter und kann daher nicht verglichen werden.</translation>
    </message>
</context>
<context>
    <name>segments.contour_rule</name>
    <message>
        <source>The contours are being filled anew...</source>
        <translation type="unfinished">Die Konturen werden neu gefüllt...</translation>
    </message>
    <message>
        <source>The images of {name} are not in the DICOM database. Download them, then choose the rule again.</source>
        <translation type="unfinished">Die Bilder von {name} sind nicht in der DICOM-Datenbank. Laden Sie sie herunter und wählen Sie die Regel dann noch einmal.</translation>
    </message>
    <message>
        <source>The structure set {name} is not in the DICOM database. Download it, then choose the rule again.</source>
        <translation type="unfinished">Das Structure Set {name} ist nicht in der DICOM-Datenbank. Laden Sie es herunter und wählen Sie die Regel dann noch einmal.</translation>
    </message>
    <message>
        <source>{name} and its images have different grids now. Load it again.</source>
        <translation type="unfinished">{name} und die Bilder dazu haben jetzt verschiedene Gitter. Laden Sie es noch einmal.</translation>
    </message>
</context>
<context>
    <name>segments.giving_back</name>
    <message>
        <source>It could not be added to the DICOM database: {reason}</source>
        <translation type="unfinished">Es konnte nicht in die DICOM-Datenbank aufgenommen werden: {reason}</translation>
    </message>
    <message>
        <source>It is in the DICOM database as well.</source>
        <translation type="unfinished">Es ist auch in der DICOM-Datenbank.</translation>
    </message>
    <message>
        <source>Packaged to {path}. All {voxels} voxels of {segments} segments were read back.</source>
        <translation type="unfinished">Gepackt nach {path}. Alle {voxels} Voxel von {segments} Segmenten wurden zurückgelesen.</translation>
    </message>
    <message>
        <source>The images of {name} are not in the DICOM database. Download them, then export again.</source>
        <translation type="unfinished">Die Bilder von {name} sind nicht in der DICOM-Datenbank. Laden Sie sie herunter und exportieren Sie dann noch einmal.</translation>
    </message>
    <message>
        <source>Writing {path}...</source>
        <translation type="unfinished">{path} wird geschrieben...</translation>
    </message>
    <message>
        <source>Written to {path} with {count} measurements in {report}.</source>
        <translation type="unfinished">Nach {path} geschrieben, mit {count} Messwerten in {report}.</translation>
    </message>
    <message>
        <source>Written to {path}.</source>
        <translation type="unfinished">Nach {path} geschrieben.</translation>
    </message>
    <message>
        <source>dciodvfy: {count} errors (see validation.json).</source>
        <translation type="unfinished">dciodvfy: {count} Fehler (siehe validation.json).</translation>
    </message>
    <message>
        <source>{name} has no voxels on a single grid, so it cannot be written.</source>
        <translation type="unfinished">{name} hat keine Voxel auf einem einzigen Gitter und kann daher nicht geschrieben werden.</translation>
    </message>
</context>
<context>
    <name>segments.hand_over</name>
    <message>
        <source>Folder with the DICOM files of the result</source>
        <translation type="unfinished">Ordner mit den DICOM-Dateien des Ergebnisses</translation>
    </message>
    <message>
        <source>Label file</source>
        <translation type="unfinished">Label-Datei</translation>
    </message>
    <message>
        <source>Label files ({kinds})</source>
        <translation type="unfinished">Label-Dateien ({kinds})</translation>
    </message>
    <message>
        <source>MHub has no model for images of the modality {modality} alone.</source>
        <translation type="unfinished">MHub hat kein Modell für Bilder der Modalität {modality} allein.</translation>
    </message>
    <message>
        <source>Reading {file}...</source>
        <translation type="unfinished">{file} wird gelesen...</translation>
    </message>
    <message>
        <source>Search for {extension} in the Extensions Manager, install it, and restart Slicer.</source>
        <translation type="unfinished">Suchen Sie im Extensions Manager nach {extension}, installieren Sie es und starten Sie Slicer neu.</translation>
    </message>
    <message>
        <source>The files of this image are not in the DICOM database. Download the series to get a command for it.</source>
        <translation type="unfinished">Die Dateien dieses Bildes sind nicht in der DICOM-Datenbank. Laden Sie die Serie herunter, um einen Befehl dafür zu erhalten.</translation>
    </message>
    <message>
        <source>The files of this image lie in several folders, of which a container can read one.</source>
        <translation type="unfinished">Die Dateien dieses Bildes liegen in mehreren Ordnern, von denen ein Container nur einen lesen kann.</translation>
    </message>
    <message>
        <source>This Slicer has no Extensions Manager. Install the extension {extension} by hand.</source>
        <translation type="unfinished">Dieses Slicer hat keinen Extensions Manager. Installieren Sie die Erweiterung {extension} von Hand.</translation>
    </message>
    <message>
        <source>{name} lies over the image.</source>
        <translation type="unfinished">{name} liegt über dem Bild.</translation>
    </message>
    <message>
        <source>{name} was added, but lies beside the image: its labels were made for another one.</source>
        <translation type="unfinished">{name} wurde hinzugefügt, liegt aber neben dem Bild: Die Labels gehören zu einem anderen.</translation>
    </message>
    <message>
        <source>{name} was not added: its image is no longer in the scene.</source>
        <translation type="unfinished">{name} wurde nicht hinzugefügt: Das Bild ist nicht mehr in der Szene.</translation>
    </message>
</context>
<context>
    <name>segments.hand_over_page</name>
    <message>
        <source>&amp;Label file...</source>
        <translation type="unfinished">&amp;Label-Datei...</translation>
    </message>
    <message>
        <source>Add result...</source>
        <translation type="unfinished">Ergebnis hinzufügen...</translation>
    </message>
    <message>
        <source>Add the DICOM files in a folder to the database, and load them.</source>
        <translation type="unfinished">Die DICOM-Dateien eines Ordners in die Datenbank aufnehmen und laden.</translation>
    </message>
    <message>
        <source>As a container of MHub, on this computer with Docker:</source>
        <translation type="unfinished">Als Container von MHub, auf diesem Computer mit Docker:</translation>
    </message>
    <message>
        <source>Command for a terminal</source>
        <translation type="unfinished">Befehl für ein Terminal</translation>
    </message>
    <message>
        <source>Compare &amp;result</source>
        <translation type="unfinished">&amp;Ergebnis vergleichen</translation>
    </message>
    <message>
        <source>Compare the newest result on this image with what IDC has of it.</source>
        <translation type="unfinished">Das neueste Ergebnis auf diesem Bild mit dem vergleichen, was IDC dazu hat.</translation>
    </message>
    <message>
        <source>Compare {result} with {other}.</source>
        <translation type="unfinished">{result} mit {other} vergleichen.</translation>
    </message>
    <message>
        <source>Containers that segment a series; the first run downloads them.</source>
        <translation type="unfinished">Container, die eine Serie segmentieren; der erste Aufruf lädt sie herunter.</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation type="unfinished">Kopieren</translation>
    </message>
    <message>
        <source>Copy the command.</source>
        <translation type="unfinished">Den Befehl kopieren.</translation>
    </message>
    <message>
        <source>GPU</source>
        <translation type="unfinished">GPU</translation>
    </message>
    <message>
        <source>Get {name}...</source>
        <translation type="unfinished">{name} holen...</translation>
    </message>
    <message>
        <source>Image</source>
        <translation type="unfinished">Bild</translation>
    </message>
    <message>
        <source>Model of MHub</source>
        <translation type="unfinished">Modell von MHub</translation>
    </message>
    <message>
        <source>OHIF</source>
        <translation type="unfinished">OHIF</translation>
    </message>
    <message>
        <source>Open in:</source>
        <translation type="unfinished">Öffnen in:</translation>
    </message>
    <message>
        <source>Open this series of IDC in VolView, in the web browser.</source>
        <translation type="unfinished">Diese Serie von IDC in VolView öffnen, im Webbrowser.</translation>
    </message>
    <message>
        <source>Open this series of IDC in the OHIF viewer, in the web browser.</source>
        <translation type="unfinished">Diese Serie von IDC im OHIF-Viewer öffnen, im Webbrowser.</translation>
    </message>
    <message>
        <source>Open {name} with this image as its input; nothing runs before you start it there.</source>
        <translation type="unfinished">{name} mit diesem Bild als Eingabe öffnen; nichts läuft, bevor Sie es dort starten.</translation>
    </message>
    <message>
        <source>Results, or labels of your own, beside those of IDC:</source>
        <translation type="unfinished">Ergebnisse oder eigene Labels neben denen von IDC:</translation>
    </message>
    <message>
        <source>Segment with a module of Slicer:</source>
        <translation type="unfinished">Mit einem Modul von Slicer segmentieren:</translation>
    </message>
    <message>
        <source>Show a label file of your own (.nrrd, .nii.gz, .seg.nrrd) over the image.</source>
        <translation type="unfinished">Eine eigene Label-Datei (.nrrd, .nii.gz, .seg.nrrd) über dem Bild zeigen.</translation>
    </message>
    <message>
        <source>The computer has an NVIDIA graphics card that Docker can use.</source>
        <translation type="unfinished">Der Computer hat eine Grafikkarte von NVIDIA, und Docker kann sie benutzen.</translation>
    </message>
    <message>
        <source>The image of the scene that is handed over</source>
        <translation type="unfinished">Das Bild der Szene, das übergeben wird</translation>
    </message>
    <message>
        <source>There has to be a segmentation of your own and one from IDC over this image.</source>
        <translation type="unfinished">Über diesem Bild muss es eine eigene Segmentierung und eine von IDC geben.</translation>
    </message>
    <message>
        <source>TotalSegmentator, MONAI Auto3DSeg and nnInteractive are extensions of 3D Slicer; there this page opens them with the image.</source>
        <translation type="unfinished">TotalSegmentator, MONAI Auto3DSeg und nnInteractive sind Erweiterungen von 3D Slicer; dort öffnet diese Seite sie mit dem Bild.</translation>
    </message>
    <message>
        <source>VolView</source>
        <translation type="unfinished">VolView</translation>
    </message>
    <message>
        <source>{name} is not installed. Open the Extensions Manager to install it.</source>
        <translation type="unfinished">{name} ist nicht installiert. Öffnen Sie den Extensions Manager, um es zu installieren.</translation>
    </message>
</context>
<context>
    <name>segments.linked_views</name>
    <message>
        <source>Choose two segmentations.</source>
        <translation type="unfinished">Wählen Sie zwei Segmentierungen.</translation>
    </message>
    <message>
        <source>Left: {first}. Right: {second}. Both views move together.</source>
        <translation type="unfinished">Links: {first}. Rechts: {second}. Beide Ansichten gehen miteinander.</translation>
    </message>
    <message>
        <source>There are no two slice views to show them in.</source>
        <translation type="unfinished">Es gibt keine zwei Schichtansichten, in denen sie gezeigt werden können.</translation>
    </message>
</context>
<context>
    <name>segments.segments</name>
    <message>
        <source>The segment has no voxels.</source>
        <translation type="unfinished">Das Segment hat keine Voxel.</translation>
    </message>
    <message>
        <source>The segments are still being measured. Try again in a moment.</source>
        <translation type="unfinished">Die Segmente werden noch gemessen. Versuchen Sie es gleich noch einmal.</translation>
    </message>
    <message>
        <source>This is the first slice of the segment.</source>
        <translation type="unfinished">Das ist die erste Schicht des Segments.</translation>
    </message>
    <message>
        <source>This is the last slice of the segment.</source>
        <translation type="unfinished">Das ist die letzte Schicht des Segments.</translation>
    </message>
</context>
<context>
    <name>segments.segments_model</name>
    <message>
        <source>Code</source>
        <translation type="unfinished">Code</translation>
    </message>
    <message>
        <source>Contours are combined by the rule {rule}</source>
        <translation type="unfinished">Konturen werden nach der Regel {rule} verbunden</translation>
    </message>
    <message>
        <source>Contours: {areas}</source>
        <translation type="unfinished">Konturen: {areas}</translation>
    </message>
    <message>
        <source>From: {origin}</source>
        <translation type="unfinished">Aus: {origin}</translation>
    </message>
    <message>
        <source>License: {license}</source>
        <translation type="unfinished">Lizenz: {license}</translation>
    </message>
    <message>
        <source>Made by: {maker}</source>
        <translation type="unfinished">Erstellt von: {maker}</translation>
    </message>
    <message>
        <source>Mean</source>
        <translation type="unfinished">Mittel</translation>
    </message>
    <message>
        <source>Mean of the image inside the segment</source>
        <translation type="unfinished">Mittelwert des Bildes im Segment</translation>
    </message>
    <message>
        <source>Milliliters</source>
        <translation type="unfinished">Milliliter</translation>
    </message>
    <message>
        <source>Segment</source>
        <translation type="unfinished">Segment</translation>
    </message>
    <message>
        <source>Volume</source>
        <translation type="unfinished">Volumen</translation>
    </message>
    <message>
        <source>What the segment is, by its code</source>
        <translation type="unfinished">Was das Segment ist, nach seinem Code</translation>
    </message>
    <message>
        <source>algorithm</source>
        <translation type="unfinished">Algorithmus</translation>
    </message>
    <message>
        <source>not stated</source>
        <translation type="unfinished">nicht angegeben</translation>
    </message>
    <message>
        <source>person</source>
        <translation type="unfinished">Person</translation>
    </message>
    <message>
        <source>person with an algorithm</source>
        <translation type="unfinished">Person mit einem Algorithmus</translation>
    </message>
    <message>
        <source>{voxels} voxels in {slices} slices</source>
        <translation type="unfinished">{voxels} Voxel in {slices} Schichten</translation>
    </message>
</context>
<context>
    <name>segments.segments_page</name>
    <message>
        <source>All</source>
        <translation type="unfinished">Alle</translation>
    </message>
    <message>
        <source>All united</source>
        <translation type="unfinished">Alle vereint</translation>
    </message>
    <message>
        <source>Areas: {areas}</source>
        <translation type="unfinished">Flächen: {areas}</translation>
    </message>
    <message>
        <source>Contained is a hole</source>
        <translation type="unfinished">Enthaltenes ist ein Loch</translation>
    </message>
    <message>
        <source>Contour rule</source>
        <translation type="unfinished">Konturregel</translation>
    </message>
    <message>
        <source>Contour rule:</source>
        <translation type="unfinished">Konturregel:</translation>
    </message>
    <message>
        <source>Contours</source>
        <translation type="unfinished">Konturen</translation>
    </message>
    <message>
        <source>DICOM (*.dcm)</source>
        <translation type="unfinished">DICOM (*.dcm)</translation>
    </message>
    <message>
        <source>DICOM SEG as label map...</source>
        <translation type="unfinished">DICOM SEG als Label Map ...</translation>
    </message>
    <message>
        <source>DICOM SEG with measurements...</source>
        <translation type="unfinished">DICOM SEG mit Messwerten...</translation>
    </message>
    <message>
        <source>DICOM SEG...</source>
        <translation type="unfinished">DICOM SEG ...</translation>
    </message>
    <message>
        <source>Deflated SEG: smaller, but some programs cannot read it</source>
        <translation type="unfinished">Komprimiertes SEG (Deflate): kleiner, aber nicht für alle Programme lesbar</translation>
    </message>
    <message>
        <source>E&amp;xport...</source>
        <translation type="unfinished">E&amp;xportieren ...</translation>
    </message>
    <message>
        <source>Exclusive or</source>
        <translation type="unfinished">Exklusives Oder</translation>
    </message>
    <message>
        <source>Export segmentation</source>
        <translation type="unfinished">Segmentierung exportieren</translation>
    </message>
    <message>
        <source>Hide all segments that are listed.</source>
        <translation type="unfinished">Alle aufgeführten Segmente ausblenden.</translation>
    </message>
    <message>
        <source>How several contours of one ROI on one slice combine. Another rule fills the contours anew.</source>
        <translation type="unfinished">Wie mehrere Konturen einer ROI auf einer Schicht verbunden werden. Eine andere Regel füllt die Konturen neu.</translation>
    </message>
    <message>
        <source>Largest slice</source>
        <translation type="unfinished">Größte Schicht</translation>
    </message>
    <message>
        <source>Load further segments of this SEG, without those that are loaded.</source>
        <translation type="unfinished">Weitere Segmente dieses SEG laden, ohne die schon geladenen.</translation>
    </message>
    <message>
        <source>Made by...</source>
        <translation type="unfinished">Erstellt von...</translation>
    </message>
    <message>
        <source>More...</source>
        <translation type="unfinished">Mehr...</translation>
    </message>
    <message>
        <source>None</source>
        <translation type="unfinished">Keine</translation>
    </message>
    <message>
        <source>Only this</source>
        <translation type="unfinished">Nur dieses</translation>
    </message>
    <message>
        <source>Package for contribution</source>
        <translation type="unfinished">Paket zum Weitergeben</translation>
    </message>
    <message>
        <source>Package for contribution...</source>
        <translation type="unfinished">Paket zum Weitergeben...</translation>
    </message>
    <message>
        <source>RT structure set with measurements...</source>
        <translation type="unfinished">RT Structure Set mit Messwerten...</translation>
    </message>
    <message>
        <source>RT structure set...</source>
        <translation type="unfinished">RT Structure Set ...</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation type="unfinished">Entfernen</translation>
    </message>
    <message>
        <source>Say who or what made the segmentations that you export.</source>
        <translation type="unfinished">Angeben, wer oder was die Segmentierungen erstellt hat, die Sie exportieren.</translation>
    </message>
    <message>
        <source>Search segments</source>
        <translation type="unfinished">Segmente suchen</translation>
    </message>
    <message>
        <source>Segmentations and their segments</source>
        <translation type="unfinished">Segmentierungen und ihre Segmente</translation>
    </message>
    <message>
        <source>Segmentations that are loaded are listed here.</source>
        <translation type="unfinished">Hier stehen die geladenen Segmentierungen.</translation>
    </message>
    <message>
        <source>Select a segment to go to it.</source>
        <translation type="unfinished">Wählen Sie ein Segment, um zu ihm zu gehen.</translation>
    </message>
    <message>
        <source>Show all segments that are listed.</source>
        <translation type="unfinished">Alle aufgeführten Segmente zeigen.</translation>
    </message>
    <message>
        <source>Show in tables</source>
        <translation type="unfinished">In den Tabellen zeigen</translation>
    </message>
    <message>
        <source>Show only the selected segments.</source>
        <translation type="unfinished">Nur die ausgewählten Segmente zeigen.</translation>
    </message>
    <message>
        <source>Show the contours of structure sets as they were drawn, over their voxels.</source>
        <translation type="unfinished">Die Konturen von Structure Sets über ihren Voxeln zeigen, wie sie gezeichnet wurden.</translation>
    </message>
    <message>
        <source>Take this segmentation out of the views; files stay.</source>
        <translation type="unfinished">Diese Segmentierung aus den Ansichten nehmen; Dateien bleiben.</translation>
    </message>
    <message>
        <source>The next slice of the selected segment</source>
        <translation type="unfinished">Die nächste Schicht des ausgewählten Segments</translation>
    </message>
    <message>
        <source>The previous slice of the selected segment</source>
        <translation type="unfinished">Die vorige Schicht des ausgewählten Segments</translation>
    </message>
    <message>
        <source>The series that this segmentation comes from, in the tables of IDC</source>
        <translation type="unfinished">Die Serie, aus der diese Segmentierung stammt, in den Tabellen von IDC</translation>
    </message>
    <message>
        <source>The slice that holds most of the selected segment</source>
        <translation type="unfinished">Die Schicht mit dem größten Teil des ausgewählten Segments</translation>
    </message>
    <message>
        <source>Words of a name or code</source>
        <translation type="unfinished">Wörter eines Namens oder Codes</translation>
    </message>
    <message>
        <source>Write the selected segmentation as a DICOM object beside its images.</source>
        <translation type="unfinished">Die ausgewählte Segmentierung als DICOM-Objekt neben ihren Bildern schreiben.</translation>
    </message>
    <message>
        <source>ZIP file (*.zip)</source>
        <translation type="unfinished">ZIP-Datei (*.zip)</translation>
    </message>
</context>
<context>
    <name>segments.segments_panel</name>
    <message>
        <source>Compare</source>
        <translation type="unfinished">Vergleichen</translation>
    </message>
    <message>
        <source>Other programs</source>
        <translation type="unfinished">Andere Programme</translation>
    </message>
    <message>
        <source>Segments</source>
        <translation type="unfinished">Segmente</translation>
    </message>
</context>
<context>
    <name>segments.statement_form</name>
    <message>
        <source>Algorithm</source>
        <translation type="unfinished">Algorithmus</translation>
    </message>
    <message>
        <source>Creator</source>
        <translation type="unfinished">Ersteller</translation>
    </message>
    <message>
        <source>Exported files say that they were made by:</source>
        <translation type="unfinished">Exportierte Dateien nennen als Ersteller:</translation>
    </message>
    <message>
        <source>Family of the algorithm</source>
        <translation type="unfinished">Art des Algorithmus</translation>
    </message>
    <message>
        <source>Kind of algorithm, in the terms of DICOM</source>
        <translation type="unfinished">Art des Algorithmus, in den Begriffen von DICOM</translation>
    </message>
    <message>
        <source>Version</source>
        <translation type="unfinished">Version</translation>
    </message>
    <message>
        <source>Version of the algorithm</source>
        <translation type="unfinished">Version des Algorithmus</translation>
    </message>
    <message>
        <source>What made segments that do not state it themselves; empty: they were drawn by a person</source>
        <translation type="unfinished">Was die Segmente erstellt hat, die es nicht selbst angeben; leer: Eine Person hat sie gezeichnet</translation>
    </message>
    <message>
        <source>Who drew or checked it: Content Creator's Name in DICOM, for example Doe^Jane</source>
        <translation type="unfinished">Wer gezeichnet oder geprüft hat: Content Creator's Name in DICOM, zum Beispiel Doe^Jane</translation>
    </message>
</context>
<context>
    <name>segments.style_row</name>
    <message>
        <source>Dashed</source>
        <translation type="unfinished">Gestrichelt</translation>
    </message>
    <message>
        <source>Dotted</source>
        <translation type="unfinished">Gepunktet</translation>
    </message>
    <message>
        <source>Fill</source>
        <translation type="unfinished">Füllen</translation>
    </message>
    <message>
        <source>Fill all segments; otherwise only outlines are drawn.</source>
        <translation type="unfinished">Alle Segmente füllen; sonst werden nur Umrisse gezeichnet.</translation>
    </message>
    <message>
        <source>How the outlines of this segmentation are drawn, to tell several apart without colors.</source>
        <translation type="unfinished">Wie die Umrisse dieser Segmentierung gezeichnet werden, um mehrere ohne Farben zu unterscheiden.</translation>
    </message>
    <message>
        <source>How thick the outlines of this segmentation are, in pixels.</source>
        <translation type="unfinished">Wie dick die Umrisse dieser Segmentierung sind, in Pixeln.</translation>
    </message>
    <message>
        <source>Line style</source>
        <translation type="unfinished">Linienart</translation>
    </message>
    <message>
        <source>Line width</source>
        <translation type="unfinished">Linienbreite</translation>
    </message>
    <message>
        <source>One color each</source>
        <translation type="unfinished">Je eine Farbe</translation>
    </message>
    <message>
        <source>Opacity of the fill</source>
        <translation type="unfinished">Deckkraft der Füllung</translation>
    </message>
    <message>
        <source>Opacity of the fill of this segmentation; outlines stay.</source>
        <translation type="unfinished">Deckkraft der Füllung dieser Segmentierung; Umrisse bleiben.</translation>
    </message>
    <message>
        <source>Show each segmentation in a color of its own, to tell apart who drew what.</source>
        <translation type="unfinished">Jede Segmentierung in einer eigenen Farbe zeigen, um zu unterscheiden, wer was gezeichnet hat.</translation>
    </message>
    <message>
        <source>Solid</source>
        <translation type="unfinished">Durchgezogen</translation>
    </message>
    <message>
        <source>{width} px line</source>
        <translation type="unfinished">Linie {width} px</translation>
    </message>
</context>
<context>
    <name>settings.catalog_speed</name>
    <message>
        <source>Browsing is now at full speed.</source>
        <translation type="unfinished">Alles läuft jetzt mit voller Geschwindigkeit.</translation>
    </message>
    <message>
        <source>Preparing fast browsing...</source>
        <translation type="unfinished">Schnelles Blättern wird vorbereitet...</translation>
    </message>
</context>
<context>
    <name>settings.clinical_tables</name>
    <message>
        <source>Fetching clinical data...</source>
        <translation type="unfinished">Klinische Daten werden geholt ...</translation>
    </message>
    <message>
        <source>Fetching clinical data: {done} of {total}</source>
        <translation type="unfinished">Klinische Daten werden geholt: {done} von {total}</translation>
    </message>
    <message>
        <source>Stopped fetching clinical data.</source>
        <translation type="unfinished">Das Holen der klinischen Daten wurde angehalten.</translation>
    </message>
</context>
<context>
    <name>settings.indices</name>
    <message>
        <source>size unknown</source>
        <translation type="unfinished">Größe unbekannt</translation>
    </message>
    <message>
        <source>{name} removed.</source>
        <translation type="unfinished">{name} entfernt.</translation>
    </message>
    <message>
        <source>{purpose} needs the index file {name} ({size}). Fetch it now? You can continue working meanwhile.</source>
        <translation type="unfinished">{purpose} braucht die Indexdatei {name} ({size}). Jetzt holen? Sie können währenddessen weiterarbeiten.</translation>
    </message>
    <message>
        <source>{purpose} needs the index file {name} ({size}); it is being fetched.</source>
        <translation type="unfinished">{purpose} braucht die Indexdatei {name} ({size}); sie wird geholt.</translation>
    </message>
    <message>
        <source>{purpose} needs the index file {name}. Fetch it on the Settings page.</source>
        <translation type="unfinished">{purpose} braucht die Indexdatei {name}. Holen Sie sie auf der Seite „Einstellungen“.</translation>
    </message>
</context>
<context>
    <name>settings.indices_section</name>
    <message>
        <source>&amp;Fetch</source>
        <translation type="unfinished">&amp;Holen</translation>
    </message>
    <message>
        <source>&amp;Use the new release</source>
        <translation type="unfinished">Das ne&amp;ue Release verwenden</translation>
    </message>
    <message>
        <source>Additional index files of IDC, with purpose, size and state.</source>
        <translation type="unfinished">Zusätzliche Indexdateien von IDC mit Zweck, Größe und Zustand.</translation>
    </message>
    <message>
        <source>Address or folder with the files as IDC publishes them, for use without internet access. Also used to check for newer releases.</source>
        <translation type="unfinished">Adresse oder Ordner mit den Dateien, wie IDC sie veröffentlicht, für den Betrieb ohne Internet. Dort wird auch nach neueren Releases gesucht.</translation>
    </message>
    <message>
        <source>Annotations of slides</source>
        <translation type="unfinished">Annotationen von Schnitten</translation>
    </message>
    <message>
        <source>Ask</source>
        <translation type="unfinished">Fragen</translation>
    </message>
    <message>
        <source>Chec&amp;k for a newer release</source>
        <translation type="unfinished">&amp;Nach neuerem Release suchen</translation>
    </message>
    <message>
        <source>Check for a newer release once a da&amp;y</source>
        <translation type="unfinished">&amp;Einmal am Tag nach einem neueren Release suchen</translation>
    </message>
    <message>
        <source>Check the IDC servers, or the source above, for a newer release.</source>
        <translation type="unfinished">Auf den IDC-Servern oder in der Quelle oben nach einem neueren Release suchen.</translation>
    </message>
    <message>
        <source>Choose a folder that holds the index files.</source>
        <translation type="unfinished">Einen Ordner mit den Indexdateien wählen.</translation>
    </message>
    <message>
        <source>Choose folder...</source>
        <translation type="unfinished">Ordner wählen ...</translation>
    </message>
    <message>
        <source>Continue without it</source>
        <translation type="unfinished">Ohne sie weitermachen</translation>
    </message>
    <message>
        <source>Contrast agents</source>
        <translation type="unfinished">Kontrastmittel</translation>
    </message>
    <message>
        <source>Current release: IDC {release}, index files {version} (installed).</source>
        <translation type="unfinished">Aktuelles Release: IDC {release}, Indexdateien {version} (installiert).</translation>
    </message>
    <message>
        <source>Current release: IDC {release}, index files {version} (updated; installed: {bundled}).</source>
        <translation type="unfinished">Aktuelles Release: IDC {release}, Indexdateien {version} (aktualisiert; installiert: {bundled}).</translation>
    </message>
    <message>
        <source>Delete the selected files. They can be fetched again.</source>
        <translation type="unfinished">Die ausgewählten Dateien löschen. Sie können wieder geholt werden.</translation>
    </message>
    <message>
        <source>Delete the updated index files and use those of the installed package.</source>
        <translation type="unfinished">Die aktualisierten Indexdateien löschen und die des installierten Pakets verwenden.</translation>
    </message>
    <message>
        <source>Fet&amp;ch all</source>
        <translation type="unfinished">&amp;Alle holen</translation>
    </message>
    <message>
        <source>Fetch</source>
        <translation type="unfinished">Holen</translation>
    </message>
    <message>
        <source>Fetch all index files that are missing or damaged.</source>
        <translation type="unfinished">Alle fehlenden oder beschädigten Indexdateien holen.</translation>
    </message>
    <message>
        <source>Fetch the index files of the newer release and use them immediately.</source>
        <translation type="unfinished">Die Indexdateien des neueren Release holen und sofort verwenden.</translation>
    </message>
    <message>
        <source>Fetch the selected damaged file again. The damaged file is set aside.</source>
        <translation type="unfinished">Die ausgewählte beschädigte Datei noch einmal holen. Die beschädigte wird beiseitegelegt.</translation>
    </message>
    <message>
        <source>Fetch the selected index files.</source>
        <translation type="unfinished">Die ausgewählten Indexdateien holen.</translation>
    </message>
    <message>
        <source>Finding segmentations by organ and algorithm, and their images</source>
        <translation type="unfinished">Segmentierungen nach Organ und Algorithmus finden, und ihre Bilder</translation>
    </message>
    <message>
        <source>Finding structure sets by ROI name, and their images</source>
        <translation type="unfinished">Structure Sets nach ROI-Namen finden, und ihre Bilder</translation>
    </message>
    <message>
        <source>Folder with index files</source>
        <translation type="unfinished">Ordner mit Indexdateien</translation>
    </message>
    <message>
        <source>Groups of annotations of slides</source>
        <translation type="unfinished">Gruppen von Annotationen von Schnitten</translation>
    </message>
    <message>
        <source>How CT was acquired: kVp, kernel, slice thickness</source>
        <translation type="unfinished">Wie CT aufgenommen wurde: kVp, Kernel, Schichtdicke</translation>
    </message>
    <message>
        <source>How MR was acquired: echo and repetition time, b-value</source>
        <translation type="unfinished">Wie MR aufgenommen wurde: Echo- und Repetitionszeit, b-Wert</translation>
    </message>
    <message>
        <source>How PET was acquired: tracer, dose, reconstruction</source>
        <translation type="unfinished">Wie PET aufgenommen wurde: Tracer, Dosis, Rekonstruktion</translation>
    </message>
    <message>
        <source>IDC servers</source>
        <translation type="unfinished">IDC-Server</translation>
    </message>
    <message>
        <source>Index file</source>
        <translation type="unfinished">Indexdatei</translation>
    </message>
    <message>
        <source>Index files</source>
        <translation type="unfinished">Indexdateien</translation>
    </message>
    <message>
        <source>Index files and release</source>
        <translation type="unfinished">Indexdateien und Release</translation>
    </message>
    <message>
        <source>List of clinical tables</source>
        <translation type="unfinished">Liste der klinischen Tabellen</translation>
    </message>
    <message>
        <source>Purpose</source>
        <translation type="unfinished">Zweck</translation>
    </message>
    <message>
        <source>Remo&amp;ve</source>
        <translation type="unfinished">&amp;Entfernen</translation>
    </message>
    <message>
        <source>Repair</source>
        <translation type="unfinished">Reparieren</translation>
    </message>
    <message>
        <source>Return to the installed release</source>
        <translation type="unfinished">Zum installierten Release zurückkehren</translation>
    </message>
    <message>
        <source>Size</source>
        <translation type="unfinished">Größe</translation>
    </message>
    <message>
        <source>Slide microscopy: instances</source>
        <translation type="unfinished">Schnittmikroskopie: Instanzen</translation>
    </message>
    <message>
        <source>Slide microscopy: stain, magnification</source>
        <translation type="unfinished">Schnittmikroskopie: Färbung, Vergrößerung</translation>
    </message>
    <message>
        <source>Source</source>
        <translation type="unfinished">Quelle</translation>
    </message>
    <message>
        <source>State</source>
        <translation type="unfinished">Zustand</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation type="unfinished">Anhalten</translation>
    </message>
    <message>
        <source>Stop fetching</source>
        <translation type="unfinished">Holen anhalten</translation>
    </message>
    <message>
        <source>Stop fetching and keep using the current release.</source>
        <translation type="unfinished">Das Holen anhalten und das aktuelle Release weiter verwenden.</translation>
    </message>
    <message>
        <source>Stop fetching. Complete files are kept.</source>
        <translation type="unfinished">Das Holen anhalten. Vollständige Dateien bleiben.</translation>
    </message>
    <message>
        <source>These index files add information that the catalog does not contain. Everything else works without them.</source>
        <translation type="unfinished">Diese Indexdateien fügen Angaben hinzu, die der Katalog nicht enthält. Alles andere funktioniert ohne sie.</translation>
    </message>
    <message>
        <source>What to do when an index file is needed that is not on this computer.</source>
        <translation type="unfinished">Was geschieht, wenn eine Indexdatei gebraucht wird, die nicht auf diesem Computer ist.</translation>
    </message>
    <message>
        <source>When neede&amp;d</source>
        <translation type="unfinished">&amp;Wenn gebraucht</translation>
    </message>
    <message>
        <source>When this is off, no server is contacted until you press the button.</source>
        <translation type="unfinished">Ist dies aus, wird kein Server befragt, bis Sie den Knopf drücken.</translation>
    </message>
    <message>
        <source>Whether a series forms a regular volume</source>
        <translation type="unfinished">Ob eine Serie ein regelmäßiges Volumen bildet</translation>
    </message>
    <message>
        <source>available</source>
        <translation type="unfinished">verfügbar</translation>
    </message>
    <message>
        <source>damaged</source>
        <translation type="unfinished">beschädigt</translation>
    </message>
    <message>
        <source>fetching</source>
        <translation type="unfinished">wird geholt</translation>
    </message>
    <message>
        <source>not fetched</source>
        <translation type="unfinished">nicht geholt</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation type="unfinished">wartet</translation>
    </message>
</context>
<context>
    <name>settings.language_section</name>
    <message>
        <source>Applies after a restart.</source>
        <translation type="unfinished">Gilt nach einem Neustart.</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation type="unfinished">Wie das System</translation>
    </message>
    <message>
        <source>Language</source>
        <translation type="unfinished">Sprache</translation>
    </message>
    <message>
        <source>Language of the window. The command line and what comes from IDC stay in English.</source>
        <translation type="unfinished">Sprache des Fensters. Die Befehlszeile und was von IDC kommt, bleiben auf Englisch.</translation>
    </message>
    <message>
        <source>{language} (not yet read by a native speaker)</source>
        <translation type="unfinished">{language} (noch nicht von einem Muttersprachler gelesen)</translation>
    </message>
</context>
<context>
    <name>settings.missing_index_text</name>
    <message>
        <source>Acquisition parameters need the index file {name}.</source>
        <translation type="unfinished">Aufnahmeparameter brauchen die Indexdatei {name}.</translation>
    </message>
    <message>
        <source>Checking whether the series forms a regular 3D volume needs the index file {name}.</source>
        <translation type="unfinished">Zu prüfen, ob die Serie ein regelmäßiges 3D-Volumen bildet, braucht die Indexdatei {name}.</translation>
    </message>
    <message>
        <source>Clinical data need the index file {name}.</source>
        <translation type="unfinished">Klinische Daten brauchen die Indexdatei {name}.</translation>
    </message>
    <message>
        <source>Contrast agents need the index file {name}.</source>
        <translation type="unfinished">Kontrastmittel brauchen die Indexdatei {name}.</translation>
    </message>
    <message>
        <source>More details need the index file {name}.</source>
        <translation type="unfinished">Mehr Details brauchen die Indexdatei {name}.</translation>
    </message>
    <message>
        <source>ROI names and their referenced images need the index file {name}.</source>
        <translation type="unfinished">ROI-Namen und ihre referenzierten Bilder brauchen die Indexdatei {name}.</translation>
    </message>
    <message>
        <source>Segments and their referenced images need the index file {name}.</source>
        <translation type="unfinished">Segmente und ihre referenzierten Bilder brauchen die Indexdatei {name}.</translation>
    </message>
    <message>
        <source>Stain, tissue and size of slides need the index file {name}.</source>
        <translation type="unfinished">Färbung, Gewebe und Größe von Schnitten brauchen die Indexdatei {name}.</translation>
    </message>
</context>
<context>
    <name>settings.release_line</name>
    <message>
        <source>Fetch the index files of the newer release and use them immediately.</source>
        <translation type="unfinished">Die Indexdateien des neueren Release holen und sofort verwenden.</translation>
    </message>
    <message>
        <source>Opening the catalog...</source>
        <translation type="unfinished">Der Katalog wird geöffnet ...</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation type="unfinished">Anhalten</translation>
    </message>
    <message>
        <source>Stop fetching and keep using the current release.</source>
        <translation type="unfinished">Das Holen anhalten und das aktuelle Release weiter verwenden.</translation>
    </message>
    <message>
        <source>The updated release cannot be used; the installed release is used instead: {reason}</source>
        <translation type="unfinished">Das aktualisierte Release kann nicht verwendet werden; stattdessen gilt das installierte: {reason}</translation>
    </message>
    <message>
        <source>Use the new release</source>
        <translation type="unfinished">Das neue Release verwenden</translation>
    </message>
</context>
<context>
    <name>settings.release_update</name>
    <message>
        <source>Checking for a newer release...</source>
        <translation type="unfinished">Nach einem neueren Release wird gesucht ...</translation>
    </message>
    <message>
        <source>Fetching the release...</source>
        <translation type="unfinished">Das Release wird geholt ...</translation>
    </message>
    <message>
        <source>Fetching the release: {done} of {total}</source>
        <translation type="unfinished">Das Release wird geholt: {done} von {total}</translation>
    </message>
    <message>
        <source>IDC release {release} ({about}): {collections} collections, {cases} cases, {studies} studies, {series} series, {size}</source>
        <translation type="unfinished">IDC-Release {release} ({about}): {collections} Sammlungen, {cases} Fälle, {studies} Studien, {series} Serien, {size}</translation>
    </message>
    <message>
        <source>IDC {release} is available. The index files ({size}) can be updated without restarting.</source>
        <translation type="unfinished">IDC {release} ist verfügbar. Die Indexdateien ({size}) können ohne Neustart aktualisiert werden.</translation>
    </message>
    <message>
        <source>Now using IDC {release} ({version}).</source>
        <translation type="unfinished">Jetzt gilt IDC {release} ({version}).</translation>
    </message>
    <message>
        <source>Stopped. The current release is still in use.</source>
        <translation type="unfinished">Angehalten. Das aktuelle Release gilt weiter.</translation>
    </message>
    <message>
        <source>You have the latest release, IDC {release} ({version}).</source>
        <translation type="unfinished">Sie haben das neueste Release, IDC {release} ({version}).</translation>
    </message>
    <message>
        <source>an unknown size</source>
        <translation type="unfinished">unbekannte Größe</translation>
    </message>
    <message>
        <source>installed</source>
        <translation type="unfinished">installiert</translation>
    </message>
    <message>
        <source>size unknown</source>
        <translation type="unfinished">Größe unbekannt</translation>
    </message>
    <message>
        <source>updated</source>
        <translation type="unfinished">aktualisiert</translation>
    </message>
</context>
<context>
    <name>settings.settings</name>
    <message>
        <source>Enter a number of GB of 0 or more.</source>
        <translation type="unfinished">Geben Sie eine Zahl von GB ein, 0 oder mehr.</translation>
    </message>
    <message>
        <source>Enter a number of MB per second, or 0 for no limit.</source>
        <translation type="unfinished">Geben Sie eine Zahl in MB je Sekunde ein, oder 0 für keine Grenze.</translation>
    </message>
    <message>
        <source>Enter a whole number from {least} to {most}.</source>
        <translation type="unfinished">Geben Sie eine ganze Zahl von {least} bis {most} ein.</translation>
    </message>
    <message>
        <source>Unknown provider: {name}.</source>
        <translation type="unfinished">Unbekannter Anbieter: {name}.</translation>
    </message>
</context>
<context>
    <name>settings.settings_page</name>
    <message>
        <source>Settin&amp;gs</source>
        <translation type="unfinished">Einstellun&amp;gen</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation type="unfinished">Einstellungen</translation>
    </message>
</context>
<context>
    <name>settings.settings_transfer</name>
    <message>
        <source>&amp;Mirror</source>
        <translation type="unfinished">&amp;Spiegel</translation>
    </message>
    <message>
        <source>&amp;Provider</source>
        <translation type="unfinished">&amp;Anbieter</translation>
    </message>
    <message>
        <source>&amp;Restore defaults</source>
        <translation type="unfinished">Vo&amp;reinstellungen</translation>
    </message>
    <message>
        <source>Add...</source>
        <translation type="unfinished">Hinzufügen...</translation>
    </message>
    <message>
        <source>Address of an S3 server with a copy of the IDC buckets.</source>
        <translation type="unfinished">Adresse eines S3-Servers mit einer Kopie der IDC-Buckets.</translation>
    </message>
    <message>
        <source>Address of the proxy. With a name and password: http://name:password@host:port.</source>
        <translation type="unfinished">Adresse des Proxys. Mit Name und Passwort: http://name:password@host:port.</translation>
    </message>
    <message>
        <source>Also look in</source>
        <translation type="unfinished">Auch sehen in</translation>
    </message>
    <message>
        <source>Amazon (AWS)</source>
        <translation type="unfinished">Amazon (AWS)</translation>
    </message>
    <message>
        <source>Amazon, or Google if Amazon fails</source>
        <translation type="unfinished">Amazon, oder Google, wenn Amazon ausfällt</translation>
    </message>
    <message>
        <source>As IDC publishes them</source>
        <translation type="unfinished">Wie IDC sie veröffentlicht</translation>
    </message>
    <message>
        <source>C&amp;hange...</source>
        <translation type="unfinished">Ä&amp;ndern ...</translation>
    </message>
    <message>
        <source>Certific&amp;ates</source>
        <translation type="unfinished">Zertifik&amp;ate</translation>
    </message>
    <message>
        <source>Certificate file</source>
        <translation type="unfinished">Zertifikatsdatei</translation>
    </message>
    <message>
        <source>Certificate file (PEM) to trust, for networks that replace the certificates of web sites.</source>
        <translation type="unfinished">Zertifikatsdatei (PEM), der vertraut wird, für Netze, die die Zertifikate von Websites ersetzen.</translation>
    </message>
    <message>
        <source>Certificates (*.pem *.crt *.cer);;All files (*)</source>
        <translation type="unfinished">Zertifikate (*.pem *.crt *.cer);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Changes apply to the next download; the speed limit applies immediately.</source>
        <translation type="unfinished">Änderungen gelten für den nächsten Download; die Geschwindigkeitsgrenze gilt sofort.</translation>
    </message>
    <message>
        <source>Choose a certificate file (PEM).</source>
        <translation type="unfinished">Eine Zertifikatsdatei (PEM) wählen.</translation>
    </message>
    <message>
        <source>Choose f&amp;ile...</source>
        <translation type="unfinished">Date&amp;i wählen ...</translation>
    </message>
    <message>
        <source>Choose one more folder to look in.</source>
        <translation type="unfinished">Einen weiteren Ordner wählen, in den gesehen wird.</translation>
    </message>
    <message>
        <source>Choose the download folder.</source>
        <translation type="unfinished">Den Download-Ordner wählen.</translation>
    </message>
    <message>
        <source>Cloud provider to download from. Both hold the same files, free of charge.</source>
        <translation type="unfinished">Cloud-Anbieter, von dem heruntergeladen wird. Beide haben dieselben Dateien, kostenlos.</translation>
    </message>
    <message>
        <source>Default certificates</source>
        <translation type="unfinished">Übliche Zertifikate</translation>
    </message>
    <message>
        <source>Disk space that downloads leave free, for other programs and people. Downloads wait until there is more.</source>
        <translation type="unfinished">Speicherplatz, den Downloads für andere Programme und Personen frei lassen. Downloads warten, bis es mehr gibt.</translation>
    </message>
    <message>
        <source>Downloads</source>
        <translation type="unfinished">Downloads</translation>
    </message>
    <message>
        <source>Files at &amp;once</source>
        <translation type="unfinished">&amp;Dateien zugleich</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation type="unfinished">Ordner</translation>
    </message>
    <message>
        <source>Folder for downloaded files.</source>
        <translation type="unfinished">Ordner für heruntergeladene Dateien.</translation>
    </message>
    <message>
        <source>Folder with series that others keep</source>
        <translation type="unfinished">Ordner mit Serien, die andere vorhalten</translation>
    </message>
    <message>
        <source>Folder, or s3://bucket/prefix, with the tables of measurements of IDC; {word} in it stands for the release.</source>
        <translation type="unfinished">Ordner, oder s3://Bucket/Präfix, mit den Messwerttabellen von IDC; {word} darin steht für die Version.</translation>
    </message>
    <message>
        <source>Folders of series below the download folder, with the words of idc-index: {words}.</source>
        <translation type="unfinished">Ordner der Serien unterhalb des Download-Ordners, mit den Wörtern von idc-index: {words}.</translation>
    </message>
    <message>
        <source>Folders with series that others keep, separated by {sign}. They are used where they are; nothing is written there.</source>
        <translation type="unfinished">Ordner mit Serien, die andere vorhalten, getrennt durch {sign}. Sie werden dort benutzt, wo sie liegen; geschrieben wird dort nichts.</translation>
    </message>
    <message>
        <source>GB</source>
        <translation type="unfinished">GB</translation>
    </message>
    <message>
        <source>Google (GCS)</source>
        <translation type="unfinished">Google (GCS)</translation>
    </message>
    <message>
        <source>How often a failed request is repeated.</source>
        <translation type="unfinished">Wie oft eine fehlgeschlagene Anfrage wiederholt wird.</translation>
    </message>
    <message>
        <source>IDC buckets</source>
        <translation type="unfinished">IDC-Buckets</translation>
    </message>
    <message>
        <source>IDC's tables</source>
        <translation type="unfinished">IDC-Tabellen</translation>
    </message>
    <message>
        <source>Keep free</source>
        <translation type="unfinished">Frei lassen</translation>
    </message>
    <message>
        <source>MB/s</source>
        <translation type="unfinished">MB/s</translation>
    </message>
    <message>
        <source>Maximum download speed for all files together. Also applies to running downloads.</source>
        <translation type="unfinished">Höchste Download-Geschwindigkeit für alle Dateien zusammen. Gilt auch für laufende Downloads.</translation>
    </message>
    <message>
        <source>Network</source>
        <translation type="unfinished">Netzwerk</translation>
    </message>
    <message>
        <source>No limit</source>
        <translation type="unfinished">Keine Grenze</translation>
    </message>
    <message>
        <source>No other folders</source>
        <translation type="unfinished">Keine weiteren Ordner</translation>
    </message>
    <message>
        <source>No proxy</source>
        <translation type="unfinished">Kein Proxy</translation>
    </message>
    <message>
        <source>Nothing</source>
        <translation type="unfinished">Nichts</translation>
    </message>
    <message>
        <source>Number of files transferred at the same time. Use fewer for a slow network or disk.</source>
        <translation type="unfinished">Anzahl der gleichzeitig übertragenen Dateien. Nehmen Sie weniger bei langsamem Netz oder langsamer Platte.</translation>
    </message>
    <message>
        <source>Pro&amp;xy</source>
        <translation type="unfinished">Pro&amp;xy</translation>
    </message>
    <message>
        <source>Proxy addr&amp;ess</source>
        <translation type="unfinished">Proxy-Adr&amp;esse</translation>
    </message>
    <message>
        <source>Re&amp;tries</source>
        <translation type="unfinished">&amp;Wiederholungen</translation>
    </message>
    <message>
        <source>Reset the download and network settings to their defaults.</source>
        <translation type="unfinished">Download- und Netzwerkeinstellungen auf die Voreinstellungen zurücksetzen.</translation>
    </message>
    <message>
        <source>Set on the command line; it applies until the program is closed.</source>
        <translation type="unfinished">Auf der Befehlszeile gesetzt; gilt, bis das Programm geschlossen wird.</translation>
    </message>
    <message>
        <source>Speed &amp;limit</source>
        <translation type="unfinished">&amp;Geschwindigkeitsgrenze</translation>
    </message>
    <message>
        <source>Subfolders</source>
        <translation type="unfinished">Unterordner</translation>
    </message>
    <message>
        <source>System settings</source>
        <translation type="unfinished">Systemeinstellungen</translation>
    </message>
    <message>
        <source>This address:</source>
        <translation type="unfinished">Diese Adresse:</translation>
    </message>
    <message>
        <source>Whether to connect to the internet through a proxy.</source>
        <translation type="unfinished">Ob die Verbindung zum Internet über einen Proxy geht.</translation>
    </message>
</context>
<context>
    <name>settings.side_fetch</name>
    <message>
        <source>Fetching {name}...</source>
        <translation type="unfinished">{name} wird geholt ...</translation>
    </message>
    <message>
        <source>Fetching {name}: {done}</source>
        <translation type="unfinished">{name} wird geholt: {done}</translation>
    </message>
    <message>
        <source>Fetching {name}: {done} of {total}</source>
        <translation type="unfinished">{name} wird geholt: {done} von {total}</translation>
    </message>
    <message>
        <source>Stopped fetching {name}.</source>
        <translation type="unfinished">Das Holen von {name} wurde angehalten.</translation>
    </message>
    <message>
        <source>{name} was fetched ({size}).</source>
        <translation type="unfinished">{name} wurde geholt ({size}).</translation>
    </message>
</context>
<context>
    <name>settings.views_section</name>
    <message>
        <source>As stored (usually Bq/ml)</source>
        <translation type="unfinished">Wie gespeichert (meist Bq/ml)</translation>
    </message>
    <message>
        <source>PET &amp;shown as</source>
        <translation type="unfinished">&amp;PET zeigen als</translation>
    </message>
    <message>
        <source>SUV by body surface area</source>
        <translation type="unfinished">SUV nach Körperoberfläche</translation>
    </message>
    <message>
        <source>SUV by body weight</source>
        <translation type="unfinished">SUV nach Körpergewicht</translation>
    </message>
    <message>
        <source>SUV by lean body mass (SUL, Janmahasatian)</source>
        <translation type="unfinished">SUV nach fettfreier Masse (SUL, Janmahasatian)</translation>
    </message>
    <message>
        <source>Slide si&amp;ze (megapixels)</source>
        <translation type="unfinished">Schnittgr&amp;öße (Megapixel)</translation>
    </message>
    <message>
        <source>The largest level of a slide that is loaded whole (16: 4096 x 4096 pixels). "Download and load" fetches this level only.</source>
        <translation type="unfinished">Die größte Auflösungsstufe eines Gewebeschnitts, die ganz geladen wird (16: 4096 x 4096 Pixel). „Herunterladen und laden“ holt nur diese Stufe.</translation>
    </message>
    <message>
        <source>Views</source>
        <translation type="unfinished">Ansichten</translation>
    </message>
    <message>
        <source>What PET is shown as where it can be computed. Applies to the next PET that is loaded.</source>
        <translation type="unfinished">Als was PET gezeigt wird, wo es berechnet werden kann. Gilt für das nächste geladene PET.</translation>
    </message>
</context>
<context>
    <name>slicer.desktop</name>
    <message>
        <source>Folder with the packages as wheel files</source>
        <translation type="unfinished">Ordner mit den Paketen als Wheel-Dateien</translation>
    </message>
    <message>
        <source>IDC Browser needs 3D Slicer {needed} or newer; this is {found}.</source>
        <translation type="unfinished">IDC Browser braucht 3D Slicer {needed} oder neuer; dies ist {found}.</translation>
    </message>
    <message>
        <source>IDC Browser needs a few Python packages to read the catalog and to download. Nothing is installed before you agree.</source>
        <translation type="unfinished">IDC Browser braucht einige Python-Pakete, um den Katalog zu lesen und herunterzuladen. Nichts wird installiert, bevor Sie zustimmen.</translation>
    </message>
    <message>
        <source>Open manifest</source>
        <translation type="unfinished">Manifest öffnen</translation>
    </message>
    <message>
        <source>PythonSlicer was not found beside Slicer; reinstall Slicer.</source>
        <translation type="unfinished">PythonSlicer wurde neben Slicer nicht gefunden; installieren Sie Slicer neu.</translation>
    </message>
    <message>
        <source>What you opened will be shown once they are installed.</source>
        <translation type="unfinished">Was Sie geöffnet haben, wird gezeigt, sobald sie installiert sind.</translation>
    </message>
</context>
<context>
    <name>slicer.loading</name>
    <message>
        <source>The scene was closed during loading. Load the series again.</source>
        <translation type="unfinished">Die Szene wurde während des Ladens geschlossen. Laden Sie die Serie noch einmal.</translation>
    </message>
</context>
<context>
    <name>slicer.packages</name>
    <message>
        <source>The packages are still missing (in testing mode Slicer installs nothing).</source>
        <translation type="unfinished">Die Pakete fehlen noch (im Testbetrieb installiert Slicer nichts).</translation>
    </message>
    <message>
        <source>The packages were not installed. IDC Browser needs them to read the catalog and to download. You can install them at any time.</source>
        <translation type="unfinished">Die Pakete wurden nicht installiert. IDC Browser braucht sie, um den Katalog zu lesen und herunterzuladen. Sie können sie jederzeit installieren.</translation>
    </message>
    <message>
        <source>pip could not install the packages; see its output in Slicer's log. Without internet access, copy the packages as wheels into a folder (on a computer with internet access: pip download -r requirements.txt) and install from that folder.</source>
        <translation type="unfinished">pip konnte die Pakete nicht installieren; seine Ausgabe steht in Slicers Protokoll. Ohne Internet: Kopieren Sie die Pakete als Wheels in einen Ordner (auf einem Computer mit Internet: pip download -r requirements.txt) und installieren Sie aus diesem Ordner.</translation>
    </message>
</context>
<context>
    <name>slicer.sample_data</name>
    <message>
        <source>Imaging Data Commons</source>
        <translation type="unfinished">Imaging Data Commons</translation>
    </message>
</context>
<context>
    <name>slicer.segmenters</name>
    <message>
        <source>The image is no longer in the scene. Choose it in {module}.</source>
        <translation type="unfinished">Das Bild ist nicht mehr in der Szene. Wählen Sie es in {module}.</translation>
    </message>
    <message>
        <source>{module} cannot be shown without Slicer's main window.</source>
        <translation type="unfinished">{module} kann ohne das Hauptfenster von Slicer nicht gezeigt werden.</translation>
    </message>
    <message>
        <source>{module} is open with the image {image}. Start it there, then come back and press "Compare result".</source>
        <translation type="unfinished">{module} ist mit dem Bild {image} geöffnet. Starten Sie es dort, kommen Sie dann zurück und drücken Sie "Ergebnis vergleichen".</translation>
    </message>
    <message>
        <source>{module} is open. Choose the image {image} there.</source>
        <translation type="unfinished">{module} ist geöffnet. Wählen Sie dort das Bild {image}.</translation>
    </message>
</context>
<context>
    <name>slicer.what_shows_it</name>
    <message>
        <source>it is of the kind {kind}, which no installed DICOM plugin can load, and no extension is known that does.</source>
        <translation type="unfinished">es ist von der Art {kind}, die kein installiertes DICOM-Plugin laden kann, und es ist keine Erweiterung bekannt, die das tut.</translation>
    </message>
    <message>
        <source>it is of the kind {kind}, which no installed DICOM plugin can load; the extension {extension} may (View &gt; Extensions Manager).</source>
        <translation type="unfinished">es ist von der Art {kind}, die kein installiertes DICOM-Plugin laden kann; die Erweiterung {extension} kann es vielleicht (View &gt; Extensions Manager).</translation>
    </message>
    <message>
        <source>no installed DICOM plugin can load it.</source>
        <translation type="unfinished">kein installiertes DICOM-Plugin kann es laden.</translation>
    </message>
</context>
<context>
    <name>standalone.about</name>
    <message>
        <source>About IDC Browser</source>
        <translation type="unfinished">Über IDC Browser</translation>
    </message>
    <message>
        <source>Each series has its own license, shown in the tables. Please cite the data you use; the details show how.</source>
        <translation type="unfinished">Jede Serie hat ihre eigene Lizenz, die in den Tabellen steht. Bitte zitieren Sie die Daten, die Sie verwenden; die Details zeigen, wie.</translation>
    </message>
    <message>
        <source>Finds, downloads and shows images of the NCI Imaging Data Commons: {address}</source>
        <translation type="unfinished">Findet, lädt und zeigt Bilder der NCI Imaging Data Commons: {address}</translation>
    </message>
    <message>
        <source>For research; not a medical device.</source>
        <translation type="unfinished">Für die Forschung; kein Medizinprodukt.</translation>
    </message>
    <message>
        <source>IDC Browser {version}</source>
        <translation type="unfinished">IDC Browser {version}</translation>
    </message>
    <message>
        <source>This program is free software under the MIT license.</source>
        <translation type="unfinished">Dieses Programm ist freie Software unter der MIT-Lizenz.</translation>
    </message>
</context>
<context>
    <name>standalone.cine</name>
    <message>
        <source> frames/s</source>
        <translation type="unfinished"> Bilder/s</translation>
    </message>
    <message>
        <source>All views</source>
        <translation type="unfinished">Alle Ansichten</translation>
    </message>
    <message>
        <source>As the file states</source>
        <translation type="unfinished">Wie die Datei angibt</translation>
    </message>
    <message>
        <source>Frame</source>
        <translation type="unfinished">Einzelbild</translation>
    </message>
    <message>
        <source>Frames per second</source>
        <translation type="unfinished">Einzelbilder je Sekunde</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation type="unfinished">Pause</translation>
    </message>
    <message>
        <source>Play</source>
        <translation type="unfinished">Abspielen</translation>
    </message>
    <message>
        <source>Play the frames in a loop</source>
        <translation type="unfinished">Die Einzelbilder in einer Schleife abspielen</translation>
    </message>
    <message>
        <source>Show the other views as well, with the list of images</source>
        <translation type="unfinished">Auch die anderen Ansichten zeigen, mit der Liste der Bilder</translation>
    </message>
    <message>
        <source>The file states no frame rate</source>
        <translation type="unfinished">Die Datei gibt keine Bildrate an</translation>
    </message>
    <message>
        <source>Windows that the file offers</source>
        <translation type="unfinished">Fensterungen, die die Datei anbietet</translation>
    </message>
    <message>
        <source>{number} of {count}</source>
        <translation type="unfinished">{number} von {count}</translation>
    </message>
</context>
<context>
    <name>standalone.frame</name>
    <message>
        <source>{name} is not a manifest ({suffixes}). For a folder of DICOM files use "Open DICOM folder" in the menu "File".</source>
        <translation type="unfinished">{name} ist kein Manifest ({suffixes}). Für einen Ordner mit DICOM-Dateien nehmen Sie „DICOM-Ordner öffnen“ im Menü „Datei“.</translation>
    </message>
</context>
<context>
    <name>standalone.legend</name>
    <message>
        <source>and {count} more</source>
        <translation type="unfinished">und {count} weitere</translation>
    </message>
</context>
<context>
    <name>standalone.links_action</name>
    <message>
        <source>Links no longer open with this program.</source>
        <translation type="unfinished">Links werden nicht mehr mit diesem Programm geöffnet.</translation>
    </message>
    <message>
        <source>Links that begin with {scheme} are opened by this program, in the window that is open.</source>
        <translation type="unfinished">Links, die mit {scheme} beginnen, öffnet dieses Programm, im offenen Fenster.</translation>
    </message>
    <message>
        <source>Links that begin with {scheme} open with this program. What was written: {place}</source>
        <translation type="unfinished">Links, die mit {scheme} beginnen, öffnen sich mit diesem Programm. Geschrieben wurde: {place}</translation>
    </message>
    <message>
        <source>Open &amp;links with this program</source>
        <translation type="unfinished">&amp;Links mit diesem Programm öffnen</translation>
    </message>
</context>
<context>
    <name>standalone.segments_dock</name>
    <message>
        <source>Segments</source>
        <translation type="unfinished">Segmente</translation>
    </message>
</context>
<context>
    <name>standalone.slice_stack</name>
    <message>
        <source>Frame {number} of {count}</source>
        <translation type="unfinished">Bild {number} von {count}</translation>
    </message>
    <message>
        <source>Outside the volume</source>
        <translation type="unfinished">Außerhalb des Volumens</translation>
    </message>
    <message>
        <source>Slice {number} of {count}</source>
        <translation type="unfinished">Schicht {number} von {count}</translation>
    </message>
</context>
<context>
    <name>standalone.three_d_view</name>
    <message>
        <source>Contours</source>
        <translation type="unfinished">Konturen</translation>
    </message>
    <message>
        <source>Move images as the loaded registrations say</source>
        <translation type="unfinished">Bilder bewegen, wie die geladenen Registrierungen es angeben</translation>
    </message>
    <message>
        <source>Opacity of {name} over the image</source>
        <translation type="unfinished">Deckkraft von {name} über dem Bild</translation>
    </message>
    <message>
        <source>Registration</source>
        <translation type="unfinished">Registrierung</translation>
    </message>
    <message>
        <source>Show the contours of the structure set as they were drawn</source>
        <translation type="unfinished">Die Konturen des Structure Sets zeigen, wie sie gezeichnet wurden</translation>
    </message>
    <message>
        <source>Show the segments as surfaces instead of the slice planes</source>
        <translation type="unfinished">Die Segmente als Oberflächen statt der Schichtebenen zeigen</translation>
    </message>
    <message>
        <source>Surfaces</source>
        <translation type="unfinished">Oberflächen</translation>
    </message>
    <message>
        <source>The image in the views</source>
        <translation type="unfinished">Das Bild in den Ansichten</translation>
    </message>
</context>
<context>
    <name>standalone.views</name>
    <message>
        <source>Axial</source>
        <translation type="unfinished">Axial</translation>
    </message>
    <message>
        <source>Coronal</source>
        <translation type="unfinished">Koronal</translation>
    </message>
    <message>
        <source>Sagittal</source>
        <translation type="unfinished">Sagittal</translation>
    </message>
</context>
<context>
    <name>standalone.window</name>
    <message>
        <source>&amp;About IDC Browser</source>
        <translation type="unfinished">Ü&amp;ber IDC Browser</translation>
    </message>
    <message>
        <source>&amp;Close scene</source>
        <translation type="unfinished">Szene s&amp;chließen</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation type="unfinished">&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Keys and diagnostics</source>
        <translation type="unfinished">&amp;Tasten und Diagnose</translation>
    </message>
    <message>
        <source>&amp;Open DICOM folder...</source>
        <translation type="unfinished">DIC&amp;OM-Ordner öffnen ...</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation type="unfinished">&amp;Beenden</translation>
    </message>
    <message>
        <source>&amp;Save scene...</source>
        <translation type="unfinished">&amp;Szene speichern ...</translation>
    </message>
    <message>
        <source>&amp;Slice and 3D views</source>
        <translation type="unfinished">&amp;Schicht- und 3D-Ansichten</translation>
    </message>
    <message>
        <source>Help</source>
        <translation type="unfinished">Hilfe</translation>
    </message>
    <message>
        <source>IDC Browser</source>
        <translation type="unfinished">IDC Browser</translation>
    </message>
    <message>
        <source>Images cannot be displayed ({reason}). Browsing and downloading still work. To install the views: pip install 'idc-browser[standalone]'.</source>
        <translation type="unfinished">Bilder können nicht gezeigt werden ({reason}). Durchsuchen und Herunterladen gehen weiter. Um die Ansichten zu installieren: pip install 'idc-browser[standalone]'.</translation>
    </message>
    <message>
        <source>Medical reality bundle (*.mrb)</source>
        <translation type="unfinished">Medical Reality Bundle (*.mrb)</translation>
    </message>
    <message>
        <source>Open &amp;manifest...</source>
        <translation type="unfinished">&amp;Manifest öffnen ...</translation>
    </message>
    <message>
        <source>Open DICOM folder</source>
        <translation type="unfinished">DICOM-Ordner öffnen</translation>
    </message>
    <message>
        <source>Save scene</source>
        <translation type="unfinished">Szene speichern</translation>
    </message>
    <message>
        <source>Scene saved to {path}.</source>
        <translation type="unfinished">Szene in {path} gespeichert.</translation>
    </message>
    <message>
        <source>There is no scene yet. Load a series first.</source>
        <translation type="unfinished">Es gibt noch keine Szene. Laden Sie zuerst eine Serie.</translation>
    </message>
    <message>
        <source>Views</source>
        <translation type="unfinished">Ansichten</translation>
    </message>
    <message>
        <source>{names} was made here and is in no file. Close the scene all the same?</source>
        <translation type="unfinished">{names} wurde hier gemacht und ist in keiner Datei. Szene trotzdem schließen?</translation>
    </message>
</context>
<context>
    <name>storage.storage</name>
    <message>
        <source>&amp;Yes, clean up</source>
        <translation type="unfinished">&amp;Ja, aufräumen</translation>
    </message>
    <message>
        <source>&amp;Yes, move</source>
        <translation type="unfinished">&amp;Ja, verschieben</translation>
    </message>
    <message>
        <source>&amp;Yes, remove</source>
        <translation type="unfinished">&amp;Ja, entfernen</translation>
    </message>
    <message>
        <source>A download is running. Wait for it or cancel it, then move the folder.</source>
        <translation type="unfinished">Ein Download läuft. Warten Sie oder brechen Sie ihn ab, dann verschieben Sie den Ordner.</translation>
    </message>
    <message>
        <source>Adding to the DICOM database</source>
        <translation type="unfinished">Wird in die DICOM-Datenbank aufgenommen</translation>
    </message>
    <message>
        <source>Another operation is running. Wait for it or cancel it.</source>
        <translation type="unfinished">Ein anderer Vorgang läuft. Warten Sie oder brechen Sie ihn ab.</translation>
    </message>
    <message>
        <source>Canceled.</source>
        <translation type="unfinished">Abgebrochen.</translation>
    </message>
    <message>
        <source>Canceling...</source>
        <translation type="unfinished">Wird abgebrochen ...</translation>
    </message>
    <message>
        <source>Cleaning up</source>
        <translation type="unfinished">Wird aufgeräumt</translation>
    </message>
    <message>
        <source>Counting what would be moved</source>
        <translation type="unfinished">Was verschoben würde, wird gezählt</translation>
    </message>
    <message>
        <source>Counting what would be removed</source>
        <translation type="unfinished">Was entfernt würde, wird gezählt</translation>
    </message>
    <message>
        <source>Folder to move the downloads to</source>
        <translation type="unfinished">Ordner, in den die Downloads verschoben werden</translation>
    </message>
    <message>
        <source>Moving to {folder}</source>
        <translation type="unfinished">Wird nach {folder} verschoben</translation>
    </message>
    <message>
        <source>Removing</source>
        <translation type="unfinished">Wird entfernt</translation>
    </message>
    <message>
        <source>Scanning the download folder</source>
        <translation type="unfinished">Der Download-Ordner wird durchsucht</translation>
    </message>
</context>
<context>
    <name>storage.storage_page</name>
    <message>
        <source>&amp;Clean up...</source>
        <translation type="unfinished">&amp;Aufräumen ...</translation>
    </message>
    <message>
        <source>&amp;Folders</source>
        <translation type="unfinished">&amp;Ordner</translation>
    </message>
    <message>
        <source>&amp;Load</source>
        <translation type="unfinished">&amp;Laden</translation>
    </message>
    <message>
        <source>&amp;Move...</source>
        <translation type="unfinished">&amp;Verschieben ...</translation>
    </message>
    <message>
        <source>&amp;Remove...</source>
        <translation type="unfinished">Entfe&amp;rnen ...</translation>
    </message>
    <message>
        <source>&amp;Series ({count})</source>
        <translation type="unfinished">&amp;Serien ({count})</translation>
    </message>
    <message>
        <source>&amp;Yes, remove</source>
        <translation type="unfinished">&amp;Ja, entfernen</translation>
    </message>
    <message>
        <source>A&amp;dd to the database</source>
        <translation type="unfinished">In &amp;die Datenbank aufnehmen</translation>
    </message>
    <message>
        <source>A&amp;dd {series} on disk to the database</source>
        <translation type="unfinished">{series} auf &amp;der Platte in die Datenbank aufnehmen</translation>
    </message>
    <message>
        <source>Add the series that are complete on disk to the DICOM database.</source>
        <translation type="unfinished">Die Serien, die vollständig auf der Platte sind, in die DICOM-Datenbank aufnehmen.</translation>
    </message>
    <message>
        <source>Cance&amp;l</source>
        <translation type="unfinished">&amp;Abbrechen</translation>
    </message>
    <message>
        <source>Cancel. No downloaded data are lost.</source>
        <translation type="unfinished">Abbrechen. Es gehen keine heruntergeladenen Daten verloren.</translation>
    </message>
    <message>
        <source>Change nothing.</source>
        <translation type="unfinished">Nichts ändern.</translation>
    </message>
    <message>
        <source>Keep e&amp;verything</source>
        <translation type="unfinished">&amp;Alles behalten</translation>
    </message>
    <message>
        <source>L&amp;oad</source>
        <translation type="unfinished">L&amp;aden</translation>
    </message>
    <message>
        <source>Load the selected rows from this computer into the views.</source>
        <translation type="unfinished">Die ausgewählten Zeilen von diesem Computer in die Ansichten laden.</translation>
    </message>
    <message>
        <source>Move the downloads to another folder or disk and update the DICOM database.</source>
        <translation type="unfinished">Die Downloads in einen anderen Ordner oder auf eine andere Platte verschieben und die DICOM-Datenbank nachführen.</translation>
    </message>
    <message>
        <source>N&amp;ewer version...</source>
        <translation type="unfinished">N&amp;euere Version ...</translation>
    </message>
    <message>
        <source>Nothing has been downloaded yet. Downloaded series are listed here.</source>
        <translation type="unfinished">Noch wurde nichts heruntergeladen. Heruntergeladene Serien stehen hier.</translation>
    </message>
    <message>
        <source>Open the folder of the selected rows in the system's program for files.</source>
        <translation type="unfinished">Den Ordner der ausgewählten Zeilen mit dem Dateiprogramm des Systems öffnen.</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation type="unfinished">Fortschritt</translation>
    </message>
    <message>
        <source>Refres&amp;h</source>
        <translation type="unfinished">&amp;Aktualisieren</translation>
    </message>
    <message>
        <source>Scan all files again.</source>
        <translation type="unfinished">Alle Dateien noch einmal durchsehen.</translation>
    </message>
    <message>
        <source>Scanning the download folder...</source>
        <translation type="unfinished">Der Download-Ordner wird durchsucht ...</translation>
    </message>
    <message>
        <source>Select rows to load or remove them.</source>
        <translation type="unfinished">Wählen Sie Zeilen, um sie zu laden oder zu entfernen.</translation>
    </message>
    <message>
        <source>Select something in the list first.</source>
        <translation type="unfinished">Wählen Sie zuerst etwas in der Liste.</translation>
    </message>
    <message>
        <source>Select what to clean up.</source>
        <translation type="unfinished">Wählen Sie, was aufgeräumt werden soll.</translation>
    </message>
    <message>
        <source>Show &amp;folder</source>
        <translation type="unfinished">&amp;Ordner zeigen</translation>
    </message>
    <message>
        <source>Show what would be downloaded to get the current versions.</source>
        <translation type="unfinished">Zeigen, was heruntergeladen würde, um die aktuellen Versionen zu erhalten.</translation>
    </message>
    <message>
        <source>Show what would be removed and ask for confirmation.</source>
        <translation type="unfinished">Zeigen, was entfernt würde, und nachfragen.</translation>
    </message>
    <message>
        <source>Storage</source>
        <translation type="unfinished">Speicher</translation>
    </message>
    <message>
        <source>There is nothing to clean up.</source>
        <translation type="unfinished">Es gibt nichts aufzuräumen.</translation>
    </message>
    <message>
        <source>This cannot be undone.</source>
        <translation type="unfinished">Das kann nicht rückgängig gemacht werden.</translation>
    </message>
    <message>
        <source>To clean &amp;up ({count})</source>
        <translation type="unfinished">A&amp;ufzuräumen ({count})</translation>
    </message>
</context>
<context>
    <name>storage.storage_text</name>
    <message>
        <source>1 file</source>
        <translation type="unfinished">1 Datei</translation>
    </message>
    <message>
        <source>1 file of yours stays</source>
        <translation type="unfinished">1 Ihrer Dateien bleibt</translation>
    </message>
    <message>
        <source>1 series</source>
        <translation type="unfinished">1 Serie</translation>
    </message>
    <message>
        <source>Additional index files</source>
        <translation type="unfinished">Zusätzliche Indexdateien</translation>
    </message>
    <message>
        <source>Catalog cache</source>
        <translation type="unfinished">Zwischenspeicher des Katalogs</translation>
    </message>
    <message>
        <source>Cleaned up: {files}, {size} removed.</source>
        <translation type="unfinished">Aufgeräumt: {files}, {size} entfernt.</translation>
    </message>
    <message>
        <source>Complete on disk, but not in the DICOM database.</source>
        <translation type="unfinished">Vollständig auf der Platte, aber nicht in der DICOM-Datenbank.</translation>
    </message>
    <message>
        <source>DICOM database</source>
        <translation type="unfinished">DICOM-Datenbank</translation>
    </message>
    <message>
        <source>Download records and cart</source>
        <translation type="unfinished">Aufzeichnungen der Downloads und Korb</translation>
    </message>
    <message>
        <source>Downloads</source>
        <translation type="unfinished">Downloads</translation>
    </message>
    <message>
        <source>Empty folders</source>
        <translation type="unfinished">Leere Ordner</translation>
    </message>
    <message>
        <source>Files replaced by a newer version</source>
        <translation type="unfinished">Dateien, die durch eine neuere Version ersetzt sind</translation>
    </message>
    <message>
        <source>Future downloads will go to the new folder.</source>
        <translation type="unfinished">Künftige Downloads gehen in den neuen Ordner.</translation>
    </message>
    <message>
        <source>IDC has a newer version. Download the series to get it.</source>
        <translation type="unfinished">IDC hat eine neuere Version. Laden Sie die Serie herunter, um sie zu erhalten.</translation>
    </message>
    <message>
        <source>In database</source>
        <translation type="unfinished">In Datenbank</translation>
    </message>
    <message>
        <source>In the DICOM database, ready to load.</source>
        <translation type="unfinished">In der DICOM-Datenbank, bereit zum Laden.</translation>
    </message>
    <message>
        <source>Incomplete</source>
        <translation type="unfinished">Unvollständig</translation>
    </message>
    <message>
        <source>Incomplete series</source>
        <translation type="unfinished">Unvollständige Serien</translation>
    </message>
    <message>
        <source>Move {series} ({size}) from {before} to {after}?</source>
        <translation type="unfinished">{series} ({size}) von {before} nach {after} verschieben?</translation>
    </message>
    <message>
        <source>Moved {series} ({size}) to {folder}.</source>
        <translation type="unfinished">{series} ({size}) nach {folder} verschoben.</translation>
    </message>
    <message>
        <source>Nothing in the selection is on this computer.</source>
        <translation type="unfinished">Nichts aus der Auswahl ist auf diesem Computer.</translation>
    </message>
    <message>
        <source>Nothing in the selection was downloaded by this program. {kept}</source>
        <translation type="unfinished">Nichts aus der Auswahl wurde von diesem Programm heruntergeladen. {kept}</translation>
    </message>
    <message>
        <source>Older version</source>
        <translation type="unfinished">Ältere Version</translation>
    </message>
    <message>
        <source>Older version, in database</source>
        <translation type="unfinished">Ältere Version, in Datenbank</translation>
    </message>
    <message>
        <source>Older versions of series whose current version is on disk</source>
        <translation type="unfinished">Ältere Versionen von Serien, deren aktuelle Version auf der Platte ist</translation>
    </message>
    <message>
        <source>On disk</source>
        <translation type="unfinished">Auf der Platte</translation>
    </message>
    <message>
        <source>Partial files of interrupted downloads</source>
        <translation type="unfinished">Teile von Dateien unterbrochener Downloads</translation>
    </message>
    <message>
        <source>Remove the selected items: {count} items, {files}, {size}?</source>
        <translation type="unfinished">Die ausgewählten Einträge entfernen: {count} Einträge, {files}, {size}?</translation>
    </message>
    <message>
        <source>Remove {series} from this computer ({files}, {size}), and from the DICOM database?</source>
        <translation type="unfinished">{series} von diesem Computer ({files}, {size}) und aus der DICOM-Datenbank entfernen?</translation>
    </message>
    <message>
        <source>Removed {series}: {files}, {size}.</source>
        <translation type="unfinished">{series} entfernt: {files}, {size}.</translation>
    </message>
    <message>
        <source>Series not in the DICOM database</source>
        <translation type="unfinished">Serien, die nicht in der DICOM-Datenbank sind</translation>
    </message>
    <message>
        <source>Some files are missing. Download the series again to complete it.</source>
        <translation type="unfinished">Einige Dateien fehlen. Laden Sie die Serie noch einmal herunter, um sie zu vervollständigen.</translation>
    </message>
    <message>
        <source>The DICOM database also contains {series} ({files}) in other folders.</source>
        <translation type="unfinished">Die DICOM-Datenbank enthält außerdem {series} ({files}) in anderen Ordnern.</translation>
    </message>
    <message>
        <source>The DICOM database did not accept {files} in the new folder. Add them again.</source>
        <translation type="unfinished">Die DICOM-Datenbank nahm {files} im neuen Ordner nicht an. Nehmen Sie sie noch einmal auf.</translation>
    </message>
    <message>
        <source>The files are copied to the other disk and compared ({needed} to copy, {free} free), then removed from the old folder.</source>
        <translation type="unfinished">Die Dateien werden auf die andere Platte kopiert und verglichen ({needed} zu kopieren, {free} frei), dann aus dem alten Ordner entfernt.</translation>
    </message>
    <message>
        <source>{count} files</source>
        <translation type="unfinished">{count} Dateien</translation>
    </message>
    <message>
        <source>{count} files of yours stay</source>
        <translation type="unfinished">{count} Ihrer Dateien bleiben</translation>
    </message>
    <message>
        <source>{count} folders cannot be read, such as {path} ({reason}).</source>
        <translation type="unfinished">{count} Ordner können nicht gelesen werden, etwa {path} ({reason}).</translation>
    </message>
    <message>
        <source>{count} incomplete</source>
        <translation type="unfinished">{count} unvollständig</translation>
    </message>
    <message>
        <source>{count} of an older version</source>
        <translation type="unfinished">{count} in älterer Version</translation>
    </message>
    <message>
        <source>{count} of {total} files</source>
        <translation type="unfinished">{count} von {total} Dateien</translation>
    </message>
    <message>
        <source>{count} of {total} in database</source>
        <translation type="unfinished">{count} von {total} in Datenbank</translation>
    </message>
    <message>
        <source>{count} series</source>
        <translation type="unfinished">{count} Serien</translation>
    </message>
    <message>
        <source>{files} could not be deleted, such as {path} ({reason}).</source>
        <translation type="unfinished">{files} konnten nicht gelöscht werden, etwa {path} ({reason}).</translation>
    </message>
    <message>
        <source>{files} in the old folder.</source>
        <translation type="unfinished">{files} im alten Ordner.</translation>
    </message>
    <message>
        <source>{files} skipped, such as {file} ({reason}).</source>
        <translation type="unfinished">{files} übersprungen, etwa {file} ({reason}).</translation>
    </message>
    <message>
        <source>{files}: not downloaded by this program, or changed since.</source>
        <translation type="unfinished">{files}: nicht von diesem Programm heruntergeladen oder seither geändert.</translation>
    </message>
    <message>
        <source>{series} added to the DICOM database.</source>
        <translation type="unfinished">{series} in die DICOM-Datenbank aufgenommen.</translation>
    </message>
    <message>
        <source>{size} in {series}, {files}; {free} free on this disk.</source>
        <translation type="unfinished">{size} in {series}, {files}; {free} auf dieser Platte frei.</translation>
    </message>
</context>
<context>
    <name>storage.storage_trees</name>
    <message>
        <source>Collection, case, study, series</source>
        <translation type="unfinished">Sammlung, Fall, Studie, Serie</translation>
    </message>
    <message>
        <source>Downloaded series</source>
        <translation type="unfinished">Heruntergeladene Serien</translation>
    </message>
    <message>
        <source>Files</source>
        <translation type="unfinished">Dateien</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation type="unfinished">Ordner</translation>
    </message>
    <message>
        <source>Folders used by this program</source>
        <translation type="unfinished">Ordner, die dieses Programm verwendet</translation>
    </message>
    <message>
        <source>Free</source>
        <translation type="unfinished">Frei</translation>
    </message>
    <message>
        <source>Free on that disk</source>
        <translation type="unfinished">Auf dieser Platte frei</translation>
    </message>
    <message>
        <source>Item</source>
        <translation type="unfinished">Eintrag</translation>
    </message>
    <message>
        <source>Items to clean up</source>
        <translation type="unfinished">Einträge zum Aufräumen</translation>
    </message>
    <message>
        <source>Not from IDC</source>
        <translation type="unfinished">Nicht aus IDC</translation>
    </message>
    <message>
        <source>Selected: {count} items, {files}, {size}</source>
        <translation type="unfinished">Ausgewählt: {count} Einträge, {files}, {size}</translation>
    </message>
    <message>
        <source>Selected: {series}, {files}, {size}</source>
        <translation type="unfinished">Ausgewählt: {series}, {files}, {size}</translation>
    </message>
    <message>
        <source>Series</source>
        <translation type="unfinished">Serien</translation>
    </message>
    <message>
        <source>Size</source>
        <translation type="unfinished">Größe</translation>
    </message>
    <message>
        <source>Status</source>
        <translation type="unfinished">Status</translation>
    </message>
    <message>
        <source>Study UID: {uid}</source>
        <translation type="unfinished">Studien-UID: {uid}</translation>
    </message>
    <message>
        <source>Unknown study</source>
        <translation type="unfinished">Unbekannte Studie</translation>
    </message>
</context>
<context>
    <name>summary.charts</name>
    <message>
        <source>Age (years)</source>
        <translation type="unfinished">Alter (Jahre)</translation>
    </message>
    <message>
        <source>Body part</source>
        <translation type="unfinished">Körperteil</translation>
    </message>
    <message>
        <source>Cases</source>
        <translation type="unfinished">Fälle</translation>
    </message>
    <message>
        <source>Collection</source>
        <translation type="unfinished">Sammlung</translation>
    </message>
    <message>
        <source>Figure</source>
        <translation type="unfinished">Kennzahl</translation>
    </message>
    <message>
        <source>License</source>
        <translation type="unfinished">Lizenz</translation>
    </message>
    <message>
        <source>Manufacturer</source>
        <translation type="unfinished">Hersteller</translation>
    </message>
    <message>
        <source>Modality</source>
        <translation type="unfinished">Modalität</translation>
    </message>
    <message>
        <source>Model</source>
        <translation type="unfinished">Modell</translation>
    </message>
    <message>
        <source>Segments</source>
        <translation type="unfinished">Segmente</translation>
    </message>
    <message>
        <source>Series</source>
        <translation type="unfinished">Serien</translation>
    </message>
    <message>
        <source>Sex</source>
        <translation type="unfinished">Geschlecht</translation>
    </message>
    <message>
        <source>Share of {unit}</source>
        <translation type="unfinished">Anteil der {unit}</translation>
    </message>
    <message>
        <source>Size of a series</source>
        <translation type="unfinished">Größe einer Serie</translation>
    </message>
    <message>
        <source>Slice thickness (mm)</source>
        <translation type="unfinished">Schichtdicke (mm)</translation>
    </message>
    <message>
        <source>Studies</source>
        <translation type="unfinished">Studien</translation>
    </message>
    <message>
        <source>Study year</source>
        <translation type="unfinished">Jahr der Studie</translation>
    </message>
    <message>
        <source>Value</source>
        <translation type="unfinished">Wert</translation>
    </message>
    <message>
        <source>and {count} more values</source>
        <translation type="unfinished">und {count} weitere Werte</translation>
    </message>
    <message>
        <source>{low} to {high}</source>
        <translation type="unfinished">{low} bis {high}</translation>
    </message>
</context>
<context>
    <name>summary.charts_area</name>
    <message>
        <source>Fetch the data for {name} in the background.</source>
        <translation type="unfinished">Die Daten für {name} im Hintergrund holen.</translation>
    </message>
    <message>
        <source>Get it</source>
        <translation type="unfinished">Holen</translation>
    </message>
</context>
<context>
    <name>summary.figures</name>
    <message>
        <source>Cart</source>
        <translation type="unfinished">Korb</translation>
    </message>
    <message>
        <source>No manifest or list is open.</source>
        <translation type="unfinished">Kein Manifest und keine Liste ist geöffnet.</translation>
    </message>
    <message>
        <source>Nothing is shown. Remove filters to see more.</source>
        <translation type="unfinished">Nichts wird gezeigt. Entfernen Sie Filter, um mehr zu sehen.</translation>
    </message>
    <message>
        <source>Opened list</source>
        <translation type="unfinished">Geöffnete Liste</translation>
    </message>
    <message>
        <source>Select rows in the tables of the Browse page first.</source>
        <translation type="unfinished">Wählen Sie zuerst Zeilen in den Tabellen der Seite „Durchsuchen“.</translation>
    </message>
    <message>
        <source>Selected rows</source>
        <translation type="unfinished">Ausgewählte Zeilen</translation>
    </message>
    <message>
        <source>The cart is empty.</source>
        <translation type="unfinished">Der Korb ist leer.</translation>
    </message>
    <message>
        <source>The list is being looked up.</source>
        <translation type="unfinished">Die Liste wird ermittelt.</translation>
    </message>
    <message>
        <source>The tables are being filled.</source>
        <translation type="unfinished">Die Tabellen werden gefüllt.</translation>
    </message>
    <message>
        <source>What is shown</source>
        <translation type="unfinished">Was gezeigt wird</translation>
    </message>
    <message>
        <source>analysis result</source>
        <translation type="unfinished">Analyseergebnis</translation>
    </message>
    <message>
        <source>analysis results</source>
        <translation type="unfinished">Analyseergebnisse</translation>
    </message>
    <message>
        <source>case</source>
        <translation type="unfinished">Fall</translation>
    </message>
    <message>
        <source>cases</source>
        <translation type="unfinished">Fälle</translation>
    </message>
    <message>
        <source>collection</source>
        <translation type="unfinished">Sammlung</translation>
    </message>
    <message>
        <source>collections</source>
        <translation type="unfinished">Sammlungen</translation>
    </message>
    <message>
        <source>series</source>
        <translation type="unfinished">Serien|Serie</translation>
    </message>
    <message>
        <source>studies</source>
        <translation type="unfinished">Studien</translation>
    </message>
    <message>
        <source>study</source>
        <translation type="unfinished">Studie</translation>
    </message>
    <message>
        <source>{path}, "{text}"</source>
        <translation type="unfinished">{path}, „{text}“</translation>
    </message>
    <message>
        <source>{rows} selected in {path}</source>
        <translation type="unfinished">{rows} ausgewählt in {path}</translation>
    </message>
</context>
<context>
    <name>summary.summary_page</name>
    <message>
        <source>&amp;Copy rows</source>
        <translation type="unfinished">&amp;Zeilen kopieren</translation>
    </message>
    <message>
        <source>&amp;Copy table</source>
        <translation type="unfinished">&amp;Tabelle kopieren</translation>
    </message>
    <message>
        <source>&amp;Table</source>
        <translation type="unfinished">&amp;Tabelle</translation>
    </message>
    <message>
        <source>All numbers of the summary</source>
        <translation type="unfinished">Alle Zahlen der Übersicht</translation>
    </message>
    <message>
        <source>Copy &amp;picture</source>
        <translation type="unfinished">Bild ko&amp;pieren</translation>
    </message>
    <message>
        <source>Copy all charts as one picture.</source>
        <translation type="unfinished">Alle Diagramme als ein Bild kopieren.</translation>
    </message>
    <message>
        <source>Copy all numbers, as a spreadsheet takes them.</source>
        <translation type="unfinished">Alle Zahlen kopieren, für eine Tabellenkalkulation.</translation>
    </message>
    <message>
        <source>Counting...</source>
        <translation type="unfinished">Wird gezählt ...</translation>
    </message>
    <message>
        <source>Picture (*.png);;Drawing (*.svg);;Table (*.csv)</source>
        <translation type="unfinished">Bild (*.png);;Zeichnung (*.svg);;Tabelle (*.csv)</translation>
    </message>
    <message>
        <source>Picture copied.</source>
        <translation type="unfinished">Bild kopiert.</translation>
    </message>
    <message>
        <source>Sa&amp;ve as...</source>
        <translation type="unfinished">&amp;Speichern unter ...</translation>
    </message>
    <message>
        <source>Save summary</source>
        <translation type="unfinished">Übersicht speichern</translation>
    </message>
    <message>
        <source>Save the charts as PNG or SVG, or the numbers as CSV.</source>
        <translation type="unfinished">Die Diagramme als PNG oder SVG speichern, oder die Zahlen als CSV.</translation>
    </message>
    <message>
        <source>Saved to {path}.</source>
        <translation type="unfinished">Gespeichert in {path}.</translation>
    </message>
    <message>
        <source>Show the same numbers as a table, all values included.</source>
        <translation type="unfinished">Dieselben Zahlen als Tabelle zeigen, mit allen Werten.</translation>
    </message>
    <message>
        <source>Summary</source>
        <translation type="unfinished">Übersicht</translation>
    </message>
    <message>
        <source>Table copied: {count} rows.</source>
        <translation type="unfinished">Tabelle kopiert: {count} Zeilen.</translation>
    </message>
    <message>
        <source>What bars count</source>
        <translation type="unfinished">Was Balken zählen</translation>
    </message>
    <message>
        <source>What is summarized</source>
        <translation type="unfinished">Was zusammengefasst wird</translation>
    </message>
    <message>
        <source>{what}: {totals} (IDC release {release})</source>
        <translation type="unfinished">{what}: {totals} (IDC-Release {release})</translation>
    </message>
</context>
<context>
    <name>tables.columns</name>
    <message>
        <source>Age</source>
        <translation type="unfinished">Alter</translation>
    </message>
    <message>
        <source>Analysis result</source>
        <translation type="unfinished">Analyseergebnis</translation>
    </message>
    <message>
        <source>Analysis result that the series belongs to</source>
        <translation type="unfinished">Analyseergebnis, zu dem die Serie gehört</translation>
    </message>
    <message>
        <source>Body part</source>
        <translation type="unfinished">Körperteil</translation>
    </message>
    <message>
        <source>Cancer type</source>
        <translation type="unfinished">Krebsart</translation>
    </message>
    <message>
        <source>Case</source>
        <translation type="unfinished">Fall</translation>
    </message>
    <message>
        <source>Cases</source>
        <translation type="unfinished">Fälle</translation>
    </message>
    <message>
        <source>Collection</source>
        <translation type="unfinished">Sammlung</translation>
    </message>
    <message>
        <source>Collections</source>
        <translation type="unfinished">Sammlungen</translation>
    </message>
    <message>
        <source>Contrast agent</source>
        <translation type="unfinished">Kontrastmittel</translation>
    </message>
    <message>
        <source>DOI</source>
        <translation type="unfinished">DOI</translation>
    </message>
    <message>
        <source>Date</source>
        <translation type="unfinished">Datum</translation>
    </message>
    <message>
        <source>Diffusion weighting of MR in s/mm²</source>
        <translation type="unfinished">Diffusionswichtung von MR in s/mm²</translation>
    </message>
    <message>
        <source>Echo time of MR</source>
        <translation type="unfinished">Echozeit von MR</translation>
    </message>
    <message>
        <source>Field (T)</source>
        <translation type="unfinished">Feld (T)</translation>
    </message>
    <message>
        <source>How many of its series are on this computer</source>
        <translation type="unfinished">Wie viele ihrer Serien auf diesem Computer sind</translation>
    </message>
    <message>
        <source>ID</source>
        <translation type="unfinished">ID</translation>
    </message>
    <message>
        <source>Instances</source>
        <translation type="unfinished">Instanzen</translation>
    </message>
    <message>
        <source>Kernel</source>
        <translation type="unfinished">Kernel</translation>
    </message>
    <message>
        <source>License</source>
        <translation type="unfinished">Lizenz</translation>
    </message>
    <message>
        <source>Location</source>
        <translation type="unfinished">Ort</translation>
    </message>
    <message>
        <source>Magnetic field strength of MR</source>
        <translation type="unfinished">Stärke des Magnetfelds von MR</translation>
    </message>
    <message>
        <source>Manufacturer</source>
        <translation type="unfinished">Hersteller</translation>
    </message>
    <message>
        <source>Modalities</source>
        <translation type="unfinished">Modalitäten</translation>
    </message>
    <message>
        <source>Modalities of its series, such as CT, MR, SEG</source>
        <translation type="unfinished">Modalitäten ihrer Serien, etwa CT, MR, SEG</translation>
    </message>
    <message>
        <source>Modalities of its series, such as SEG, RTSTRUCT, SR</source>
        <translation type="unfinished">Modalitäten ihrer Serien, etwa SEG, RTSTRUCT, SR</translation>
    </message>
    <message>
        <source>Modality</source>
        <translation type="unfinished">Modalität</translation>
    </message>
    <message>
        <source>Model</source>
        <translation type="unfinished">Modell</translation>
    </message>
    <message>
        <source>No.</source>
        <translation type="unfinished">Nr.</translation>
    </message>
    <message>
        <source>Number of DICOM instances</source>
        <translation type="unfinished">Anzahl der DICOM-Instanzen</translation>
    </message>
    <message>
        <source>Patient ID in the collection</source>
        <translation type="unfinished">Patient ID in der Sammlung</translation>
    </message>
    <message>
        <source>Program</source>
        <translation type="unfinished">Programm</translation>
    </message>
    <message>
        <source>Radiopharmaceutical of PET</source>
        <translation type="unfinished">Radiopharmakon von PET</translation>
    </message>
    <message>
        <source>Reconstruction kernel of CT</source>
        <translation type="unfinished">Rekonstruktionskernel von CT</translation>
    </message>
    <message>
        <source>Regular volume</source>
        <translation type="unfinished">Regelmäßiges Volumen</translation>
    </message>
    <message>
        <source>Repetition time of MR</source>
        <translation type="unfinished">Repetitionszeit von MR</translation>
    </message>
    <message>
        <source>SOP class</source>
        <translation type="unfinished">SOP-Klasse</translation>
    </message>
    <message>
        <source>Series</source>
        <translation type="unfinished">Serien</translation>
    </message>
    <message>
        <source>Series UID</source>
        <translation type="unfinished">Serien-UID</translation>
    </message>
    <message>
        <source>Series description</source>
        <translation type="unfinished">Beschreibung der Serie</translation>
    </message>
    <message>
        <source>Series number</source>
        <translation type="unfinished">Nummer der Serie</translation>
    </message>
    <message>
        <source>Sex</source>
        <translation type="unfinished">Geschlecht</translation>
    </message>
    <message>
        <source>Size</source>
        <translation type="unfinished">Größe</translation>
    </message>
    <message>
        <source>Slice spacing</source>
        <translation type="unfinished">Schichtabstand</translation>
    </message>
    <message>
        <source>Slice thickness</source>
        <translation type="unfinished">Schichtdicke</translation>
    </message>
    <message>
        <source>Slice thickness of CT</source>
        <translation type="unfinished">Schichtdicke von CT</translation>
    </message>
    <message>
        <source>Status</source>
        <translation type="unfinished">Status</translation>
    </message>
    <message>
        <source>Studies</source>
        <translation type="unfinished">Studien</translation>
    </message>
    <message>
        <source>Study</source>
        <translation type="unfinished">Studie</translation>
    </message>
    <message>
        <source>Study UID</source>
        <translation type="unfinished">Studien-UID</translation>
    </message>
    <message>
        <source>Study description</source>
        <translation type="unfinished">Beschreibung der Studie</translation>
    </message>
    <message>
        <source>TE (ms)</source>
        <translation type="unfinished">TE (ms)</translation>
    </message>
    <message>
        <source>TR (ms)</source>
        <translation type="unfinished">TR (ms)</translation>
    </message>
    <message>
        <source>The collections whose images were analyzed</source>
        <translation type="unfinished">Die Sammlungen, deren Bilder ausgewertet wurden</translation>
    </message>
    <message>
        <source>Tracer</source>
        <translation type="unfinished">Tracer</translation>
    </message>
    <message>
        <source>Tube voltage of CT</source>
        <translation type="unfinished">Röhrenspannung von CT</translation>
    </message>
    <message>
        <source>Tumor location</source>
        <translation type="unfinished">Ort des Tumors</translation>
    </message>
    <message>
        <source>Updated</source>
        <translation type="unfinished">Aktualisiert</translation>
    </message>
    <message>
        <source>Where the series is: only in IDC, on disk, or in the DICOM database</source>
        <translation type="unfinished">Wo die Serie ist: nur in IDC, auf der Platte oder in der DICOM-Datenbank</translation>
    </message>
    <message>
        <source>Whether the slices form a regular 3D volume</source>
        <translation type="unfinished">Ob die Schichten ein regelmäßiges 3D-Volumen bilden</translation>
    </message>
    <message>
        <source>b-value</source>
        <translation type="unfinished">b-Wert</translation>
    </message>
    <message>
        <source>kVp</source>
        <translation type="unfinished">kVp</translation>
    </message>
    <message>
        <source>no</source>
        <translation type="unfinished">nein</translation>
    </message>
    <message>
        <source>yes</source>
        <translation type="unfinished">ja</translation>
    </message>
    <message>
        <source>{length} mm</source>
        <translation type="unfinished">{length} mm</translation>
    </message>
</context>
<context>
    <name>tables.path_bar</name>
    <message>
        <source>Go back to the table of {name}.</source>
        <translation type="unfinished">Zurück zur Tabelle von {name}.</translation>
    </message>
    <message>
        <source>Path</source>
        <translation type="unfinished">Pfad</translation>
    </message>
    <message>
        <source>Show what belongs to the selected rows. Double-click and Enter do the same.</source>
        <translation type="unfinished">Zeigen, was zu den ausgewählten Zeilen gehört. Doppelklick und Eingabetaste tun dasselbe.</translation>
    </message>
    <message>
        <source>Show {rows} ›</source>
        <translation type="unfinished">{rows} zeigen ›</translation>
    </message>
    <message>
        <source>case</source>
        <translation type="unfinished">Fall</translation>
    </message>
    <message>
        <source>cases</source>
        <translation type="unfinished">Fälle</translation>
    </message>
    <message>
        <source>series</source>
        <translation type="unfinished">Serien|Serie</translation>
    </message>
    <message>
        <source>studies</source>
        <translation type="unfinished">Studien</translation>
    </message>
    <message>
        <source>study</source>
        <translation type="unfinished">Studie</translation>
    </message>
</context>
<context>
    <name>tables.row_links</name>
    <message>
        <source>Open in V&amp;olView</source>
        <translation type="unfinished">In V&amp;olView öffnen</translation>
    </message>
    <message>
        <source>Open in the IDC &amp;portal</source>
        <translation type="unfinished">Im IDC-&amp;Portal öffnen</translation>
    </message>
    <message>
        <source>Open in the web &amp;viewer (OHIF or Slim)</source>
        <translation type="unfinished">Im Web-&amp;Viewer öffnen (OHIF oder Slim)</translation>
    </message>
    <message>
        <source>Open the &amp;DOI page</source>
        <translation type="unfinished">&amp;Die DOI-Seite öffnen</translation>
    </message>
</context>
<context>
    <name>tables.series_pictures</name>
    <message>
        <source>Pictures</source>
        <translation type="unfinished">Bilder</translation>
    </message>
    <message>
        <source>Pictures are shown of up to {count} series.</source>
        <translation type="unfinished">Bilder werden von bis zu {count} Serien gezeigt.</translation>
    </message>
    <message>
        <source>Show series with a picture, and below each image what was made from it, instead of a table.</source>
        <translation type="unfinished">Statt einer Tabelle Serien mit Bild zeigen, und unter jedem Bild, was daraus gemacht wurde.</translation>
    </message>
</context>
<context>
    <name>tables.series_status</name>
    <message>
        <source>All files are on disk.</source>
        <translation type="unfinished">Alle Dateien sind auf der Platte.</translation>
    </message>
    <message>
        <source>Being downloaded.</source>
        <translation type="unfinished">Wird heruntergeladen.</translation>
    </message>
    <message>
        <source>Canceled</source>
        <translation type="unfinished">Abgebrochen</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation type="unfinished">Wird geprüft</translation>
    </message>
    <message>
        <source>Downloaded</source>
        <translation type="unfinished">Heruntergeladen</translation>
    </message>
    <message>
        <source>Downloading</source>
        <translation type="unfinished">Wird heruntergeladen</translation>
    </message>
    <message>
        <source>Downloading {percent} %</source>
        <translation type="unfinished">Herunterladen {percent} %</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation type="unfinished">Fehlgeschlagen</translation>
    </message>
    <message>
        <source>IDC has a newer version than the one on this computer. "Download" gets it.</source>
        <translation type="unfinished">IDC hat eine neuere Version als die auf diesem Computer. „Herunterladen“ holt sie.</translation>
    </message>
    <message>
        <source>In IDC</source>
        <translation type="unfinished">In IDC</translation>
    </message>
    <message>
        <source>In database</source>
        <translation type="unfinished">In Datenbank</translation>
    </message>
    <message>
        <source>In the DICOM database, ready to load.</source>
        <translation type="unfinished">In der DICOM-Datenbank, bereit zum Laden.</translation>
    </message>
    <message>
        <source>In the scene. "Show in the views" in the menu of the row leads there.</source>
        <translation type="unfinished">In der Szene. „In den Ansichten zeigen“ im Menü der Zeile führt dorthin.</translation>
    </message>
    <message>
        <source>Incomplete</source>
        <translation type="unfinished">Unvollständig</translation>
    </message>
    <message>
        <source>Its files are being checked.</source>
        <translation type="unfinished">Die Dateien werden geprüft.</translation>
    </message>
    <message>
        <source>Its files are being looked up in the bucket.</source>
        <translation type="unfinished">Die Dateien werden im Bucket ermittelt.</translation>
    </message>
    <message>
        <source>Loaded</source>
        <translation type="unfinished">Geladen</translation>
    </message>
    <message>
        <source>Looking up</source>
        <translation type="unfinished">Wird ermittelt</translation>
    </message>
    <message>
        <source>Newer version in IDC</source>
        <translation type="unfinished">Neuere Version in IDC</translation>
    </message>
    <message>
        <source>Not on this computer. Download the series to use it.</source>
        <translation type="unfinished">Nicht auf diesem Computer. Laden Sie die Serie herunter, um sie zu verwenden.</translation>
    </message>
    <message>
        <source>On disk</source>
        <translation type="unfinished">Auf der Platte</translation>
    </message>
    <message>
        <source>On disk, but not in the DICOM database. "Download" adds it.</source>
        <translation type="unfinished">Auf der Platte, aber nicht in der DICOM-Datenbank. „Herunterladen“ nimmt sie auf.</translation>
    </message>
    <message>
        <source>Some files are missing. Download the series again to complete it.</source>
        <translation type="unfinished">Einige Dateien fehlen. Laden Sie die Serie noch einmal herunter, um sie zu vervollständigen.</translation>
    </message>
    <message>
        <source>The download failed. See the reason under Results.</source>
        <translation type="unfinished">Der Download ist fehlgeschlagen. Der Grund steht unter „Ergebnisse“.</translation>
    </message>
    <message>
        <source>The download was canceled.</source>
        <translation type="unfinished">Der Download wurde abgebrochen.</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation type="unfinished">Wartet</translation>
    </message>
    <message>
        <source>Waiting in the download queue.</source>
        <translation type="unfinished">Wartet in der Warteschlange der Downloads.</translation>
    </message>
</context>
<context>
    <name>tables.series_tree</name>
    <message>
        <source>by a person</source>
        <translation type="unfinished">von einer Person</translation>
    </message>
    <message>
        <source>by a person with an algorithm</source>
        <translation type="unfinished">von einer Person mit einem Algorithmus</translation>
    </message>
    <message>
        <source>by an algorithm</source>
        <translation type="unfinished">von einem Algorithmus</translation>
    </message>
    <message>
        <source>contents need further data (see Details)</source>
        <translation type="unfinished">der Inhalt braucht weitere Daten (siehe Details)</translation>
    </message>
    <message>
        <source>contents need {size} of further data (see Details)</source>
        <translation type="unfinished">der Inhalt braucht {size} weitere Daten (siehe Details)</translation>
    </message>
    <message>
        <source>image</source>
        <translation type="unfinished">Bild</translation>
    </message>
    <message>
        <source>images</source>
        <translation type="unfinished">Bilder</translation>
    </message>
    <message>
        <source>probably SUV</source>
        <translation type="unfinished">wahrscheinlich SUV</translation>
    </message>
    <message>
        <source>segment</source>
        <translation type="unfinished">Segment</translation>
    </message>
    <message>
        <source>segments</source>
        <translation type="unfinished">Segmente</translation>
    </message>
    <message>
        <source>{names} +{count}</source>
        <translation type="unfinished">{names} +{count}</translation>
    </message>
    <message>
        <source>{who}: {name}</source>
        <translation type="unfinished">{who}: {name}</translation>
    </message>
</context>
<context>
    <name>tables.series_tree_model</name>
    <message>
        <source>Images</source>
        <translation type="unfinished">Bilder</translation>
    </message>
    <message>
        <source>Levels</source>
        <translation type="unfinished">Auflösungsstufen</translation>
    </message>
    <message>
        <source>License</source>
        <translation type="unfinished">Lizenz</translation>
    </message>
    <message>
        <source>Series</source>
        <translation type="unfinished">Serien</translation>
    </message>
    <message>
        <source>Size</source>
        <translation type="unfinished">Größe</translation>
    </message>
    <message>
        <source>Slice thickness</source>
        <translation type="unfinished">Schichtdicke</translation>
    </message>
    <message>
        <source>Slices</source>
        <translation type="unfinished">Schichten</translation>
    </message>
    <message>
        <source>Where the series is: only in IDC, on disk, or in the DICOM database</source>
        <translation type="unfinished">Wo die Serie ist: nur in IDC, auf der Platte oder in der DICOM-Datenbank</translation>
    </message>
</context>
<context>
    <name>tables.series_tree_view</name>
    <message>
        <source>Images, and below each what was made from it. Left and Right close and open a row.</source>
        <translation type="unfinished">Bilder, und unter jedem, was daraus gemacht wurde. Links und Rechts schließen und öffnen eine Zeile.</translation>
    </message>
    <message>
        <source>Series</source>
        <translation type="unfinished">Serien</translation>
    </message>
</context>
<context>
    <name>tables.shelf</name>
    <message>
        <source>IDC</source>
        <translation type="unfinished">IDC</translation>
    </message>
    <message>
        <source>analysis result</source>
        <translation type="unfinished">Analyseergebnis</translation>
    </message>
    <message>
        <source>analysis results</source>
        <translation type="unfinished">Analyseergebnisse</translation>
    </message>
    <message>
        <source>case</source>
        <translation type="unfinished">Fall</translation>
    </message>
    <message>
        <source>cases</source>
        <translation type="unfinished">Fälle</translation>
    </message>
    <message>
        <source>collection</source>
        <translation type="unfinished">Sammlung</translation>
    </message>
    <message>
        <source>collections</source>
        <translation type="unfinished">Sammlungen</translation>
    </message>
    <message>
        <source>series</source>
        <translation type="unfinished">Serien|Serie</translation>
    </message>
    <message>
        <source>studies</source>
        <translation type="unfinished">Studien</translation>
    </message>
    <message>
        <source>study</source>
        <translation type="unfinished">Studie</translation>
    </message>
</context>
<context>
    <name>tables.slide_level_rows</name>
    <message>
        <source>Download this level</source>
        <translation type="unfinished">Diese Stufe herunterladen</translation>
    </message>
    <message>
        <source>Download this level and load</source>
        <translation type="unfinished">Diese Stufe herunterladen und laden</translation>
    </message>
    <message>
        <source>Fetch the index file in the background. The levels are shown once it has arrived.</source>
        <translation type="unfinished">Die Indexdatei im Hintergrund holen. Die Stufen erscheinen, sobald sie da ist.</translation>
    </message>
    <message>
        <source>Get it</source>
        <translation type="unfinished">Holen</translation>
    </message>
    <message>
        <source>Get the list of levels</source>
        <translation type="unfinished">Liste der Stufen holen</translation>
    </message>
</context>
<context>
    <name>tables.study_status</name>
    <message>
        <source>IDC has newer versions of {count} of them.</source>
        <translation type="unfinished">IDC hat von {count} davon neuere Versionen.</translation>
    </message>
    <message>
        <source>In IDC</source>
        <translation type="unfinished">In IDC</translation>
    </message>
    <message>
        <source>In database</source>
        <translation type="unfinished">In Datenbank</translation>
    </message>
    <message>
        <source>{here} of its {total} series are on this computer, {imported} in the DICOM database.</source>
        <translation type="unfinished">{here} von {total} Serien sind auf diesem Computer, {imported} in der DICOM-Datenbank.</translation>
    </message>
    <message>
        <source>{here} of {total} on disk</source>
        <translation type="unfinished">{here} von {total} auf der Platte</translation>
    </message>
</context>
<context>
    <name>tables.table_actions</name>
    <message>
        <source>&amp;Copy rows</source>
        <translation type="unfinished">&amp;Zeilen kopieren</translation>
    </message>
    <message>
        <source>&amp;Download</source>
        <translation type="unfinished">Herunterla&amp;den</translation>
    </message>
    <message>
        <source>&amp;Remove from the views</source>
        <translation type="unfinished">Aus den Ansichten &amp;entfernen</translation>
    </message>
    <message>
        <source>&amp;Save table as CSV...</source>
        <translation type="unfinished">Tabelle al&amp;s CSV speichern ...</translation>
    </message>
    <message>
        <source>A table is being saved. Stop saving?</source>
        <translation type="unfinished">Eine Tabelle wird gespeichert. Das Speichern anhalten?</translation>
    </message>
    <message>
        <source>C&amp;lear the selection</source>
        <translation type="unfinished">Die Auswah&amp;l aufheben</translation>
    </message>
    <message>
        <source>C&amp;olumns</source>
        <translation type="unfinished">&amp;Spalten</translation>
    </message>
    <message>
        <source>CSV (*.csv)</source>
        <translation type="unfinished">CSV (*.csv)</translation>
    </message>
    <message>
        <source>Choose se&amp;gments...</source>
        <translation type="unfinished">Se&amp;gmente wählen...</translation>
    </message>
    <message>
        <source>Copy &amp;IDs</source>
        <translation type="unfinished">&amp;IDs kopieren</translation>
    </message>
    <message>
        <source>Copy &amp;UIDs</source>
        <translation type="unfinished">&amp;UIDs kopieren</translation>
    </message>
    <message>
        <source>Copy &amp;methods text</source>
        <translation type="unfinished">&amp;Methodentext kopieren</translation>
    </message>
    <message>
        <source>Copy as CS&amp;V</source>
        <translation type="unfinished">Als CS&amp;V kopieren</translation>
    </message>
    <message>
        <source>Copy c&amp;itations</source>
        <translation type="unfinished">L&amp;iteraturangaben kopieren</translation>
    </message>
    <message>
        <source>Download and &amp;load</source>
        <translation type="unfinished">Herunter&amp;laden und laden</translation>
    </message>
    <message>
        <source>Move the current column &amp;right</source>
        <translation type="unfinished">Aktuelle Spalte nach &amp;rechts</translation>
    </message>
    <message>
        <source>Move the current column le&amp;ft</source>
        <translation type="unfinished">&amp;Aktuelle Spalte nach links</translation>
    </message>
    <message>
        <source>Save table</source>
        <translation type="unfinished">Tabelle speichern</translation>
    </message>
    <message>
        <source>Select one series of segmentations first.</source>
        <translation type="unfinished">Wählen Sie zuerst eine Serie mit Segmentierungen.</translation>
    </message>
    <message>
        <source>Select up to 200 rows to copy their identifiers.</source>
        <translation type="unfinished">Wählen Sie bis zu 200 Zeilen, um ihre Kennungen zu kopieren.</translation>
    </message>
    <message>
        <source>Show &amp;folder</source>
        <translation type="unfinished">&amp;Ordner zeigen</translation>
    </message>
    <message>
        <source>Show in the vie&amp;ws</source>
        <translation type="unfinished">In den Ansichten &amp;zeigen</translation>
    </message>
    <message>
        <source>Sort by the current colu&amp;mn</source>
        <translation type="unfinished">&amp;Nach der aktuellen Spalte sortieren</translation>
    </message>
    <message>
        <source>The column "{title}"</source>
        <translation type="unfinished">Die Spalte „{title}“</translation>
    </message>
    <message>
        <source>{count} copied to the clipboard.</source>
        <translation type="unfinished">{count} in die Zwischenablage kopiert.</translation>
    </message>
</context>
<context>
    <name>tables.table_copy</name>
    <message>
        <source>Canceled. The table was not saved.</source>
        <translation type="unfinished">Abgebrochen. Die Tabelle wurde nicht gespeichert.</translation>
    </message>
    <message>
        <source>Copied {rows}.</source>
        <translation type="unfinished">{rows} kopiert.</translation>
    </message>
    <message>
        <source>Copying: {done} of {total} rows</source>
        <translation type="unfinished">Kopieren: {done} von {total} Zeilen</translation>
    </message>
    <message>
        <source>Saved {rows} to {path} ({size}).</source>
        <translation type="unfinished">{rows} in {path} gespeichert ({size}).</translation>
    </message>
    <message>
        <source>Saving the table: {done} of {total} rows</source>
        <translation type="unfinished">Die Tabelle wird gespeichert: {done} von {total} Zeilen</translation>
    </message>
    <message>
        <source>Select the rows to copy first.</source>
        <translation type="unfinished">Wählen Sie zuerst die Zeilen zum Kopieren.</translation>
    </message>
    <message>
        <source>row</source>
        <translation type="unfinished">Zeile</translation>
    </message>
    <message>
        <source>rows</source>
        <translation type="unfinished">Zeilen</translation>
    </message>
    <message>
        <source>{count} rows are selected, and at most {limit} can be copied. Use "Save table as CSV" in the same menu instead.</source>
        <translation type="unfinished">{count} Zeilen sind ausgewählt, und höchstens {limit} können kopiert werden. Nehmen Sie stattdessen „Tabelle als CSV speichern“ im selben Menü.</translation>
    </message>
</context>
<context>
    <name>tables.table_panel</name>
    <message>
        <source>&amp;Add to cart</source>
        <translation type="unfinished">&amp;In den Korb</translation>
    </message>
    <message>
        <source>&amp;Back to the table above</source>
        <translation type="unfinished">Zurück zur Ta&amp;belle darüber</translation>
    </message>
    <message>
        <source>&amp;Collections</source>
        <translation type="unfinished">&amp;Sammlungen</translation>
    </message>
    <message>
        <source>&amp;Remove from this computer...</source>
        <translation type="unfinished">Von diesem Compute&amp;r entfernen ...</translation>
    </message>
    <message>
        <source>&amp;Series</source>
        <translation type="unfinished">&amp;Serien</translation>
    </message>
    <message>
        <source>Analysis res&amp;ults</source>
        <translation type="unfinished">&amp;Analyseergebnisse</translation>
    </message>
    <message>
        <source>C&amp;ases</source>
        <translation type="unfinished">&amp;Fälle</translation>
    </message>
    <message>
        <source>Filter analysis results</source>
        <translation type="unfinished">Analyseergebnisse filtern</translation>
    </message>
    <message>
        <source>Filter cases</source>
        <translation type="unfinished">Fälle filtern</translation>
    </message>
    <message>
        <source>Filter collections</source>
        <translation type="unfinished">Sammlungen filtern</translation>
    </message>
    <message>
        <source>Filter for the table {title}</source>
        <translation type="unfinished">Filter für die Tabelle {title}</translation>
    </message>
    <message>
        <source>Filter series</source>
        <translation type="unfinished">Serien filtern</translation>
    </message>
    <message>
        <source>Filter studies</source>
        <translation type="unfinished">Studien filtern</translation>
    </message>
    <message>
        <source>S&amp;tudies</source>
        <translation type="unfinished">S&amp;tudien</translation>
    </message>
    <message>
        <source>Selected rows determine the contents of the next table. Press Enter to go there, Backspace to come back.</source>
        <translation type="unfinished">Ausgewählte Zeilen bestimmen den Inhalt der nächsten Tabelle. Die Eingabetaste führt dorthin, die Rücktaste zurück.</translation>
    </message>
    <message>
        <source>Show only rows that contain this text.</source>
        <translation type="unfinished">Nur Zeilen zeigen, die diesen Text enthalten.</translation>
    </message>
    <message>
        <source>{selected} of {total} selected</source>
        <translation type="unfinished">{selected} von {total} ausgewählt</translation>
    </message>
</context>
<context>
    <name>tables.tables</name>
    <message>
        <source>Loading...</source>
        <translation type="unfinished">Wird geladen ...</translation>
    </message>
    <message>
        <source>No rows contain "{text}". Clear the text to show all rows.</source>
        <translation type="unfinished">Keine Zeile enthält „{text}“. Leeren Sie den Text, um alle Zeilen zu zeigen.</translation>
    </message>
    <message>
        <source>No rows match all filters. Press "Reset filters" to show all rows.</source>
        <translation type="unfinished">Keine Zeile passt zu allen Filtern. Drücken Sie „Filter zurücksetzen“, um alle Zeilen zu zeigen.</translation>
    </message>
    <message>
        <source>No rows.</source>
        <translation type="unfinished">Keine Zeilen.</translation>
    </message>
    <message>
        <source>Opening the catalog...</source>
        <translation type="unfinished">Der Katalog wird geöffnet ...</translation>
    </message>
    <message>
        <source>Select a case to see its studies.</source>
        <translation type="unfinished">Wählen Sie einen Fall, um seine Studien zu sehen.</translation>
    </message>
    <message>
        <source>Select a collection to see its cases.</source>
        <translation type="unfinished">Wählen Sie eine Sammlung, um ihre Fälle zu sehen.</translation>
    </message>
    <message>
        <source>Select a study to see its series.</source>
        <translation type="unfinished">Wählen Sie eine Studie, um ihre Serien zu sehen.</translation>
    </message>
    <message>
        <source>Select an analysis result to see its cases.</source>
        <translation type="unfinished">Wählen Sie ein Analyseergebnis, um seine Fälle zu sehen.</translation>
    </message>
</context>
<context>
    <name>tables.top_switch</name>
    <message>
        <source>Show analysis results: segmentations, annotations and measurements derived from collections.</source>
        <translation type="unfinished">Analyseergebnisse zeigen: Segmentierungen, Annotationen und Messungen, die aus Sammlungen entstanden sind.</translation>
    </message>
    <message>
        <source>Show the collections of IDC: original images and the data submitted with them.</source>
        <translation type="unfinished">Die Sammlungen von IDC zeigen: Originalbilder und die mit ihnen eingereichten Daten.</translation>
    </message>
</context>
<context>
    <name>ui.browse_page</name>
    <message>
        <source>&amp;Results</source>
        <translation type="unfinished">E&amp;rgebnisse</translation>
    </message>
    <message>
        <source>&amp;Results ({count} failed)</source>
        <translation type="unfinished">E&amp;rgebnisse ({count} fehlgeschlagen)</translation>
    </message>
    <message>
        <source>&amp;Results ({count} skipped)</source>
        <translation type="unfinished">E&amp;rgebnisse ({count} übersprungen)</translation>
    </message>
    <message>
        <source>All tables</source>
        <translation type="unfinished">Alle Tabellen</translation>
    </message>
    <message>
        <source>D&amp;etails</source>
        <translation type="unfinished">D&amp;etails</translation>
    </message>
    <message>
        <source>Show collections, cases, studies and series side by side instead of one large table at a time.</source>
        <translation type="unfinished">Sammlungen, Fälle, Studien und Serien nebeneinander zeigen statt einer großen Tabelle nach der anderen.</translation>
    </message>
</context>
<context>
    <name>ui.browser_panel</name>
    <message>
        <source>&amp;Browse</source>
        <translation type="unfinished">&amp;Durchsuchen</translation>
    </message>
    <message>
        <source>Help</source>
        <translation type="unfinished">Hilfe</translation>
    </message>
</context>
<context>
    <name>ui.failure_details</name>
    <message>
        <source>Copies the details of the last error, without names or passwords: {sentence}</source>
        <translation type="unfinished">Kopiert die Einzelheiten des letzten Fehlers, ohne Namen und Passwörter: {sentence}</translation>
    </message>
    <message>
        <source>Copies the error, versions, settings and the end of the log to the clipboard, without names or passwords.</source>
        <translation type="unfinished">Kopiert den Fehler, Versionen, Einstellungen und das Ende des Protokolls in die Zwischenablage, ohne Namen und Passwörter.</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation type="unfinished">Einzelheiten kopieren</translation>
    </message>
</context>
<context>
    <name>ui.help_page</name>
    <message>
        <source>Copy diagnostics</source>
        <translation type="unfinished">Diagnose kopieren</translation>
    </message>
    <message>
        <source>Copy versions and folders to include with a question.</source>
        <translation type="unfinished">Versionen und Ordner kopieren, um sie einer Frage beizulegen.</translation>
    </message>
    <message>
        <source>Diagnostics saved to {path}.</source>
        <translation type="unfinished">Diagnose in {path} gespeichert.</translation>
    </message>
    <message>
        <source>Help</source>
        <translation type="unfinished">Hilfe</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation type="unfinished">Tasten</translation>
    </message>
    <message>
        <source>Keyboard shortcuts and information about this program.</source>
        <translation type="unfinished">Tasten und Angaben über dieses Programm.</translation>
    </message>
    <message>
        <source>Save diagnostics</source>
        <translation type="unfinished">Diagnose speichern</translation>
    </message>
    <message>
        <source>Save diagnostics...</source>
        <translation type="unfinished">Diagnose speichern ...</translation>
    </message>
    <message>
        <source>Save versions and folders to a text file.</source>
        <translation type="unfinished">Versionen und Ordner in einer Textdatei speichern.</translation>
    </message>
    <message>
        <source>Text (*.txt)</source>
        <translation type="unfinished">Text (*.txt)</translation>
    </message>
</context>
<context>
    <name>ui.message_strip</name>
    <message>
        <source>Close this message</source>
        <translation type="unfinished">Diese Meldung schließen</translation>
    </message>
    <message>
        <source>Done</source>
        <translation type="unfinished">Fertig</translation>
    </message>
    <message>
        <source>Error</source>
        <translation type="unfinished">Fehler</translation>
    </message>
    <message>
        <source>Note</source>
        <translation type="unfinished">Hinweis</translation>
    </message>
    <message>
        <source>Restart the bac&amp;kground process</source>
        <translation type="unfinished">&amp;Den Hintergrundprozess neu starten</translation>
    </message>
    <message>
        <source>Restart the process that searches and downloads.</source>
        <translation type="unfinished">Den Prozess neu starten, der sucht und herunterlädt.</translation>
    </message>
    <message>
        <source>Show</source>
        <translation type="unfinished">Zeigen</translation>
    </message>
    <message>
        <source>Show downloads</source>
        <translation type="unfinished">Downloads zeigen</translation>
    </message>
    <message>
        <source>Show the Downloads page.</source>
        <translation type="unfinished">Die Seite „Downloads“ zeigen.</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation type="unfinished">Warnung</translation>
    </message>
</context>
<context>
    <name>views.look_settings</name>
    <message>
        <source>Four views, or two for PET over CT, unless the scene held data before</source>
        <translation type="unfinished">Vier Ansichten, oder zwei für PET über CT, wenn die Szene vorher leer war</translation>
    </message>
    <message>
        <source>Segments visible</source>
        <translation type="unfinished">Segmente sichtbar</translation>
    </message>
    <message>
        <source>Slices with most of the segmentation</source>
        <translation type="unfinished">Schichten mit dem größten Teil der Segmentierung</translation>
    </message>
    <message>
        <source>The panel of segments, with names and colors, opened</source>
        <translation type="unfinished">Die Leiste der Segmente mit Namen und Farben, geöffnet</translation>
    </message>
    <message>
        <source>Window and level of the modality where the images state none</source>
        <translation type="unfinished">Fensterung der Modalität, wo die Bilder keine angeben</translation>
    </message>
</context>
<context>
    <name>views.show_3d</name>
    <message>
        <source>Cancel</source>
        <translation type="unfinished">Abbrechen</translation>
    </message>
    <message>
        <source>Hide in 3&amp;D</source>
        <translation type="unfinished">In 3&amp;D ausblenden</translation>
    </message>
    <message>
        <source>Hide surfaces; they are kept.</source>
        <translation type="unfinished">Oberflächen ausblenden; sie bleiben.</translation>
    </message>
    <message>
        <source>Make no more surfaces.</source>
        <translation type="unfinished">Keine Oberflächen mehr erzeugen.</translation>
    </message>
    <message>
        <source>Make surfaces of the segmentations that are visible, one segment at a time.</source>
        <translation type="unfinished">Oberflächen der sichtbaren Segmentierungen erzeugen, ein Segment nach dem anderen.</translation>
    </message>
    <message>
        <source>Show in 3&amp;D</source>
        <translation type="unfinished">In 3&amp;D zeigen</translation>
    </message>
    <message>
        <source>{done} of {total} surfaces</source>
        <translation type="unfinished">{done} von {total} Oberflächen</translation>
    </message>
</context>
<context>
    <name>widgets.header_columns</name>
    <message>
        <source>Click to sort; right-click to choose columns.</source>
        <translation type="unfinished">Ein Klick sortiert; ein Rechtsklick wählt Spalten.</translation>
    </message>
    <message>
        <source>Default columns</source>
        <translation type="unfinished">Übliche Spalten</translation>
    </message>
</context>
<context>
    <name>widgets.question</name>
    <message>
        <source>IDC Browser</source>
        <translation type="unfinished">IDC Browser</translation>
    </message>
</context>
<context>
    <name>widgets.row_menu</name>
    <message>
        <source>&amp;Download</source>
        <translation type="unfinished">Herunterla&amp;den</translation>
    </message>
    <message>
        <source>Copy &amp;UIDs</source>
        <translation type="unfinished">&amp;UIDs kopieren</translation>
    </message>
    <message>
        <source>Copy &amp;methods text</source>
        <translation type="unfinished">&amp;Methodentext kopieren</translation>
    </message>
    <message>
        <source>Copy c&amp;itations</source>
        <translation type="unfinished">L&amp;iteraturangaben kopieren</translation>
    </message>
    <message>
        <source>Download and &amp;load</source>
        <translation type="unfinished">Herunter&amp;laden und laden</translation>
    </message>
    <message>
        <source>Open in the web &amp;viewer (OHIF or Slim)</source>
        <translation type="unfinished">Im Web-&amp;Viewer öffnen (OHIF oder Slim)</translation>
    </message>
    <message>
        <source>Select a row first.</source>
        <translation type="unfinished">Wählen Sie zuerst eine Zeile.</translation>
    </message>
    <message>
        <source>Show &amp;folder</source>
        <translation type="unfinished">&amp;Ordner zeigen</translation>
    </message>
    <message>
        <source>{count} copied to the clipboard.</source>
        <translation type="unfinished">{count} in die Zwischenablage kopiert.</translation>
    </message>
</context>
<context>
    <name>widgets.save_menu</name>
    <message>
        <source>A paragraph for the methods section: what the data are and where they come from.</source>
        <translation type="unfinished">Ein Absatz für den Methodenteil: was die Daten sind und woher sie kommen.</translation>
    </message>
    <message>
        <source>Copy citations</source>
        <translation type="unfinished">Literaturangaben kopieren</translation>
    </message>
    <message>
        <source>Copy citations as BibTeX</source>
        <translation type="unfinished">Zitate als BibTeX kopieren</translation>
    </message>
    <message>
        <source>Copy methods text</source>
        <translation type="unfinished">Methodentext kopieren</translation>
    </message>
    <message>
        <source>Folder to share</source>
        <translation type="unfinished">Ordner zum Teilen</translation>
    </message>
    <message>
        <source>Save a manifest, table or lock file of what would be downloaded.</source>
        <translation type="unfinished">Ein Manifest, eine Tabelle oder eine Sperrdatei dessen speichern, was heruntergeladen würde.</translation>
    </message>
    <message>
        <source>Save as</source>
        <translation type="unfinished">Speichern unter</translation>
    </message>
    <message>
        <source>The same for LaTeX and reference managers.</source>
        <translation type="unfinished">Dasselbe für LaTeX und Literaturverwaltungen.</translation>
    </message>
    <message>
        <source>What to cite, as a list of references.</source>
        <translation type="unfinished">Was zu zitieren ist, als Literaturliste.</translation>
    </message>
</context>
<context>
    <name>widgets.shortcuts</name>
    <message>
        <source>0 to 9</source>
        <translation type="unfinished">0 bis 9</translation>
    </message>
    <message>
        <source>3D view</source>
        <translation type="unfinished">3D-Ansicht</translation>
    </message>
    <message>
        <source>Activate the control or table with this underlined letter</source>
        <translation type="unfinished">Das Bedienelement oder die Tabelle mit diesem unterstrichenen Buchstaben auslösen</translation>
    </message>
    <message>
        <source>Add the selected rows to the cart</source>
        <translation type="unfinished">Die ausgewählten Zeilen in den Korb legen</translation>
    </message>
    <message>
        <source>Alt+letter</source>
        <translation type="unfinished">Alt+Buchstabe</translation>
    </message>
    <message>
        <source>Answer the question in bold; the next one follows</source>
        <translation type="unfinished">Die fett gedruckte Frage beantworten; die nächste folgt</translation>
    </message>
    <message>
        <source>Change window and level</source>
        <translation type="unfinished">Fensterung ändern</translation>
    </message>
    <message>
        <source>Charts</source>
        <translation type="unfinished">Diagramme</translation>
    </message>
    <message>
        <source>Choose a search result</source>
        <translation type="unfinished">Ein Suchergebnis wählen</translation>
    </message>
    <message>
        <source>Choose columns, copy or save</source>
        <translation type="unfinished">Spalten wählen, kopieren oder speichern</translation>
    </message>
    <message>
        <source>Clear the selection</source>
        <translation type="unfinished">Die Auswahl aufheben</translation>
    </message>
    <message>
        <source>Close the list</source>
        <translation type="unfinished">Die Liste schließen</translation>
    </message>
    <message>
        <source>Copy the selected rows as CSV</source>
        <translation type="unfinished">Die ausgewählten Zeilen als CSV kopieren</translation>
    </message>
    <message>
        <source>Copy the selected rows as text</source>
        <translation type="unfinished">Die ausgewählten Zeilen als Text kopieren</translation>
    </message>
    <message>
        <source>Ctrl+A</source>
        <translation type="unfinished">Strg+A</translation>
    </message>
    <message>
        <source>Ctrl+Home, Ctrl+End</source>
        <translation type="unfinished">Strg+Pos1, Strg+Ende</translation>
    </message>
    <message>
        <source>Ctrl+Tab, Ctrl+Shift+Tab</source>
        <translation type="unfinished">Strg+Tab, Strg+Umschalt+Tab</translation>
    </message>
    <message>
        <source>Double-click</source>
        <translation type="unfinished">Doppelklick</translation>
    </message>
    <message>
        <source>Drag</source>
        <translation type="unfinished">Ziehen</translation>
    </message>
    <message>
        <source>Enlarge a view, or show all again</source>
        <translation type="unfinished">Eine Ansicht vergrößern, oder wieder alle zeigen</translation>
    </message>
    <message>
        <source>Enlarge the view, or show all again</source>
        <translation type="unfinished">Die Ansicht vergrößern, oder wieder alle zeigen</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation type="unfinished">Eingabe</translation>
    </message>
    <message>
        <source>Enter, click</source>
        <translation type="unfinished">Eingabe, Klick</translation>
    </message>
    <message>
        <source>Esc</source>
        <translation type="unfinished">Esc</translation>
    </message>
    <message>
        <source>Everywhere</source>
        <translation type="unfinished">Überall</translation>
    </message>
    <message>
        <source>Filter by the bar</source>
        <translation type="unfinished">Nach dem Balken filtern</translation>
    </message>
    <message>
        <source>Fit the slice to the view</source>
        <translation type="unfinished">Die Schicht in die Ansicht einpassen</translation>
    </message>
    <message>
        <source>Go back to the table above</source>
        <translation type="unfinished">Zurück zur Tabelle darüber</translation>
    </message>
    <message>
        <source>Go from bar to bar</source>
        <translation type="unfinished">Von Balken zu Balken gehen</translation>
    </message>
    <message>
        <source>Go to the first or last cell of the row</source>
        <translation type="unfinished">Zur ersten oder letzten Zelle der Zeile gehen</translation>
    </message>
    <message>
        <source>Go to the first or last row</source>
        <translation type="unfinished">Zur ersten oder letzten Zeile gehen</translation>
    </message>
    <message>
        <source>Go to the next entry</source>
        <translation type="unfinished">Zum nächsten Eintrag gehen</translation>
    </message>
    <message>
        <source>Go to the next or previous control</source>
        <translation type="unfinished">Zum nächsten oder vorigen Bedienelement gehen</translation>
    </message>
    <message>
        <source>Go to the next or previous page</source>
        <translation type="unfinished">Zur nächsten oder vorigen Seite gehen</translation>
    </message>
    <message>
        <source>Go to the previous entry</source>
        <translation type="unfinished">Zum vorigen Eintrag gehen</translation>
    </message>
    <message>
        <source>Go to the search box</source>
        <translation type="unfinished">Zum Suchfeld gehen</translation>
    </message>
    <message>
        <source>Home, End</source>
        <translation type="unfinished">Pos1, Ende</translation>
    </message>
    <message>
        <source>Left, Right, mouse wheel</source>
        <translation type="unfinished">Links, Rechts, Mausrad</translation>
    </message>
    <message>
        <source>Menu key, Shift+F10</source>
        <translation type="unfinished">Menütaste, Umschalt+F10</translation>
    </message>
    <message>
        <source>Middle drag, Shift+drag</source>
        <translation type="unfinished">Ziehen mit der mittleren Taste, Umschalt+Ziehen</translation>
    </message>
    <message>
        <source>Mouse wheel</source>
        <translation type="unfinished">Mausrad</translation>
    </message>
    <message>
        <source>Move</source>
        <translation type="unfinished">Verschieben</translation>
    </message>
    <message>
        <source>Move the current column to the left</source>
        <translation type="unfinished">Die aktuelle Spalte nach links rücken</translation>
    </message>
    <message>
        <source>Move the current column to the right</source>
        <translation type="unfinished">Die aktuelle Spalte nach rechts rücken</translation>
    </message>
    <message>
        <source>Move the slice</source>
        <translation type="unfinished">Die Schicht verschieben</translation>
    </message>
    <message>
        <source>Open a DICOM folder</source>
        <translation type="unfinished">Einen DICOM-Ordner öffnen</translation>
    </message>
    <message>
        <source>Open a manifest</source>
        <translation type="unfinished">Ein Manifest öffnen</translation>
    </message>
    <message>
        <source>Open the study or series in the web viewer</source>
        <translation type="unfinished">Die Studie oder Serie im Web-Viewer öffnen</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation type="unfinished">Beenden</translation>
    </message>
    <message>
        <source>R</source>
        <translation type="unfinished">R</translation>
    </message>
    <message>
        <source>Remove the selected rows from this computer, after confirmation</source>
        <translation type="unfinished">Die ausgewählten Zeilen nach Rückfrage von diesem Computer entfernen</translation>
    </message>
    <message>
        <source>Review list</source>
        <translation type="unfinished">Begutachtungsliste</translation>
    </message>
    <message>
        <source>Right drag, Ctrl+mouse wheel</source>
        <translation type="unfinished">Ziehen mit der rechten Taste, Strg+Mausrad</translation>
    </message>
    <message>
        <source>Right drag, mouse wheel</source>
        <translation type="unfinished">Ziehen mit der rechten Taste, Mausrad</translation>
    </message>
    <message>
        <source>Rotate</source>
        <translation type="unfinished">Drehen</translation>
    </message>
    <message>
        <source>Save all rows as a CSV file</source>
        <translation type="unfinished">Alle Zeilen als CSV-Datei speichern</translation>
    </message>
    <message>
        <source>Save the scene</source>
        <translation type="unfinished">Die Szene speichern</translation>
    </message>
    <message>
        <source>Scroll through the slices</source>
        <translation type="unfinished">Durch die Schichten blättern</translation>
    </message>
    <message>
        <source>Search box</source>
        <translation type="unfinished">Suchfeld</translation>
    </message>
    <message>
        <source>Select all rows</source>
        <translation type="unfinished">Alle Zeilen auswählen</translation>
    </message>
    <message>
        <source>Select more rows</source>
        <translation type="unfinished">Weitere Zeilen auswählen</translation>
    </message>
    <message>
        <source>Shift+Up, Shift+Down, Ctrl+click</source>
        <translation type="unfinished">Umschalt+Auf, Umschalt+Ab, Strg+Klick</translation>
    </message>
    <message>
        <source>Show the search result in the tables</source>
        <translation type="unfinished">Das Suchergebnis in den Tabellen zeigen</translation>
    </message>
    <message>
        <source>Show this page</source>
        <translation type="unfinished">Diese Seite zeigen</translation>
    </message>
    <message>
        <source>Show what belongs to the selected rows</source>
        <translation type="unfinished">Zeigen, was zu den ausgewählten Zeilen gehört</translation>
    </message>
    <message>
        <source>Slice views</source>
        <translation type="unfinished">Schichtansichten</translation>
    </message>
    <message>
        <source>Sort by the current column; press again to reverse the order</source>
        <translation type="unfinished">Nach der aktuellen Spalte sortieren; noch einmal kehrt die Reihenfolge um</translation>
    </message>
    <message>
        <source>Tab, Shift+Tab</source>
        <translation type="unfinished">Tab, Umschalt+Tab</translation>
    </message>
    <message>
        <source>Tables</source>
        <translation type="unfinished">Tabellen</translation>
    </message>
    <message>
        <source>Tabs</source>
        <translation type="unfinished">Reiter</translation>
    </message>
    <message>
        <source>Up, Down</source>
        <translation type="unfinished">Auf, Ab</translation>
    </message>
    <message>
        <source>Up, Down, Page Up, Page Down</source>
        <translation type="unfinished">Auf, Ab, Bild auf, Bild ab</translation>
    </message>
    <message>
        <source>Up, Down, Page Up, Page Down, Home, End</source>
        <translation type="unfinished">Auf, Ab, Bild auf, Bild ab, Pos1, Ende</translation>
    </message>
    <message>
        <source>Window</source>
        <translation type="unfinished">Fenster</translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation type="unfinished">Zoomen</translation>
    </message>
</context>
</TS>
