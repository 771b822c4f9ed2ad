/* Part of rules_fixture.h: the keys of its agencies, numbered by agency and role so that every run
 * signs the same, their join requests and the genesis document. */
#include "base/civil.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/sign.h"
#include "chain/params.h"
#include "chain/rules/join_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLES DIRCHAIN_SOURCE_DIR "/samples"

static const char *const fixture_roles[] = {"chief",   "compile", "review",
                                            "approve", "gateway", "admin"};
#define FIXTURE_VOTE 15

/* ---- keys ---- */

static struct secret_key fixture_secret(size_t member, size_t role)
{
    struct secret_key secret;
    memset(secret.bytes, (int)(16 * (member + 1) + role), sizeof secret.bytes);
    return secret;
}

static size_t fixture_number(const char *member)
{
    static const char *const members[] = {CENTER, ALPHA, BETA, GAMMA, SUPERVISOR, NEWCOMER};
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        if (strncmp(members[i], member, MEMBER_ID_CHARS) == 0) {
            return i;
        }
    }
    return COUNT_OF(members);
}

/* The secret of a key named after its role; names with a suffix ("chief-2") differ from it. */
static struct secret_key fixture_secret_of(const char *kid)
{
    const char *name = kid + MEMBER_ID_CHARS + 1;
    for (size_t i = 0; i < COUNT_OF(fixture_roles); i++) {
        if (strcmp(fixture_roles[i], name) == 0) {
            return fixture_secret(fixture_number(kid), i);
        }
    }
    struct secret_key secret = fixture_secret(fixture_number(kid), 0);
    for (size_t i = 0; name[i] != 0; i++) {
        secret.bytes[i % 16] ^= (uint8_t)name[i];
    }
    return secret;
}

__attribute__((unused)) static const char *fixture_public(const char *kid)
{
    static char hex[2 * PUBLIC_KEY_BYTES + 1];
    struct public_key key;
    struct secret_key secret = fixture_secret_of(kid);
    assert_int_equal(sign_public_key(&key, &secret), 0);
    hex_encode(hex, view_of(key.bytes, sizeof key.bytes));
    return hex;
}

/* ---- genesis ---- */

static struct doc *fixture_read(const char *path)
{
    AUTO(buf_free) struct buf text = {0};
    struct doc *doc = NULL;
    assert_int_equal(file_read(&text, path, 1 << 20), 0);
    assert_int_equal(doc_parse(&doc, view_of_buf(&text), 1 << 20), 0);
    return doc;
}

static void fixture_add_key(struct doc *keys, size_t member, size_t role)
{
    char hex[2 * PUBLIC_KEY_BYTES + 1];
    struct public_key public_key;
    struct secret_key secret = fixture_secret(member, role);
    assert_int_equal(sign_public_key(&public_key, &secret), 0);
    hex_encode(hex, view_of(public_key.bytes, sizeof public_key.bytes));
    struct doc *key = doc_new_object();
    doc_set_text(key, "name", fixture_roles[role]);
    doc_set_text(key, "public", hex);
    doc_set_text(key, "role", fixture_roles[role]);
    doc_push(keys, key);
}

static void fixture_set_signature(struct doc *join, const char *field,
                                  const struct signature *signature)
{
    AUTO(buf_free) struct buf text = {0};
    base64url_append(&text, view_of(signature->bytes, sizeof signature->bytes));
    doc_set_text(join, field, buf_text(&text));
}

void ledger_sign_join(struct doc *join, size_t number)
{
    struct hash digest;
    struct signature signature;
    struct secret_key chief = fixture_secret(number, 0);
    struct secret_key vote = fixture_secret(number, FIXTURE_VOTE);
    join_request_digest(&digest, join);
    assert_int_equal(es256k_sign(&signature, &chief, &digest), 0);
    fixture_set_signature(join, "signature", &signature);
    assert_int_equal(schnorr_sign(&signature, &vote, &digest), 0);
    fixture_set_signature(join, "vote_signature", &signature);
}

struct doc *ledger_join(size_t number, const char *member)
{
    char hex[2 * VOTE_KEY_BYTES + 1];
    struct vote_key vote_key;
    struct secret_key vote = fixture_secret(number, FIXTURE_VOTE);
    assert_int_equal(sign_vote_key(&vote_key, &vote), 0);
    hex_encode(hex, view_of(vote_key.bytes, sizeof vote_key.bytes));
    struct doc *parties = doc_new_array(), *keys = doc_new_array(), *join = doc_new_object();
    bool center = strcmp(member, CENTER) == 0;
    doc_push_text(parties, center ? "center" : "provider");
    if (!center) {
        doc_push_text(parties, "consumer");
    }
    if (strcmp(member, SUPERVISOR) == 0) {
        doc_push_text(parties, "supervisor");
    }
    for (size_t role = 0; role < COUNT_OF(fixture_roles); role++) {
        if (center || strcmp(fixture_roles[role], "admin") != 0) {
            fixture_add_key(keys, number, role);
        }
    }
    doc_set_text(join, "format", "dirchain-join/1");
    doc_set_format(join, "gateway_endpoint", "gateway-%zu.example:443", number);
    doc_set(join, "keys", keys);
    doc_set_text(join, "member", member);
    doc_set_format(join, "name", "测试单位 %zu", number);
    doc_set(join, "parties", parties);
    doc_set_format(join, "peer_endpoint", "127.0.0.1:%zu", 9000 + number);
    doc_set_format(join, "peer_key", "%064zx", number + 1);
    doc_set_text(join, "vote_key", hex);
    ledger_sign_join(join, number);
    return join;
}

static struct doc *fixture_calendar(int year)
{
    char path[256];
    struct doc *calendar = NULL;
    (void)snprintf(path, sizeof path, SAMPLES "/calendar/%d.json", year);
    AUTO(doc_free) struct doc *notice = fixture_read(path);
    assert_int_equal(civil_calendar_from_notice(&calendar, NULL, notice), 0);
    return calendar;
}

/* Warnings before a deadline are acts of their own: only where a test looks at them. */
static bool fixture_warns;
/* Days for what no sample has some for, and a document may: only where a test looks at them. */
static int fixture_further_days;

static void name_further_days(struct doc *policy)
{
    static const char *const steps[][2] = {
        {"dispute", "PT 24"}, {"ruling", "PT 24"}, {"upper", "PT 23"}};
    for (size_t i = 0; fixture_further_days > 0 && i < sizeof steps / sizeof *steps; i++) {
        struct doc *step = doc_copy(doc_get(policy, steps[i][0])), *term = doc_new_object();
        doc_set_text(term, "clause", steps[i][1]);
        doc_set_int(term, "days", fixture_further_days);
        doc_set(step, "term", term);
        doc_set(policy, steps[i][0], step);
    }
}

static struct doc *fixture_genesis(const char *profile)
{
    static const char *const members[] = {CENTER, ALPHA, BETA, GAMMA, SUPERVISOR};
    char path[256];
    struct doc *genesis = doc_new_object(), *joins = doc_new_array(), *params = doc_new_object();
    struct doc *calendars = doc_new_array(), *validators = doc_new_array();
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        doc_push(joins, ledger_join(i, members[i]));
        if (i > 0) { /* the center observes; not in the order of ids */
            doc_push_text(validators, members[i]);
        }
    }
    doc_push(calendars, fixture_calendar(2025));
    doc_push(calendars, fixture_calendar(2026));
    chain_params_complete(params);
    const char *profiles = getenv("DIRCHAIN_PROFILES"); /* scripts/numbers changes them */
    (void)snprintf(path, sizeof path, "%s/%s.json", profiles ? profiles : SAMPLES "/profiles",
                   profile);
    doc_set(genesis, "calendars", calendars);
    doc_set_text(genesis, "center", CENTER);
    doc_set_text(genesis, "format", "dirchain-genesis/1");
    doc_set(genesis, "members", joins);
    doc_set_text(genesis, "network", "rules-test");
    doc_set(genesis, "params", params);
    struct doc *policy = fixture_read(path);
    if (!fixture_warns) {
        doc_remove(policy, "warnings");
    }
    name_further_days(policy);
    doc_set(genesis, "profile", policy);
    doc_set_bool(genesis, "test", true);
    doc_set_int(genesis, "time_ms", at("2026-01-05T09:00:00+08:00"));
    doc_set(genesis, "validators", validators);
    return genesis;
}
