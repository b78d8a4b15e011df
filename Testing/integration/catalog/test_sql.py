"""Queries of the user: what they may read, what they may take, and what is said of those that may not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from helpers.side_files import write_side_index
from helpers.small_catalog import series, write_series

from IDCBrowserLib.catalog.expert import sql, sql_tables
from IDCBrowserLib.catalog.expert.sql_check import check
from IDCBrowserLib.catalog.expert.sql_process import Budget, connect, plain
from IDCBrowserLib.catalog.files.sources import Sources
from IDCBrowserLib.errors import CancelledError, InputError
from IDCBrowserLib.task import Task


def ask(sources: Sources, query: str, **limits: float) -> sql.Answer:
    return sql.run(sql_tables.table_files(sources), query, Task(), sql.Limits(**limits))  # type: ignore[arg-type]


def refusal(sources: Sources, query: str, **limits: float) -> str:
    with pytest.raises(InputError) as caught:
        ask(sources, query, **limits)
    return str(caught.value)


def test_the_tables_have_the_names_of_idc_index(sources: Sources) -> None:
    described = {item["name"]: item for item in sql_tables.describe(sql_tables.table_files(sources))}
    assert described["index"]["here"] and described["index"]["rows"] == 6
    assert ["SeriesInstanceUID", "VARCHAR"] in described["index"]["columns"]
    assert not described["seg_index"]["here"] and described["seg_index"]["columns"] == []
    answer = ask(sources, "SELECT Modality, count(*) AS n FROM index GROUP BY 1 ORDER BY n DESC, Modality")
    assert (answer.columns, answer.rows, answer.cut) == ((("Modality", "VARCHAR"), ("n", "BIGINT")), [["CT", 4], ["MR", 1], ["SEG", 1]], "")


def test_further_files_are_part_of_their_tables(sources: Sources, tmp_path: Path) -> None:
    more = write_series(tmp_path / "more.parquet", [series(900, collection_id="mine")])
    seg = write_side_index(tmp_path, "seg_index", [{"SeriesInstanceUID": "1.2.1.3", "segmented_SeriesInstanceUID": "1.2.1.1"}])
    files = sql_tables.table_files(sources, [more, seg])
    answer = sql.run(files, "SELECT (SELECT count(*) FROM index), segmented_SeriesInstanceUID FROM seg_index", Task())
    assert answer.rows == [[7, "1.2.1.1"]]


def test_values_of_every_kind_arrive_as_json(sources: Sources) -> None:
    values = "'nan'::DOUBLE, 1.5::DECIMAL(4, 2), DATE '2020-01-02', [1, NULL], {'a': 'b'}, 'x'::BLOB, NULL, true, 2::HUGEINT"
    row = ask(sources, f"SELECT {values}").rows[0]
    assert row == [None, 1.5, "2020-01-02", [1, None], {"a": "b"}, "eA==", None, True, 2]


def test_more_rows_than_wanted_are_said_to_be_there(sources: Sources) -> None:
    answer = ask(sources, "SELECT * FROM range(1000000)", rows=700)
    assert (len(answer.rows), answer.cut) == (700, "rows")
    assert ask(sources, "SELECT * FROM range(700)", rows=700).cut == ""


@pytest.fixture(scope="module")
def connection(sources: Sources) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect({"index": [str(sources.series[0])]}, 500) as opened:
        yield opened


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO index SELECT * FROM index",
        "DELETE FROM index",
        "CREATE TABLE t AS SELECT 1",
        "DROP VIEW index",
        "COPY index TO '{file}'",
        "COPY (SELECT 1) TO '{file}'",
        "ATTACH '{file}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "PRAGMA database_list",
        "SET threads = 1",
        "EXPORT DATABASE '{file}'",
        "CALL pragma_version()",
        "EXPLAIN SELECT 1",
        "USE memory",
        "CHECKPOINT",
        "CREATE MACRO f() AS 1",
    ],
)
def test_what_is_no_select_is_refused(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    assert "Only SELECT can be run" in check(connection, query.format(file="/tmp/written"))


def test_a_refused_query_does_nothing(sources: Sources, tmp_path: Path) -> None:
    file = tmp_path / "written"
    assert "Only SELECT can be run" in refusal(sources, f"COPY index TO '{file}'")
    assert not file.exists()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM read_parquet('{index}')",
        "SELECT * FROM '{file}'",
        "SELECT * FROM '{index}'",
        "SELECT * FROM read_text('{file}')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM query('SELECT 1')",
        "SELECT * FROM duckdb_settings()",
        "WITH a AS (SELECT * FROM read_blob('{file}')) SELECT * FROM a",
        "SELECT (SELECT max(content) FROM read_text('{file}'))",
        "SELECT * FROM 'https://example.org/a.parquet'",
        "SELECT * FROM index WHERE EXISTS (SELECT * FROM parquet_metadata('{index}'))",
    ],
)
def test_no_file_can_be_read_but_the_tables(connection: duckdb.DuckDBPyConnection, sources: Sources, tmp_path: Path, query: str) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("secret\n")
    said = check(connection, query.format(file=file, index=sources.series[0]))
    assert "only the listed tables can be read" in said and "\n" not in said


def test_duckdb_itself_is_locked_should_a_query_slip_through(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("secret\n")
    with connect({"index": [str(sources.series[0])]}, 500) as connection:
        assert connection.execute("SELECT count(*) FROM index").fetchone() == (6,)
        local_value = 1
        for query in (
            f"SELECT * FROM '{tmp_path / 'secret.csv'}'",
            f"COPY (SELECT 1) TO '{tmp_path / 'out'}'",
            "SET enable_external_access = true",
            f"ATTACH '{tmp_path / 'new.db'}'",
            "INSTALL httpfs",
            "SELECT * FROM local_value",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(query)
        assert local_value == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret.csv"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "The query is empty"),
        ("-- only a remark", "The query is empty"),
        ("SELECT 1; SELECT 2", "2 statements; run one at a time"),
        ("SELECT 1,\n  2 FROM index WHERE\nGROUP BY", "Line 3: syntax error"),
        ("SELECT '\x00'", "contains an invalid character"),
        ("SELECT '\ud83d'", "contains an invalid character"),
        ("SELECT " + "1+" * 60_000 + "1", "at most 100,000"),
    ],
)
def test_what_cannot_be_read_as_a_query_is_said_in_one_sentence(connection: duckdb.DuckDBPyConnection, query: str, said: str) -> None:
    sentence = check(connection, query)
    assert said in sentence and "\n" not in sentence and sentence.endswith((".", ")."))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT a\nFROM index\nWHERE b = 1", "Line "),
        ("SELECT * FROM seg_index", "seg_index is an index file that is not on this computer"),
        ("SELECT * FROM nothing_here", "does not exist"),
        ("SELECT error('<b>told</b>')", "told"),
    ],
)
def test_a_wrong_query_is_said_in_one_sentence(sources: Sources, query: str, said: str) -> None:
    sentence = refusal(sources, query)
    assert said in sentence and "\n" not in sentence and sentence.endswith((".", "?"))


def test_a_name_that_nearly_is_one_ends_with_the_question_alone(sources: Sources) -> None:
    assert refusal(sources, "SELECT * FROM inde").endswith('Did you mean "index"?')


def test_a_query_that_runs_for_ever_is_stopped(sources: Sources) -> None:
    said = refusal(sources, "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b", seconds=1.5)
    assert "stopped after 1.5 seconds" in said


@pytest.mark.parametrize("query", ["SELECT repeat('x', 4000000000)", "SELECT list(a.range) FROM range(100000) a, range(100000) b"])
def test_a_query_that_wants_all_memory_is_ended(sources: Sources, query: str) -> None:
    assert "memory" in refusal(sources, query, memory_mb=200, seconds=30)


def test_a_bomb_of_a_regular_expression_is_none(sources: Sources) -> None:
    assert ask(sources, "SELECT regexp_matches(repeat('a', 5000) || 'b', '(a+)+$')").rows == [[False]]


def test_cancelling_ends_the_query_at_once(sources: Sources) -> None:
    task = Task()
    timer = threading.Timer(0.7, task.cancel)
    timer.start()
    with pytest.raises(CancelledError):
        sql.run(sql_tables.table_files(sources), "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b", task)
    timer.join()


def test_a_damaged_index_is_named_and_the_others_answer(sources: Sources, tmp_path: Path) -> None:
    damaged = tmp_path / "seg_index.parquet"
    damaged.write_bytes(b"PAR1" + b"\x00" * 200 + b"PAR1")
    files = {**sql_tables.table_files(sources), "seg_index": [damaged]}
    assert next(item for item in sql_tables.describe(files) if item["name"] == "seg_index")["here"] is False
    assert sql.run(files, "SELECT count(*) FROM index", Task()).rows == [[6]]
    with pytest.raises(InputError, match="seg_index"):
        sql.run(files, "SELECT * FROM seg_index", Task())


def test_nested_values_count_as_much_as_texts_and_are_cut_as_texts_are() -> None:
    budget = Budget(1_000_000)
    made = plain([["x" * 100] * 1000] * 1000, budget)
    assert len(json.dumps(made)) < 50_000 and made[-1] == "…"
    assert 0 < 1_000_000 - budget.left < 50_000
    assert plain({"a": [1, 2], "b": None}, Budget(100)) == {"a": [1, 2], "b": None}


def test_wide_rows_end_where_the_bytes_do(sources: Sources) -> None:
    """100 columns of 20,000 letters are 2 MB a row."""
    columns = ", ".join(f"repeat('x', 20000) AS c{number}" for number in range(100))
    answer = ask(sources, f"SELECT {columns} FROM index a, index b, index c")
    assert answer.cut == "bytes" and 25 <= len(answer.rows) <= 40
