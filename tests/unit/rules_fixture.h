/* A small ledger for tests of rules: a genesis with five real agency codes, signed join requests,
 * the State Council's calendars and one of the sample profiles; then blocks and transactions that
 * take the whole way a node's take: signed, parsed, verified, judged by their table, applied.
 *
 *   struct ledger *ledger = ledger_open("putuo");
 *   ledger_at(ledger, "2026-02-12T10:00:00+08:00");            a block, the chain idling before it
 *   error = ledger_do(ledger, ALPHA "/compile", "duty.publish", "{'code':'D1', …}", …);
 *
 * Bodies are JSON with ' for ", and printf conversions. Include once a program. */
#ifndef DIRCHAIN_TESTS_RULES_FIXTURE_H
#define DIRCHAIN_TESTS_RULES_FIXTURE_H

#include "check.h"

#include "base/doc.h"
#include "base/errors.h"
#include "base/faults.h"
#include "chain/rule.h"
#include "chain/tx.h"

/* Real codes (samples/duties); the roles they play here are the tests'. */
#define CENTER "11440000MB2D023437"
#define ALPHA "11440000006940175Y"      /* provider of everything below */
#define BETA "11440000006939916J"       /* consumer */
#define GAMMA "114400000069401674"      /* another provider and consumer */
#define SUPERVISOR "11440000553612461J" /* 区府办, 领导小组 */
#define NEWCOMER "11440000006939756B"   /* not in the genesis */
#define MEMBER_COUNT 5

struct ledger {
    struct state *state;
    struct doc *genesis;
    struct hash genesis_hash;
    struct faults faults; /* of the last transaction */
    struct doc *acts;     /* all so far */
    uint64_t height;
    int64_t time_ms;
    unsigned serial;
    char txid[2 * HASH_BYTES + 1]; /* of the last transaction */
    unsigned reads, writes;        /* of the last transaction */
    const char *down[4];           /* validators that propose nothing; NULL where free */
};

/* What PT 31 has the center say of its report of a risk, and CN 17 a provider of an approval. */
#define RISK_REPORT                                                                                \
    "'authority':'区委网信办','document':"                                                    \
    "'00000000000000000000000000000000000000000000000000000000000000ff',"                          \
    "'supervisors':['" SUPERVISOR "']"
/* What the center says of a member that it suspends or removes for no risk. */
#define NO_RISK                                                                                    \
    "'cause':'succession','papers':"                                                               \
    "'00000000000000000000000000000000000000000000000000000000000000fe'"
#define APPROVED "'decision':'approve','grounds':{'reasons':['用途与职责相符']}"

/* "," NO_RISK if the type suspends or removes a member, else "". */
const char *ledger_no_risk(const char *type);
struct ledger *ledger_open(const char *profile);
void ledger_close(struct ledger **ledger);

/* The next block, at this time, on a chain that made blocks all the while. */
void ledger_at(struct ledger *ledger, const char *time);
void ledger_at_ms(struct ledger *ledger, int64_t time_ms);
/* So many blocks, a second apart. */
void ledger_blocks(struct ledger *ledger, size_t count);
/* The next block after a gap. */
void ledger_after_gap(struct ledger *ledger, const char *time);
/* The next block, whose sweep comes to nothing of this: its budget went to what was due before. */
void ledger_unswept(struct ledger *ledger, const char *time);

/* A transaction of "<member>/<key>" in the current block; 0 or its first error, faults kept. */
int ledger_do(struct ledger *ledger, const char *kid, const char *type, const char *body, ...)
    __attribute__((format(printf, 4, 5)));
/* The same, and it must succeed. */
void ledger_must(struct ledger *ledger, const char *kid, const char *type, const char *body, ...)
    __attribute__((format(printf, 4, 5)));

/* Publishes the profile with this section (JSON; "null" leaves it out); 0 or its first error. */
int ledger_policy(struct ledger *ledger, const char *section, const char *value);
/* The same, in force from the beginning of that day on; NULL: at once. */
int ledger_policy_from(struct ledger *ledger, const char *section, const char *value,
                       const char *day);

const struct doc *ledger_get(struct ledger *ledger, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Text of a member of a record, by dotted path; "" if absent. */
const char *ledger_text(struct ledger *ledger, const char *key, const char *path);
int64_t ledger_int(struct ledger *ledger, const char *key, const char *path);
/* Version of a record; one of a few buffers. */
const char *ledger_version(struct ledger *ledger, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool ledger_fault(const struct ledger *ledger, int error, const char *field);
/* The act with this number from the end, 0 the last: whether subject and effect are these. */
bool ledger_act_is(const struct ledger *ledger, size_t back, const char *subject,
                   const char *effect);
size_t ledger_count(struct ledger *ledger, const char *prefix);
size_t ledger_due(struct ledger *ledger, const char *term); /* running terms of this name */
int64_t at(const char *time);

/* Ceremonies that several tests need. Keys are numbered by agency and role, so that every run signs
 * the same. */
struct doc *ledger_join(size_t number, const char *member); /* a signed join request */
void ledger_sign_join(struct doc *join, size_t number);     /* again, after a change */
void ledger_admit_as(struct ledger *ledger, const char *party); /* NEWCOMER, a provider besides */
void ledger_admit_upper(struct ledger *ledger);                 /* as the city's platform */
/* The center suspends, restores or removes a member. */
void ledger_member(struct ledger *ledger, const char *type, const char *member);
void ledger_take_out(struct ledger *ledger, const char *member); /* a validator is removed */
void ledger_give_duty(struct ledger *ledger);                    /* ALPHA's duty D1 */
/* Publishes that, unless it is, and an entry of it with this sharing attribute and two items, 姓名
 * and 证件号码; accepted by the center, its data collected where the profile has a term for that.
 */
void ledger_give_entry(struct ledger *ledger, const char *code, const char *sharing);
/* A duty D1 of this member, and its entry E1, authorised, with the same items; accepted. */
void ledger_give_entry_of(struct ledger *ledger, const char *provider);
/* Puts 姓名 of ALPHA's entry on the open list, so; the center accepts. */
void ledger_list_open(struct ledger *ledger, const char *code, const char *type);
void ledger_collect(struct ledger *ledger, const char *code);
/* BETA asks for 姓名 of it; `extra` replaces or adds members of the body, NULL for none. Returns
 * the error; the request's id into id. ledger_ask_by: another consumer asks. */
int ledger_ask_by(struct ledger *ledger, char id[2 * HASH_BYTES + 1], const char *consumer,
                  const char *code, const char *extra);
int ledger_ask(struct ledger *ledger, char id[2 * HASH_BYTES + 1], const char *code,
               const char *extra);
/* BETA needs what no catalog has (PT 22); `extra` and id as above. */
int ledger_need(struct ledger *ledger, char id[2 * HASH_BYTES + 1], const char *extra);
/* A grant in force on an unconditional entry, at the current time. */
void ledger_give_grant(struct ledger *ledger, char id[2 * HASH_BYTES + 1], const char *extra);
/* Body text of an entry with this name and sharing, and what `extra` (JSON) adds; classified as
 * 301999, unless extra has a class_code, or is empty. */
char *entry_text(const char *name, const char *sharing, const char *extra);

#include "rules_genesis.c"

#include "rules_fixture.c"

#include "rules_ceremonies.c"

#endif
