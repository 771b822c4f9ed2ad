/* Checking documents against tables of fields, and finding transaction types.
 *
 * Runs on every transaction that arrives, on worker threads: no state, no locks, and no text is
 * formatted unless there is a fault to tell. Where a field stands in the document is therefore
 * kept as a chain of places on the C stack, and written out only for a fault. */
#include "chain/schema.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/sign.h"
#include "base/uscc.h"
#include "chain/rule.h"
#include "chain/rules/records.h"
#include "chain/rules/registry.h"
#include "chain/text_form.h"

#include <stdio.h>
#include <string.h>

#define HOST_CHARS_MAX 253
#define PORT_MAX 65535

/* First instant after the last year that civil time knows (9998-12-31 24:00 in Beijing). */
#define TIME_END_MS INT64_C(253370736000000)

/* One step of the way from the root to the value under test. */
struct place {
    const struct place *parent;
    const char *name; /* NULL: element `index` of the list that parent names */
    size_t index;
};

struct check {
    struct faults *faults; /* may be NULL */
    int first;
};

static void place_append(char *out, size_t size, const struct place *place)
{
    if (place == NULL) {
        return;
    }
    place_append(out, size, place->parent);
    size_t len = strlen(out);
    if (place->name == NULL) {
        (void)snprintf(out + len, size - len, "[%zu]", place->index);
    } else {
        (void)snprintf(out + len, size - len, "%s%s", len > 0 && place->name[0] != 0 ? "." : "",
                       place->name);
    }
}

/* Words of fault_words.c for what values of a kind are like. */
static const char *const kind_forms[] = {
    [FIELD_TEXT] = "text",      [FIELD_CHOICE] = "text",   [FIELD_MEMBER] = "text",
    [FIELD_DATE] = "date",      [FIELD_INT] = "number",    [FIELD_TIME] = "number",
    [FIELD_BOOL] = "yes-no",    [FIELD_HASH] = "hash",     [FIELD_VOTE_KEY] = "hash",
    [FIELD_PEER_KEY] = "hash",  [FIELD_CODE] = "code",     [FIELD_PUBLIC_KEY] = "public-key",
    [FIELD_OBJECT] = "object",  [FIELD_LIST] = "list",     [FIELD_ENDPOINT] = "endpoint",
};

/* What its field would have taken, for a fault that is about to be told. */
static void note_allowed(struct faults *faults, const struct field *field, int error)
{
    bool bounded = error == ERR_FIELD_LENGTH || error == ERR_FIELD_COUNT ||
                   (error == ERR_FIELD_RANGE && field != NULL && field->kind == FIELD_INT);
    if (field != NULL && error == ERR_FIELD_CHOICE) {
        faults_note_choices(faults, field->choices, field->gloss);
    } else if (field != NULL && bounded) {
        faults_note_bounds(faults, error, field->min, field->max);
    } else if (field != NULL && (error == ERR_FIELD_TYPE || error == ERR_FIELD_FORMAT ||
                                 error == ERR_DATE)) {
        faults_note_may(faults, error, kind_forms[field->kind]);
    }
}

static void check_fail(struct check *check, const struct field *field, const struct place *place,
                       int error)
{
    char path[FAULT_FIELD_BYTES_MAX] = "";
    place_append(path, sizeof path, place);
    if (check->first == 0) {
        check->first = error;
    }
    note_allowed(check->faults, field, error);
    faults_add(check->faults, error, field == NULL ? NULL : field->clause, "%s", path);
    if (field != NULL && field->name != NULL && field->name[0] != 0) {
        faults_name_field(check->faults, field->name);
    }
}

static size_t text_code_points(const char *text)
{
    size_t count = 0;
    for (; *text != 0; text++) {
        count += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return count;
}

static bool is_code(const char *text)
{
    for (; *text != 0; text++) {
        bool good = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
                    (*text >= '0' && *text <= '9') || *text == '.' || *text == '_' || *text == '-';
        if (!good) {
            return false;
        }
    }
    return true;
}

static int check_length(const struct field *field, size_t count)
{
    return (int64_t)count < field->min || (int64_t)count > field->max ? ERR_FIELD_LENGTH : 0;
}

static int check_hex(uint8_t *out, size_t out_len, const char *text)
{
    return hex_decode(out, out_len, view_of_text(text)) == 0 ? 0 : ERR_FIELD_FORMAT;
}

static int check_public_key(const char *text)
{
    struct public_key key;
    int error = check_hex(key.bytes, sizeof key.bytes, text);
    return error != 0 ? error : public_key_valid(&key) ? 0 : ERR_KEY_INVALID;
}

static int check_vote_key(const char *text)
{
    struct vote_key key;
    int error = check_hex(key.bytes, sizeof key.bytes, text);
    return error != 0 ? error : vote_key_valid(&key) ? 0 : ERR_KEY_INVALID;
}

/* The host of an endpoint: a DNS name or IPv4 address, or an IPv6 address in brackets. Whether it
 * can be reached is for the layer that connects; here it must be harmless text. */
static bool is_host(const char *text, size_t len)
{
    bool six = len > 2 && text[0] == '[' && text[len - 1] == ']';
    const char *allowed = six ? "0123456789abcdefABCDEF:."
                              : "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_";
    if (len == 0 || len > HOST_CHARS_MAX || (!six && (text[0] == '.' || text[0] == '-'))) {
        return false;
    }
    for (size_t i = six ? 1 : 0; i < len - (six ? 1 : 0); i++) {
        if (strchr(allowed, text[i]) == NULL) {
            return false;
        }
    }
    return true;
}

static int check_endpoint(const char *text)
{
    const char *colon = strrchr(text, ':');
    unsigned port = 0;
    if (colon == NULL || !is_host(text, (size_t)(colon - text)) || colon[1] == '0') {
        return ERR_FIELD_FORMAT;
    }
    const char *digit = colon + 1;
    for (; *digit >= '0' && *digit <= '9' && port <= PORT_MAX; digit++) {
        port = port * 10 + (unsigned)(*digit - '0');
    }
    return *digit == 0 && port >= 1 && port <= PORT_MAX ? 0 : ERR_FIELD_FORMAT;
}

static int check_choice(const struct field *field, const char *text)
{
    for (const char *const *choice = field->choices; *choice != NULL; choice++) {
        if (strcmp(*choice, text) == 0) {
            return 0;
        }
    }
    return ERR_FIELD_CHOICE;
}

static int check_code(const struct field *field, const char *text)
{
    int error = check_length(field, strlen(text));
    /* "." and ".." cannot be part of a path: what they name could never be asked for. */
    bool dots = text[0] == '.' && text[strspn(text, ".")] == 0;
    return error != 0 ? error : is_code(text) && !dots ? 0 : ERR_FIELD_FORMAT;
}

/* PT 13: 附退回原因; PT 26: 且未提供依据和理由: blanks are no reason. */
static int check_text(const struct field *field, const char *text)
{
    int error = check_length(field, text_code_points(text));
    if (error == 0 && !text_form_good(text)) {
        error = ERR_TEXT_CHARACTER;
    }
    return error == 0 && field->says && rule_text_blank(text) ? ERR_FIELD_BLANK : error;
}

static int check_text_kind(const struct field *field, const char *text)
{
    uint8_t bytes[HASH_BYTES];
    int64_t day;
    switch (field->kind) {
    case FIELD_TEXT:
        return check_text(field, text);
    case FIELD_CHOICE:
        return check_choice(field, text);
    case FIELD_MEMBER:
        return uscc_check(text);
    case FIELD_HASH:
    case FIELD_PEER_KEY:
        return check_hex(bytes, sizeof bytes, text);
    case FIELD_CODE:
        return check_code(field, text);
    case FIELD_PUBLIC_KEY:
        return check_public_key(text);
    case FIELD_VOTE_KEY:
        return check_vote_key(text);
    case FIELD_DATE:
        return civil_parse_date(&day, text);
    case FIELD_ENDPOINT:
        return check_endpoint(text);
    default:
        return ERR_FIELD_TYPE;
    }
}

static int check_int_kind(const struct field *field, int64_t value)
{
    switch (field->kind) {
    case FIELD_INT:
        return value < field->min || value > field->max ? ERR_FIELD_RANGE : 0;
    case FIELD_TIME:
        return value < 0 || value >= TIME_END_MS ? ERR_FIELD_RANGE : 0;
    default:
        return ERR_FIELD_TYPE;
    }
}

/* Of what is neither an object nor a list where its field is one. */
static int check_scalar(const struct field *field, const struct doc *value)
{
    switch (doc_kind(value)) {
    case DOC_TEXT:
        return check_text_kind(field, doc_text(value));
    case DOC_INT:
        return check_int_kind(field, doc_int(value, 0));
    case DOC_BOOL:
        return field->kind == FIELD_BOOL ? 0 : ERR_FIELD_TYPE;
    default:
        return ERR_FIELD_TYPE;
    }
}

static bool list_fits(const struct field *field, const struct doc *list)
{
    return (int64_t)doc_count(list) >= field->min && (int64_t)doc_count(list) <= field->max;
}

static void check_object(struct check *check, const struct field *fields, const struct doc *object,
                         const struct place *place);
static void check_value(struct check *check, const struct field *field, const struct doc *value,
                        const struct place *place);

static void check_list(struct check *check, const struct field *field, const struct doc *list,
                       const struct place *place)
{
    if (!list_fits(field, list)) {
        check_fail(check, field, place, ERR_FIELD_COUNT);
        return;
    }
    for (size_t i = 0; i < doc_count(list); i++) {
        struct place element = {.parent = place, .index = i};
        check_value(check, field->element, doc_at(list, i), &element);
    }
}

static void check_value(struct check *check, const struct field *field, const struct doc *value,
                        const struct place *place)
{
    enum doc_kind kind = doc_kind(value);
    if (kind == DOC_OBJECT && field->kind == FIELD_OBJECT) {
        check_object(check, field->fields, value, place);
        return;
    }
    if (kind == DOC_ARRAY && field->kind == FIELD_LIST) {
        check_list(check, field, value, place);
        return;
    }
    int error = check_scalar(field, value);
    if (error != 0) {
        check_fail(check, field, place, error);
    }
}

static bool table_has(const struct field *fields, const char *name)
{
    for (; fields->name != NULL; fields++) {
        if (strcmp(fields->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void check_unknown(struct check *check, const struct field *fields, const struct doc *object,
                          const struct place *place)
{
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    while (doc_next(object, &cursor, &name, &value)) {
        if (!table_has(fields, name)) {
            struct place member = {.parent = place, .name = name};
            check_fail(check, NULL, &member, ERR_FIELD_UNKNOWN);
        }
    }
}

static void check_object(struct check *check, const struct field *fields, const struct doc *object,
                         const struct place *place)
{
    size_t known = 0;
    for (const struct field *field = fields; field->name != NULL; field++) {
        const struct doc *value = doc_get(object, field->name);
        struct place member = {.parent = place, .name = field->name};
        if (value != NULL) {
            known++;
            check_value(check, field, value, &member);
        } else if (field->required) {
            check_fail(check, field, &member, ERR_FIELD_MISSING);
        }
    }
    /* A table has no name twice, so any surplus is unknown: seldom, and worth a second pass. */
    if (doc_count(object) > known) {
        check_unknown(check, fields, object, place);
    }
}

int schema_check_fields(const struct field *fields, const struct doc *object, const char *path,
                        struct faults *faults)
{
    struct check check = {.faults = faults};
    struct place root = {.name = path == NULL ? "" : path};
    if (object == NULL || doc_kind(object) != DOC_OBJECT) {
        check_fail(&check, NULL, &root, object == NULL ? ERR_FIELD_MISSING : ERR_FIELD_TYPE);
    } else {
        check_object(&check, fields, object, &root);
    }
    return check.first;
}

/* ---- as far as it is in form ---- */

static struct doc *readable_value(const struct field *field, const struct doc *value)
{
    enum doc_kind kind = doc_kind(value);
    if (kind == DOC_OBJECT && field->kind == FIELD_OBJECT) {
        return schema_readable(field->fields, value);
    }
    if (kind != DOC_ARRAY || field->kind != FIELD_LIST || !list_fits(field, value)) {
        return check_scalar(field, value) == 0 ? doc_ref(value) : doc_new_null();
    }
    struct doc *list = doc_new_array();
    for (size_t i = 0; i < doc_count(value); i++) {
        doc_push(list, readable_value(field->element, doc_at(value, i)));
    }
    return list;
}

struct doc *schema_readable(const struct field *fields, const struct doc *object)
{
    struct doc *readable = doc_new_object();
    for (const struct field *field = fields; field->name != NULL; field++) {
        const struct doc *value = doc_get(object, field->name);
        if (value != NULL) {
            doc_set(readable, field->name, readable_value(field, value));
        }
    }
    return readable;
}

/* Whoever hears of faults at all hears of all: what apply would tell of the body in a second round
 * is told now. */
static void check_readable(const struct tx_type *type, const struct doc *body,
                           struct faults *faults)
{
    if (type->check == NULL || faults == NULL) {
        return;
    }
    AUTO(doc_free) struct doc *readable = schema_readable(type->fields, body);
    struct rule_context context = {.faults = faults, .body = readable};
    type->check(&context);
}

int schema_check(const struct tx_type *type, const struct doc *body, struct faults *faults)
{
    if (body == NULL || doc_kind(body) != DOC_OBJECT) {
        return faults_add(faults, body == NULL ? ERR_FIELD_MISSING : ERR_FIELD_TYPE, type->clause,
                          "body");
    }
    int error = schema_check_fields(type->fields, body, NULL, faults);
    if (error != 0) {
        check_readable(type, body, faults);
    }
    faults_name_clause(faults, type->clause);
    return error;
}

const struct tx_type *schema_find(const char *name)
{
    size_t low = 0, high = rules_type_count;
    while (name != NULL && low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, rules_types[middle]->name);
        if (order == 0) {
            return rules_types[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

const struct tx_type *schema_at(size_t index)
{
    return index < rules_type_count ? rules_types[index] : NULL;
}

static const char *const role_texts[ROLE_COUNT] = {
    [ROLE_CHIEF] = "chief",     [ROLE_COMPILE] = "compile", [ROLE_REVIEW] = "review",
    [ROLE_APPROVE] = "approve", [ROLE_GATEWAY] = "gateway", [ROLE_AUDIT] = "audit",
    [ROLE_ADMIN] = "admin",
};

const char *role_text(enum role role)
{
    return role < ROLE_COUNT ? role_texts[role] : "unknown";
}

int role_from_text(enum role *out, const char *text)
{
    for (int role = 0; text != NULL && role < ROLE_COUNT; role++) {
        if (strcmp(role_texts[role], text) == 0) {
            *out = (enum role)role;
            return 0;
        }
    }
    return ERR_FIELD_CHOICE;
}

/* In the order of the bits of enum party. */
static const char *const party_texts[] = {"provider",   "consumer", "center",
                                          "supervisor", "auditor",  "upper"};
#define PARTY_COUNT (sizeof party_texts / sizeof *party_texts)

const char *party_text(size_t index)
{
    return index < PARTY_COUNT ? party_texts[index] : NULL;
}

unsigned party_bits(const struct doc *texts)
{
    unsigned bits = 0;
    for (size_t i = 0; i < doc_count(texts); i++) {
        const char *text = doc_text(doc_at(texts, i));
        for (size_t party = 0; text != NULL && party < PARTY_COUNT; party++) {
            bits |= strcmp(party_texts[party], text) == 0 ? 1u << party : 0;
        }
    }
    return bits;
}
