/* What rules share beyond rule.h: editing records, stamping versions, small checks.
 *
 * Records in the state are immutable documents. A rule that changes one takes a shallow copy, whose
 * members are shared with the old one, replaces members, stamps the version, and puts it back. */
#ifndef DIRCHAIN_CHAIN_RULES_RECORDS_H
#define DIRCHAIN_CHAIN_RULES_RECORDS_H

#include "base/limits.h"
#include "chain/rule.h"

#define RECORD_KEY_BYTES (STATE_KEY_BYTES_MAX + 1)

/* Room for a key, filled by format. */
void record_key(char out[RECORD_KEY_BYTES], const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* An instant as it stands in a key, %016x: those before 1970 are all the first, or they would sort
 * behind all others. */
static inline uint64_t record_instant(int64_t time_ms)
{
    return time_ms < 0 ? 0 : (uint64_t)time_ms;
}
/* The record, once what is due on it was applied; NULL: there is none. A rule that stops or starts
 * a term of a record, or judges by what it came to, looks at it so: the sweep may be behind its
 * budget, and an end that it has not come to yet is an end (deadlines.c). */
const struct doc *record_current(struct rule_context *context, const char *key);
/* A shallow copy to be changed; an empty object for NULL. Caller owns it. */
struct doc *record_edit(const struct doc *record);
/* The transaction made this version current. */
void record_stamp(struct rule_context *context, struct doc *record);
/* The last automatic act made this version current. */
void record_stamp_act(struct rule_context *context, struct doc *record);
/* Sets `name` to a shared reference of value, or nothing if value is NULL. */
void record_share(struct doc *record, const char *name, const struct doc *value);

/* An act with the instant that it is about, e.g. where a term now ends. */
void rule_act_at(struct rule_context *context, const char *clause, const char *subject,
                 const char *effect, int64_t due_ms);
/* An act with further members, which are shared. */
void rule_act_with(struct rule_context *context, const char *clause, const char *subject,
                   const char *effect, const struct doc *more);
/* rule_subject with the key formatted. */
const struct doc *rule_subjectf(struct rule_context *context, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* ERR_STATUS that tells what is, and the statuses that would do: words with a space between two, ""
 * where none is known. What is meant is not the subject's own status, or more than that. */
int rule_fault_status(struct rule_context *context, const char *now, const char *may,
                      const char *clause, const char *field_format, ...)
    __attribute__((format(printf, 5, 6)));
/* The same of a record that the field names; ERR_SUBJECT where that is not there. */
int rule_fault_record(struct rule_context *context, const struct doc *record, const char *may,
                      const char *clause, const char *field_format, ...)
    __attribute__((format(printf, 5, 6)));
/* The error of the fault that was just recorded, to be returned. */
int rule_failed(const struct rule_context *context);
/* Each element of a short list is there once: ERR_DUPLICATE at "<field>[i]" for one that an earlier
 * one equals. Long lists of texts: text_set.h. */
int rule_check_distinct(struct rule_context *context, const struct doc *list, const char *clause,
                        const char *field);
/* Whether it is there, and nothing in it is a null that schema_readable put there. */
bool rule_is_readable(const struct doc *value);
/* Who refuses gives all its reasons at once (ERR_GROUNDS); beside an acceptance there are none to
 * give (ERR_FIELD_UNKNOWN), and nothing that only fills the record. */
int rule_check_reasons(struct rule_context *context, bool refuses, const char *clause);
/* Text of the body, or NULL. */
const char *rule_body_text(const struct rule_context *context, const char *name);
/* Whether this member signs. Who was asked for so, or by rule_center_signs, and does not sign, is
 * whom a fault ERR_PARTY says to be the one: rule_signer_is asks whether somebody may NOT. */
bool rule_signed_by(const struct rule_context *context, const char *member);
bool rule_signer_is(const struct rule_context *context, const char *member);
/* Whether the center signs, with a key of this role. */
bool rule_center_signs(struct rule_context *context, const char *role);

/* ---- blank text (text_blank.c) ---- */

size_t rule_blank_bytes_rare(const char *text); /* for rule_blank_bytes */
/* Length of the character that text (valid UTF-8) begins with if nothing is seen of it: white
 * space, or what a reader's screen leaves out; 0 if it can be seen. Inline: it runs on every
 * character of an entry's names, and hardly any comes near the table. */
static inline size_t rule_blank_bytes(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    if (*c < 0x80) {
        return *c == ' ' || *c == '\t' || *c == '\n' ? 1 : 0;
    }
    /* The unified ideographs, U+4000…U+9FFF. */
    return *c >= 0xe4 && *c <= 0xe9 ? 0 : rule_blank_bytes_rare(text);
}
/* NULL, or no letter, number or symbol: nothing to be seen, or marks and punctuation alone. */
bool rule_text_blank(const char *text);
bool rule_text_has_credentials(const char *text); /* a login in an address, a named secret */

/* The state key of evidence: once per (height, round, type, validator). */
struct evidence;
void evidence_key(char out[RECORD_KEY_BYTES], const struct evidence *evidence);

/* Gives the record its "number": the prefix of the profile's section, two digits of the year, the
 * next serial of that prefix and year, e.g. CNZYSQ180001 (CN 附件1, 附件2). */
void rule_take_number(struct rule_context *context, struct doc *record, const char *section);
/* What the profile in force has at a dotted path; NULL if absent. */
const struct doc *rule_profile_at(struct rule_context *context, const char *path);
/* The same for a step on what began earlier: where the profile in force lacks the whole section, by
 * the last that had it, which is then noted ("profile_ms"). So nothing is stranded by a new one. */
const struct doc *rule_profile_running(struct rule_context *context, const char *path);
/* The body is refused as a whole, ERR_TOO_LARGE, where its canonical form has more bytes. */
int rule_check_body_size(struct rule_context *context, size_t bytes_max);
/* Whether the profile has the section; if not, ERR_POLICY at the field: the document in force knows
 * no such thing. */
bool rule_policy_has(struct rule_context *context, const char *section, const char *clause,
                     const char *field);
/* Whether the list holds this integer. */
bool doc_has_int(const struct doc *list, int64_t value);

#endif
