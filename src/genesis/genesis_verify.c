/* Verifying a genesis document: everything that a node relies on, every fault at once.
 *
 *   form → parameters → profile → calendars → each join request → ids and keys distinct → center →
 *   validators → the center's signature → (if all that holds) the initial state is built from it
 *
 * The last step runs the ledger's own rules, so no genesis passes here that the ledger would
 * stumble over. */
#include "genesis/genesis.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/initial.h"
#include "chain/params.h"
#include "chain/rule.h"
#include "chain/rules/tables.h"
#include "genesis/genesis_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const choices_format[] = {GENESIS_FORMAT, NULL};
static const struct field fields_signature[] = {
    F("kid", TEXT, MUST, MEMBER_ID_CHARS + 2, MEMBER_ID_CHARS + 1 + KEY_NAME_CHARS_MAX,
      "The center's id, a slash and the name of its admin key.", "中心代码、斜杠和管理密钥名称。",
      NULL),
    F("value", TEXT, MUST, 86, 86, "ES256K signature of the genesis hash.", "创世哈希的签名。",
      NULL),
    F_END,
};
/* The parts with checks of their own (GENESIS_PARTS) are left out. */
static const struct field fields_genesis[] = {
    F_CHOICE("format", MUST, choices_format, "Form of this document.", "文件格式。", NULL),
    F("network", CODE, MUST, 1, 64, "Name of the network.", "网络名称。", NULL),
    F("test", BOOL, MUST, 0, 0, "A test network: its clock may be advanced.",
      "是否测试网络（可拨快时钟）。", NULL),
    F("time_ms", TIME, MUST, 0, 0, "When the chain begins.", "起始时间。", NULL),
    F("center", MEMBER, MUST, 0, 0, "Unified social credit code of the center.",
      "大数据中心的统一社会信用代码。", "PT 11"),
    F_LIST("validators", MUST, 1, VALIDATORS_MAX, each_member, "Members that vote.",
           "参与共识的成员。", NULL),
    F_OBJECT("signature", MUST, fields_signature, "Signature of the center.", "中心签名。",
             "PT 11"),
    F_END,
};
static const char *const parts[] = {"params", "profile", "calendars", "members"};
#define PART_COUNT (sizeof parts / sizeof *parts)

/* ---- faults ---- */

struct check {
    struct faults *faults;
    const struct doc *genesis;
    int first;
};

static void check_keep(struct check *check, int error)
{
    check->first = check->first == 0 ? error : check->first;
}

/* Faults that a lower check told without knowing where its document stands. */
static void check_take(struct check *check, const struct faults *inner, const char *path)
{
    for (size_t i = 0; i < inner->count; i++) {
        const struct fault *fault = &inner->item[i];
        check_keep(check, faults_add(check->faults, fault->error, fault->clause, "%s%s%s", path,
                                     fault->field[0] == 0 ? "" : ".", fault->field));
    }
    if (check->faults != NULL) {
        check->faults->dropped += inner->dropped;
    }
}

/* ---- form ---- */

static void check_form(struct check *check)
{
    AUTO(doc_free) struct doc *plain = doc_new_object();
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    while (doc_next(check->genesis, &cursor, &name, &value)) {
        bool part = false;
        for (size_t i = 0; i < PART_COUNT; i++) {
            part = part || strcmp(parts[i], name) == 0;
        }
        if (!part) {
            doc_set(plain, name, doc_ref(value));
        }
    }
    check_keep(check, schema_check_fields(fields_genesis, plain, NULL, check->faults));
}

/* The list, or NULL after saying what is wrong with it. */
static const struct doc *check_list(struct check *check, const char *name, size_t count_max)
{
    const struct doc *list = doc_get(check->genesis, name);
    int error = list == NULL                  ? ERR_FIELD_MISSING
                : doc_kind(list) != DOC_ARRAY ? ERR_FIELD_TYPE
                : doc_count(list) < 1         ? ERR_FIELD_COUNT
                : doc_count(list) > count_max ? ERR_FIELD_COUNT
                                              : 0;
    if (error != 0) {
        check_keep(check, faults_add(check->faults, error, NULL, "%s", name));
        return NULL;
    }
    return list;
}

/* ---- calendars ---- */

static void check_calendars(struct check *check)
{
    int year, month, day;
    bool found = false;
    int64_t last = 0;
    const struct doc *list = check_list(check, "calendars", GENESIS_CALENDARS_MAX);
    int64_t begin = civil_day(doc_get_int(check->genesis, "time_ms", 0));
    civil_date_from_day(&year, &month, &day, begin);
    for (size_t i = 0; i < doc_count(list); i++) {
        char path[32];
        struct faults inner = {0};
        const struct doc *calendar = doc_at(list, i);
        int64_t this_year = doc_get_int(calendar, "year", 0);
        (void)snprintf(path, sizeof path, "calendars[%zu]", i);
        (void)civil_calendar_check(&inner, calendar);
        check_take(check, &inner, path);
        if (i > 0 && this_year <= last) {
            check_keep(check, faults_add(check->faults, ERR_DUPLICATE, NULL, "%s.year", path));
        }
        last = this_year;
        found = found || this_year == year;
    }
    if (list != NULL && !found) {
        check_keep(check, faults_add(check->faults, ERR_CALENDAR_YEAR, "D14", "calendars"));
    }
}

/* ---- members ---- */

/* A text that may stand only once in the document, and where. */
struct unique {
    const char *text;
    size_t member;
    size_t key;
    const char *field; /* of the key, or of the member when `key` is NOT_A_KEY */
};
#define NOT_A_KEY SIZE_MAX

static int unique_compare(const void *a, const void *b)
{
    const struct unique *left = a, *right = b;
    int order = strcmp(left->text, right->text);
    if (order != 0) {
        return order;
    }
    if (left->member != right->member) {
        return left->member < right->member ? -1 : 1;
    }
    return left->key < right->key ? -1 : left->key > right->key;
}

/* What one member says of itself is judged with its join request; here are members against each
 * other. */
static void unique_check(struct check *check, struct unique *items, size_t count, int error)
{
    qsort(items, count, sizeof *items, unique_compare);
    for (size_t i = 1; i < count; i++) {
        const struct unique *item = &items[i];
        if (strcmp(items[i - 1].text, item->text) != 0 || items[i - 1].member == item->member) {
            continue;
        }
        if (item->key == NOT_A_KEY) {
            faults_add(check->faults, error, NULL, "members[%zu].%s", item->member, item->field);
        } else {
            faults_add(check->faults, error, NULL, "members[%zu].keys[%zu].%s", item->member,
                       item->key, item->field);
        }
        check_keep(check, error);
    }
}

static size_t unique_add(struct unique *items, size_t count, const char *text, size_t member,
                         size_t key, const char *field)
{
    if (text != NULL) {
        items[count++] =
            (struct unique){.text = text, .member = member, .key = key, .field = field};
    }
    return count;
}

static void check_distinct_field(struct check *check, const struct doc *members, const char *field,
                                 int error)
{
    size_t count = 0;
    struct unique *items = memory_alloc(doc_count(members) * sizeof *items);
    for (size_t i = 0; i < doc_count(members); i++) {
        count =
            unique_add(items, count, doc_get_text(doc_at(members, i), field), i, NOT_A_KEY, field);
    }
    unique_check(check, items, count, error);
    memory_free(items);
}

/* Officers' keys and vote keys by their x coordinate: one secret gives both. */
static void check_distinct_keys(struct check *check, const struct doc *members)
{
    size_t count = 0, room = 0;
    for (size_t i = 0; i < doc_count(members); i++) {
        room += 1 + doc_count(doc_get(doc_at(members, i), "keys"));
    }
    struct unique *items = memory_alloc(room * sizeof *items);
    for (size_t i = 0; i < doc_count(members); i++) {
        const struct doc *member = doc_at(members, i);
        const struct doc *keys = doc_get(member, "keys");
        count =
            unique_add(items, count, doc_get_text(member, "vote_key"), i, NOT_A_KEY, "vote_key");
        for (size_t k = 0; doc_kind(keys) == DOC_ARRAY && k < doc_count(keys); k++) {
            const char *public = doc_get_text(doc_at(keys, k), "public");
            bool readable = public != NULL && strlen(public) == 2 * PUBLIC_KEY_BYTES;
            count = unique_add(items, count, readable ? public + 2 : NULL, i, k, "public");
        }
    }
    unique_check(check, items, count, ERR_KEY_DUPLICATE);
    memory_free(items);
}

static void check_members(struct check *check)
{
    const struct doc *members = check_list(check, "members", MEMBERS_MAX);
    for (size_t i = 0; i < doc_count(members); i++) {
        char path[32];
        (void)snprintf(path, sizeof path, "members[%zu]", i);
        check_keep(check, rules_check_join(check->faults, doc_at(members, i), path));
    }
    if (members != NULL) {
        check_distinct_field(check, members, "member", ERR_DUPLICATE);
        check_distinct_field(check, members, "peer_key", ERR_KEY_DUPLICATE);
        check_distinct_keys(check, members);
    }
}

/* ---- center and validators ---- */

static void check_center(struct check *check)
{
    const char *center = doc_get_text(check->genesis, "center");
    const struct doc *members = doc_get(check->genesis, "members");
    if (center == NULL || doc_kind(members) != DOC_ARRAY) {
        return;
    }
    bool found = false;
    for (size_t i = 0; i < doc_count(members); i++) {
        const struct doc *member = doc_at(members, i);
        bool named = doc_text_is(member, "member", center);
        found = found || named;
        if (named != doc_has_text(doc_get(member, "parties"), "center")) {
            check_keep(check,
                       faults_add(check->faults, ERR_CENTER, "PT 11", "members[%zu].parties", i));
        }
    }
    if (!found) {
        check_keep(check, faults_add(check->faults, ERR_CENTER, "PT 11", "center"));
    }
}

static void check_validators(struct check *check)
{
    const struct doc *validators = doc_get(check->genesis, "validators");
    const struct doc *members = doc_get(check->genesis, "members");
    size_t count = doc_kind(validators) == DOC_ARRAY ? doc_count(validators) : 0;
    for (size_t i = 0; i < count && i < VALIDATORS_MAX; i++) {
        const char *id = doc_text(doc_at(validators, i));
        bool twice = false;
        for (size_t j = 0; id != NULL && j < i; j++) {
            const char *other = doc_text(doc_at(validators, j));
            twice = twice || (other != NULL && strcmp(id, other) == 0);
        }
        int error = id == NULL                                 ? 0
                    : genesis_find_member(members, id) == NULL ? ERR_SUBJECT
                    : twice                                    ? ERR_DUPLICATE
                                                               : 0;
        if (error != 0) {
            check_keep(check, faults_add(check->faults, error, NULL, "validators[%zu]", i));
        }
    }
}

/* ---- signature ---- */

static void check_signature(struct check *check)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct hash hash;
    struct public_key public_key;
    struct signature signature;
    const struct doc *part = doc_get(check->genesis, "signature");
    const char *kid = doc_get_text(part, "kid");
    const char *value = doc_get_text(part, "value");
    if (kid == NULL || value == NULL || strlen(value) != 86) {
        return; /* the table has said so */
    }
    const struct doc *key = genesis_find_admin(check->genesis, kid);
    const char *public = doc_get_text(key, "public");
    if (public == NULL ||
        hex_decode(public_key.bytes, sizeof public_key.bytes, view_of_text(public)) != 0) {
        check_keep(check, faults_add(check->faults, ERR_ADMIN_KEY, "PT 11", "signature.kid"));
        return;
    }
    int error = base64url_decode(&bytes, view_of_text(value));
    if (error == 0) {
        memcpy(signature.bytes, bytes.data, sizeof signature.bytes);
        genesis_hash(&hash, check->genesis);
        error = es256k_verify(&public_key, &hash, &signature) ? 0 : ERR_SIGNATURE;
    }
    if (error != 0) {
        check_keep(check, faults_add(check->faults, error, NULL, "signature.value"));
    }
}

/* ---- initial state ---- */

static void check_initial_state(struct check *check)
{
    AUTO(state_close) struct state *state = NULL;
    check_keep(check, initial_state_open(&state, check->faults, check->genesis));
}

int genesis_verify(struct faults *faults, const struct doc *genesis)
{
    struct chain_params params;
    struct check check = {.faults = faults, .genesis = genesis};
    if (doc_kind(genesis) != DOC_OBJECT) {
        return faults_add(faults, ERR_GENESIS, "A3", "%s", "");
    }
    check_form(&check);
    check_keep(&check, chain_params_read(&params, faults, doc_get(genesis, "params"), false));
    check_keep(&check, rules_check_profile(faults, doc_get(genesis, "profile"), "profile"));
    check_calendars(&check);
    check_members(&check);
    check_center(&check);
    check_validators(&check);
    check_signature(&check);
    if (check.first == 0) {
        check_initial_state(&check);
    }
    faults_name_clause(faults, "A3"); /* the genesis is the project's own */
    return check.first;
}
