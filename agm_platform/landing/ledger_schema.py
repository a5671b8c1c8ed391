"""The ledger's SQLite schema as migrations: entry n brings a file from version n to n + 1.

Released entries are never edited; a change of the schema is a new entry at the end.
"""

from __future__ import annotations

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # Part of every run key: a ledger made anew must not ask for runs under keys of the old.
        "create table identity (ledger_id text not null)",
        """create table observed (
            source text not null,
            path text not null,
            name text not null,
            size integer not null,
            modified_ns integer not null,
            version text not null,
            sha256 text not null,
            removed_at text,
            primary key (source, name)
        )""",
        "create index observed_by_content on observed (source, sha256)",
        """create table deliveries (
            delivery_id integer primary key autoincrement,
            source text not null,
            feed text not null,
            file_name text not null,
            business_date text,
            sha256 text not null,
            size_bytes integer not null,
            received_at text not null,
            generation integer not null,
            state text not null check (state in
                ('received', 'accepted', 'quarantined', 'superseded', 'duplicate')),
            rows_received integer,
            lines_received integer,
            reason text,
            line integer,
            run_id text,
            run_key text,
            attempts integer not null default 0,
            superseded_by integer references deliveries
        )""",
        # A feed without dates may have thousands of deliveries of one subject.
        """create index deliveries_by_generation
            on deliveries (source, feed, business_date, generation)""",
        """create index deliveries_by_state
            on deliveries (source, feed, business_date, state, generation)""",
        """create index deliveries_by_content
            on deliveries (source, feed, business_date, sha256)""",
        "create index deliveries_waiting on deliveries (source) where state = 'received'",
        """create table corrections (
            delivery_id integer not null references deliveries,
            replaced_id integer not null references deliveries,
            table_name text not null,
            rows_added integer not null,
            rows_removed integer not null,
            rows_changed integer not null,
            primary key (delivery_id, table_name)
        )""",
    ),
    (
        # A file that the platform itself has changed: who was erased is not said.
        """create table erasures (
            erasure_id integer primary key autoincrement,
            erased_at text not null,
            source text not null,
            file_name text not null,
            sha256 text not null,
            records integer not null
        )""",
    ),
)
