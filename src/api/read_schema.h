/* Tables of the read model, and the statements that fill them. A change of either is a new version:
 * nodes rebuild by themselves. Records themselves stay in the store; here is only what lists are
 * filtered and ordered by. `seq` is the place in the log: of evidence, an act or a transaction. */
#ifndef DIRCHAIN_API_READ_SCHEMA_H
#define DIRCHAIN_API_READ_SCHEMA_H

#define READ_SCHEMA_VERSION "20"

extern const char read_schema_create[];

/* Each names its parameters in order. */
extern const char read_put_meta[];     /* name, value */
extern const char read_put_moment[];   /* time_ms, seq: the lowest of those given stays */
extern const char read_put_early[];    /* id, seq */
extern const char read_find_early[];   /* id; gives seq */
extern const char read_put_tx[];       /* seq, txid, height, time_ms, member, key, type */
extern const char read_put_act[];      /* seq, height, time_ms, clause, subject, effect, due_ms,
                                        * member, term: the two null where it names none */
extern const char read_put_evidence[]; /* seq, height, time_ms, validator, kind, hash,
                                        * vote_height, round */
extern const char read_put_touch[];    /* subject, seq */
extern const char read_put_duty[];     /* id, member, status, category */
extern const char read_put_entry[];    /* id, provider, status, sharing, opening, duty, format */
extern const char
    read_put_request[];             /* seq, id, provider, consumer, entry, status, route, number */
extern const char read_put_grant[]; /* seq, id, provider, consumer, entry, status, mode */
/* seq, id, grant, provider, consumer, entry, method, system, operator, calls, height, opened_ms */
extern const char read_put_access[];
/* id, txid, digest, rows, bytes, result, time_ms */
extern const char read_put_provider_side[];
extern const char read_put_consumer_side[];
extern const char read_drop_term[]; /* subject, time_ms, name: if it is open; of others than member,
                                     * or NULL: of whomever */
extern const char read_end_record_terms[]; /* subject, time_ms: closes those that are open */
extern const char read_cut_term[];         /* subject, name, from_ms */
extern const char read_cut_member_term[];  /* subject, name, from_ms, member */
extern const char read_cut_matter[];       /* subject */
/* party, id, subject, kind, member, provider, consumer, status, since, open */
extern const char read_put_matter[];
extern const char read_put_term[];   /* id, subject, name, member, from_ms, due_ms, clause, state,
                                        provisional */
extern const char read_set_closed[]; /* id: if both sides are in */
extern const char read_set_mismatch[]; /* id */
/* The search index keeps no texts, so what leaves it has to be named again: run all four. */
extern const char read_cut_terms[]; /* kind, ref, title's terms, terms */
extern const char read_put_text[];  /* kind, ref, title, title's terms, terms */
extern const char read_put_terms[]; /* kind, ref */
extern const char read_end_terms[]; /* kind, ref */

#endif
