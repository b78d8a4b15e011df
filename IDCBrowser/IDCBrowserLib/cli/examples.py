"""What the help of each command ends with."""

from __future__ import annotations

from collections.abc import Mapping

from IDCBrowserLib.logic.finding import query_examples

LIVER_BY_AGE = f'idc-browser sql --measurements nlst.parquet "{" ".join(query_examples.LIVER_BY_AGE.split())}"'

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "window": ("idc-browser", "idc-browser window --download-folder /data/idc"),
    "demo": ("idc-browser demo --out demo-output",),
    "info": ("idc-browser info",),
    "list": ("idc-browser list series --collection nlst --filter Modality=SEG --limit 20",),
    "search": ("idc-browser search lung", "idc-browser search TCGA-G4-6304"),
    "facets": (
        "idc-browser facets --filter collection_id=lidc_idri",
        "idc-browser facets --clinical --filter collection_id=nlst --filter clinical:gender=Female",
    ),
    "sql": ('idc-browser sql "SELECT Modality, count(*) FROM index GROUP BY Modality"', "idc-browser sql --tables", LIVER_BY_AGE),
    "related": ("idc-browser related 1.3.6.1.4.1.14519.5.2.1.6279.6001.179049373636438705059720603192",),
    "levels": (
        "idc-browser indices --fetch sm_instance_index",
        "idc-browser levels 1.3.6.1.4.1.5962.99.1.104816060.1537412928.1640782355900.2.0",
        "idc-browser download 1.3.6.1.4.1.5962.99.1.104816060.1537412928.1640782355900.2.0 --level 5MB --level label --to idc-data",
    ),
    "indices": ("idc-browser indices", "idc-browser indices --fetch seg_index"),
    "plan": ("idc-browser plan UCSF-BR-06 --with-references", "idc-browser plan cohort.csv --save cohort.lock.json"),
    "summary": ("idc-browser summary --filter Modality=SEG --json", "idc-browser summary cohort.lock.json"),
    "tags": ("idc-browser tags 1.2.840.113654.2.55.1 --all", "idc-browser tags nlst --out tags.parquet"),
    "segments": ("idc-browser segments 1.2.840.113654.2.55.1", "idc-browser segments 1.2.840.113654.2.55.1 --segments 1,3-7 --out organs.nrrd"),
    "diff": ("idc-browser diff 23 lidc_idri",),
    "clinical": ("idc-browser indices --fetch clinical_index", "idc-browser clinical nlst --fetch --out clinical.parquet"),
    "gdc": ("idc-browser indices --fetch gdc_idc_mapping", "idc-browser gdc cases.json --save cases.txt", "idc-browser plan cases.txt"),
    "share": ("idc-browser share cohort.csv --to our-cohort",),
    "check": ("idc-browser check our-cohort",),
    "cite": ("idc-browser cite cohort.s5cmd", "idc-browser cite LUNG1-001 --with-references"),
    "download": ("idc-browser download UCSF-BR-06 --to idc-data", "idc-browser download manifest.s5cmd --to idc-data --provider gcs"),
    "labelmaps": ("idc-browser labelmaps UCSF-BR-06 --to idc-data --format .nii.gz",),
    "batch": (
        "idc-browser batch cohort.csv --to out --steps labelmaps,volumes --keep none --scratch 50",
        "idc-browser batch status out",
        "idc-browser batch retry out",
        "idc-browser batch merge out --out volumes.parquet",
    ),
    "storage": ("idc-browser storage", "idc-browser storage --folder idc-data"),
    "remove": ("idc-browser remove LUNG1-001 --folder idc-data",),
    "import": ("idc-browser import idc-data --database database",),
    "describe": ("idc-browser describe PLAN.dcm", "idc-browser describe REPORT.dcm --save texts"),
    "measurements": ("idc-browser measurements LIDC-IDRI-0001 --to idc-data --out measurements.csv", "idc-browser measurements SR-FOLDER"),
    "volume": ("idc-browser volume CT-FOLDER --out ct.nrrd", "idc-browser volume PET-FOLDER --suv bw --out suv.nii.gz"),
    "dvh": ("idc-browser dvh DOSE.dcm --structures RTSTRUCT.dcm --out dvh.csv",),
    "convert": ("idc-browser convert SEG.dcm --images CT-FOLDER --out organs.seg.nrrd",),
    "compare": ("idc-browser compare manual.seg.nrrd SEG.dcm --images CT-FOLDER --out agreement.csv",),
    "export": ("idc-browser export organs.nrrd --images CT-FOLDER --as seg --out SEG.dcm",),
    "review": (
        "idc-browser review new liver.idcreview --filter collection_id=nlst --filter Modality=SEG --blinded",
        "idc-browser review agreement liver.idcreview",
        "idc-browser review export liver.idcreview --to answers.csv",
    ),
    "mcp": ("idc-browser mcp", "idc-browser mcp --downloads-to ~/idc"),
    "setup": (
        "idc-browser setup --slicer /opt/Slicer --store ~/idc --yes",
        "sudo idc-browser setup --all-users --also-look-in /data/idc --index seg_index --yes",
        "idc-browser setup --slicer /opt/Slicer --from /media/stick/idc --yes",
    ),
    "wheelhouse": (
        "idc-browser wheelhouse --to /media/stick/idc --index seg_index",
        "idc-browser wheelhouse --to wheels --platform linux --standalone",
    ),
    "links": ("idc-browser links install", "idc-browser links remove", 'idc-browser links open "idc-browser://open/?PatientID=LUNG1-001"'),
    "completion": ('eval "$(idc-browser completion bash)"', "idc-browser completion fish > ~/.config/fish/completions/idc-browser.fish"),
}
