/* The read model's SQL. Every list that routes_lists.c serves has an index here that gives its
 * rows in order; test_read_model asks the planner of each.
 *
 * Tables WITHOUT ROWID are ordered by their key, the others by seq; an index ends with that order
 * by itself. */
#include "api/read_schema.h"

const char read_schema_create[] =
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    /* of each time of a block the first seq that it has */
    "CREATE TABLE moment(time_ms INTEGER PRIMARY KEY, seq INTEGER NOT NULL);"
    /* requests from before a snapshot, see index_early.c */
    "CREATE TABLE early(id TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;"

    "CREATE TABLE tx(seq INTEGER PRIMARY KEY, txid TEXT NOT NULL, height INTEGER NOT NULL,"
    " time_ms INTEGER NOT NULL, member TEXT NOT NULL, key TEXT NOT NULL, type TEXT NOT NULL);"
    "CREATE INDEX tx_type ON tx(type);"
    "CREATE INDEX tx_member_type ON tx(member, type);"
    "CREATE INDEX tx_member_key ON tx(member, key);"
    "CREATE INDEX tx_member ON tx(member);"
    "CREATE TABLE act(seq INTEGER PRIMARY KEY, height INTEGER NOT NULL,"
    " time_ms INTEGER NOT NULL, clause TEXT, subject TEXT NOT NULL, effect TEXT NOT NULL,"
    " due_ms INTEGER, member TEXT, term TEXT);"
    "CREATE INDEX act_effect ON act(effect);"
    "CREATE INDEX act_member ON act(member) WHERE member IS NOT NULL;"
    "CREATE INDEX act_warning ON act(subject, due_ms) WHERE effect = 'term-warning';"
    "CREATE INDEX act_moved ON act(subject, time_ms)"
    " WHERE effect IN ('term-moved', 'term-resumed');"
    "CREATE TABLE evidence(seq INTEGER PRIMARY KEY, height INTEGER NOT NULL,"
    " time_ms INTEGER, validator TEXT NOT NULL, kind TEXT NOT NULL, hash TEXT NOT NULL,"
    " vote_height INTEGER NOT NULL, round INTEGER NOT NULL);"
    "CREATE INDEX evidence_validator ON evidence(validator);"
    "CREATE TABLE touch(subject TEXT NOT NULL, seq INTEGER NOT NULL,"
    " PRIMARY KEY(subject, seq)) WITHOUT ROWID;"

    "CREATE TABLE duty(id TEXT PRIMARY KEY, member TEXT NOT NULL, status TEXT NOT NULL,"
    " category TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX duty_member ON duty(member);"
    "CREATE INDEX duty_category ON duty(category);"
    "CREATE INDEX duty_status ON duty(status);"
    "CREATE TABLE entry(id TEXT PRIMARY KEY, provider TEXT NOT NULL, status TEXT NOT NULL,"
    " sharing TEXT NOT NULL, opening TEXT NOT NULL, duty TEXT, format TEXT NOT NULL,"
    " theme TEXT) WITHOUT ROWID;"
    "CREATE INDEX entry_provider_status ON entry(provider, status);"
    "CREATE INDEX entry_provider ON entry(provider);"
    "CREATE INDEX entry_status ON entry(status);"
    "CREATE INDEX entry_sharing ON entry(sharing);"
    "CREATE INDEX entry_opening ON entry(opening);"
    "CREATE INDEX entry_format ON entry(format);"
    "CREATE INDEX entry_theme ON entry(theme);"
    "CREATE INDEX entry_duty ON entry(duty);" /* duty/<member>/<code>; null: none named */

    "CREATE TABLE request(seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " provider TEXT NOT NULL, consumer TEXT NOT NULL, entry TEXT NOT NULL, status TEXT NOT NULL,"
    " route TEXT NOT NULL, number TEXT NOT NULL);"
    "CREATE INDEX request_provider_status ON request(provider, status);"
    "CREATE INDEX request_consumer_status ON request(consumer, status);"
    "CREATE INDEX request_provider ON request(provider);"
    "CREATE INDEX request_consumer ON request(consumer);"
    "CREATE INDEX request_status ON request(status);"
    "CREATE INDEX request_route ON request(route);"
    "CREATE INDEX request_entry ON request(entry);"
    "CREATE INDEX request_number ON request(number);"

    "CREATE TABLE grants(seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " provider TEXT NOT NULL, consumer TEXT NOT NULL, entry TEXT NOT NULL, status TEXT NOT NULL,"
    " mode TEXT NOT NULL, begun_ms INTEGER, ended_ms INTEGER);" /* in force; null: not yet */
    "CREATE INDEX grants_provider_status ON grants(provider, status);"
    "CREATE INDEX grants_consumer_status ON grants(consumer, status);"
    "CREATE INDEX grants_provider ON grants(provider);"
    "CREATE INDEX grants_consumer ON grants(consumer);"
    "CREATE INDEX grants_status ON grants(status);"
    "CREATE INDEX grants_mode ON grants(mode);"
    "CREATE INDEX grants_entry ON grants(entry);"

    "CREATE TABLE access(seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " grant_id TEXT NOT NULL, provider TEXT NOT NULL, consumer TEXT NOT NULL,"
    " entry TEXT NOT NULL, method TEXT NOT NULL, system TEXT NOT NULL, operator TEXT NOT NULL,"
    " calls INTEGER NOT NULL, height INTEGER NOT NULL, opened_ms INTEGER NOT NULL,"
    " status TEXT NOT NULL DEFAULT 'open',"
    " p_tx TEXT, p_digest TEXT, p_rows INTEGER, p_bytes INTEGER, p_result TEXT, p_ms INTEGER,"
    " c_tx TEXT, c_digest TEXT, c_rows INTEGER, c_bytes INTEGER, c_result TEXT, c_ms INTEGER);"
    "CREATE INDEX access_grant ON access(grant_id);"
    "CREATE INDEX access_entry ON access(entry);"
    "CREATE INDEX access_provider ON access(provider);"
    "CREATE INDEX access_consumer ON access(consumer);"
    "CREATE INDEX access_status ON access(status);"
    "CREATE INDEX access_unsettled ON access(seq) WHERE status <> 'closed';"

    /* Matters: a row of each for every party, and one for nobody (""), so that all of them and one
     * member's are both in the order of id: the beginning in hex, then the subject. */
    "CREATE TABLE matter(party TEXT NOT NULL, id TEXT NOT NULL, subject TEXT NOT NULL,"
    " kind TEXT NOT NULL, member TEXT, provider TEXT, consumer TEXT, status TEXT NOT NULL,"
    " since_ms INTEGER NOT NULL, open INTEGER NOT NULL, PRIMARY KEY(party, id)) WITHOUT ROWID;"
    "CREATE INDEX matter_kind_open ON matter(party, kind, open);"
    "CREATE INDEX matter_kind_status ON matter(party, kind, status);"
    "CREATE INDEX matter_kind ON matter(party, kind);"
    "CREATE INDEX matter_provider ON matter(party, provider);"
    "CREATE INDEX matter_status ON matter(party, status);"
    "CREATE INDEX matter_open ON matter(party, open);"
    "CREATE INDEX matter_subject ON matter(subject);"

    /* id: the end in hex, then name, subject and beginning, so that it is the order of ends; open:
     * running, resting or overdue */
    "CREATE TABLE term(id TEXT PRIMARY KEY, subject TEXT NOT NULL, name TEXT NOT NULL,"
    " member TEXT, from_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL, clause TEXT,"
    " state TEXT NOT NULL, provisional INTEGER NOT NULL, open INTEGER NOT NULL,"
    " ended_ms INTEGER) WITHOUT ROWID;"
    "CREATE INDEX term_member_open ON term(member, open);"
    "CREATE INDEX term_member_name_state ON term(member, name, state);"
    "CREATE INDEX term_member ON term(member);"
    "CREATE INDEX term_subject ON term(subject);"
    "CREATE INDEX term_subject_open ON term(subject, open);"
    "CREATE INDEX term_name ON term(name);"
    "CREATE INDEX term_state ON term(state);"
    "CREATE INDEX term_open ON term(open);"

    "CREATE TABLE text(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, ref TEXT NOT NULL,"
    " title TEXT NOT NULL, title_terms TEXT NOT NULL, terms TEXT NOT NULL,"
    " fresh INTEGER NOT NULL DEFAULT 1, UNIQUE(kind, ref));"
    "CREATE VIRTUAL TABLE search USING fts5(title, terms, content='', columnsize=0,"
    " tokenize='unicode61');";

const char read_put_meta[] = "INSERT OR REPLACE INTO meta VALUES(?, ?)";
const char read_put_moment[] =
    "INSERT INTO moment VALUES(?1, ?2) ON CONFLICT DO UPDATE SET seq = min(seq, ?2)";
const char read_put_early[] = "INSERT INTO early VALUES(?, ?)";
const char read_find_early[] = "SELECT seq FROM early WHERE id = ?";
const char read_put_tx[] = "INSERT OR REPLACE INTO tx VALUES(?, ?, ?, ?, ?, ?, ?)";
const char read_put_act[] = "INSERT OR REPLACE INTO act VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)";
const char read_put_evidence[] = "INSERT OR REPLACE INTO evidence VALUES(?, ?, ?, ?, ?, ?, ?, ?)";
const char read_put_touch[] = "INSERT OR IGNORE INTO touch VALUES(?, ?)";
const char read_put_duty[] = "INSERT OR REPLACE INTO duty VALUES(?, ?, ?, ?)";
const char read_put_entry[] = "INSERT OR REPLACE INTO entry VALUES(?, ?, ?, ?, ?, ?, ?, ?)";
const char read_put_request[] = "INSERT OR REPLACE INTO request VALUES(?, ?, ?, ?, ?, ?, ?, ?)";
/* ?8 its beginning, ?9 now: one that waits for its agreement is in force when that is signed. */
const char read_put_grant[] =
    "INSERT INTO grants VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7,"
    " CASE WHEN ?6 <> 'agreement' THEN ?8 END,"
    " CASE WHEN ?6 IN ('ended', 'expired', 'terminated') THEN ?9 END)"
    " ON CONFLICT(id) DO UPDATE SET status = ?6,"
    " begun_ms = coalesce(begun_ms, CASE WHEN ?6 = 'active' THEN ?9 END),"
    " ended_ms = coalesce(ended_ms, CASE WHEN ?6 IN ('ended', 'expired', 'terminated') THEN ?9 END)";
const char read_put_access[] =
    "INSERT OR IGNORE INTO access(seq, id, grant_id, provider, consumer, entry, method, system,"
    " operator, calls, height, opened_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const char read_put_provider_side[] =
    "UPDATE access SET p_tx = ?2, p_digest = ?3, p_rows = ?4, p_bytes = ?5, p_result = ?6,"
    " p_ms = ?7 WHERE id = ?1";
const char read_put_consumer_side[] =
    "UPDATE access SET c_tx = ?2, c_digest = ?3, c_rows = ?4, c_bytes = ?5, c_result = ?6,"
    " c_ms = ?7 WHERE id = ?1";
/* What runs and is over at the time was acted on by the ledger; else it was done. No calendar moves
 * it any more. */
const char read_end_record_terms[] =
    "UPDATE term SET open = 0, provisional = 0, ended_ms = ?2,"
    " state = CASE WHEN state = 'overdue' THEN 'late' WHEN due_ms <= ?2 THEN 'lapsed'"
    " ELSE 'in-time' END WHERE subject = ?1 AND open = 1";
/* What nobody did, and nobody has to any more; with a beginning, but for what this member owes
 * since then. */
const char read_drop_term[] =
    "UPDATE term SET open = 0, provisional = 0, ended_ms = ?2,"
    " state = CASE WHEN state = 'overdue' THEN 'missed'"
    " WHEN state = 'running' AND due_ms <= ?2 THEN 'lapsed' ELSE 'dropped' END"
    " WHERE subject = ?1 AND open = 1 AND name = ?3"
    " AND (?5 < 0 OR member IS NOT ?4 OR from_ms <> ?5)";
const char read_cut_term[] = "DELETE FROM term WHERE subject = ? AND name = ? AND from_ms = ?";
const char read_cut_member_term[] =
    "DELETE FROM term WHERE subject = ? AND name = ? AND from_ms = ? AND member = ?";
const char read_put_term[] =
    "INSERT OR REPLACE INTO term(id, subject, name, member, from_ms, due_ms, clause, state,"
    " provisional, open) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1)";
const char read_set_closed[] =
    "UPDATE access SET status = 'closed'"
    " WHERE id = ? AND status = 'open' AND p_tx IS NOT NULL AND c_tx IS NOT NULL";
const char read_cut_matter[] = "DELETE FROM matter WHERE subject = ?";
const char read_put_matter[] = "INSERT INTO matter VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const char read_set_mismatch[] = "UPDATE access SET status = 'mismatch' WHERE id = ?";

const char read_cut_terms[] =
    "INSERT INTO search(search, rowid, title, terms)"
    " SELECT 'delete', id, title_terms, terms FROM text"
    " WHERE kind = ?1 AND ref = ?2 AND (title_terms <> ?3 OR terms <> ?4)";
const char read_put_text[] =
    "INSERT INTO text(kind, ref, title, title_terms, terms) VALUES(?1, ?2, ?3, ?4, ?5)"
    " ON CONFLICT(kind, ref) DO UPDATE SET title = ?3, title_terms = ?4, terms = ?5, fresh = 1"
    " WHERE title_terms <> ?4 OR terms <> ?5";
const char read_put_terms[] =
    "INSERT INTO search(rowid, title, terms) SELECT id, title_terms, terms FROM text"
    " WHERE kind = ? AND ref = ? AND fresh = 1";
const char read_end_terms[] = "UPDATE text SET fresh = 0 WHERE kind = ? AND ref = ? AND fresh = 1";
