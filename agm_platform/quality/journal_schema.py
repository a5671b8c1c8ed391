"""The journal's SQLite schema as migrations: entry n brings a file from version n to n + 1.

Released entries are never edited; a change of the schema is a new entry at the end.
"""

from __future__ import annotations

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # One row a table and run: the step that judged all of the table's checks.
        """create table steps (
            step_id integer primary key autoincrement,
            run_id text not null,
            judged_at text not null,
            source text not null,
            table_name text not null,
            partitions text,
            first_partition text,
            last_partition text,
            delivery text,
            unique (run_id, source, table_name)
        )""",
        "create index steps_by_table on steps (source, table_name, step_id)",
        # What a check said; its words are kept once and not with every result.
        """create table rules (
            rule_id integer primary key,
            source text not null,
            table_name text not null,
            check_name text not null,
            expectation text not null,
            column_name text,
            severity text not null,
            on_failure text not null,
            words text not null,
            expected text not null,
            unique (source, table_name, check_name, expectation, column_name, severity,
                    on_failure, words, expected)
        )""",
        """create table results (
            step_id integer not null references steps on delete cascade,
            rule_id integer not null references rules,
            state text not null,
            element_count integer,
            missing_count integer,
            unexpected_count integer,
            observed text,
            sentence text not null,
            query text,
            duration_ms real not null,
            primary key (step_id, rule_id)
        ) without rowid""",
        "create index results_by_rule on results (rule_id, step_id)",
        # What the table held: a row a partition, or one with an empty partition for the whole.
        # `missing` and `counts` are JSON objects; what they leave out is 0.
        """create table profiles (
            step_id integer not null references steps on delete cascade,
            partition text not null,
            rows integer not null,
            missing text not null,
            counts text not null,
            primary key (step_id, partition)
        ) without rowid""",
        "create index profiles_by_partition on profiles (partition, step_id)",
    ),
)
