/* Transaction types as data. Each type is declared once, as a table: its fields with kind, bounds,
 * meaning and clause, who may sign it, its bounds on state access, its cost, and the function that
 * applies it. Validation, the OpenAPI document, docs/spec/transactions.md and the CLI's help are
 * all generated from these tables. Adding a rule is adding a table and a function. */
#ifndef DIRCHAIN_CHAIN_SCHEMA_H
#define DIRCHAIN_CHAIN_SCHEMA_H

#include "base/doc.h"
#include "base/faults.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_kind {
    FIELD_TEXT, /* min…max characters (code points) */
    FIELD_INT,  /* min…max */
    FIELD_BOOL,
    FIELD_CHOICE, /* one of choices */
    FIELD_MEMBER, /* 统一社会信用代码 with its check digit */
    FIELD_HASH,   /* 64 lower-case hex: digests, txids, versions */
    FIELD_CODE,   /* [A-Za-z0-9._-], not dots alone, min…max characters; goes into state keys */
    FIELD_PUBLIC_KEY, /* 66 hex, a point on the curve */
    FIELD_VOTE_KEY,   /* 64 hex, x-only */
    FIELD_PEER_KEY,   /* 64 hex, Ed25519 */
    FIELD_DATE,       /* 2026-02-12 */
    FIELD_TIME,       /* ms since 1970, an integer */
    FIELD_ENDPOINT,   /* host:port */
    FIELD_OBJECT,     /* fields */
    FIELD_LIST,       /* min…max elements, each as `element` says */
};

struct field {
    const char *name; /* NULL ends a table */
    enum field_kind kind;
    bool required;
    bool says; /* FIELD_TEXT: it has to say something (rule_text_blank), not to be there alone */
    int64_t min, max;
    const char *const *choices;  /* FIELD_CHOICE, NULL-terminated */
    const struct field *fields;  /* FIELD_OBJECT */
    const struct field *element; /* FIELD_LIST: one unnamed field */
    const char *english;         /* what it means */
    const char *chinese;
    const char *clause; /* e.g. "CESI 2.2.1"; NULL */
    /* A choice in Chinese, where it is not what words.h says of the field; NULL. */
    const char *(*gloss)(const char *word);
};

/* What a key may do; exactly one role a key, so that compile, review and approve are always
 * different keys (A2). Text forms in role_text. */
enum role {
    ROLE_CHIEF, /* 首席数据官: registers the member's own keys and contacts, signs agreements */
    ROLE_COMPILE, /* 编制: duties, catalog entries, requests */
    ROLE_REVIEW,  /* 审核: the center's review of catalogs and requests */
    ROLE_APPROVE, /* 审批: the provider's answer to requests */
    ROLE_GATEWAY, /* 网关: access records and receipts */
    ROLE_AUDIT,   /* 审计: on record as the auditor's; no type names it, an audit only reads */
    ROLE_ADMIN,   /* 管理: the center's membership, calendar, profile */
    ROLE_COUNT
};
const char *role_text(enum role role);
int role_from_text(enum role *out, const char *text); /* ERR_FIELD_CHOICE */

/* Parties (A1) as bits; a member may be several. */
enum party {
    PARTY_PROVIDER = 1,
    PARTY_CONSUMER = 2,
    PARTY_CENTER = 4,
    PARTY_SUPERVISOR = 8,
    PARTY_AUDITOR = 16,
    PARTY_UPPER = 32
};

const char *party_text(size_t index);         /* of bit 1u << index; NULL past the end */
unsigned party_bits(const struct doc *texts); /* of a member's "parties"; unknown texts give 0 */

struct rule_context; /* chain/rule.h */

struct tx_type {
    const char *name;    /* "catalog.submit" */
    const char *english; /* title */
    const char *chinese;
    const char *clause;
    unsigned roles;   /* bit set of 1u << enum role that may sign */
    unsigned parties; /* bit set; the signer's member must be one of them; 0: any */
    const struct field *fields;
    unsigned reads_max; /* bound on state reads (rule_reads), enforced by execution */
    unsigned writes_max;
    uint32_t cost;  /* against BLOCK_COST_MAX */
    bool test_only; /* refused unless the genesis is marked test */
    /* A third party may be entrusted with it: PT 2 speaks of 收集和产生 alone. */
    bool delegable;
    /* Checks against state and, if all is well, changes it. Faults go to the context; a non-zero
     * return (the first fault) discards every change of this transaction. */
    int (*apply)(struct rule_context *context);
    /* Where the form is at fault: what the rest of the body says together, so that one refusal
     * holds it too. The context has `faults` and `body` alone, as schema_readable made it: no
     * state, no signer, no time. It tells nothing that apply would not. May be NULL. */
    void (*check)(struct rule_context *context);
};

const struct tx_type *schema_find(const char *name); /* NULL if none */
/* All types in order of name: for documents and help. */
const struct tx_type *schema_at(size_t index); /* NULL past the end */
/* Checks a body against the table: all faults at once, unknown fields refused, and those that the
 * type's check finds in what is in form; each fault names the clause of its field, or the type's.
 * First error or 0: 0 if and only if the form is in order. */
int schema_check(const struct tx_type *type, const struct doc *body, struct faults *faults);
/* The same for any table (genesis, join requests, profiles): `path` prefixes field names. */
int schema_check_fields(const struct field *fields, const struct doc *object, const char *path,
                        struct faults *faults);
/* A document as far as it is in form: null in the place of each value and element that is not (it
 * was given, nobody can say what), unknown members left out, what is missing still missing. */
struct doc *schema_readable(const struct field *fields, const struct doc *object);
/* JSON Schema of a table, for OpenAPI. Caller owns the result. */
struct doc *schema_to_json_schema(const struct field *fields);
/* Markdown reference of all types (docs/spec/transactions.md). */
void schema_append_reference(struct buf *out);

#endif
